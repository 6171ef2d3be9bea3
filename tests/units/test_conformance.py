"""From checks to a verdict: nothing that was not looked at counts as a pass."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fixtures.bases import Base
from fixtures.builds import Build
from fixtures.conformance import Facts, conclude
from fixtures.documents import HARNESS, read_json
from fixtures.evidence import Check
from fixtures.inventory import read_inventory
from fixtures.register import read_register
from fixtures.waivers import Waiver
from verification import SCHEMA

NOON = 1_790_000_000.0  #: 2026-09-21
API = "suites/test_a.py::test_b[api]"
FACTS = Facts(
    run="0123456789ab",
    started=NOON,
    seconds=1.5,
    arguments=[],
    narrowed=True,
    strict=False,
    static=False,
    ended="",
    set_up=True,
    commit="0" * 40,
    dirty=False,
    register=read_register(),
    required_tests={},
    inventory=read_inventory(HARNESS),
    engine="26.1.5",
    builds={},
    waivers=(),
)


def check(state: str, id_: str = API, requirements: tuple[str, ...] = ("D3-05",), subject: str = "api") -> Check:
    return Check(id_, requirements, subject, state, message="" if state == "passed" else f"it is {state}")


def concluded(*checks: Check, **facts: Any) -> dict[str, Any]:
    """What keeps to the schema of conformance.json."""
    report = conclude(replace(FACTS, **facts), list(checks))
    assert read_json(json.dumps(report), "conformance.json").problems(SCHEMA) == []
    return report


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["passed"], 0),
        (["passed", "waived"], 0),
        (["passed", "unverified"], 0),
        (["passed", "error"], 2),
        (["passed", "failed"], 1),
        (["failed", "error"], 1),
        (["failed"], 1),
        (["unverified"], 2),
        (["waived"], 2),
        ([], 2),
    ],
)
def test_status_is_that_of_the_gravest(states: list[str], status: int) -> None:
    report = concluded(*(check(state, f"{API}{i}") for i, state in enumerate(states)))
    assert report["verdict"]["status"] == status


@pytest.mark.parametrize(
    ("states", "status"), [(["passed"], 0), (["passed", "waived"], 0), (["passed", "unverified"], 2)]
)
def test_strict_wants_all_verified(states: list[str], status: int) -> None:
    report = concluded(*(check(state, f"{API}{i}") for i, state in enumerate(states)), strict=True)
    assert report["verdict"]["status"] == status


def test_run_that_was_broken_off_is_no_pass() -> None:
    verdict = concluded(check("passed"), ended="interrupted (Ctrl-C)")["verdict"]
    assert (verdict["word"], verdict["reasons"][0]) == ("not verified", "The run was broken off: interrupted (Ctrl-C)")


def test_reasons_name_requirements_and_images() -> None:
    checks = [
        *(check("failed", f"{API}{i}", subject=subject) for i, subject in enumerate(("api", "workers", "api"))),
        check("error", "suites/test_a.py::test_c", ()),
        *(check("unverified", f"{API}u{i}", ("D2-12",), subject) for i, subject in enumerate(("api", "workers"))),
    ]
    assert concluded(*checks, narrowed=False, set_up=False)["verdict"]["reasons"] == [
        "D3-05 is violated: api, workers",
        "the run could not be looked at: api",
        "Nothing was verified.",
        "D2-12 cannot be verified here: api, workers",
    ]


def test_check_is_reported_as_it_was() -> None:
    seen = replace(check("failed"), started=NOON, seconds=0.123456)
    assert concluded(seen)["checks"] == [
        {
            "id": API,
            "requirements": ["D3-05"],
            "subject": "api",
            "image": "api",
            "state": "failed",
            "message": "it is failed",
            "observations": [],
            "evidence": None,
            "started": "2026-09-21T14:13:20.000Z",
            "seconds": 0.1235,
        }
    ]


def test_image_is_reported_with_its_base() -> None:
    base = Base("debian:trixie-slim", "stand-in", "conform/debian", "no registry in reach")
    build = Build("api", "built", "sha256:1", base, {"debian:trixie-slim": "conform/debian"}, "", ())
    looked = check("passed")
    looked.on_image = True
    report = concluded(looked, builds={"api": build})
    assert report["images"]["api"] == {
        "outcome": "built",
        "id": "sha256:1",
        "base": "debian:trixie-slim",
        "origin": "stand-in",
        "origin_reason": "no registry in reach",
        "stand_ins": ["debian:trixie-slim"],
        "problem": "",
    }
    assert report["checks"][0]["evidence"] == {"image": "sha256:1", "base": "debian:trixie-slim", "origin": "stand-in"}


def test_requirement_is_reported_as_the_register_has_it() -> None:
    clause = FACTS.register.requirements["D3-05"]
    requirement = concluded(check("passed"))["requirements"]["D3-05"]
    assert {name: requirement[name] for name in ("text", "level", "verify", "since", "note")} == {
        "text": clause.text,
        "level": "MUST",
        "verify": clause.verify,
        "since": clause.since,
        "note": "",
    }
    assert "" not in (clause.text, clause.verify, clause.since)


def test_narrowed_run_says_so() -> None:
    assert concluded(check("passed"))["verdict"]["reasons"] == [
        "The run was narrowed: it says nothing of what it left out."
    ]


def test_narrowed_run_leaves_what_it_left_out_open() -> None:
    requirement = concluded(check("passed"))["requirements"]["D3-05"]
    assert (requirement["state"], requirement["cells"]["api"], requirement["cells"]["workers"]) == (
        "not selected",
        "passed",
        "not selected",
    )


def test_whole_run_turns_red_for_what_no_test_looked_at() -> None:
    report = concluded(check("passed"), narrowed=False)
    workers = next(one for one in report["checks"] if one["id"] == "register::D3-05[workers]")
    assert (workers["state"], report["verdict"]["status"]) == ("error", 2)
    line = FACTS.register.document.at("requirements", "D3-05")
    assert workers["message"].startswith("D3-05 workers: could not be verified: no test looked at it.\n  expected ")
    assert f"\n  look at    {line}\n" in workers["message"]


def test_whole_run_turns_red_for_a_required_test_that_is_gone() -> None:
    report = concluded(check("passed"), narrowed=False, required_tests={"suites/test_a.py::test_c": ("D3-05",)})
    gap = next(one for one in report["checks"] if one["id"] == "suites/test_a.py::test_c")
    assert (gap["state"], gap["requirements"]) == ("error", ["D3-05"])
    assert (
        "the required test suites/test_a.py::test_c was not collected.\n  look at    suites/test_a.py\n"
        in gap["message"]
    )


def test_required_test_that_ran_is_not_missed() -> None:
    report = concluded(check("passed"), narrowed=False, required_tests={"suites/test_a.py::test_b": ("D3-05",)})
    assert "suites/test_a.py::test_b" not in {one["id"] for one in report["checks"]}


def test_planned_and_manual_clauses_are_shown_as_such() -> None:
    requirements = concluded(check("passed"))["requirements"]
    assert {requirements["D1-07"]["state"], requirements["D1-21"]["state"]} == {"planned", "manual"}


def test_every_clause_of_the_register_is_reported() -> None:
    assert list(concluded(check("passed"))["requirements"]) == list(FACTS.register.requirements)


def test_check_of_a_service_counts_for_its_image() -> None:
    report = concluded(check("failed", subject="retention-run"))
    assert (report["checks"][0]["image"], report["requirements"]["D3-05"]["cells"]["workers"]) == ("workers", "failed")


def test_without_an_inventory_every_clause_to_verify_is_an_error() -> None:
    report = concluded(inventory=None, set_up=False, narrowed=False, ended="could not verify: no inventory")
    states = {one["state"] for one in report["requirements"].values()}
    assert states == {"error", "planned", "manual"}


def test_evidence_names_the_image_only_where_it_was_looked_into() -> None:
    build = Build("api", "built", "sha256:1", None, (), "", ())
    looked, read = check("passed"), check("passed", f"{API}2")
    looked.on_image = True
    first, second = concluded(looked, read, builds={"api": build})["checks"]
    assert (first["evidence"], second["evidence"]) == ({"image": "sha256:1", "base": "", "origin": "none"}, None)


@pytest.mark.parametrize(
    ("states", "expires", "use"),
    [
        (["waived"], date(2027, 1, 1), "in use"),
        (["passed", "waived"], date(2027, 1, 1), "in use"),
        (["passed"], date(2027, 1, 1), "unneeded"),
        (["error"], date(2027, 1, 1), "in use"),
        ([], date(2027, 1, 1), "not consulted"),
        (["failed"], date(2026, 1, 1), "expired"),
    ],
)
def test_waiver_is_told_how_it_was_used(states: list[str], expires: date, use: str) -> None:
    waiver = Waiver("D3-05", "api", "me", "why", expires, "issue 1", "infra/waivers.yaml:3")
    other = check("passed", f"{API}x", subject="workers")
    report = concluded(other, *(check(state, f"{API}{i}") for i, state in enumerate(states)), waivers=[waiver])
    assert report["waivers"][0]["use"] == use


def test_unneeded_waiver_is_reported_and_harmless() -> None:
    waiver = Waiver("D3-05", "api", "me", "why", date(2027, 1, 1), "issue 1", "infra/waivers.yaml:3")
    verdict = concluded(check("passed"), waivers=[waiver])["verdict"]
    assert "The waiver of D3-05 for api is not needed any more: take it out." in verdict["reasons"]
    assert verdict["status"] == 0
