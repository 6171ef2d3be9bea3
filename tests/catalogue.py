"""The mutants and near-misses of mutants/ and near-misses/, read."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from editing import Edit
from fixtures.documents import read_yaml

HERE = Path(__file__).parent
#: What is in this folder is looked at without an engine, and only so.
ENGINE_FREE = "engine-free"
#: What is in this one is looked at where registries answer.
REGISTRIES = "registries"
#: Here by what runs the tree's own tools, without an engine.
HOST = "host"
#: And here by what needs all images at once.
WHOLE = "whole"


@dataclass(frozen=True)
class Case:
    """One change of the tree, and what is to be said of it."""

    id: str
    group: str  #: path of its file, without the suffix: "mutants/engine-free/blueprint"
    edits: tuple[Edit, ...]
    images: tuple[str, ...]  #: where it is looked at, "tree" for what is about no single image
    requirements: tuple[str, ...]  #: a mutant: those it violates, all of them; a near-miss: those it seems to violate
    why: str = ""  #: for readers
    alone: bool = False  #: others of its images cannot be seen beside it, or it beside them

    def __str__(self) -> str:
        """ "engine-free/blueprint/key-twice"."""
        return f"{self.group.partition('/')[2]}/{self.id}"

    @property
    def looked_at(self) -> str:
        """How: "engine-free", "host", "images", "registries" or "whole"."""
        return self.group.split("/")[1]

    @property
    def is_mutant(self) -> bool:
        return self.group.startswith("mutants/")

    @property
    def engine_free(self) -> bool:
        return self.looked_at in (ENGINE_FREE, HOST)

    @property
    def takes_registries(self) -> bool:
        return self.looked_at == REGISTRIES

    @property
    def marks(self) -> set[tuple[str, str]]:
        """Where a mutant is to be seen, and by which requirements; a near-miss is not to be seen."""
        return self._where if self.is_mutant else set()

    @property
    def spared(self) -> set[tuple[str, str]]:
        """Where a near-miss is to be looked at, and by which requirements."""
        return set() if self.is_mutant else self._where

    @property
    def _where(self) -> set[tuple[str, str]]:
        return {(image, id_) for image in self.images for id_ in self.requirements}

    @property
    def touched(self) -> set[str]:
        """The files that its edits read or change."""
        return {file for edit in self.edits for file in edit.touched}

    @property
    def made_anew(self) -> set[str]:
        """Those of which they leave nothing that others made of them."""
        return {file for edit in self.edits for file in edit.made_anew}

    def apply(self, tree: Path) -> None:
        for edit in self.edits:
            edit.apply(tree)


@dataclass
class _Entry:
    """A case as it stands in a file."""

    id: str
    images: list[str]
    edits: list[dict[str, Any]] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)  # a mutant's
    spares: list[str] = field(default_factory=list)  # a near-miss's
    why: str = ""
    alone: bool = False


@cache
def read(kind: str) -> tuple[Case, ...]:
    """All ``mutants`` or ``near-misses``. Raises Malformed, TypeError for an unknown field, AssertionError."""
    cases = [case for file in sorted((HERE / kind).rglob("*.yaml")) for case in _read_file(file)]
    twice = [id_ for id_, count in Counter(case.id for case in cases).items() if count > 1]
    assert not twice, f"two of {kind} have the id {twice}"
    return tuple(cases)


def _read_file(file: Path) -> list[Case]:
    group = str(file.relative_to(HERE).with_suffix(""))
    cases = []
    for fields in read_yaml(HERE, str(file.relative_to(HERE))).data:
        entry = _Entry(**fields)
        requirements = entry.breaks if group.startswith("mutants/") else entry.spares
        assert entry.edits, f"{entry.id} changes nothing"
        assert requirements, f"{entry.id} of {group} says of no requirement what becomes of it"
        edits = tuple(Edit(**one) for one in entry.edits)
        cases.append(Case(entry.id, group, edits, tuple(entry.images), tuple(requirements), entry.why, entry.alone))
    return cases
