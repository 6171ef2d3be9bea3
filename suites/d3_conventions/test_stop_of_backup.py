"""The backup stops wherever it is, and what it had begun never looks like a backup."""

import pytest

from fixtures.backups import Backups
from fixtures.claims import Expect, requirement
from fixtures.inventory import Service

#: Where it is held: the bucket never answers (see servers/bucket.py).
STEPS = ["list", "upload", "verify", "publish", "manifest"]

pytestmark = [pytest.mark.backup, pytest.mark.services(name="backup-nightly")]


@requirement("D3-26")
@pytest.mark.parametrize("step", STEPS)
def test_backup_stops_at_each_step(service: Service, filled: Backups, step: str, expect: Expect) -> None:
    """Render starts a new deploy of a cron while the old one runs: what was begun is left, and not published."""
    with filled.held(step) as running:
        told = running.terminate()
        # Longer than it may take, so that it is seen how long it takes.
        running.ends_within(service.kill_seconds)
        in_time = running.status is not None and running.ended_at - told <= service.stop_seconds
        status = running.status
    expect(
        "whether it ended in time, its exit status, and the backups there are",
        (in_time, status, len(filled.published())),
        (True, 143, 0),
        look_at="tools/ops/backup/common.sh",
        mend="wait for what lasts in the background, and tell all of it on SIGTERM",
    )
