"""Teeth: a broken tree turns red for the requirement it violates and for no other, and an innocent one stays green."""

from collections.abc import Iterator
from itertools import groupby

import pytest

from catalogue import Case, read
from fixtures.register import read_register
from fork_server import pool
from kill_matrix import key
from teeth import Looking, Seen

MUTANTS, NEAR_MISSES = read("mutants"), read("near-misses")
#: The others are looked at by test_registries.py.
HERE, NEAR_HERE = ([case for case in cases if not case.takes_registries] for cases in (MUTANTS, NEAR_MISSES))


@pytest.fixture(scope="session")
def looking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looking]:
    """At all cases that this run was asked for: every mutant alone, the near-misses of a file together if it takes
    an engine to see them."""
    chosen = [item.callspec.params["case"] for item in request.session.items if "looking" in item.fixturenames]
    alone = [[case] for case in chosen if case.is_mutant or case.engine_free]
    rest = [case for case in chosen if not (case.is_mutant or case.engine_free)]
    together = [list(cases) for _, cases in groupby(rest, key=lambda case: case.group)]
    with pool() as servers:
        yield Looking(servers, [*alone, *together], tmp_path_factory.mktemp("looking"))


def told(seen: Seen) -> str:
    accused = {image: sorted(ids) for image, ids in sorted(seen.accused.items())}
    return f"seen violated: {accused}; red: {sorted(seen.red)}\n{seen.output}"


@pytest.mark.parametrize("case", HERE, ids=str)
def test_mutant_is_killed(case: Case, looking: Looking, record_property) -> None:
    seen = looking.of(case)
    record_property("case", key(case))
    violated = {id_ for ids in seen.accused.values() for id_ in ids}
    record_property("accused", sorted(violated))
    assert violated == set(case.requirements), told(seen)
    assert seen.red == set(case.images), told(seen)
    for violation in [check for outcome in seen.outcomes for check in outcome.violations]:
        message = violation["message"]
        assert message.startswith(f"{' '.join(violation['requirements'])} {violation['subject']}: "), message
        assert all(part in message for part in ("expected", "look at", "mend")), message


@pytest.mark.parametrize("case", NEAR_HERE, ids=str)
def test_near_miss_is_left_alone(case: Case, looking: Looking, record_property) -> None:
    seen = looking.of(case)
    record_property("case", key(case))
    record_property("accused", sorted({id_ for image in case.images for id_ in seen.accused.get(image, ())}))
    assert seen.red == set(), told(seen)
    looked_at = {id_ for image in case.images for id_ in seen.passed.get(image, set())}
    assert set(case.requirements) <= looked_at, f"not looked at: {set(case.requirements) - looked_at}"


@pytest.mark.parametrize(("kind", "cases"), [("mutant", MUTANTS), ("near-miss", NEAR_MISSES)])
def test_every_automated_requirement_has_one(kind: str, cases: tuple[Case, ...]) -> None:
    automated = {one.id for one in read_register().requirements.values() if one.state == "implemented"}
    named = {id_ for case in cases for id_ in case.requirements}
    assert automated - named == set(), f"requirements without a {kind}"
    assert named - automated == set(), f"a {kind} for what no check verifies"
