"""Waiting ends when the condition holds, and not later than its deadline."""

import time
from collections.abc import Callable

import pytest

from fixtures.waiting import POLL_SECONDS, TookTooLong, wait_until

#: Far more than a busy machine loses between two lines.
SLACK_SECONDS = 1.0


def nobody_asks() -> str:
    pytest.fail("nothing needs to be told of a condition that came true")


def holds_from_call(number: int) -> Callable[[], bool]:
    calls = iter(range(1, number + 1))
    return lambda: next(calls) == number


def test_condition_that_holds_is_not_waited_for() -> None:
    took = []
    for _ in range(5):  # one of them is not held up by a busy machine
        began = time.monotonic()
        wait_until(lambda: True, "nothing", 60, nobody_asks)
        took.append(time.monotonic() - began)
    assert min(took) < POLL_SECONDS


def test_condition_that_holds_is_asked_once() -> None:
    wait_until(holds_from_call(1), "the first call", 60, nobody_asks)


def test_condition_that_holds_needs_no_time() -> None:
    wait_until(lambda: True, "nothing", 0, nobody_asks)


@pytest.mark.parametrize("calls", [2, 3, 5])
def test_condition_is_asked_until_it_holds_and_no_more(calls: int) -> None:
    condition = holds_from_call(calls)
    wait_until(condition, "the last call", 60, nobody_asks)
    with pytest.raises(StopIteration):
        condition()


def test_waiting_ends_soon_after_the_condition_holds() -> None:
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 0.1, "a tenth of a second", 60, nobody_asks)
    assert 0.1 < time.monotonic() - began < 0.1 + SLACK_SECONDS


def test_waiting_ends_soon_after_the_deadline() -> None:
    began = time.monotonic()
    with pytest.raises(TookTooLong):
        wait_until(lambda: False, "what never comes", 0.1, lambda: "nothing")
    assert 0.1 < time.monotonic() - began < 0.1 + SLACK_SECONDS


@pytest.mark.parametrize(("comes", "in_time"), [(9.0, True), (27.9, True), (28.1, False), (29.0, False)])
def test_what_comes_after_the_deadline_is_late(monkeypatch: pytest.MonkeyPatch, comes: float, in_time: bool) -> None:
    """Who waits long asks seldom, but at the deadline. The clock is a counter."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.append(now.pop() + seconds))
    if in_time:
        wait_until(lambda: now[0] >= comes, "it", 28, nobody_asks)
        assert now[0] <= comes * 1.06
    else:
        with pytest.raises(TookTooLong):
            wait_until(lambda: now[0] >= comes, "it", 28, str)


def test_processor_is_left_to_what_is_waited_for() -> None:
    asked = []
    with pytest.raises(TookTooLong):
        wait_until(lambda: bool(asked.append(None)), "what never comes", 0.1, lambda: "nothing")
    assert 2 <= len(asked) <= 0.1 / POLL_SECONDS + 2


@pytest.mark.parametrize(("seconds", "told"), [(0, "0"), (0.01, "0.01"), (0.05, "0.05")])
def test_message_says_what_was_waited_for_and_what_was_seen(seconds: float, told: str) -> None:
    with pytest.raises(TookTooLong) as late:
        wait_until(lambda: False, "the listener", seconds, lambda: "it ended with status 3")
    assert str(late.value) == f"waited {told} s for the listener; seen instead: it ended with status 3"


def test_message_tells_what_is_seen_at_the_end() -> None:
    asked = []
    with pytest.raises(TookTooLong) as late:
        wait_until(lambda: bool(asked.append(None)), "x", 0.05, lambda: f"{len(asked)} answers")
    assert str(late.value).endswith(f"seen instead: {len(asked)} answers")


def test_condition_that_comes_true_in_the_last_answer_counts() -> None:
    """The answer itself may take long; it is what counts, not when it came."""

    def slow() -> bool:
        time.sleep(0.05)
        return True

    wait_until(slow, "a slow answer", 0.01, nobody_asks)


def test_error_of_a_condition_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: bool(1 // 0), "x", 60, nobody_asks)
