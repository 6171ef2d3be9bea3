"""Look at changed trees, many at a time: who was accused, and of what."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
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
    """What was seen of a tree that the cases had changed."""

    cases: tuple[Case, ...]
    outcomes: tuple[Outcome, ...]

    def violated(self, case: Case) -> set[str]:
        """The requirements that were seen violated, but for what the other cases account for."""
        rest = {mark for other in self.cases if other is not case for mark in other.marks}
        return {id_ for image, ids in self.accused.items() for id_ in ids if (image, id_) not in rest}

    def red(self, case: Case) -> set[str]:
        """Where something failed or could not be looked at, but for what the other cases account for."""
        rest = {image for other in self.cases if other is not case for image, _ in other.marks} - set(case.images)
        return {image for outcome in self.outcomes for image in outcome.red} - rest

    def looked_at(self, case: Case) -> set[str]:
        """The requirements of which a check passed on an image of the case."""
        return {id_ for image in case.images for id_ in self._requirements("passed").get(image, ())}

    @property
    def as_told(self) -> bool:
        """Is every case seen as its file says?"""
        return all(
            (self.violated(case), self.red(case)) == (set(case.requirements), set(case.images))
            if case.is_mutant
            else not self.red(case) and set(case.requirements) <= self.looked_at(case)
            for case in self.cases
        )

    @property
    def accused(self) -> dict[str, set[str]]:
        """The requirements that were seen violated, by image."""
        return self._requirements("failed")

    @property
    def output(self) -> str:
        accused = {image: sorted(ids) for image, ids in sorted(self.accused.items())}
        said = [f"seen violated: {accused}", *(outcome.output[-6000:] for outcome in self.outcomes)]
        return "\n".join(said)

    def _requirements(self, state: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for check in [check for outcome in self.outcomes for check in outcome.checks if check["state"] == state]:
            found.setdefault(check["image"], set()).update(check["requirements"])
        return found


class Looking:
    """What is seen of cases; begun when it is made.

    They are looked at in groups (grouping.py). One of which not all is seen as told is looked at again, case by case:
    whatever else is said of a case than its file says was seen of it alone.
    """

    def __init__(self, pool: Pool, groups: Iterable[Sequence[Case]], folder: Path) -> None:
        self._seen: dict[Case, Future[Seen]] = {}
        self._pool = pool
        self._folders = (folder / str(number) for number in count())
        # What takes longest goes first.
        for group in sorted(groups, key=lambda group: group[0].engine_free):
            future = self._begin(group)
            self._seen |= dict.fromkeys(group, future)

    def of(self, case: Case) -> Seen:
        """Raises what looking at it raised."""
        seen = self._seen[case].result()
        if len(seen.cases) > 1 and not seen.as_told:
            self._seen |= {one: self._begin([one]) for one in seen.cases}
            seen = self._seen[case].result()
        return seen

    def _begin(self, group: Sequence[Case]) -> "Future[Seen]":
        return self._pool.submit(look_at, tuple(group), next(self._folders))


def look_at(server: ForkServer, cases: tuple[Case, ...], folder: Path) -> Seen:
    """Apply the cases to one tree, and verify it: without an engine, and if need be the images concerned with one."""
    narrowed = [["--static"]]
    if not cases[0].engine_free:
        images = sorted({image for case in cases for image in case.images} - {TREE}) or [CHEAPEST]
        narrowed += [[f"--image={image}" for image in images]]
    outcomes = []
    folder.mkdir()
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
    return Seen(cases, tuple(outcomes))


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
