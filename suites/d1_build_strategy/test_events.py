"""Pattern A: a cron posts an event and ends, and a worker handles it."""

from contextlib import suppress

import pytest

from fixtures.claims import Expect, requirement
from fixtures.database import Database
from fixtures.inventory import Inventory, Service
from fixtures.queue import Queue
from fixtures.subjects import Start, StartOther
from fixtures.waiting import TookTooLong

RETENTION = "retention-run"
WORKERS = "apps/workers/workers"
#: Nothing else may change: how many rows there are in each table that a job could leave something in.
ROWS = """
SELECT format('%I.%I', schemaname, relname), (xpath('/row/n/text()', query_to_xml(
    format('SELECT count(*) AS n FROM %I.%I', schemaname, relname), false, true, '')))[1]::text::int
FROM pg_stat_user_tables
"""


@requirement("D1-13")
@pytest.mark.services(name=RETENTION)
def test_retention_run_posts_one_event_and_ends(
    service: Service, start: Start, database: Database, expect: Expect
) -> None:
    """What takes long belongs to a worker, which has a limit, and is stopped without losing it."""
    before = rows(database)
    with start(**database.leading(service)) as running:
        assert running.ends_within(service.stop_seconds + 10), "it goes on"
        status = running.status
    after = rows(database)
    expect("its exit status", status, 0, look_at=WORKERS, mend="post the event and end with 0")
    expect(
        "the rows that it added, by table",
        {table: after[table] - before[table] for table in after if after[table] != before[table]},
        {"core.events": 1, "queue.procrastinate_jobs": 1, "queue.procrastinate_events": 1},
        look_at=f"{WORKERS}/retention.py",
        mend="post one event, with its job, and do nothing else",
    )


@requirement("D1-13")
@pytest.mark.services(name=RETENTION)
def test_second_run_of_a_day_posts_nothing(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """Render runs a cron again when somebody presses a button, or when the first run was cut off."""
    statuses = []
    for _ in range(2):
        with start(**database.leading(service)) as running:
            assert running.ends_within(service.stop_seconds + 10), "it goes on"
            statuses.append(running.status)
    expect(
        "how two runs ended, and how many jobs they left",
        (statuses, len(queue.statuses())),
        ([0, 0], 1),
        look_at="infra/db/0003_events.sql",
        mend="post an event once a day",
    )


@requirement("D1-14")
@pytest.mark.services(kind="worker")
def test_workers_handle_the_event_of_retention_run(
    service: Service,
    inventory: Inventory,
    start: Start,
    start_other: StartOther,
    database: Database,
    queue: Queue,
    expect: Expect,
) -> None:
    """Both from one image: what the one posts, the other understands."""
    retention = start_other(RETENTION, **database.leading(inventory.services[RETENTION]))
    with start(**database.leading(service)), retention:
        queue.wait_for("succeeded", 1)
    expect("the events that were handled", queue.handled(), [1], look_at=WORKERS, mend="handle retention-run")


@requirement("D1-18")
@pytest.mark.services(kind="worker")
def test_job_over_its_limit_is_stopped(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """One that hangs would hold up all the others, and every deploy. The limit may be lowered, which this does."""
    hangs, waits = queue.post(2)
    # Held before it starts: it may be at its work sooner than it is heard of.
    with queue.held(hangs), start(**database.leading(service, HANDLER_MAX="1")) as running:
        queue.wait_for("succeeded", waits)
        # Where two run at once, the second has not waited for the end of the first.
        with suppress(TookTooLong):
            queue.wait_for("failed", hangs, 10)
        became = queue.statuses()[hangs]
        reasons = [line.get("reason") for line in running.log if line.get("msg") == "job stopped"]
    expect("what became of a job that hangs", became, "failed", look_at=WORKERS, mend="limit every job to HANDLER_MAX")
    expect(
        "the reason in the log",
        reasons,
        ["still running after 1 s (HANDLER_MAX)"],
        look_at=f"{WORKERS}/limits.py",
        mend="log why the job was stopped",
    )


def rows(database: Database) -> dict[str, int]:
    with database.connect() as connection:
        return dict(connection.execute(ROWS).fetchall())
