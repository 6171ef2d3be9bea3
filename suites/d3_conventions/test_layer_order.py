"""What changes often lies above what takes long."""

from pathlib import PurePosixPath

import pytest

from fixtures.buildkit import Step
from fixtures.claims import Expect, requirement
from fixtures.commands import CouldNotVerify
from fixtures.dockerfiles import Dockerfile, Instruction, installs
from fixtures.subjects import Rebuild

#: What says which packages to install. Everything else in a build is source.
MANIFESTS = {"requirements.txt", "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"}


@requirement("D3-18")
@pytest.mark.images(stages=2)
def test_changed_source_installs_nothing_again(rebuild: Rebuild, dockerfile: Dockerfile, expect: Expect) -> None:
    """Built again, from another commit with other source and the same locks; BuildKit says what it had to do."""
    wanted = [one for one in dockerfile.instructions if any(map(installs, one.commands))]
    if not wanted:
        raise CouldNotVerify(f"{dockerfile.name} installs nothing")
    steps = rebuild(is_source, lambda ended: all_are_in(wanted, ended) and bool(carried_out(ended)))
    if not all_are_in(wanted, steps) or not carried_out(steps):
        told = steps[-1].error or ", ".join(step.name[:60] for step in steps)
        raise CouldNotVerify(f"the build ended before it came to the source: {told}")
    expect.none(
        "installs that a changed source file sets off",
        [dockerfile.line(one) for one in wanted if any(is_of(step, one) for step in carried_out(steps))],
        look_at="; ".join(dockerfile.line(one) for one in wanted),
        mend="copy the lock first, install, and only then copy the source; ARG RENDER_GIT_COMMIT below that",
    )


def is_source(path: str) -> bool:
    """Is the file no lock and no manifest?"""
    return PurePosixPath(path).name not in MANIFESTS and not path.startswith(".git/")


def carried_out(steps: list[Step]) -> list[Step]:
    """The instructions that did not come from the cache."""
    return [step for step in steps if step.is_instruction and not step.cached]


def all_are_in(instructions: list[Instruction], steps: list[Step]) -> bool:
    """Has each instruction ended?"""
    return all(any(is_of(step, one) for step in steps) for one in instructions)


def is_of(step: Step, instruction: Instruction) -> bool:
    """BuildKit names a step by its image, stage and number, and the instruction as it is written."""
    written = f"{instruction.keyword} {instruction.value}"
    return step.is_instruction and " ".join(step.name.partition("] ")[2].split()) == " ".join(written.split())
