"""The nightly backup, made and restored by the image itself: it counts only because it comes back."""

import hashlib
from pathlib import Path

import pytest

from fixtures.backups import BACKUPS, Backups
from fixtures.claims import Expect, requirement
from fixtures.contents import contents, fill
from fixtures.database import Database, Server
from fixtures.inside import Open
from fixtures.inventory import Image, Service
from fixtures.queue import Queue
from fixtures.running import START_SECONDS
from fixtures.waiting import wait_until

SCRIPT, RESTORE, PRUNE = (f"tools/ops/backup/{name}.sh" for name in ("backup-nightly", "restore", "prune"))
#: Stands in every row of the bulk; in no encrypted byte.
PLAINTEXT = b"PGDMP"
LARGE_MEBIBYTES = 300
LARGE_SECONDS = 300.0

pytestmark = [pytest.mark.backup, pytest.mark.services(name="backup-nightly")]


@pytest.fixture
def image(service: Service) -> Image:
    """What the service runs."""
    return service.image


@requirement("D1-15")
def test_backup_is_made_without_a_worker_or_an_event(service: Service, filled: Backups, expect: Expect) -> None:
    """No worker runs here, and no job is left for one."""
    queue = Queue(filled.database)
    made = filled.make()
    expect(
        "its exit status, how many backups there are, and jobs and events",
        (made.status, len(filled.published()), queue.statuses()),
        (0, 1, {}),
        look_at=SCRIPT,
        mend="do it all in the container of the cron",
    )


@requirement("D6-20")
def test_restored_database_is_equal(service: Service, filled: Backups, database_server: Server, expect: Expect) -> None:
    """By digest of every table, sequence and large object, and by schema."""
    filled.make()
    check_restored(filled, database_server.empty(), expect, 60)


@requirement("D6-20")
@pytest.mark.large
def test_large_database_is_restored_equal(
    service: Service, backups: Backups, database_server: Server, expect: Expect
) -> None:
    """Above what is uploaded in one piece, and read at once, things go other ways."""
    fill(backups.database, LARGE_MEBIBYTES)
    made = backups.make(seconds=LARGE_SECONDS)
    size = sum(size for name, size in backups.state().items() if name.startswith(BACKUPS))
    expect(
        "its exit status, and whether the backup has more than 200 MiB",
        (made.status, size > 200 << 20),
        (0, True),
        look_at=SCRIPT,
        mend="see its log: in production databases are larger",
    )
    check_restored(backups, database_server.empty(), expect, LARGE_SECONDS)


@requirement("D1-15")
def test_manifest_says_what_the_backup_is(service: Service, filled: Backups, expect: Expect) -> None:
    """What is not as its manifest says is not restored."""
    filled.make()
    ((stamp, manifest),) = filled.published().items()
    content = filled.bucket.read(manifest["key"])
    with filled.database.connect() as connection:
        rows = connection.execute("SELECT count(*) FROM children").fetchall()[0][0]
    expect(
        "key, digest, size and rows of the manifest",
        [manifest["key"], manifest["sha256"], manifest["size"], manifest["rows"].get("public.children")],
        [f"{BACKUPS}{stamp}.dump.age", hashlib.sha256(content).hexdigest(), len(content), rows],
        look_at=SCRIPT,
        mend="write down what was sent, and what was counted in the same snapshot",
    )


@requirement("D1-15")
def test_backup_is_not_read_without_the_key(
    service: Service, filled: Backups, database_server: Server, expect: Expect
) -> None:
    """Whoever gets at the bucket has nothing."""
    filled.make()
    contents_of_bucket = b"".join(filled.bucket.read(name) for name in filled.bucket.objects())
    other = filled.restore(database_server.empty(), BACKUP_IDENTITY_FILE="/etc/secrets/gcs-sa.json")
    expect(
        "whether a dump lies there in clear, and whether it is restored without the key",
        (PLAINTEXT in contents_of_bucket, other.status == 0),
        (False, False),
        look_at=SCRIPT,
        mend="encrypt it before it leaves the container",
    )


@requirement("D1-15")
def test_nothing_is_left_on_disk_or_shown(service: Service, filled: Backups, expect: Expect) -> None:
    """Nor does an argument hold a secret, which everybody on a machine can read."""
    with filled.held("upload") as running:
        arguments = running.arguments
        written = [change["Path"] for change in running.container.diff() or [] if not mounted(change["Path"])]
        text = running.text
    secrets = [filled.database.passwords["backup_nightly"], "PRIVATE KEY", filled.keys.identity]
    expect(
        "what it wrote, and the secrets in its arguments and its log",
        (written, [secret for secret in secrets if secret in arguments or secret in text]),
        ([], []),
        look_at=SCRIPT,
        mend="stream it; give secrets by variables and files",
    )


@requirement("D1-17")
def test_script_in_the_image_is_the_trees(service: Service, opened: Open, root: Path, expect: Expect) -> None:
    """A bash pipeline, and no program around it."""
    text = opened.host.file(f"/app/{Path(SCRIPT).name}").content_string
    expect(
        "the first line of the script, and whether it is the tree's",
        (text.partition("\n")[0], text == (root / SCRIPT).read_text()),
        ("#!/bin/bash", True),
        look_at=SCRIPT,
        mend="COPY the script as it is; write it in bash",
    )


@requirement("D1-17")
def test_backup_is_a_pipeline(service: Service, filled: Backups, expect: Expect) -> None:
    """pg_dump, age and rclone at once, under one bash: seen while it works."""
    with filled.held("upload") as running:
        names = set(running.host.check_output("cat /proc/[0-9]*/comm").split())
    expect(
        "the runtimes that are at work, beside bash",
        sorted(names & {"python3", "python3.14", "node", "perl", "ruby"}),
        [],
        look_at=SCRIPT,
        mend="pipe pg_dump into age into rclone",
    )


@requirement("D6-20")
def test_restore_refuses_what_is_not_empty(service: Service, filled: Backups, expect: Expect) -> None:
    """A restore over something else is a loss of both."""
    filled.make()
    before = contents(filled.database)
    made = filled.restore(filled.database)
    expect(
        "whether it restores, and what it changed",
        (made.status == 0, before.differences(contents(filled.database))),
        (False, []),
        look_at=RESTORE,
        mend="look first, and change nothing where there is something",
    )


@requirement("D6-20")
def test_named_backup_is_restored(service: Service, filled: Backups, database_server: Server, expect: Expect) -> None:
    """What was lost since the night before last is in no newer one."""
    filled.make()
    (first,) = filled.published()
    before = contents(filled.database)
    with filled.database.connect() as connection:
        connection.execute("DELETE FROM children")
    make_another(filled)
    empty = database_server.empty()
    made = filled.restore(empty, first)
    expect(
        "its exit status, how many backups there were, and what differs from the first",
        (made.status, len(filled.published()), before.differences(contents(empty))),
        (0, 2, []),
        look_at=RESTORE,
        mend="take the backup that is named, the newest where none is",
    )


@requirement("D6-20")
def test_changed_backup_is_not_restored(
    service: Service, filled: Backups, database_server: Server, expect: Expect
) -> None:
    """Neither one that was tampered with, nor one whose manifest is another's."""
    filled.make()
    ((_, manifest),) = filled.published().items()
    content = bytearray(filled.bucket.read(manifest["key"]))
    content[len(content) // 2] ^= 1
    filled.bucket.write(manifest["key"], bytes(content))
    empty = database_server.empty()
    made = filled.restore(empty)
    expect(
        "whether it restores, and the tables that are there then",
        (made.status == 0, contents(empty).tables),
        (False, {}),
        look_at=RESTORE,
        mend="compare the digest before the database sees any of it",
    )


@requirement("D1-15")
def test_pruning_counts_manifests_only(service: Service, filled: Backups, expect: Expect) -> None:
    """What was not published does not push out what was."""
    filled.make()
    first = set(filled.state())
    make_another(filled)
    for number in range(3):
        filled.bucket.write(f"{BACKUPS}2999-01-0{number + 1}T000000Z.dump.age", b"never published")
    before = set(filled.published())
    filled.prune("2")
    kept = set(filled.published())
    filled.prune("1")
    expect(
        "what two are kept, and what the second time removes",
        (kept, sorted(first & set(filled.state())), len(filled.published())),
        (before, [], 1),
        look_at=PRUNE,
        mend="count manifests, from the newest on",
    )


def make_another(backups: Backups) -> None:
    """Two of one second are refused."""
    wait_until(lambda: backups.make().status == 0, "a second backup", START_SECONDS, lambda: "")


def check_restored(backups: Backups, empty: Database, expect: Expect, seconds: float) -> None:
    made = backups.restore(empty, seconds=seconds)
    expect.none(
        "differences between the database and what was restored",
        [*([] if made.status == 0 else [made.text[-300:]]), *contents(backups.database).differences(contents(empty))],
        look_at=RESTORE,
        mend="dump all of it in one snapshot, and restore all of it",
    )


def mounted(path: str) -> bool:
    """Put there by the harness, before it began."""
    return path == "/etc" or path.startswith("/etc/secrets")
