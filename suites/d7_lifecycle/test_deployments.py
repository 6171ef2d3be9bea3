"""core.deployments: what was deployed when, for ever."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.database import Database
from fixtures.inventory import Service
from fixtures.queue import Queue
from fixtures.subjects import Start

MIGRATION = "infra/db/0002_deployments.sql"
#: Ways to make a row something else than it was.
ATTEMPTS = [
    "DELETE FROM core.deployments",
    "TRUNCATE core.deployments",
    "TRUNCATE core.deployments CASCADE",
]


@requirement("D7-02")
@pytest.mark.services(kind="worker")
def test_nobody_can_remove_a_deployment(service: Service, database: Database, expect: Expect) -> None:
    """Tried by everyone who may log in, the owner too; legacy drain reads back through all of them."""
    deploy(database)
    for login in database.passwords:
        for attempt in ATTEMPTS:
            database.attempt(login, attempt)
    expect("the deployments left", deployments(database), 1, look_at=MIGRATION, mend="grant neither, and refuse both")


@requirement("D7-02")
@pytest.mark.services(kind="worker")
def test_retention_keeps_deployments(
    service: Service, start: Start, database: Database, queue: Queue, expect: Expect
) -> None:
    """What is old goes from the queue, and from nowhere else."""
    deploy(database)
    with database.connect() as connection:
        connection.execute("UPDATE core.deployments SET created_at = '2001-01-01'")
    (event,) = queue.post(1)
    with start(**database.leading(service)):
        queue.wait_for("succeeded", event)
    expect("the deployments left", deployments(database), 1, look_at="apps/workers/workers/tasks.py", mend="keep them")


def deploy(database: Database) -> None:
    with database.connect("deployments") as connection:
        connection.execute("INSERT INTO core.deployments (sha, services) VALUES (%s, %s)", ["a" * 40, ["api"]])


def deployments(database: Database) -> int:
    with database.connect() as connection:
        return connection.execute("SELECT count(*) FROM core.deployments").fetchall()[0][0]
