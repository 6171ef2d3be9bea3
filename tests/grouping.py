"""Which changes of the tree can be looked at together, and still be told apart."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from catalogue import Case
from fixtures.inventory import TREE

#: So many of one image at the most: what is seen of more nobody reads.
TOGETHER = 20


def grouped(cases: Iterable[Case], root: Path) -> list[list[Case]]:
    """The cases in groups, each of which can be applied to one copy of the tree ``root``.

    No case undoes what another one of its group does. The mutants of a group violate requirements of their own, or of
    images of their own, and none violates what a near-miss beside it only seems to.
    """
    groups: list[list[Case]] = []
    for case in cases:
        # Of each image in a group there is one more to verify.
        fewest_more = sorted(groups, key=lambda group: len(set(case.images).difference(*(one.images for one in group))))
        fitting = next((group for group in fewest_more if _fits(case, group, root)), None)
        if fitting is None:
            groups.append([case])
        else:
            fitting.append(case)
    return groups


def _fits(case: Case, group: Sequence[Case], root: Path) -> bool:
    if case.looked_at != group[0].looked_at or any(_hides(case, other) for other in group):
        return False
    if any(sum(image in other.images for other in group) >= TOGETHER for image in case.images):
        return False
    if any(case.marks & (other.marks | other.spared) or case.spared & other.marks for other in group):
        return False
    return all(_independent(case, other, root) for other in group)


def _hides(case: Case, other: Case) -> bool:
    """May one of them keep the other from being seen? Of an image that is not built nothing is, of others all is."""
    if not (case.alone or other.alone):
        return False
    return case.engine_free or bool(set(case.images) & set(other.images) - {TREE})


def _independent(case: Case, other: Case, root: Path) -> bool:
    """Does each leave alone what the other one made, and find what it expects in whichever order?"""
    if not case.touched & other.touched:
        return True
    if case.made_anew & other.touched or other.made_anew & case.touched:
        return False
    return _applies([case, other], root) and _applies([other, case], root)


def _applies(cases: Sequence[Case], root: Path) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in {file for case in cases for file in case.touched if (root / file).is_file()}:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / file, folder / file)
        try:
            for case in cases:
                case.apply(folder)
        except AssertionError:
            return False
        return True
