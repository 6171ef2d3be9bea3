"""No clause without a test that is not known, no test without a clause, and nothing disappears in silence."""

from pathlib import Path

import pytest

from collecting import collect
from editing import edit
from fixtures.documents import HARNESS
from fixtures.inventory import read_inventory
from fixtures.register import REGISTER, REQUIRED_TESTS
from gates import problems, unconcerned

USER = "suites/d3_conventions/test_user.py"
TEST = f"{USER}::test_spectral_is_user_1000"


def test_register_required_tests_and_suites_agree() -> None:
    assert problems(HARNESS) == []


def test_register_concerns_what_the_inventory_has() -> None:
    assert unconcerned(HARNESS, read_inventory(HARNESS)) == []


def test_removed_test_file_is_noticed(tree: Path) -> None:
    lost = [test for test in collect(HARNESS) if test.startswith(USER)]
    (tree / USER).unlink()
    found = problems(tree)
    assert [line for line in found if "is required and is not there" in line] == [
        f"{test} is required and is not there: bring it back, or take its line out of {REQUIRED_TESTS}, "
        "where a reviewer sees that it went"
        for test in sorted(lost)
    ]
    assert f"D3-07 (MUST) is implemented by {REGISTER}, and no test names it: write one, or say planned" in found


def test_renamed_test_is_noticed_from_both_sides(tree: Path) -> None:
    edit(tree, USER, "def test_spectral_is_user_1000", "def test_spectral_is_1000")
    assert problems(tree) == [
        f"{TEST} is required and is not there: bring it back, or take its line out of {REQUIRED_TESTS}, "
        "where a reviewer sees that it went",
        f"{USER}::test_spectral_is_1000 is not in {REQUIRED_TESTS}: add the line  {USER}::test_spectral_is_1000 D3-07",
    ]


def test_deleted_requirement_is_noticed(tree: Path) -> None:
    lines = (tree / REGISTER).read_text().splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith("  D3-07:"))
    (tree / REGISTER).write_text("".join(lines[:start] + lines[start + 2 :]))
    found = problems(tree)
    assert f"D3-08 follows D3-06 in {REGISTER}: D3-07 was taken out; an id never is" in found
    assert any(f"names D3-07, which is not in {REGISTER}" in line for line in found)


def test_invented_id_is_noticed(tree: Path) -> None:
    source = (tree / USER).read_text()
    (tree / USER).write_text(source.replace('@requirement("D3-07")', '@requirement("D3-77")', 1))
    assert f"{TEST} names D3-77, which is not in {REGISTER}: correct the id, or write the clause down" in problems(tree)


def test_test_without_a_requirement_is_noticed(tree: Path) -> None:
    source = (tree / USER).read_text()
    (tree / USER).write_text(source.replace('@requirement("D3-07")\n', "", 1))
    assert f'{TEST} names no requirement: put @requirement("...") above it, with an id of {REGISTER}' in problems(tree)


def test_requirement_without_a_test_is_noticed(tree: Path) -> None:
    edit(tree, REGISTER, 'state: planned, plan: "the five names, held against the inventory"', "state: implemented")
    assert problems(tree) == [
        f"D1-07 (MUST) is implemented by {REGISTER}, and no test names it: write one, or say planned"
    ]


def test_test_of_a_planned_requirement_is_noticed(tree: Path) -> None:
    source = (tree / USER).read_text()
    (tree / USER).write_text(source.replace('@requirement("D3-07")', '@requirement("D3-07", "D1-07")', 1))
    assert f"{TEST} names D1-07, which is planned by {REGISTER}: set state: implemented" in problems(tree)


@pytest.mark.parametrize("broken", ["requirements: {", "version: 1\n", ""])
def test_register_that_does_not_hold_verifies_nothing(tree: Path, broken: str) -> None:
    from fixtures.commands import CouldNotVerify

    (tree / REGISTER).write_text(broken)
    with pytest.raises(CouldNotVerify, match="the register of requirements"):
        problems(tree)
