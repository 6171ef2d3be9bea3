"""What setup.sh is given it keeps to itself: canaries are typed, and looked for everywhere but in what is sent."""

from collections.abc import Mapping

import pytest

from fixtures.claims import Expect, requirement
from fixtures.provisioning import KEY, SCRIPT, Desk, Provisioned, Watched, wrong_values
from fixtures.render_api import Fault
from fixtures.terminals import INTERRUPT

pytestmark = pytest.mark.host

TERMINAL = "tools/provision/terminal.py"
MEND = "keep values in memory, and send them in the bodies of calls alone"

#: How a shell is told to show what it carries out: options in its place, and variables.
TRACES: dict[str, tuple[list[str], Mapping[str, str]]] = {
    "bash -x": (["bash", "-x"], {}),
    "SHELLOPTS": ([], {"SHELLOPTS": "xtrace"}),
    "BASH_XTRACEFD": ([], {"BASH_XTRACEFD": "2"}),
}


@requirement("D6-09")
def test_a_provisioning_shows_no_value(provisioned: Provisioned, expect: Expect) -> None:
    """On the terminal, in arguments and variables of what it starts, in files, in addresses: nowhere."""
    _shows_nothing(provisioned.desk, provisioned.seen, expect)


@requirement("D6-09")
def test_a_rotation_shows_no_value(desk: Desk, expect: Expect) -> None:
    """Neither the new one nor the old one, which is still there."""
    desk.run("prod")
    id_ = next(iter(desk.entries))
    new = desk.entries[id_].value()
    seen = desk.run("prod", "--rotate", id_, answers={KEY: [desk.api.key], id_: [new, new]})
    _shows_nothing(desk, seen, expect, new)


@requirement("D6-09")
def test_values_from_files_and_a_pipe_are_not_shown(desk: Desk, expect: Expect) -> None:
    """What comes in by another way goes out by none."""
    filed, piped, *_ = desk.entries
    sources = ("--from", f"{filed}={desk.file(filed, desk.value(filed))}", "--from", f"{piped}=-")
    seen = desk.run("prod", "--only", filed, "--only", piped, *sources, given=desk.value(piped))
    _shows_nothing(desk, seen, expect)


@requirement("D6-09")
def test_a_failure_shows_no_value(desk: Desk, expect: Expect) -> None:
    """Messages about what went wrong like to quote it."""
    id_, entry = next((id_, one) for id_, one in desk.entries.items() if one.kind == "variable")
    faults = [Fault(500), Fault(cut=True), Fault(429), Fault(400)]
    desk.api.faults[f"PUT /env-groups/*/env-vars/{entry.name}"] = faults
    _shows_nothing(desk, desk.run("prod", "--only", id_), expect)


@requirement("D6-09")
def test_a_refused_value_is_not_shown(desk: Desk, expect: Expect) -> None:
    """It is the right value of something else, more often than not."""
    wrong = {id_: wrong_values(one) for id_, one in desk.entries.items()}
    answers = {id_: [*wrong[id_], *[desk.value(id_)] * 2] for id_ in desk.entries}
    seen = desk.run("prod", answers={KEY: [desk.api.key], **answers})
    # "changeme" is nobody's.
    _shows_nothing(desk, seen, expect, *(value for values in wrong.values() for value in values if len(value) > 16))


@requirement("D6-09")
def test_a_value_in_the_place_of_a_name_is_not_shown(desk: Desk, expect: Expect) -> None:
    """Somebody in a hurry writes --from NAME=VALUE: the shell has seen it then, and nobody else is to."""
    id_ = next(iter(desk.entries))
    value = desk.value(id_)
    seen = desk.run("prod", "--from", f"{id_}={value}", answers={KEY: [desk.api.key]})
    expect(
        "the terminal shows it",
        "terminal" in seen.leaks([value]),
        False,
        look_at="tools/provision/__main__.py",
        mend="name the secret in the message, not what was given as its file",
    )


@requirement("D6-09")
def test_nothing_that_is_typed_can_be_seen(provisioned: Provisioned, expect: Expect) -> None:
    """At each prompt the terminal has its echo off, and has it on again at the end."""
    seen = provisioned.seen
    expect(
        "prompts that show what is typed, and whether the terminal shows it after the end",
        (seen.session.open, seen.session.echoes),
        ([], True),
        look_at=TERMINAL,
        mend="turn the echo off before the prompt is shown, and put back what was",
    )


@requirement("D6-09")
@pytest.mark.parametrize("trace", TRACES)
def test_under_a_trace_it_does_not_run(desk: Desk, expect: Expect, trace: str) -> None:
    """A trace is a log of all that a shell expands."""
    shell, variables = TRACES[trace]
    seen = desk.run("prod", shell=shell, variables=variables)
    expect(
        "how it ended, and what it asked for",
        (seen.status, seen.session.asked),
        (2, []),
        look_at=SCRIPT,
        mend="refuse to run while the shell traces its commands",
    )


@requirement("D6-09")
def test_interrupted_it_leaves_nothing_behind(desk: Desk, expect: Expect) -> None:
    """Ctrl-C at a prompt: the terminal shows again what is typed, and no value lies around."""
    first, second, *_ = desk.entries
    answers = {KEY: [desk.api.key], first: [desk.value(first)] * 2, second: [desk.value(second), INTERRUPT]}
    seen = desk.run("prod", answers=answers)
    expect(
        "how it ended, and whether the terminal shows what is typed",
        (seen.status, seen.session.echoes),
        (130, True),
        look_at=TERMINAL,
        mend="put the terminal back however it ends",
    )
    _shows_nothing(desk, seen, expect)


@requirement("D6-09")
def test_the_key_is_not_taken_from_a_variable(desk: Desk, expect: Expect) -> None:
    """Variables are handed on to everything that is started, and stand in /proc."""
    seen = desk.run("prod", "--only", next(iter(desk.entries)), variables={KEY: desk.api.key})
    expect(
        "it asks for the key",
        KEY in seen.session.asked,
        True,
        look_at="tools/provision/__main__.py",
        mend="ask for it, or read it from what --from names",
    )


@requirement("D6-09")
def test_nobody_else_gets_the_key(desk: Desk, expect: Expect) -> None:
    """A server that sends it on to another one would hand it over."""
    desk.api.faults["GET /projects"] = [Fault(307, location="http://elsewhere.example.org/projects")]
    seen = desk.run("prod", "--only", next(iter(desk.entries)))
    expect.none(
        "other servers that were called", seen.foreign, look_at="tools/provision/render.py", mend="follow nobody"
    )


@requirement("D6-11")
def test_a_value_comes_from_the_operator_alone(desk: Desk, provisioned: Provisioned, expect: Expect) -> None:
    """Where operators keep values is theirs to choose: no vault's program is started, and no server is asked but
    Render's."""
    first = provisioned.seen
    second = desk.run("prod", "--rotate", next(iter(desk.entries)))
    expect.none(
        "programs and servers asked for a value",
        [*first.started, *first.foreign, *second.started, *second.foreign],
        look_at=SCRIPT,
        mend="ask the operator, or read the file that the operator names",
    )


def _shows_nothing(desk: Desk, seen: Watched, expect: Expect, *more: str) -> None:
    values = [*desk.values.values(), *more, desk.api.key]
    expect.none("places where a value or the key can be seen", seen.leaks(values), look_at=SCRIPT, mend=MEND)
