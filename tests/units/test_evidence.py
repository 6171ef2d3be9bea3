"""A check has one state, the gravest that any of its phases came to, and keeps what it saw within bounds."""

from itertools import permutations

import pytest

from fixtures.evidence import MOST_CHARACTERS, STATES, Check, bounded, gravest, written


def phase(state: str = "", message: str = "", **other: object) -> dict[str, object]:
    base = {"requirements": ["D1-01"], "on_image": False, "observations": [], "started": 10.0, "seconds": 0.5}
    return {**base, "state": state, "message": message, **other}


@pytest.mark.parametrize(
    ("states", "graver"),
    [
        ((), ""),
        (("passed",), "passed"),
        (("passed", "unverified"), "unverified"),
        (("passed", "unverified", "waived"), "waived"),
        (("waived", "error"), "error"),
        (("error", "failed", "passed"), "failed"),
    ],
)
def test_gravest_state_wins(states: tuple[str, ...], graver: str) -> None:
    assert {gravest(order) for order in permutations(states)} == {graver}


def test_failed_tear_down_is_no_pass() -> None:
    check = Check("a", (), "api")
    for one in (phase(), phase("passed"), phase("error", "the engine is gone")):
        check.add(one)
    assert (check.state, check.message) == ("error", "the engine is gone")


def test_later_pass_does_not_cover_a_failure() -> None:
    check = Check("a", (), "api")
    for one in (phase("failed", "why"), phase("passed")):
        check.add(one)
    assert (check.state, check.message) == ("failed", "why")


def test_phases_add_up() -> None:
    check = Check("a", (), "api")
    seen = [{"what": "a", "observed": "b", "expected": "b"}]
    for one in (phase(), phase("passed", on_image=True, observations=seen, started=11.0), phase(started=12.0)):
        check.add(one)
    assert (check.started, check.seconds, check.on_image) == (10.0, 1.5, True)
    assert (check.observations, check.requirements, check.state) == (seen, ("D1-01",), "passed")


def test_states_are_five() -> None:
    assert sorted(STATES) == ["error", "failed", "passed", "unverified", "waived"]


def test_long_message_keeps_its_head_and_its_end() -> None:
    text = bounded("head " + "x" * 100_000 + " end")
    assert text.startswith("head ")
    assert text.endswith(" end")
    assert len(text) < MOST_CHARACTERS + 60
    assert f"... {100_009 - MOST_CHARACTERS} characters left out ..." in text


def test_short_message_stays_whole() -> None:
    assert bounded("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS


def test_message_is_redacted_before_it_is_cut() -> None:
    text = bounded("x" * (MOST_CHARACTERS // 2 - 12) + " A_PASSWORD=canary-canary" + "x" * MOST_CHARACTERS)
    assert "canary" not in text


def test_time_is_written_in_utc() -> None:
    assert written(0.25) == "1970-01-01T00:00:00.250Z"
