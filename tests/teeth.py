"""Look at changed trees, many at a time: who was accused, and of what."""

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock

from catalogue import HOST, WHOLE, Case
from fixtures.builds import forget_images
from fixtures.inventory import TREE
from fork_server import ForkServer, Pool
from kill_matrix import key
from trees import link_tree
from verification import Outcome

#: The image to build where none is concerned, but only the tree.
CHEAPEST = "dashboard"
#: How a tree is looked at without an engine, and by what runs its own tools.
STATIC, BY_HOST = ("--static",), ("--static", "-m", "host")
#: What takes longer than all else that an image is looked at by, and what it verifies: it is done where a case
#: speaks of that.
LASTING = {
    "backup": {"D1-15", "D1-17", "D3-26", "D6-15", "D6-19", "D6-20", "D6-22"},
    "at_work": {"D6-24", "D6-26", "D6-27"},
    "dev": {"D4-17", "D4-18"},
}
#: What a service that never starts, or never stops, violates: it is waited for until its time is over.
STARTS_AND_STOPS = "D3-12"
#: How long verifications take, in seconds, about.
LONG, SOME, SHORT = 30, 5, 1


@dataclass(frozen=True)
class Seen:
    """What was seen of a tree that the cases had changed."""

    cases: tuple[Case, ...]
    outcomes: tuple[Outcome, ...]

    def violated(self, case: Case) -> set[str]:
        """The requirements that were seen violated, but for what the other cases account for."""
        rest = self._of_others(case)
        return {id_ for image, ids in self.accused.items() for id_ in ids if (image, id_) not in rest}

    def red(self, case: Case) -> set[str]:
        """Where something failed or could not be looked at, but for what the other cases account for."""
        rest = self._of_others(case)
        # A mutant may keep more of its image from being looked at. A near-miss would not be seen there.
        clouded = {image for image, _ in rest} - set(case.images)
        red = {(image, id_) for state in ("failed", "error") for image, ids in self._in(state).items() for id_ in ids}
        return {image for image, _ in (red if case.is_mutant else red - rest)} - clouded

    def looked_at(self, case: Case) -> set[str]:
        """The requirements of which a check passed on an image of the case."""
        return {id_ for image in case.images for id_ in self._in("passed").get(image, ())}

    def record(self, case: Case, record_property: Callable[[str, object], None]) -> None:
        """For the kill matrix."""
        record_property("case", key(case))
        record_property("beside", [key(other) for other in self.cases if other is not case])
        record_property("accused", sorted(self.violated(case)))

    @property
    def as_told(self) -> bool:
        """Is every case seen as its file says?"""
        return all(
            (self.violated(case), self.red(case)) == (set(case.requirements), set(case.images))
            if case.is_mutant
            else not (self.violated(case) or self.red(case)) and set(case.requirements) <= self.looked_at(case)
            for case in self.cases
        )

    @property
    def accused(self) -> dict[str, set[str]]:
        """The requirements that were seen violated, by image."""
        return self._in("failed")

    @property
    def output(self) -> str:
        accused = {image: sorted(ids) for image, ids in sorted(self.accused.items())}
        said = [f"seen violated: {accused}", *(outcome.output[-6000:] for outcome in self.outcomes)]
        return "\n".join(said)

    def _of_others(self, case: Case) -> set[tuple[str, str]]:
        return {mark for other in self.cases if other is not case for mark in other.marks}

    def _in(self, state: str) -> dict[str, set[str]]:
        """The requirements with a check in that state, by image."""
        found: dict[str, set[str]] = {}
        for check in [check for outcome in self.outcomes for check in outcome.checks if check["state"] == state]:
            found.setdefault(check["image"], set()).update(check["requirements"])
        return found


class Looking:
    """What is seen of cases; begun when it is made.

    They are looked at in groups (grouping.py). One of which not all is seen as told is looked at again in halves, and
    so on: whatever else is said of a case than its file says was seen of it alone.
    """

    def __init__(self, pool: Pool, groups: Iterable[Sequence[Case]], folder: Path) -> None:
        self._pool = pool
        self._folders = (folder / str(number) for number in count())
        self._looks: dict[Case, Look] = {}
        self._begin(groups)

    def of(self, case: Case) -> Seen:
        """Raises what looking at it raised."""
        seen = self._looks[case].seen()
        while len(seen.cases) > 1 and not seen.as_told:
            self._begin(halves(seen.cases))
            seen = self._looks[case].seen()
        return seen

    def _begin(self, groups: Iterable[Sequence[Case]]) -> None:
        looks = [Look(tuple(group), next(self._folders)) for group in groups]
        # What takes longest goes first.
        for seconds in (LONG, SOME, SHORT):
            for look in looks:
                look.begin(self._pool, seconds)
        self._looks |= {case: look for look in looks for case in look.cases}


def lasting(cases: Iterable[Case]) -> list[str]:
    """What of LASTING they speak of."""
    named = {id_ for case in cases for id_ in case.requirements}
    return [marker for marker, ids in LASTING.items() if ids & named]


def left_out(cases: Iterable[Case]) -> list[str]:
    """The rest of it, as pytest is told."""
    done = lasting(cases)
    return [f"not {marker}" for marker in LASTING if marker not in done]


def halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Of one image stay together: what is to be verified again is least then."""
    ordered = sorted(cases, key=lambda case: case.images)
    middle = len(ordered) // 2
    return ordered[:middle], ordered[middle:]


class Look:
    """One tree with the cases applied, and its verifications: one without an engine, and one of each image concerned,
    or of all at once.

    The tree is made for the first of them and goes with the last.
    """

    def __init__(self, cases: tuple[Case, ...], folder: Path) -> None:
        self.cases = cases
        self._folder = folder
        self._tree = folder / "tree"
        self._verifications: dict[tuple[str, ...], int] = {STATIC: SHORT}
        if cases[0].looked_at == HOST:
            self._verifications[BY_HOST] = LONG
        elif cases[0].looked_at == WHOLE:
            self._verifications["-m", " and ".join(["whole", *left_out(cases)])] = LONG
        elif not cases[0].engine_free:
            for image in sorted({image for case in cases for image in case.images} - {TREE}) or [CHEAPEST]:
                its = [case for case in cases if image in case.images]
                waited_for = any((image, STARTS_AND_STOPS) in case.marks for case in its)
                options = (f"--image={image}", "-m", " and ".join(["not large", *left_out(its)]))
                self._verifications[options] = LONG if waited_for or lasting(its) else SOME
        self._outcomes: list[Future[Outcome]] = []
        self._left = len(self._verifications)
        self._lock = Lock()

    def begin(self, pool: Pool, seconds: int) -> None:
        """Have those of its verifications done that take so long."""
        for number, (options, takes) in enumerate(self._verifications.items()):
            if takes == seconds:
                self._outcomes.append(pool.submit(self._verify, options, self._folder / f"reports-{number}"))

    def seen(self) -> Seen:
        """Waits for all of them. Raises what one of them raised."""
        return Seen(self.cases, tuple(outcome.result() for outcome in self._outcomes))

    def _verify(self, server: ForkServer, options: tuple[str, ...], reports: Path) -> Outcome:
        with self._lock:
            if not self._folder.exists():
                self._folder.mkdir()
                link_tree(self._tree)
                for case in self.cases:
                    case.apply(self._tree)
        ended, said = server.run(self._tree, reports, *options)
        report = reports / "conformance.json"
        outcome = Outcome(ended.status, said, json.loads(report.read_text()) if report.is_file() else {})
        with self._lock:
            self._left -= 1
            if not self._left:  # where something went wrong the tree stays, to look at
                if not self.cases[0].engine_free:
                    forget_images(self._tree.resolve())
                shutil.rmtree(self._tree)
        return outcome
