"""The attestation claims a pass only for a whole run that left nothing open, and only of what it can name."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import Parse, ParseDict
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from fixtures.bases import Base
from fixtures.builds import Build
from fixtures.reports.attestation import PREDICATE, attestation
from test_conformance import API, check, concluded

DIGEST = "51dafde8" * 8
BASE = f"python:3.14-slim-trixie@sha256:{DIGEST}"


def build(origin: str) -> Build:
    return Build("api", "built", f"sha256:{'ab' * 32}", Base(BASE, origin, BASE, ""), (), "", ())


def whole(*states: str, **facts: Any) -> dict[str, Any]:
    """What a run reports that looked at all there is, with a check in each of ``states``."""
    report = concluded(*(check(state, f"{API}{i}") for i, state in enumerate(states)), **facts)
    report["run"]["narrowed"] = False
    return report


def attested(report: dict[str, Any]) -> dict[str, Any]:
    text = attestation(report)
    assert text is not None
    return json.loads(text)


@pytest.mark.parametrize(
    ("states", "result"),
    [
        (["passed"], "PASSED"),
        (["passed", "unverified"], "WARNED"),
        (["passed", "waived"], "WARNED"),
        (["passed", "failed"], "FAILED"),
        (["passed", "error"], "FAILED"),
        (["passed", "unverified", "failed"], "FAILED"),
    ],
)
def test_result_is_that_of_the_gravest_state(states: list[str], result: str) -> None:
    assert attested(whole(*states))["predicate"]["result"] == result


def test_narrowed_run_is_warned_of() -> None:
    assert attested(concluded(check("passed")))["predicate"]["result"] == "WARNED"


def test_every_check_stands_in_the_list_of_its_state() -> None:
    predicate = attested(whole("passed", "failed", "error", "unverified", "waived"))["predicate"]
    assert (predicate["passedTests"], predicate["failedTests"], predicate["warnedTests"]) == (
        [f"{API}0"],
        [f"{API}1", f"{API}2"],
        [f"{API}3", f"{API}4"],
    )


def test_subjects_are_images_and_commit() -> None:
    report = attested(whole("passed", builds={"api": build("registry")}))
    assert report["subject"] == [
        {"name": "api", "digest": {"sha256": "ab" * 32}},
        {"name": "commit", "digest": {"gitCommit": "0" * 40}},
    ]


def test_commit_is_no_subject_where_the_tree_differs_from_it() -> None:
    report = attested(whole("passed", dirty=True, builds={"api": build("registry")}))
    assert ([one["name"] for one in report["subject"]], report["predicate"]["result"]) == (["api"], "WARNED")


@pytest.mark.parametrize(("origin", "digest"), [("registry", {"sha256": DIGEST}), ("stand-in", None)])
def test_stand_in_does_not_bear_the_digest_it_stands_for(origin: str, digest: dict[str, str] | None) -> None:
    _, base = attested(whole("passed", builds={"api": build(origin)}))["predicate"]["configuration"]
    assert (base["name"], base["annotations"], base.get("digest")) == (
        "python:3.14-slim-trixie",
        {"origin": origin},
        digest,
    )


def test_run_that_can_name_nothing_attests_nothing() -> None:
    assert attestation(whole("passed", commit=None, dirty=None)) is None


def test_foreign_reader_takes_it_for_a_test_result() -> None:
    text = attestation(whole("passed", "failed"))
    assert text is not None
    statement = Statement.copy_from_pb(Parse(text, statement_pb2.Statement()))
    statement.validate()
    assert statement.pb.predicate_type == PREDICATE
    ParseDict(json.loads(text)["predicate"], test_result_pb2.TestResult())
