"""What must hold between the register, the list of required tests, and the suites of a tree."""

from pathlib import Path

from collecting import collect
from fixtures.inventory import Inventory
from fixtures.register import REGISTER, REQUIRED_TESTS, read_register, read_required_tests


def problems(tree: Path) -> list[str]:
    """What does not hold, a sentence each, with what to do. Collects the suites of ``tree`` with pytest.

    Raises CouldNotVerify where the register or the list cannot be read.
    """
    register, required, collected = read_register(tree), read_required_tests(tree), collect(tree)
    implemented = {one.id for one in register.requirements.values() if one.state == "implemented"}
    named = {id_: test for test, ids in collected.items() for id_ in ids}
    found = []
    for test in sorted(set(required) - set(collected)):
        found.append(
            f"{test} is required and is not there: bring it back, or take its line out of {REQUIRED_TESTS}, "
            "where a reviewer sees that it went"
        )
    for test, ids in sorted(collected.items()):
        if not ids:
            found.append(f'{test} names no requirement: put @requirement("...") above it, with an id of {REGISTER}')
        elif test not in required:
            found.append(f"{test} is not in {REQUIRED_TESTS}: add the line  {test} {' '.join(ids)}")
        elif tuple(ids) != required[test]:
            found.append(
                f"{test} verifies {' '.join(ids)}, and {REQUIRED_TESTS} says {' '.join(required[test])}: "
                "make the two say the same"
            )
    for id_, test in sorted(named.items()):
        if id_ not in register.requirements:
            found.append(f"{test} names {id_}, which is not in {REGISTER}: correct the id, or write the clause down")
        elif id_ not in implemented:
            state = register.requirements[id_].state
            found.append(f"{test} names {id_}, which is {state} by {REGISTER}: set state: implemented")
    for id_ in sorted(implemented - set(named)):
        level = register.requirements[id_].level
        found.append(f"{id_} ({level}) is implemented by {REGISTER}, and no test names it: write one, or say planned")
    found += _numbering(list(register.requirements))
    too_new = [one.id for one in register.requirements.values() if one.since > register.version]
    found += [f"{id_} is newer than the register: raise version in {REGISTER}" for id_ in too_new]
    return found


def unconcerned(tree: Path, inventory: Inventory) -> list[str]:
    """Requirements whose ``concerns`` names something that the inventory does not have."""
    families = {image.family.name for image in inventory.images.values()}
    known = {"all", "tree", *inventory.images, *families, *(one.kind for one in inventory.services.values())}
    return [
        f"{one.id} concerns {selector}, which the inventory does not have"
        for one in read_register(tree).requirements.values()
        for selector in one.concerns
        if not {selector if isinstance(selector, str) else next(iter(selector.values()))} <= known
    ]


def _numbering(ids: list[str]) -> list[str]:
    """Ids that leave a gap behind: a number that is missing was somebody's clause."""
    found = []
    for before, after in zip(["D0-00", *ids], ids, strict=False):
        decision, number = after.split("-")
        expected = int(before.split("-")[1]) + 1 if before.startswith(decision) else 1
        if int(number) != expected:
            found.append(
                f"{after} follows {before} in {REGISTER}: {decision}-{expected:02} was taken out; an id never is"
            )
    return found
