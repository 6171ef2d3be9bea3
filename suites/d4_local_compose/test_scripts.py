"""The scripts by which people use compose, run with a docker client that only notes what it is asked."""

from pathlib import Path

import pytest

from fixtures.claims import Expect, requirement
from fixtures.compose import COMPOSE_FILE
from fixtures.compose_scripts import ALL_PROFILES, MANIFEST, Call, calls, is_on_the_file

pytestmark = pytest.mark.host

#: What people do with compose.
USES = {"up", "up frontend", "up backup", "up full", "down"}


@pytest.fixture(scope="module")
def called(root: Path) -> list[Call]:
    """Every call of docker compose that the scripts make."""
    return calls(root)


@requirement("D4-05")
def test_each_use_of_compose_has_a_script(called: list[Call], expect: Expect) -> None:
    """Nobody types the path of a compose file, or remembers which profiles there are."""
    expect(
        "what the scripts compose:* do",
        ", ".join(sorted({_use(call) for call in called} & USES)),
        ", ".join(sorted(USES)),
        look_at=f"{MANIFEST}: scripts",
        mend="add a script for up, for up with each profile, or for down with all of them",
    )


@requirement("D4-05")
def test_scripts_use_the_compose_file(called: list[Call], expect: Expect) -> None:
    """Left to itself compose takes a file of the folder in which it is called, or of one above."""
    expect.none(
        f"calls of compose that do not name {COMPOSE_FILE}",
        sorted({f"{call.script}: {call.command} on {', '.join(call.files) or 'what it finds'}" for call in called
                if not is_on_the_file(call)}),
        look_at=f"{MANIFEST}: scripts",
        mend=f"pass --file {COMPOSE_FILE}",
    )  # fmt: skip


def _use(call: Call) -> str:
    """What it does, and to which profile; down takes away only what its profiles name."""
    if call.command == "down":
        everything = (
            call.profiles >= {"full"} or call.profiles >= {"frontend", "backup"} or call.profiles >= ALL_PROFILES
        )
        return "down" if everything else "down of a part"
    return " ".join([call.command, *sorted(call.profiles)])
