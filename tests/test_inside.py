"""A command in a container has its own status and output, and one that did not run has none."""

from collections.abc import Iterator

import pytest
from testinfra.host import Host

from fixtures.commands import CouldNotVerify, Say
from fixtures.engine import RUN_LABEL, Engine
from fixtures.inside import MARK, inside
from fixtures.references import parse_reference
from fixtures.stand_ins import Workshop


@pytest.fixture(scope="module")
def container(engine: Engine, say: Say) -> Iterator[str]:
    """Id of a container that sleeps."""
    with engine.client() as client:
        image = Workshop(client, say).make(parse_reference("debian:trixie-slim"))
        running = client.containers.run(image, ["sleep", "infinity"], detach=True, labels={RUN_LABEL: "selftest"})
        yield str(running.id)
        running.remove(force=True)


@pytest.fixture
def host(container: str) -> Host:
    return inside(container)


@pytest.mark.parametrize("status", [0, 1, 2, 125, 126, 127, 128, 137, 143, 255])
def test_exit_status_is_the_commands_own(host: Host, status: int) -> None:
    assert host.run(f"exit {status}").rc == status


def test_streams_are_kept_apart(host: Host) -> None:
    done = host.run("printf out; printf err >&2; exit 3")
    assert (done.rc, done.stdout, done.stderr) == (3, "out", "err")


@pytest.mark.parametrize("text", ["", "a", "a\n", "\n", "a\0b", "é☃", "'\"$HOME`x`\\", MARK.decode(), "x" * 100_000])
def test_output_comes_as_it_is(host: Host, text: str) -> None:
    done = host.run("printf '%%b' %s", text.replace("\\", "\\\\").replace("\0", "\\0000"))
    assert (done.stdout, done.rc) == (text, 0)


def test_mark_in_the_commands_own_words_is_left_there(host: Host) -> None:
    done = host.run(f"printf {MARK.decode()}0 >&2; exit 5")
    assert (done.rc, done.stderr) == (5, f"{MARK.decode()}0")


def test_command_that_is_killed_has_its_signal_as_status(host: Host) -> None:
    assert host.run("kill -KILL $$").rc == 137


def test_user_is_the_one_that_was_asked_for(container: str) -> None:
    assert (inside(container, "root").check_output("id -un"), inside(container, "daemon").check_output("id -un")) == (
        "root",
        "daemon",
    )


def test_absent_file_is_absent(host: Host) -> None:
    assert not host.file("/no/such/file").exists


@pytest.mark.parametrize("gone", ["no-such-container", "0" * 64])
def test_absent_container_is_no_absent_file(engine: Engine, gone: str) -> None:
    with pytest.raises(CouldNotVerify, match=f"could not be carried out in container {gone[:12]}"):
        inside(gone).file("/no/such/file").exists  # noqa: B018


def test_unreachable_engine_is_no_absent_file(container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(CouldNotVerify, match="could not be carried out"):
        inside(container).exists("no-such-program")
