"""Whose a thing is, and whether its run is over: where that cannot be told, the run is not over."""

import os
import re
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.engine import Engine
from fixtures.local_processes import RUN_VARIABLE, end, marked, start_time, unmarked
from fixtures.runs import Run, begin, is_over, owner_of, read_owner, read_run, run_of_image
from fixtures.waiting import wait_until
from fixtures.watcher import Watcher

#: A tag, as the engine takes it.
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
HERE = owner_of(os.getpid())


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that waits for its end."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_owner_is_read_as_it_is_written() -> None:
    assert read_owner(str(HERE)) == HERE


def test_run_is_read_as_it_is_written() -> None:
    run = begin()
    assert (read_run(str(run)), run.owner) == (run, str(HERE))


#: By name, because every worker of xdist must see the same ones.
WRITTEN_BY_NONE = {
    "nothing": "",
    "a word": "selftest",
    "dots": "....",
    "cut at the start": str(HERE)[1:],
    "a part too many": f"{HERE}.1",
    "a space at the end": f"{HERE} ",
    "a letter at the end": str(HERE).upper() + "x",
    "boot is a word": str(HERE._replace(boot="not-a-uuid")),
    "boot without hyphens": str(HERE._replace(boot=uuid.uuid4().hex)),
    "namespace is a word": str(HERE._replace(namespace="self")),
    "no number": str(HERE._replace(pid="")),
    "number below zero": str(HERE._replace(pid="-1")),
    "number is a word": str(HERE._replace(pid="self")),
    "digits of another script": str(HERE._replace(started="٣")),
}


@pytest.mark.parametrize("text", WRITTEN_BY_NONE.values(), ids=WRITTEN_BY_NONE)
def test_owner_that_no_run_has_written_is_left_alone(text: str) -> None:
    assert read_owner(text) is None
    assert not is_over(text, same_kernel=True)
    assert not is_over(text, same_kernel=False)


@pytest.mark.parametrize("same_kernel", [True, False])
def test_run_of_a_living_process_is_not_over(other: "subprocess.Popen[bytes]", same_kernel: bool) -> None:
    assert not is_over(str(HERE), same_kernel)
    assert not is_over(str(owner_of(other.pid)), same_kernel)


@pytest.mark.parametrize("same_kernel", [True, False])
def test_run_of_a_process_that_ended_is_over(other: "subprocess.Popen[bytes]", same_kernel: bool) -> None:
    owner = str(owner_of(other.pid))
    other.kill()
    # A zombie first: nobody has asked for its status yet.
    wait_until(lambda: is_over(owner, same_kernel), "the run to be over", 5, lambda: start_time(other.pid))
    other.wait()
    assert is_over(owner, same_kernel)


def test_process_that_has_the_number_now_is_another() -> None:
    assert is_over(str(HERE._replace(started=str(int(HERE.started) - 1))), same_kernel=False)


def test_process_of_another_namespace_cannot_be_told() -> None:
    """There, the number is somebody else's."""
    assert not is_over(str(HERE._replace(namespace="4026530000", pid="999999999", started="1")), same_kernel=True)


@pytest.mark.parametrize("same_kernel", [True, False])
def test_another_boot_is_over_only_where_there_is_one_kernel(same_kernel: bool) -> None:
    assert is_over(str(HERE._replace(boot=str(uuid.uuid4()))), same_kernel) == same_kernel


def test_image_tells_its_run() -> None:
    run = begin()
    repository, _, tag = run.image("before/backup-nightly").rpartition(":")
    assert run_of_image(f"{repository}:{tag}") == run
    assert TAG.fullmatch(tag)
    assert repository == repository.lower()


@pytest.mark.parametrize(
    "name",
    ["debian:13", "conform/2f3a4b5c6d7e/api:latest", "conform/stand-in/debian:trixie-slim", "mine/conform/run-a/b:c"],
)
def test_image_of_no_run_tells_none(name: str) -> None:
    assert run_of_image(name) is None


@pytest.mark.parametrize("name", ["conform/run-mine:latest", "conform/run-mine/api:latest", "conform/run-a/b:1.2.3.4"])
def test_image_that_only_looks_like_one_of_a_run_is_left_alone(name: str) -> None:
    run = run_of_image(name)
    assert run is None or not is_over(run.owner, same_kernel=True)


def test_labels_tell_the_run() -> None:
    assert Run("id", "owner").labels == {"conform.run": "id", "conform.owner": "owner"}


def test_process_of_a_run_is_found_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that does not end when it is asked to, and no other."""
    monkeypatch.setenv(RUN_VARIABLE, str(begin()))
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with (
        subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as of_run,
        subprocess.Popen(["sleep", "600"], env=unmarked()) as of_none,
    ):
        assert of_run.stdout is not None
        of_run.stdout.readline()
        found = [pid for pid, run in marked().items() if run == os.environ[RUN_VARIABLE]]
        assert found == [of_run.pid]
        end(found)
        assert (of_run.wait(), of_none.poll()) == (-signal.SIGKILL, None)
        of_none.kill()


def test_watcher_that_is_dismissed_has_gone() -> None:
    run = str(begin())
    watcher = Watcher(run)
    assert watchers_of(run) != ""
    watcher.dismiss()
    assert watchers_of(run) == ""


def test_watcher_that_was_killed_is_not_missed() -> None:
    run = str(begin())
    watcher = Watcher(run)
    os.kill(int(watchers_of(run)), signal.SIGKILL)
    wait_until(lambda: watchers_of(run) == "", "the watcher to be gone", 5, lambda: watchers_of(run))
    watcher.dismiss()


def watchers_of(run: str) -> str:
    """Their numbers; a zombie has no arguments any more."""
    return subprocess.run(["pgrep", "--full", f"fixtures.watcher {run}"], capture_output=True, text=True).stdout.strip()


def test_socket_on_which_no_engine_listens_may_lead_to_another_kernel(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        assert not Engine(f"unix://{path}", "", started=False).same_kernel
    assert not Engine(f"unix://{path}", "", started=False).same_kernel
    assert not Engine("tcp://127.0.0.1:2375", "", started=False).same_kernel
