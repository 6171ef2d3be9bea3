"""The Node services' own tests pass. They need nothing installed but node."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fixtures.documents import HARNESS

TESTS = sorted((HARNESS / "packages/service-node/test").glob("*.test.js"))


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_node_has_nothing_to_say(file: Path) -> None:
    node = shutil.which("node")
    assert node, "there is no node on this machine; it takes version 20 or newer"
    done = subprocess.run(
        [node, "--test", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert done.returncode == 0, done.stdout


def test_there_is_something_to_run() -> None:
    assert TESTS
