"""A backup that goes wrong says so, ends, publishes nothing, and leaves the one before it as it was."""

from collections.abc import Callable

import pytest

from fixtures.backups import MANIFESTS, SECONDS, SHORT, Backups, Made, ended
from fixtures.bucket import BucketServer
from fixtures.claims import Expect, requirement
from fixtures.contents import contents
from fixtures.database import Server
from fixtures.inventory import Service

SCRIPT = "tools/ops/backup/backup-nightly.sh"
#: What rclone tries again for ever, unless it is limited.
TRIED_AGAIN = {"500", "507", "cut", "hold"}
LIMITED = {"BACKUP_SECONDS": SHORT, "BACKUP_STEP_SECONDS": SHORT}
#: What goes wrong at the bucket, by step (see servers/bucket.py).
AT_THE_BUCKET = {
    "upload answered by 500": {"upload": "500"},
    "no space": {"upload": "507"},
    "credentials expired": {"login": "refused"},
    "token taken back": {"token": "refused"},
    "list refused": {"list": "403"},
    "read back changed": {"verify": "flip"},
    "read back refused": {"verify": "500"},
    "not copied": {"publish": "500"},
    "no manifest": {"manifest": "500"},
    "upload never answered": {"upload": "hold"},
    "last manifest unreadable": {"remember": "403"},
}
#: Settings with which nothing is to be begun.
SETTINGS = {
    "wrong password": {"PGPASSWORD": "another"},
    "no recipient": {"BACKUP_RECIPIENT": ""},
    "wrong recipient": {"BACKUP_RECIPIENT": f"age1{'q' * 58}"},
    "secret key as recipient": {"BACKUP_RECIPIENT": f"AGE-SECRET-KEY-1{'Q' * 58}"},
    "no such database": {"PGDATABASE": "nowhere"},
    "no service account": {"RCLONE_GCS_SERVICE_ACCOUNT_FILE": "/etc/spectral/nothing.json"},
}

pytestmark = [pytest.mark.backup, pytest.mark.services(name="backup-nightly")]


@requirement("D1-15")
@pytest.mark.parametrize("fault", AT_THE_BUCKET)
def test_fault_at_the_bucket_publishes_nothing(service: Service, before: Backups, fault: str, expect: Expect) -> None:
    """Whatever became of the upload: without its manifest it is no backup."""
    check(before, lambda: faulty(before, AT_THE_BUCKET[fault]), expect)


@requirement("D1-15")
@pytest.mark.parametrize("setting", SETTINGS)
def test_wrong_setting_publishes_nothing(service: Service, before: Backups, setting: str, expect: Expect) -> None:
    """What can be known before is said before, and a secret that stands in the wrong place is not repeated."""
    check(before, lambda: before.make(**SETTINGS[setting]), expect)


@requirement("D1-15")
def test_upload_that_is_cut_off_publishes_nothing(service: Service, lasting: Backups, expect: Expect) -> None:
    """After its first 16 MiB, which is how much goes in one piece."""
    check(lasting, lambda: faulty(lasting, {"upload": "cut"}), expect)


@requirement("D1-15")
def test_missing_bucket_publishes_nothing(
    service: Service, backups: Backups, bucket_server: BucketServer, expect: Expect
) -> None:
    """Nor is it made: a bucket has its rights from whoever makes it."""
    made = backups.make(bucket_server.missing(), **LIMITED)
    expect("its exit status", made.status, 1, look_at=SCRIPT, mend="check the exit status of every step")


@requirement("D1-15")
@pytest.mark.parametrize("program", ["pg_dump", "age", "rclone"])
def test_killed_program_publishes_nothing(service: Service, lasting: Backups, program: str, expect: Expect) -> None:
    """Half-way, when the others go on as if what came were all."""

    def killed() -> Made:
        with lasting.held("upload") as running:
            running.host.check_output(f"kill -KILL $(grep -lx {program} /proc/[0-9]*/comm | cut -d/ -f3)")
            lasting.bucket.fault(upload="")
            return ended(running, SECONDS)

    check(lasting, killed, expect)


@requirement("D1-15")
def test_server_that_goes_away_publishes_nothing(service: Service, lasting: Backups, expect: Expect) -> None:
    """All connections end half-way, as when it is started again."""

    def gone() -> Made:
        with lasting.held("upload") as running:
            with lasting.database.connect() as owner:
                owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'backup_nightly'")
            lasting.bucket.fault(upload="")
            return ended(running, SECONDS)

    check(lasting, gone, expect)


@requirement("D1-15")
def test_empty_database_is_not_backed_up_over_a_full_one(
    service: Service, before: Backups, database_server: Server, expect: Expect
) -> None:
    """It was restored half, or the address leads elsewhere: a backup of nothing pushes out what there was."""
    check(before, lambda: before.make(PGDATABASE=database_server.database().name), expect)


@requirement("D1-15")
def test_clock_that_went_back_publishes_nothing(service: Service, before: Backups, expect: Expect) -> None:
    """What would be the newest by its name would be an old one."""
    ((stamp, _),) = before.published().items()
    later = before.bucket.read(f"manifests/{stamp}.json")
    before.bucket.write("manifests/2999-12-31T235959Z.json", later)
    check(before, before.make, expect)


@requirement("D1-15")
def test_second_run_at_once_publishes_nothing(service: Service, before: Backups, expect: Expect) -> None:
    """The first goes on, and is published."""
    with before.held("publish"):
        second = before.make()
    expect(
        "the exit status of the second, and the backups there are",
        (second.status, len(before.published())),
        (1, 1),
        look_at=SCRIPT,
        mend="hold a lock that goes with the run, such as an advisory one of the server",
    )


@requirement("D6-20")
def test_backup_before_a_failed_one_is_restored(
    service: Service, before: Backups, database_server: Server, expect: Expect
) -> None:
    """By its digests, after an upload that was changed on its way."""
    was = contents(before.database)
    faulty(before, {"verify": "flip"})
    before.bucket.fault(verify="")
    empty = database_server.empty()
    made = before.restore(empty)
    expect.none(
        "differences to what was backed up",
        [*([] if made.status == 0 else [made.text[-300:]]), *was.differences(contents(empty))],
        look_at=SCRIPT,
        mend="let a new run touch nothing of the earlier ones",
    )


def faulty(backups: Backups, steps: dict[str, str]) -> Made:
    """A run in which these go wrong."""
    backups.bucket.fault(**steps)
    return backups.make(**(LIMITED if TRIED_AGAIN & set(steps.values()) else {}))


def check(backups: Backups, run: Callable[[], Made], expect: Expect) -> None:
    """That it fails, says why, and leaves what counts as it was; a run that hangs takes too long."""
    was = backups.state()
    made = run()
    now = backups.state()
    # A copy that got no manifest is no backup, and stays until the bucket's lifecycle takes it away.
    changed = [name for name in {*now, *was} if now.get(name) != was.get(name)]
    expect(
        "whether it failed with a word of its own, the backups that it changed or made, and the secrets in its log",
        (
            made.status == 1 and any(line.get("level") == "error" for line in made.log),
            sorted(name for name in changed if name in was or name.startswith(MANIFESTS)),
            [one for one in ("AGE-SECRET-KEY", "PRIVATE KEY") if one in made.text],
        ),
        (True, [], []),
        look_at=SCRIPT,
        mend="check the exit status of every program and step, and write the manifest last",
    )
