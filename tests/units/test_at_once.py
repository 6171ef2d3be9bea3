"""What failed is said when it fails, and once."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest


@pytest.fixture(scope="module")
def broken():
    raise OSError("the engine went away")


def test_one(broken): ...


def test_another(broken): ...


def test_third():
    assert 1 == 2


def test_last(): ...
"""
CONFTEST = """
from at_once import AtOnce


def pytest_sessionstart(session):
    session.config.pluginmanager.register(AtOnce(session.config.pluginmanager.getplugin("terminalreporter")))
"""


def test_failures_are_said_between_the_dots(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir=.", "."],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    during, _, summary = done.stdout.partition("= ERRORS =")
    assert summary, done.stdout + done.stderr
    assert during.count("the engine went away") == 2  # the line that raises it, and what it raised
    assert "test_it.py::test_one (setup):" in during
    assert "test_another (setup)" not in during
    assert "test_it.py::test_third (call):" in during
    assert "assert 1 == 2" in during
    assert "test_last" not in during
