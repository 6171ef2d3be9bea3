"""Which changes of the tree can be looked at together, and still be told apart."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from catalogue import Case
from fixtures.inventory import TREE

#: So many of one image at the most: what is seen of more nobody reads.
TOGETHER = 20
#: Of so many images at the most: they are looked at one after the other.
IMAGES = 3


def grouped(cases: Iterable[Case], root: Path) -> list[list[Case]]:
    """The cases in groups, each of which can be applied to one copy of the tree ``root``.

    No case undoes what another one of its group does, and the mutants of a group violate requirements of their own,
    or of images of their own.
    """
    groups: list[list[Case]] = []
    for case in cases:
        fitting = next((group for group in groups if _fits(case, group, root)), None)
        if fitting is None:
            groups.append([case])
        else:
            fitting.append(case)
    return groups


def _fits(case: Case, group: Sequence[Case], root: Path) -> bool:
    if case.alone or group[0].alone or case.folder != group[0].folder:
        return False
    if any(sum(image in other.images for other in group) >= TOGETHER for image in case.images):
        return False
    images = {image for one in (case, *group) for image in one.images} - {TREE}
    if len(images) > IMAGES and not case.engine_free:
        return False
    if any(case.marks & other.marks for other in group):
        return False
    return all(_independent(case, other, root) for other in group)


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
