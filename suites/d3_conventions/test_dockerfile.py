"""How a Dockerfile is made. Only what cannot be seen on the image is read from the text."""

from itertools import takewhile

import pytest

from fixtures.builds import Build
from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile, Instruction, installs
from fixtures.inventory import Image
from fixtures.layers import ImageContent

SHELLS = {"sh", "bash", "dash"}
#: Mounts that carry nothing secret: a cache for speed, the context, or a file system in memory.
PUBLIC_MOUNTS = {"cache", "bind", "tmpfs"}


@requirement("D3-02")
def test_dockerfile_has_the_stages_of_its_family(image: Image, dockerfile: Dockerfile, expect: Expect) -> None:
    """Builder and runtime, so that no build tool is shipped; bash needs no builder."""
    expect(
        "the number of stages with instructions",
        len(dockerfile.working_stages),
        image.family.stages,
        look_at=dockerfile.name,
        mend="a builder and a runtime stage for Python and Node, one stage for the backup",
    )


@requirement("D3-19")
def test_dockerfile_has_no_syntax_line(dockerfile: Dockerfile, expect: Expect) -> None:
    """It would make BuildKit pull a frontend that no digest pins."""
    expect(
        "it has a syntax directive",
        "syntax" in dockerfile.directives,
        False,
        look_at=f"{dockerfile.name}:1",
        mend="take the line out; the built-in frontend does all that is needed",
    )


@requirement("D3-10")
def test_start_command_is_in_exec_form(dockerfile: Dockerfile, expect: Expect) -> None:
    """The shell form puts a shell in front, which keeps the signals for itself. bash hides that by
    replacing itself with a single command, so the running container alone does not tell."""
    starts = [one for one in dockerfile.final.instructions if one.keyword in ("CMD", "ENTRYPOINT")]
    expect("it has a start command", bool(starts), True, look_at=dockerfile.name, mend='end with CMD ["program", ...]')
    expect.none(
        "start commands in shell form",
        [dockerfile.line(one) for one in starts if one.exec_form is None],
        look_at=dockerfile.at("CMD", "ENTRYPOINT"),
        mend='write it as CMD ["program", "argument"]',
    )


@requirement("D3-10")
def test_start_command_names_no_shell(
    built: Build, content: ImageContent, dockerfile: Dockerfile, expect: Expect
) -> None:
    """Read from the image: exec form around `sh -c` is the shell form again."""
    command = [*(content.config.get("Entrypoint") or []), *(content.config.get("Cmd") or [])]
    expect(
        "it starts through a shell",
        evaluates_a_line(command),
        False,
        look_at=dockerfile.at("CMD", "ENTRYPOINT"),
        mend='write it as CMD ["program", "argument"]',
    )


def evaluates_a_line(command: list[str]) -> bool:
    """Is there a shell in it with -c among its options? Node's own entry point, for one, may stand in front."""
    for index, word in enumerate(command):
        if word.rpartition("/")[2] in SHELLS:
            options = takewhile(lambda option: option.startswith("-"), command[index + 1 :])
            return any("c" in option for option in options if not option.startswith("--"))
    return False


@requirement("D3-13")
def test_dockerfile_has_no_health_check(dockerfile: Dockerfile, expect: Expect) -> None:
    """Render does not read it; the one in the blueprint counts, and two can contradict each other."""
    checks = [one for one in dockerfile.instructions if one.keyword == "HEALTHCHECK" and one.words != ["NONE"]]
    expect.none(
        "HEALTHCHECK instructions",
        [dockerfile.line(one) for one in checks],
        look_at=dockerfile.at("HEALTHCHECK"),
        mend="take it out, and set healthCheckPath in infra/render/render.yaml",
    )


@requirement("D3-13")
def test_image_has_no_health_check(content: ImageContent, dockerfile: Dockerfile, expect: Expect) -> None:
    """Read from the image: a base could bring one along."""
    expect(
        "its health check",
        content.config.get("Healthcheck"),
        None,
        look_at=dockerfile.at("HEALTHCHECK", "FROM"),
        mend="HEALTHCHECK NONE, if it comes from the base",
    )


@requirement("D3-16")
@pytest.mark.images(family="python")
def test_uv_installs_through_a_cache_mount(dockerfile: Dockerfile, expect: Expect) -> None:
    """Without it every change of a lock downloads all packages again."""
    check_cache_mounts("uv", dockerfile, expect)


@requirement("D3-16")
@pytest.mark.images(family="node")
def test_pnpm_installs_through_a_cache_mount(dockerfile: Dockerfile, expect: Expect) -> None:
    """Without it every change of a lock downloads all packages again."""
    check_cache_mounts("pnpm", dockerfile, expect)


def check_cache_mounts(installer: str, dockerfile: Dockerfile, expect: Expect) -> None:
    """Every RUN that installs with ``installer`` has a cache mount, and there is such a RUN."""
    found = [one for one in dockerfile.instructions if any(installs(words, installer) for words in one.commands)]
    expect(
        f"it installs with {installer}",
        bool(found),
        True,
        look_at=dockerfile.name,
        mend=f"install the lock with {installer} in the builder",
    )
    expect.none(
        "installs without a cache mount",
        [dockerfile.line(one) for one in found if "cache" not in mount_types(one)],
        look_at=dockerfile.name,
        mend="RUN --mount=type=cache,target=... in front of the install",
    )


@requirement("D3-17")
def test_mounts_carry_no_secrets(dockerfile: Dockerfile, expect: Expect) -> None:
    """Cache mounts are there for speed; a build that needs a secret is a build that cannot be public."""
    expect.none(
        "mounts of another type than cache, bind and tmpfs",
        [dockerfile.line(one) for one in dockerfile.instructions if mount_types(one) - PUBLIC_MOUNTS],
        look_at=dockerfile.name,
        mend="take the mount out, and what needs it to run time",
    )


def mount_types(instruction: Instruction) -> set[str]:
    """Types of the mounts of a RUN; bind where none is given."""
    return {mount.get("type", "bind") for mount in instruction.mounts}
