"""What the backup's credentials are good for: to dump, and to write to the bucket; and for what else the docs name."""

import json
import secrets

import pytest

from fixtures.backups import LOGIN, Backups
from fixtures.claims import Expect, requirement
from fixtures.contents import contents
from fixtures.inventory import Service
from fixtures.subjects import Start

SCRIPT, DOCS, RIGHTS = "tools/ops/backup/backup-nightly.sh", "docs/backup.md", "infra/db"
#: What nobody may do who only dumps; {table} is one of the test's.
ATTEMPTS = [
    "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE {table} SET id = 1",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} ADD COLUMN tried integer",
    "DROP TABLE {table}",
    "CREATE TABLE public.tried (one integer)",
    "CREATE TABLE core.tried (one integer)",
    "CREATE SCHEMA tried",
    "SELECT lo_create(4711)",
    "SELECT lo_put(oid, 0, 'tried') FROM pg_largeobject_metadata",
    "SELECT lo_unlink(oid) FROM pg_largeobject_metadata",
    "SELECT nextval('tickets')",
    "SELECT setval('tickets', 1)",
    "REFRESH MATERIALIZED VIEW largest",
]
TABLES = ["core.deployments", "core.events", "queue.procrastinate_jobs", "parents", '"Zoë\'s".types']

pytestmark = [pytest.mark.backup, pytest.mark.services(name="backup-nightly")]


@requirement("D6-15")
def test_service_account_is_read_where_the_record_says(service: Service, start: Start, expect: Expect) -> None:
    """Render puts it under /etc/secrets, for group 1000. The database is silent, so the service waits for it."""
    account = json.dumps({"client_email": f"{secrets.token_hex(8)}@example.invalid"})
    with start(secret_files={"gcs-sa.json": account}) as running:
        read = running.host.run("cat /etc/spectral/gcs-sa.json").stdout
    expect(
        "what /etc/spectral/gcs-sa.json holds",
        read,
        account,
        look_at=service.image.dockerfile,
        mend="link it to /etc/secrets/gcs-sa.json, and be in group 1000",
    )


@requirement("D6-19")
def test_backup_login_changes_nothing(service: Service, filled: Backups, expect: Expect) -> None:
    """Tried with its read-only default lifted, which is no right but a setting."""
    before = contents(filled.database)
    for attempt in ATTEMPTS:
        for table in TABLES if "{table}" in attempt else [""]:
            statement = attempt.format(table=table)
            filled.database.attempt(LOGIN, f"BEGIN READ WRITE; {statement}; COMMIT")
    expect.none(
        "changes that the backup's login made",
        before.differences(contents(filled.database)),
        look_at=RIGHTS,
        mend="grant it to read, and nothing else; revoke from PUBLIC what writes",
    )


@requirement("D6-22")
def test_backup_works_with_what_the_docs_name(service: Service, filled: Backups, expect: Expect) -> None:
    """Makes objects, lists them, reads incoming/ and manifests/: the bucket refuses everything else."""
    made = filled.make()
    # rclone asks what lies there before it makes something of that name; a "no" is an answer to it.
    refused = [(step, name) for step, name, answer in filled.bucket.seen() if answer == "403" and step != "get"]
    expect(
        "its exit status, and what the bucket refused it",
        (made.status, refused),
        (0, []),
        look_at=SCRIPT,
        mend=f"do it with less; or say in {DOCS} what else is needed, and why",
    )


@requirement("D6-22")
def test_backup_account_reads_no_backup(service: Service, filled: Backups, expect: Expect) -> None:
    """Nor removes one: prune.sh by that account keeps everything, restore.sh gets nothing."""
    filled.make()
    before = filled.state()
    filled.prune("1", role="writer")
    reads = [name for step, name, answer in filled.bucket.seen() if (step, answer) == ("restore", "200")]
    expect(
        "the backups that it read, and whether all are there",
        (reads, filled.state() == before),
        ([], True),
        look_at=SCRIPT,
        mend=f"the account has what {DOCS} names, and no more",
    )
