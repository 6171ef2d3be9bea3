"""The kill matrix says of each case what was seen, and its page shows what went wrong first."""

import pytest

from catalogue import Case
from fixtures.register import read_register
from kill_matrix import Recorded, key, matrix, page, state_of

MUTANT = Case("user-dropped", "mutants/images/user", (), ("api",), ("D3-06",))
NEAR_MISS = Case("user-by-name", "near-misses/images/spelling", (), ("api",), ("D3-06", "D3-07"))


@pytest.mark.parametrize(
    ("case", "recorded", "state"),
    [
        (MUTANT, None, "not run"),
        (MUTANT, Recorded(True, ["D3-06"]), "killed"),
        (MUTANT, Recorded(False, []), "survived"),
        (MUTANT, Recorded(False, ["D3-07"]), "killed by another"),
        (MUTANT, Recorded(False, ["D3-06", "D3-07"]), "killed by another"),
        (MUTANT, Recorded(False, ["D3-06"]), "red elsewhere"),
        (NEAR_MISS, None, "not run"),
        (NEAR_MISS, Recorded(True, []), "passed"),
        (NEAR_MISS, Recorded(False, ["D3-06"]), "accused"),
        (NEAR_MISS, Recorded(False, []), "not looked at"),
    ],
)
def test_state_of_a_case(case: Case, recorded: Recorded | None, state: str) -> None:
    assert state_of(case, recorded) == state


def test_requirement_has_its_mutants_and_near_misses() -> None:
    recorded = {key(MUTANT): Recorded(False, []), key(NEAR_MISS): Recorded(True, [])}
    requirements = matrix([MUTANT, NEAR_MISS], recorded, read_register())["requirements"]
    assert requirements["D3-06"]["mutants"] == {"user-dropped": "survived"}
    assert requirements["D3-06"]["near_misses"] == {"user-by-name": "passed"}
    assert requirements["D3-07"]["mutants"] == {}
    assert "D1-07" not in requirements  # planned: there is no check to hold against anything


def test_page_shows_what_survived() -> None:
    recorded = {key(MUTANT): Recorded(False, []), key(NEAR_MISS): Recorded(True, [])}
    text = page(matrix([MUTANT, NEAR_MISS], recorded, read_register()))
    assert "Killed: <b>0 of 1</b> mutants. Left alone: <b>1 of 1</b>" in text
    assert "<li><b>user-dropped</b>: survived, seen by none; meant D3-06, seen violated none</li>" in text
    assert '<li class="bad">user-dropped: survived</li>' in text


def test_page_of_a_good_run_accuses_nobody() -> None:
    recorded = {key(MUTANT): Recorded(True, ["D3-06"]), key(NEAR_MISS): Recorded(True, [])}
    text = page(matrix([MUTANT, NEAR_MISS], recorded, read_register()))
    assert "<h2>Wrong</h2>" not in text
    assert 'class="bad"' not in text
