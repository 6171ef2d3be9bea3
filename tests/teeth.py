"""Look at changed trees, many at a time: who was accused, and of what."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalogue import Case
from fixtures.builds import forget_images
from fixtures.documents import HARNESS
from fixtures.inventory import TREE
from fork_server import ForkServer, Pool
from verification import Outcome

#: What is no part of a tree under test, because nothing but the harness itself reads it.
NOT_COPIED = {".conform", "reports", "tests", "bench", "fixtures", "suites", "node_modules", "__pycache__", "dist"}
#: The image to build where none is concerned, but only the tree.
CHEAPEST = "backup-nightly"


@dataclass(frozen=True)
class Seen:
    """What was seen of a changed tree."""

    outcomes: tuple[Outcome, ...]

    @property
    def accused(self) -> dict[str, set[str]]:
        """The requirements that were seen violated, by image."""
        return self._requirements("failed")

    @property
    def red(self) -> set[str]:
        return {image for outcome in self.outcomes for image in outcome.red}

    @property
    def passed(self) -> dict[str, set[str]]:
        """The requirements of which a check passed, by image."""
        return self._requirements("passed")

    @property
    def output(self) -> str:
        return "\n".join(outcome.output[-6000:] for outcome in self.outcomes)

    def _requirements(self, state: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for check in [check for outcome in self.outcomes for check in outcome.checks if check["state"] == state]:
            found.setdefault(check["image"], set()).update(check["requirements"])
        return found


class Looking:
    """What is seen of cases, each group of which is applied to a tree of its own; begun when it is made."""

    def __init__(self, pool: Pool, groups: Sequence[Sequence[Case]], folder: Path) -> None:
        self._seen: dict[str, Future[Seen]] = {}
        # What takes longest goes first.
        for number, cases in enumerate(sorted(groups, key=lambda cases: cases[0].engine_free)):
            future = pool.submit(look_at, cases, folder / str(number))
            self._seen |= {case.id: future for case in cases}

    def of(self, case: Case) -> Seen:
        """Raises what looking at it raised."""
        return self._seen[case.id].result()


def look_at(server: ForkServer, cases: Sequence[Case], folder: Path) -> Seen:
    """Apply the cases to one tree, and verify it: without an engine, and if need be the images concerned with one."""
    narrowed = [["--static"]]
    if not cases[0].engine_free:
        images = sorted({image for case in cases for image in case.images} - {TREE}) or [CHEAPEST]
        narrowed += [[f"--image={image}" for image in images]]
    outcomes = []
    with linked_tree(folder / "tree") as tree:
        for case in cases:
            case.apply(tree)
        for number, arguments in enumerate(narrowed):
            reports = folder / f"reports-{number}"
            ended, said = server.run(tree, reports, *arguments)
            report = reports / "conformance.json"
            outcomes.append(Outcome(ended.status, said, json.loads(report.read_text()) if report.is_file() else {}))
        if not cases[0].engine_free:
            forget_images(tree.resolve())
    return Seen(tuple(outcomes))


@contextmanager
def linked_tree(tree: Path) -> Iterator[Path]:
    """A copy of the tree under test whose files are hard links: they can be replaced, and must not be written to."""
    shutil.copytree(HARNESS, tree, symlinks=True, ignore=_not_copied, copy_function=_link)
    yield tree
    shutil.rmtree(tree)  # where something went wrong it stays, to look at


def _not_copied(folder: str, names: list[str]) -> set[str]:
    return set(names) & NOT_COPIED


def _link(source: str, target: str) -> None:
    """Nothing writes to a file of a tree in place."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
