"""A broken tree turns red: the right images, for the right requirement, with a message to mend it from."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from editing import edit
from fixtures.inventory import read_inventory
from verification import Verify

MUTANTS = yaml.safe_load((Path(__file__).parent / "mutants" / "slips.yaml").read_text())


@dataclass(frozen=True)
class Edit:
    """One change of a file: text that stands there once is replaced, or the file is written."""

    file: str
    replace: str = ""
    by: str = ""
    write: str = ""

    def apply(self, tree: Path) -> None:
        if self.write:
            (tree / self.file).write_text(self.write)
        else:
            edit(tree, self.file, self.replace, self.by)


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant["id"] for mutant in MUTANTS])
def test_mutant_is_killed(mutant: dict, tree: Path, verify: Verify) -> None:
    for change in mutant["edits"]:
        Edit(**change).apply(tree)

    # What needs an engine on the images concerned and on one that is not; what needs none on all of them.
    running = verify("-n", str(os.cpu_count()), *narrowed_to(tree, mutant["images"]))
    static = verify("--static")

    assert running.status == 1, running.output
    assert running.red == set(mutant["images"]), running.output
    assert running.violated == set(mutant["breaks"]), running.output
    assert static.red <= set(mutant["images"]), static.output
    for violation in running.violations:
        message = violation["message"]
        assert message.startswith(f"{' '.join(violation['requirements'])} {violation['subject']}: "), message
        assert all(part in message for part in ("expected", "look at", "mend")), message


def narrowed_to(tree: Path, concerned: list[str]) -> list[str]:
    """Options for the images among ``concerned`` and for the first one that is not."""
    images = read_inventory(tree).images
    control = next(name for name in images if name not in concerned)
    return [f"--image={name}" for name in images if name in concerned or name == control]
