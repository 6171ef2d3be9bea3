"""What is left when compose is taken down; after all that need it up (test_at_work.py, test_dev.py)."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.compose import COMPOSE_FILE, FULL
from fixtures.local_subjects import Composed

pytestmark = pytest.mark.whole


@requirement("D4-19")
def test_down_leaves_nothing_behind(composed: Composed, expect: Expect) -> None:
    """What stays holds a port, or a volume with yesterday's data."""
    composed.project.call("down", "--volumes", "--timeout=5", profiles=FULL)
    expect.none(
        "things that compose leaves behind",
        composed.project.left(),
        look_at=COMPOSE_FILE,
        mend="let every service and volume be of the project: no external ones, no names of their own",
    )
