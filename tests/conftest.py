"""What the harness's own tests stand on: copies of the tree, and verifications of them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.builds import forget_images
from fixtures.commands import Say
from fixtures.documents import HARNESS
from fixtures.engine import Engine, bring_up
from kill_matrix import KillMatrix
from verification import Verify

#: What verifications make at the top of a tree, and what builds make anywhere in it; not part of it.
MADE_AT_THE_TOP = {".conform", "reports"}
MADE = {"node_modules", "__pycache__", "dist"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--one-by-one", action="store_true", help="every mutant and near-miss in a tree of its own")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(KillMatrix())


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Say:
    """Shows progress past pytest's capturing: bringing up an engine takes a while."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def show(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{line}", flush=True)

    return show


@pytest.fixture(scope="session")
def engine(say: Say) -> Engine:
    """The engine that the images under test are built on."""
    return bring_up(say)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """A copy of the tree, its git history included, to break; the images made from it go with it."""
    with _copied(tmp_path / "tree") as copy:
        yield copy


@pytest.fixture
def other_tree(tmp_path: Path) -> Iterator[Path]:
    """Another copy."""
    with _copied(tmp_path / "other-tree") as copy:
        yield copy


@contextmanager
def _copied(copy: Path) -> Iterator[Path]:
    shutil.copytree(HARNESS, copy, symlinks=True, ignore=_made)
    yield copy
    forget_images(copy.resolve())


def _made(folder: str, names: list[str]) -> set[str]:
    return set(names) & (MADE | MADE_AT_THE_TOP if Path(folder) == HARNESS else MADE)


@pytest.fixture
def verify(tree: Path, tmp_path: Path) -> Verify:
    """Runs ./conform on the copy of the tree."""
    return Verify(tree, tmp_path / "reports")
