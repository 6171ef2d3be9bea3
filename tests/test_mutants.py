"""Teeth: a broken tree turns red for the requirement it violates and for no other, and an innocent one stays green."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalogue import Case, read
from fixtures.documents import HARNESS
from fixtures.register import read_register
from fork_server import pool
from grouping import grouped
from teeth import Looking

MUTANTS, NEAR_MISSES = read("mutants"), read("near-misses")
#: The others are looked at by test_registries.py.
HERE, NEAR_HERE = ([case for case in cases if not case.takes_registries] for cases in (MUTANTS, NEAR_MISSES))


@pytest.mark.parametrize("case", HERE, ids=str)
def test_mutant_is_killed(case: Case, looking: Looking, record_property) -> None:
    seen = looking.of(case)
    seen.record(case, record_property)
    assert seen.violated(case) == set(case.requirements), seen.output
    assert seen.red(case) == set(case.images), seen.output
    for violation in [check for outcome in seen.outcomes for check in outcome.violations]:
        message = violation["message"]
        assert message.startswith(f"{' '.join(violation['requirements'])} {violation['subject']}: "), message
        assert all(part in message for part in ("expected", "look at", "mend")), message


@pytest.mark.parametrize("case", NEAR_HERE, ids=str)
def test_near_miss_is_left_alone(case: Case, looking: Looking, record_property) -> None:
    seen = looking.of(case)
    seen.record(case, record_property)
    assert (seen.violated(case), seen.red(case)) == (set(), set()), seen.output
    assert set(case.requirements) - seen.looked_at(case) == set(), "not looked at"


def test_group_that_is_not_as_told_is_looked_at_again_in_halves(tmp_path: Path) -> None:
    """Down to the one that is wrong; what lies in a half that is as told is not looked at a third time."""
    names = ("secret-label", "dockerfile-of-a-neighbour", "uv-by-its-path", "syntax-line-behind-another-directive")
    first, other, *rest = (next(case for case in HERE if case.id == name) for name in names)
    wrong = replace(other, requirements=("D3-06",))
    groups = grouped([first, wrong, *rest], HARNESS)
    assert len(groups) == 1
    with pool() as servers:
        looking = Looking(servers, groups, tmp_path)
        seen = {case: looking.of(case) for case in groups[0]}
    assert seen[wrong].cases == (wrong,)
    assert seen[wrong].violated(wrong) == set(other.requirements)
    assert sorted(len(one.cases) for one in seen.values()) == [1, 1, 2, 2]
    for case in (first, *rest):
        assert seen[case].violated(case) == set(case.requirements)


@pytest.mark.parametrize(("kind", "cases"), [("mutant", MUTANTS), ("near-miss", NEAR_MISSES)])
def test_every_automated_requirement_has_one(kind: str, cases: tuple[Case, ...]) -> None:
    automated = {one.id for one in read_register().requirements.values() if one.state == "implemented"}
    named = {id_ for case in cases for id_ in case.requirements}
    assert automated - named == set(), f"requirements without a {kind}"
    assert named - automated == set(), f"a {kind} for what no check verifies"
