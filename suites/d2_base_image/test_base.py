"""One trixie family under all images."""

from collections import defaultdict
from pathlib import Path

import docker
import pytest

from fixtures.builds import Build
from fixtures.claims import Expect, requirement
from fixtures.commands import CouldNotVerify, Unverified
from fixtures.dockerfiles import Dockerfile, read_dockerfile
from fixtures.documents import Malformed
from fixtures.inside import Open
from fixtures.inventory import Image, Inventory
from fixtures.snapshots import Snapshot


@requirement("D2-01")
def test_image_is_debian_trixie(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Asked of the running system. Alpine's musl breaks Python's C extensions; bookworm is oldstable."""
    lines = opened.host.file("/etc/os-release").content_string.splitlines()
    system = dict(line.replace('"', "").partition("=")[::2] for line in lines)
    expect(
        "its system",
        f"{system.get('ID')} {system.get('VERSION_CODENAME')}",
        "debian trixie",
        look_at=base_line(dockerfile),
        mend="build on a base of the trixie family",
    )


@requirement("D2-01")
def test_base_is_that_of_the_family(image: Image, dockerfile: Dockerfile, expect: Expect) -> None:
    """One base for a family, so that one refresh covers it."""
    base = dockerfile.runtime_base
    expect(
        "its base",
        base.name if base else "scratch",
        image.family.base,
        look_at=base_line(dockerfile),
        mend=f"FROM {image.family.base}@sha256:...",
    )


@requirement("D2-01")
def test_every_stage_is_of_the_trixie_family(inventory: Inventory, dockerfile: Dockerfile, expect: Expect) -> None:
    """What is built on another release may not run on this one."""
    families = {image.family.base for image in inventory.images.values()}
    repositories = {base.partition(":")[0] for base in families}
    expect.none(
        "stages on another release",
        [
            f"{dockerfile.name}:{line}  FROM {base.text}"
            for base, line in dockerfile.bases
            if base.familiar in repositories and base.name not in families
        ],
        look_at=base_line(dockerfile),
        mend=f"use {', '.join(sorted(families))}",
    )


@requirement("D3-19")
def test_every_base_is_pinned_by_digest(dockerfile: Dockerfile, expect: Expect) -> None:
    """A tag moves; the same commit would build on something else tomorrow."""
    expect.none(
        "bases without a digest",
        [f"{dockerfile.name}:{line}  FROM {base.text}" for base, line in dockerfile.bases if not base.digest],
        look_at=base_line(dockerfile),
        mend="write the tag and the digest: FROM name:tag@sha256:...",
    )


@requirement("D3-19")
def test_every_image_that_is_copied_from_is_pinned(dockerfile: Dockerfile, expect: Expect) -> None:
    """Files of an image that no FROM names move with its tag just as well."""
    expect.none(
        "images without a digest",
        [f"{dockerfile.line(one)}: {base.text}" for base, one in dockerfile.copied_from if not base.digest],
        look_at=dockerfile.name,
        mend="name it in a FROM of its own, with tag and digest, and copy from that stage",
    )


@requirement("D2-06")
def test_one_digest_for_each_base(inventory: Inventory, expect: Expect) -> None:
    """Uniform: the same tag with two digests is two bases, and makes Dependabot give up on both."""
    users: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for image in inventory.images.values():
        for base in pinned_bases(inventory.root, image):
            users[base[0]][base[1]].append(image.name)
    expect.none(
        "bases with more than one digest",
        [
            f"{name}@{digest[:19]} in {', '.join(images)}"
            for name, digests in users.items()
            if len(digests) > 1
            for digest, images in digests.items()
        ],
        look_at="infra/docker",
        mend="give every Dockerfile the newest of these digests",
    )


@requirement("D2-01")
def test_image_stands_on_its_base(
    built: Build, client: docker.DockerClient, dockerfile: Dockerfile, expect: Expect
) -> None:
    """The layers of the base lie under those of the image: what was pinned is what it is made of."""
    if built.base is None:
        raise CouldNotVerify("the image stands on no other image")
    base = client.images.get(built.base.image).attrs["RootFS"]["Layers"]
    layers = client.images.get(built.id).attrs["RootFS"]["Layers"]
    expect(
        "its lowest layers",
        layers[: len(base)],
        base,
        look_at=base_line(dockerfile),
        mend="build the final stage FROM the base, or from a stage that is FROM it",
    )


@requirement("D2-12")
def test_pinned_digest_is_what_the_registry_serves(
    build: Build, client: docker.DockerClient, dockerfile: Dockerfile, expect: Expect
) -> None:
    """A digest that nobody serves builds nothing; one of another repository is another base."""
    expect.none(
        "bases that their registry does not have",
        build.refused,
        look_at=base_line(dockerfile),
        mend="take the digest from the registry: docker buildx imagetools inspect name:tag",
    )
    if build.outcome != "built":
        raise CouldNotVerify(build.problem)
    if build.stand_ins:
        why = build.base.reason if build.base else "no registry was asked"
        raise Unverified(f"{len(build.stand_ins)} of its bases are stand-ins ({why})")
    expect.none(
        "bases that did not come by their digest",
        [
            f"{dockerfile.name}:{line}  FROM {base.text}"
            for base, line in dockerfile.bases
            if f"@{base.digest}" not in "".join(client.images.get(base.text).attrs["RepoDigests"])
        ],
        look_at=base_line(dockerfile),
        mend="take the digest from the registry: docker buildx imagetools inspect name:tag",
    )


@requirement("D2-02")
@pytest.mark.images(family="python")
def test_python_is_3_14(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Asked of the interpreter that the service runs on."""
    expect(
        "its Python",
        opened.host.check_output("python -c 'import sys; print(*sys.version_info[:2], sep=\".\")'"),
        "3.14",
        look_at=base_line(dockerfile),
        mend="build on python:3.14-slim-trixie",
    )


@requirement("D2-03")
@pytest.mark.images(family="python")
def test_python_has_the_gil(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """The wheels for free-threaded Python are still maturing."""
    expect(
        "the GIL is enabled",
        opened.host.check_output("python -c 'import sys; print(sys._is_gil_enabled())'"),
        "True",
        look_at=base_line(dockerfile),
        mend="build on python:3.14-slim-trixie, not on its free-threaded variant",
    )


@requirement("D2-04")
@pytest.mark.images(family="node")
def test_node_is_24(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Asked of the interpreter that the service runs on."""
    expect(
        "its Node",
        opened.host.check_output("node --print 'process.versions.node.split(\".\")[0]'"),
        "24",
        look_at=base_line(dockerfile),
        mend="build on node:24-trixie-slim",
    )


@requirement("D2-05")
@pytest.mark.images(family="debian")
@pytest.mark.parametrize("runtime", ["python", "node", "pypy"])
def test_debian_image_has_no_other_runtime(files: Snapshot, image: Image, runtime: str, expect: Expect) -> None:
    """The backup is bash; an interpreter beside it is only there to be misused. On PATH or not."""
    expect.none(
        f"programs that are {runtime}",
        files.programs(f"{runtime}*"),
        look_at=image.dockerfile,
        mend="find the package that brings it and leave it out",
    )


def base_line(dockerfile: Dockerfile) -> str:
    """Where the base of the final stage is named."""
    base = dockerfile.runtime_base
    lines = [line for reference, line in dockerfile.bases if base and reference.text == base.text]
    return f"{dockerfile.name}:{lines[-1] if lines else dockerfile.final.line}"


def pinned_bases(root: Path, image: Image) -> list[tuple[str, str]]:
    """Name with tag, and digest, of each pinned base; a Dockerfile that cannot be read has none here."""
    try:
        bases = read_dockerfile(root, image.dockerfile).bases
    except Malformed:
        return []
    return [(base.name, base.digest) for base, _ in bases if base.digest]
