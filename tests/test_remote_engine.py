"""Nothing of a verification depends on where the engine is: it is reached by its address alone."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_by_ssh import engine_by_ssh
from fixtures.commands import Say
from fixtures.engine import Engine
from fixtures.inside import executed
from fixtures.second_engine import copy_images, second_engine
from fixtures.shell import NO_PROGRAM
from verification import WITHOUT_WHAT_LASTS, Verify


@pytest.fixture
def remote(engine: Engine) -> Iterator[str]:
    """A second engine, which knows no image but the bases' stand-ins."""
    listed = [
        "docker",
        "image",
        "ls",
        "--format",
        "{{.Repository}}:{{.Tag}}",
        "--filter",
        "reference=conform/stand-in/*",
    ]
    stand_ins = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    with second_engine() as host:
        copy_images(stand_ins, host)
        yield host


@pytest.fixture
def by_ssh(engine: Engine, say: Say, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which the first engine is reached through sshd."""
    with engine_by_ssh(engine, say, tmp_path) as environment:
        yield environment


def test_whole_suite_passes_on_an_engine_that_is_reached_by_tcp(remote: str, verify: Verify) -> None:
    outcome = verify(*WITHOUT_WHAT_LASTS, "-n", "2", environment={"DOCKER_HOST": remote})
    assert outcome.status == 0, outcome.output
    assert outcome.red == set()
    assert f"at {remote};" in outcome.output
    ids = " ".join(image["id"] for image in outcome.report["images"].values())
    local = subprocess.run(["docker", "image", "ls", "--no-trunc", "--quiet"], capture_output=True, text=True).stdout
    assert not set(ids.split()) & set(local.split()), "what was verified was built on the first engine"


def test_program_in_a_container_is_heard_to_its_end_by_ssh(
    by_ssh: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them; docker-py fails one in six, when ssh has ended before it is told to."""
    for name, value in by_ssh.items():
        monkeypatch.setenv(name, value)
    port = by_ssh["DOCKER_HOST"].rpartition(":")[2]
    listed = ["docker", "ps", "--quiet", "--no-trunc", "--filter", f"publish={port}"]
    sshd = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.strip()
    for number in range(20):
        done = executed(sshd, "sh", "-c", f"echo {number}; echo but >&2; exit 3")
        assert (done.status, done.stdout, done.stderr) == (3, f"{number}\n".encode(), b"but\n")
    assert executed(sshd, "printf", "%s|", "$HOME", "a b", "'").stdout == b"$HOME|a b|'|"
    assert executed(sshd, "/nonexistent").status in NO_PROGRAM


def test_images_are_verified_on_an_engine_that_is_reached_by_ssh(by_ssh: dict[str, str], verify: Verify) -> None:
    """Two of them: each call of the engine's API is a connection of its own, and makes itself known anew."""
    outcome = verify("--image=api", "--image=dashboard", "-n", "2", environment=by_ssh)
    assert outcome.status == 0, outcome.output
    assert outcome.red == set()
    assert f"at {by_ssh['DOCKER_HOST']};" in outcome.output
