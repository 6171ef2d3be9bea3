"""How the workers stop: nothing of what waits in the queue is lost, and nothing is done twice."""

import random
import signal
from collections import Counter
from contextlib import AbstractContextManager, ExitStack

import pytest

from fixtures.claims import Expect, requirement
from fixtures.database import Database
from fixtures.inventory import Service
from fixtures.queue import Queue
from fixtures.running import Running
from fixtures.subjects import Start
from fixtures.waiting import let_pass, wait_until, wait_until_still

WORKERS = "apps/workers/workers"
#: Jobs, stops and kills. The second is for `-m long`.
SIZES = [pytest.param(40, 3, id="short"), pytest.param(5000, 200, id="long", marks=pytest.mark.long)]
#: How long a job takes in the database, so that moments amid one are found.
JOB_MILLISECONDS = 20
#: A worker gets to what is left in this time, what was lost included.
EMPTY_SECONDS = 15
#: A limit for jobs that keeps a stop short. None of these jobs comes near it.
LOWERED = {"HANDLER_MAX": "5"}
END_SECONDS = 15


@requirement("D3-24")
@pytest.mark.services(kind="worker")
def test_workers_take_no_new_job_after_sigterm(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """Whatever is begun then may be cut off; what waits is another worker's."""
    events = queue.post(6)
    before = stop_amid(start(**database.leading(service, **LOWERED)), queue, events)
    after = queue.starts()
    expect.none(
        "jobs begun after SIGTERM",
        [f"the job of event {event}" for event in events if after[event] > before[event]],
        look_at=WORKERS,
        mend="stop fetching jobs on SIGTERM",
    )


@requirement("D3-25")
@pytest.mark.services(kind="worker")
def test_job_that_runs_on_sigterm_is_finished(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """A job is shorter than the stop, so it need not be cut off."""
    (event,) = queue.post(1)
    stop_amid(start(**database.leading(service, **LOWERED)), queue, [event])
    expect(
        "what became of the job that ran",
        (queue.statuses()[event], queue.starts()[event]),
        ("succeeded", 1),
        look_at=WORKERS,
        mend="wait for the running job on SIGTERM",
    )


@requirement("D3-25")
@pytest.mark.services(kind="worker")
def test_job_of_a_killed_worker_is_run_by_another(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """SIGKILL asks nobody; the job is still marked as running, by a worker that gives no sign of life."""
    queue.count_effects()
    (event,) = queue.post(1)
    with queue.held(event), start(**database.leading(service, **LOWERED)) as killed:
        queue.wait_for("doing", event)
        killed.container.kill(signal.SIGKILL)
        assert killed.ends_within(10), "SIGKILL ends everything"
    queue.lose(queue.workers())
    with start(**database.leading(service, **LOWERED)):
        queue.wait_until_empty(EMPTY_SECONDS)
    expect(
        "what became of the job of a killed worker, and how often it had its effect",
        (queue.statuses()[event], queue.effects().get(event)),
        ("succeeded", 1),
        look_at=WORKERS,
        mend="look for jobs of workers that are gone, and put them back into the queue",
    )


@requirement("D3-25")
@pytest.mark.services(kind="worker")
def test_job_that_comes_again_has_its_effect_once(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """Killed after the effect and before it could say so, a worker leaves a job that is run again."""
    queue.count_effects()
    again, last = queue.post(2)
    with start(**database.leading(service, **LOWERED)):
        queue.wait_for("succeeded", again)
        queue.put_back(again)
        queue.wait_for("succeeded", last)
        queue.wait_until_empty(EMPTY_SECONDS)
    expect(
        "how often the event had its effect, and its job was begun",
        (queue.effects().get(again), queue.starts()[again]),
        (1, 2),
        look_at=f"{WORKERS}/tasks.py",
        mend="note in one transaction with the effect that the event was handled",
    )


@requirement("D3-25")
@pytest.mark.services(kind="worker")
@pytest.mark.parametrize(("jobs", "rounds"), SIZES)
def test_no_job_is_lost_by_stops_and_kills(
    service: Service, start: Start, database: Database, queue: Queue, jobs: int, rounds: int, expect: Expect
) -> None:
    """At random moments, half of each. A stop finishes what it has begun; what a kill cuts off is begun again."""
    queue.count_effects(JOB_MILLISECONDS)
    posted: list[int] = []
    cut_off = 0
    with ExitStack() as stack:
        for number in range(rounds):
            posted += queue.post(jobs // rounds)
            cut_off += run_for_a_while(start(**database.leading(service, **LOWERED)), queue, kill=number % 2 == 1)
        posted += queue.post(jobs - len(posted))
        stack.enter_context(start(**database.leading(service, **LOWERED)))
        queue.wait_until_empty(EMPTY_SECONDS + jobs * JOB_MILLISECONDS / 200)
    became = Counter(queue.statuses().values())
    expect("what became of the jobs", dict(became), {"succeeded": jobs}, look_at=WORKERS, mend="hand back or finish")
    effects = queue.effects()
    expect.none(
        "events that were not handled exactly once",
        [f"event {event}: {effects.get(event, 0)} times" for event in posted if effects.get(event) != 1],
        look_at=f"{WORKERS}/tasks.py",
        mend="handle an event and note that in one transaction",
    )
    again = sum(starts > 1 for starts in queue.starts().values())
    expect(
        f"not more jobs were begun again ({again}) than kills had cut off ({cut_off})",
        again <= cut_off,
        True,
        look_at=WORKERS,
        mend="on SIGTERM finish the running job instead of handing it back",
    )


def run_for_a_while(starting: AbstractContextManager[Running], queue: Queue, kill: bool) -> int:
    """One worker, from its start to its end at a random moment. How many jobs a kill has cut off."""
    before = queue.workers()
    with starting as running:
        wait_until(lambda: queue.workers() - before, "the worker to tell of itself", 30, lambda: running.text[-400:])
        own = queue.workers() - before
        let_pass(random.uniform(0, 0.4))
        running.container.kill(signal.SIGKILL if kill else signal.SIGTERM)
        end(running)
    if not kill:
        return 0
    queue.lose(own)
    return sum(status == "doing" for status in queue.statuses().values())


def stop_amid(starting: AbstractContextManager[Running], queue: Queue, events: list[int]) -> dict[int, int]:
    """Stop a worker while none of its jobs can end, and let them end then.

    How often each had been begun when it noticed the signal.
    """
    with ExitStack() as held:
        # Before it starts: it may be at its work sooner than it is heard of.
        held.enter_context(queue.held(*events))
        with starting as running:
            queue.wait_for("doing", events[0])
            wait_until_still(queue.starts, 0.5, "the worker to have what it takes at once", 15, str)
            running.container.kill(signal.SIGTERM)
            wait_until(lambda: running.said("stopping"), 'it to log "stopping"', 10, lambda: running.text[-400:])
            begun = queue.starts()
            held.close()
            end(running)
    return begun


def end(running: Running) -> None:
    """Wait for its end; that it comes in time is another claim."""
    assert running.ends_within(END_SECONDS), f"it has not ended; it said: {running.text[-400:]}"
