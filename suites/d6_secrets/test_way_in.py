"""tools/provision/setup.sh is the way in for secret values, and nobody is told of another."""

from pathlib import Path

from fixtures.claims import Expect, requirement
from fixtures.programs import Command
from fixtures.secret_register import SecretRegister
from fixtures.ways_in import SETUP, calls_that_set_values, other_way_in


@requirement("D6-10")
def test_way_in_is_documented(commands: tuple[Command, ...], expect: Expect) -> None:
    """Who finds no way written down makes one up."""
    told = [one for one in commands if one.place.partition(":")[0].endswith(".md")]
    expect(
        f"is {SETUP} among the commands of the documents",
        any(one.program[:1] in ((SETUP,), (f"./{SETUP}",)) for one in told),
        True,
        look_at="docs/secrets.md",
        mend=f"show a call of {SETUP} in a block of code",
    )


@requirement("D6-10")
def test_nobody_is_told_another_way_in(
    commands: tuple[Command, ...], secret_register: SecretRegister, expect: Expect
) -> None:
    """A value that was set by hand is rotated by nobody, and stands in a history of commands."""
    other = [(one, other_way_in(one, secret_register.variables)) for one in commands]
    expect.none(
        "commands that set a secret in another way",
        [f"{one}: {why}" for one, why in other if why],
        look_at="documents, workflows and scripts",
        mend=f"let {SETUP} do it",
    )


@requirement("D6-10")
def test_no_program_sets_values(root: Path, files_to_run: tuple[str, ...], expect: Expect) -> None:
    """A program beside the provisioning that calls Render's API for values would be a second way in."""
    expect.none(
        "programs that call Render's API where values lie",
        calls_that_set_values(root, files_to_run),
        look_at="tools",
        mend=f"let {SETUP} do it",
    )
