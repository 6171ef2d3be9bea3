"""What the harness's own tests stand on: copies of the tree, and verifications of them."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from at_once import AtOnce
from fixtures.commands import Say
from fixtures.documents import HARNESS
from fixtures.engine import Engine, bring_up
from fork_server import pool
from grouping import grouped
from kill_matrix import KillMatrix
from teeth import Looking
from trees import copied
from verification import Verify

pytest_plugins = ["browsers"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--one-by-one", action="store_true", help="every mutant and near-miss in a tree of its own")


def pytest_configure(config: pytest.Config) -> None:
    # A self-test in the background of a script ignores it, and so would the runs that are interrupted here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(KillMatrix())


def pytest_sessionstart(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.getplugin("terminalreporter")
    if terminal:
        session.config.pluginmanager.register(AtOnce(terminal))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those mutants that take registries come before the others, which are looked at beside them."""
    moved = [item for item in items if item.path.name == "test_registries.py"]
    rest = [item for item in items if item not in moved]
    where = next((number for number, item in enumerate(rest) if item.path.name == "test_mutants.py"), len(rest))
    items[:] = [*rest[:where], *moved, *rest[where:]]


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
    """A copy of the tree, to break."""
    with copied(tmp_path / "tree") as copy:
        yield copy


@pytest.fixture
def other_tree(tmp_path: Path) -> Iterator[Path]:
    """Another copy."""
    with copied(tmp_path / "other-tree") as copy:
        yield copy


@pytest.fixture
def verify(tree: Path, tmp_path: Path) -> Verify:
    """Runs ./conform on the copy of the tree."""
    return Verify(tree, tmp_path / "reports")


@pytest.fixture(scope="session")
def looking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looking]:
    """At all cases that this run was asked for, but for those that take registries; begun when the first asks."""
    asked = [item.callspec.params["case"] for item in request.session.items if "looking" in item.fixturenames]
    chosen = [case for case in asked if not case.takes_registries]
    one_by_one = request.config.option.one_by_one
    groups = [[case] for case in chosen] if one_by_one else grouped(chosen, HARNESS)
    with pool() as servers:
        yield Looking(servers, groups, tmp_path_factory.mktemp("looking"))
