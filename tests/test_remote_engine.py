"""Nothing of a verification depends on where the engine is: it is reached by its address alone."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest

from fixtures.engine import Engine
from second_engine import copy_images, second_engine
from verification import Verify


@pytest.fixture
def remote(engine: Engine) -> Iterator[str]:
    """A second engine, which knows no image but the bases' stand-ins, on loopback without a socket in any folder."""
    if shutil.which("dockerd") is None or os.geteuid():
        pytest.skip("a second engine takes dockerd, and root")
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with second_engine(port) as host:
        copy_images(stand_ins, host)
        yield host


def test_whole_suite_passes_on_an_engine_that_is_reached_by_tcp(remote: str, verify: Verify) -> None:
    outcome = verify("-n", "2", environment={"DOCKER_HOST": remote})
    assert outcome.status == 0, outcome.output
    assert outcome.red == set()
    assert f"at {remote};" in outcome.output
    ids = " ".join(image["id"] for image in outcome.report["images"].values())
    local = subprocess.run(["docker", "image", "ls", "--no-trunc", "--quiet"], capture_output=True, text=True).stdout
    assert not set(ids.split()) & set(local.split()), "what was verified was built on the first engine"
