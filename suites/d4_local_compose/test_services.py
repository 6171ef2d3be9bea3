"""Compose runs what Render runs: the same build, started in the same way, without anything of the work tree in it."""

import posixpath
import shlex
from pathlib import Path
from typing import Any

import pytest

from fixtures.bake import BAKE_FILE, common_arguments
from fixtures.claims import Expect, requirement
from fixtures.compose import COMPOSE_FILE, Compose
from fixtures.dev_scripts import default_port, manifest_of
from fixtures.inventory import INVENTORY, Image, Inventory, Service

#: What a build may say more than what is built: what it is called, and where it takes layers from.
HARMLESS = {"context", "dockerfile", "args", "tags", "cache_from", "cache_to", "no_cache", "pull", "provenance", "sbom"}


@requirement("D4-13")
def test_service_mounts_nothing_of_the_tree(image: Image, root: Path, compose: Compose, expect: Expect) -> None:
    """What is mounted is tested in the place of what was built."""
    expect.none(
        "mounts of the tree, or over the code in the image",
        [f"{what}  ({compose.at(image.name, key)})" for key, what in compose.mounts_of_code(root, image.name)],
        look_at=compose.at(image.name, "volumes"),
        mend="take it out; pnpm dev is what runs the work tree",
    )


@requirement("D4-13")
def test_service_watches_nothing(image: Image, compose: Compose, expect: Expect) -> None:
    """Watched files are synced into a container that was built from others."""
    expect(
        "its develop section",
        compose.service(image.name).get("develop"),
        None,
        look_at=compose.at(image.name, "develop"),
        mend="take it out; pnpm dev is what reloads",
    )


@requirement("D4-14")
def test_service_builds_the_dockerfile_of_its_image(image: Image, compose: Compose, expect: Expect) -> None:
    """What is tried here is what Render builds; the blueprint is held against the inventory too."""
    expect(
        "the Dockerfile that compose builds",
        posixpath.normpath(str(_build(compose, image).get("dockerfile"))),
        image.dockerfile,
        look_at=compose.at(image.name, "build", "dockerfile"),
        mend=f"build {image.dockerfile}, under the image's own name",
    )


@requirement("D4-14")
def test_service_is_built_in_the_root_of_the_repository(
    image: Image, root: Path, compose: Compose, expect: Expect
) -> None:
    """The context of every other build; from elsewhere COPY finds other files, or none."""
    expect(
        "its build context",
        posixpath.relpath(str(_build(compose, image).get("context")), root.resolve()),
        ".",
        look_at=compose.at(image.name, "build", "context"),
        mend=f"set context: ../.., which is the root, seen from {COMPOSE_FILE}",
    )


@requirement("D4-14")
def test_service_is_built_with_the_arguments_of_the_bake_file(
    image: Image, root: Path, compose: Compose, expect: Expect
) -> None:
    """An argument that one of them leaves out is another image, or one without a version. Render passes its own."""
    expect(
        "its build arguments",
        ", ".join(sorted(_build(compose, image).get("args") or {})),
        ", ".join(sorted(common_arguments(root))),
        look_at=f"{compose.at(image.name, 'build', 'args')} and {BAKE_FILE}",
        mend="pass the same arguments in both",
    )


@requirement("D4-14")
def test_build_is_no_other(image: Image, compose: Compose, expect: Expect) -> None:
    """Another target, other contexts or an image that is pulled in its place: then something else is tried."""
    pulled = compose.service(image.name).get("pull_policy")
    expect.none(
        "things that make another build of it",
        [key for key in _build(compose, image) if key not in HARMLESS]
        + [f"pull_policy: {pulled}" for _ in range(1) if pulled not in (None, "build", "never")],
        look_at=compose.at(image.name, "build"),
        mend="leave context, dockerfile and args, as the bake file has them",
    )


@requirement("D4-15")
@pytest.mark.parametrize("key", ["command", "entrypoint", "user", "working_dir"])
def test_service_starts_as_in_production(
    key: str, image: Image, inventory: Inventory, compose: Compose, expect: Expect
) -> None:
    """What is overridden here was not tried, and works only here."""
    expected = inventory.service_of(image).command if key == "command" else ""
    expect(
        f"its {key}, where that of the image is not good enough",
        _line(compose.service(image.name).get(key)),
        expected,
        look_at=compose.at(image.name, key),
        mend=f"take {key} out: the image has its own, and {INVENTORY} says where that is overridden",
    )


@requirement("D4-15")
def test_service_gets_no_more_rights_than_in_production(image: Image, compose: Compose, expect: Expect) -> None:
    """What needs root's rights here fails on Render, where nobody has them."""
    service = compose.service(image.name)
    expect.none(
        "rights that it has only here",
        [
            f"{key}: {service[key]}"
            for key in ("privileged", "cap_add", "devices", "pid", "userns_mode")
            if service.get(key)
        ],
        look_at=compose.at(image.name),
        mend="take it out",
    )


@requirement("D4-16")
@pytest.mark.services(kind="web")
def test_service_has_the_port_of_pnpm_dev(service: Service, root: Path, compose: Compose, expect: Expect) -> None:
    """Bookmarks and settings hold in both flows; and as they share ports, only one runs at a time."""
    name = service.image.name
    expect(
        "where it is reached",
        ", ".join(f"{one.get('host_ip', '0.0.0.0')}:{one.get('published')}" for one in compose.service(name)["ports"]),
        f"127.0.0.1:{default_port(root, name)}",
        look_at=f"{compose.at(name, 'ports')} and {manifest_of(name)}",
        mend="publish the port that its dev script has by default, on 127.0.0.1",
    )


def _build(compose: Compose, image: Image) -> dict[str, Any]:
    """The build section of the image's service; of none where compose has no such service."""
    return dict(compose.everything.get(image.name, {}).get("build") or {})


def _line(command: Any) -> str:
    """A command as a person would type it."""
    return shlex.join(map(str, command)) if isinstance(command, list) else str(command or "")
