"""Render builds every image from the repository's own Dockerfile."""

from pathlib import Path

from fixtures.builds import Build
from fixtures.claims import Expect, requirement
from fixtures.commands import CouldNotVerify
from fixtures.inventory import Image


@requirement("D1-01")
def test_image_is_built_from_its_dockerfile(image: Image, build: Build, expect: Expect) -> None:
    """The recipe is all that Render has; if it does not build, there is nothing to deploy."""
    if build.outcome == "not tried":
        raise CouldNotVerify(build.problem)
    expect.none(
        "errors in its build",
        build.problem.splitlines(),
        look_at=image.dockerfile,
        mend="the last lines of the log say which instruction failed and why",
    )


@requirement("D3-01")
def test_dockerfile_lies_beside_the_others(root: Path, image: Image, expect: Expect) -> None:
    """One place for all, named after the image: nobody searches."""
    expect(
        "its Dockerfile",
        image.dockerfile,
        f"infra/docker/{image.name}.Dockerfile",
        look_at=f"infra/inventory.yaml, images.{image.name}",
        mend="move the file and name it after the image",
    )
    expect(
        f"{image.dockerfile} is a file",
        (root / image.dockerfile).is_file(),
        True,
        look_at=image.dockerfile,
        mend="write it, or take the image out of the inventory",
    )
