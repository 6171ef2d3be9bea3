"""The same facts of the same image, checked by every tool: whole processes, and what a further check costs."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.facts import Facts, facts, falsified
from bench.measure import Spread, Table, seconds
from bench.peers import OURS, PEERS, Peer, written
from fixtures.commands import CouldNotVerify
from fixtures.containers import Containers
from fixtures.snapshots import read_snapshot

FEW, MANY = 40, 400
ROUNDS = 7
#: What takes minutes is not measured as often; the spread says how far that carries.
SLOW_SECONDS, SLOW_ROUNDS = 10.0, 3


class Missing(Exception):
    """A peer that cannot be had, or whose verdict cannot be trusted. The text says why."""


def compare(containers: Containers, image: str, say: Callable[[str], None]) -> tuple[list[Table], dict[str, object]]:
    """Measure all peers on ``image``, by id. Returns the tables, and the raw figures in seconds."""
    files = read_snapshot(image, containers.exported(image))
    passwd = containers.opened(image).root.file("/etc/passwd").content_string
    few, many = facts(files, passwd, FEW), facts(files, passwd, MANY)
    versions, missing = {}, {}
    for peer in PEERS:
        say(f"{peer.name}: does it find what is false?")
        try:
            versions[peer.name] = _trusted(peer, image, few)
        except (Missing, CouldNotVerify, OSError) as error:
            missing[peer.name] = " ".join(str(error).split())[:300]
    there = [peer for peer in PEERS if peer.name in versions]
    times = {count: _rounds(there, image, these, say) for count, these in ((FEW, few), (MANY, many))}
    raw = {"few": FEW, "many": MANY, "seconds": {n: {p: s.values for p, s in t.items()} for n, t in times.items()}}
    return [_table(times, versions, missing)], {**raw, "versions": versions, "missing": missing}


def _trusted(peer: Peer, image: str, true: Facts) -> str:
    """The peer's version, once it passed what is true and failed each of three things that are not."""
    version = peer.obtain()
    for number, these in enumerate([true, *falsified(true)]):
        with written(peer, these) as folder:
            verdict = peer.check(image, folder)
        wanted = peer.checks_of(these)
        if verdict.passed != (number == 0) or verdict.checked != wanted:
            raise Missing(
                f"checked {verdict.checked} of {wanted}, {'passed' if verdict.passed else 'failed'}: {verdict.said}"
            )
    return version


def _rounds(peers: list[Peer], image: str, these: Facts, say: Callable[[str], None]) -> dict[str, Spread]:
    """Seconds of whole processes. The tools take turns, so that a slow minute hits all of them."""
    found: dict[str, list[float]] = {peer.name: [] for peer in peers}
    with ExitStack() as stack:
        folders: dict[str, Path] = {peer.name: stack.enter_context(written(peer, these)) for peer in peers}
        for turn in range(ROUNDS):
            for peer in peers:
                before = found[peer.name]
                if turn >= SLOW_ROUNDS and before[0] > SLOW_SECONDS:
                    continue
                before.append(seconds(lambda peer=peer: peer.check(image, folders[peer.name])))  # type: ignore[misc]
            say(f"{len(these)} checks, round {turn + 1}: " + ", ".join(f"{n} {v[-1]:.2f} s" for n, v in found.items()))
    return {name: Spread(tuple(values)) for name, values in found.items()}


def _table(times: dict[int, dict[str, Spread]], versions: dict[str, str], missing: dict[str, str]) -> Table:
    few, many = times[FEW], times[MANY]
    rows = []
    for name, version in versions.items():
        further = (many[name].median - few[name].median) / (MANY - FEW)
        rows.append(
            (
                f"{name} {version}" if name != OURS else name,
                f"{few[name].median / few[OURS].median:.2f}x",
                f"{many[name].median / many[OURS].median:.2f}x",
                str(few[name]),
                str(many[name]),
                f"{further * 1000:.2f}",
            )
        )
    rows += [(name, "missing", "missing", why, "", "") for name, why in missing.items()]
    columns = (
        "tool",
        f"{FEW} checks, of ours",
        f"{MANY} checks, of ours",
        f"{FEW}, s",
        f"{MANY}, s",
        "a further one, ms",
    )
    notes = (
        "Whole processes: a container started from the image, looked at, and removed.",
        f"A further check is the difference of the medians, divided by {MANY - FEW}.",
        "Each tool passed the true facts, and failed each of three that were not, before it was measured.",
    )
    return Table("Equal checks on one image", columns, rows, notes)
