"""Copies of the tree under test, to break."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures.builds import forget_images
from fixtures.documents import HARNESS

#: What verifications make at the top of a tree, and what builds make anywhere in it; not part of it.
MADE_AT_THE_TOP = {".conform", "reports"}
MADE = {"node_modules", "__pycache__", "dist"}
#: What is no part of a tree under test, because nothing but the harness itself reads it.
NOT_COPIED = {".conform", "reports", "tests", "bench", "fixtures", "suites", "node_modules", "__pycache__", "dist"}


@contextmanager
def copied(copy: Path) -> Iterator[Path]:
    """A copy of the tree, its git history included; the images made from it go with it."""
    shutil.copytree(HARNESS, copy, symlinks=True, ignore=_made)
    yield copy
    forget_images(copy.resolve())


def _made(folder: str, names: list[str]) -> set[str]:
    return set(names) & (MADE | MADE_AT_THE_TOP if Path(folder) == HARNESS else MADE)


def link_tree(tree: Path) -> None:
    """A copy of the tree under test whose files are hard links: they can be replaced, and must not be written to."""
    shutil.copytree(HARNESS, tree, symlinks=True, ignore=_not_copied, copy_function=_link)


def _not_copied(folder: str, names: list[str]) -> set[str]:
    return set(names) & NOT_COPIED


def _link(source: str, target: str) -> None:
    """Nothing writes to a file of a tree in place."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
