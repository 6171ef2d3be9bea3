"""What is measured side by side is the same for all, and a tool that checks nothing is not measured."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench import compare
from bench.facts import Facts, facts, falsified, read_facts
from bench.peers import OURS, PEERS, Verdict
from bench.report import markdown
from fixtures.commands import CouldNotVerify, Say
from fixtures.containers import Containers
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.entries import Entry
from fixtures.leftovers import clear
from fixtures.references import parse_reference
from fixtures.runs import begin
from fixtures.snapshots import Snapshot, read_snapshot
from fixtures.stand_ins import Workshop

OUR_PEER = next(peer for peer in PEERS if peer.name == OURS)


@pytest.fixture(scope="module")
def looked_at(engine: Engine, say: Say) -> Iterator[tuple[str, Facts]]:
    """An image, by id, and forty facts of it."""
    run = begin()
    with engine.client() as client:
        image = str(client.images.get(Workshop(client, say, run).make(parse_reference("debian:trixie-slim"))).id)
        containers = Containers(engine, client, run)
        try:
            files = read_snapshot(image, containers.exported(image))
            yield image, facts(files, containers.opened(image).root.file("/etc/passwd").content_string, 40)
        finally:
            clear(client, lambda thing: thing.run.id == run.id)


def test_facts_are_as_many_as_asked_for() -> None:
    """There are few users: files take the place of those that are missing."""
    files = Snapshot(Entry(f"/usr/{number:04}", "file", 0o644, 0, 0, 0, "", "") for number in range(1000))
    some, more = (facts(files, "root:x:0:0:root:/root:/bin/bash\n", count) for count in (40, 400))
    assert (len(some), len(some.users), len(some.commands)) == (40, 4, 10)
    assert (len(more), len({one.path for one in more.files})) == (400, 296)
    assert read_facts(more.as_json()) == more


@pytest.mark.parametrize("peer", [one for one in PEERS if one.name != "container-structure-test"], ids=lambda p: p.name)
def test_tool_passes_what_is_true_and_fails_what_is_not(looked_at: tuple[str, Facts], peer) -> None:
    """container-structure-test takes a container a command, and is tried before each measurement."""
    assert compare._trusted(peer, *looked_at)


def test_tool_that_finds_nothing_false_is_not_measured(looked_at: tuple[str, Facts]) -> None:
    blind = replace(OUR_PEER, check=lambda image, folder: Verdict(40, True, "all is well"))
    with pytest.raises(compare.Missing, match="checked 40 of 40, passed: all is well"):
        compare._trusted(blind, *looked_at)


def test_tool_that_leaves_checks_out_is_not_measured(looked_at: tuple[str, Facts]) -> None:
    lazy = replace(OUR_PEER, check=lambda image, folder: Verdict(39, True, "39 passed"))
    with pytest.raises(compare.Missing, match="checked 39 of 40"):
        compare._trusted(lazy, *looked_at)


def test_tool_that_cannot_be_had_is_named(
    engine: Engine, looked_at: tuple[str, Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    def obtain() -> str:
        raise CouldNotVerify("there is no such package")

    monkeypatch.setattr(compare, "PEERS", [OUR_PEER, replace(OUR_PEER, name="gone", obtain=obtain)])
    monkeypatch.setattr(compare, "ROUNDS", 1)
    run = begin()
    with engine.client() as client:
        try:
            tables, figures = compare.compare(Containers(engine, client, run), looked_at[0], lambda line: None)
        finally:
            clear(client, lambda thing: thing.run.id == run.id)
    assert figures["missing"] == {"gone": "there is no such package"}
    assert "| gone | missing | missing | there is no such package |" in markdown(tables, {}, [])


def test_cases_leave_testinfra_to_the_thread_that_opens_the_container() -> None:
    """Two threads that import it at once may wait for each other."""
    cases = "import bench.checks.conftest, bench.checks.test_facts, sys; sys.exit('testinfra' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", cases], cwd=HARNESS, check=False).returncode == 0


def test_each_false_fact_is_one_alone(looked_at: tuple[str, Facts]) -> None:
    _, true = looked_at
    for these in falsified(true):
        kinds = ((true.files, these.files), (true.users, these.users), (true.commands, these.commands))
        assert sorted(len(set(a) ^ set(b)) for a, b in kinds) == [0, 0, 2]
