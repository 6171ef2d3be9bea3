"""The search for canaries proves itself: it finds each leak, says where it is and what brought it, and nothing else."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import docker
import pytest

from fixtures.bake import Bake
from fixtures.blobs import Finding, search_image
from fixtures.canaries import Canaries
from fixtures.commands import CouldNotVerify, Say
from fixtures.documents import HARNESS, read_yaml
from fixtures.engine import Engine
from fixtures.leftovers import clear
from fixtures.planting import AT_THE_TOP, EVERYWHERE, secrets_to_give
from fixtures.references import parse_reference
from fixtures.runs import Run, begin
from fixtures.stand_ins import Workshop
from leaks.encoded import surroundings

HERE = Path(__file__).parent
FEWEST = 60


@dataclass(frozen=True)
class Leak:
    """A Dockerfile that lets one canary through, and what is to be said of it."""

    id: str
    dockerfile: str
    planted: str  #: where the canary had been put
    path: str  #: in the layer, or of the value in the config
    encoding: str
    instruction: str  #: how the one that brought it begins; "" where there is none
    among_others: bool  #: canaries are found elsewhere in the image as well


def read_leaks() -> list[Leak]:
    """Those of leaks.yaml."""
    leaks = []
    for one in read_yaml(HERE, "leaks.yaml").data:
        copied = one.get("copies", "")
        leaks.append(
            Leak(
                one["id"],
                one.get("dockerfile") or f"FROM scratch\nCOPY {copied} /leak/",
                one.get("planted", copied),
                one.get("in") or f"/leak/{copied.rpartition('/')[2]}",
                one.get("as", "as it is"),
                one.get("by", "COPY"),
                one.get("among_others", False),
            )
        )
    return leaks


LEAKS = read_leaks()
INNOCENT: dict[str, str] = {one["id"]: one["dockerfile"] for one in read_yaml(HERE, "innocent.yaml").data}


@dataclass(frozen=True)
class Made:
    """The images, built."""

    client: docker.DockerClient
    run: Run
    canaries: Canaries
    debian: str  #: name of the image that some of them stand on

    @cache  # noqa: B019 - it lives as long as the module
    def search(self, id_: str) -> list[Finding]:
        image = self.client.images.get(self.run.image(f"leaks/{id_}"))
        return search_image(image, self.client.images.get(self.debian), self.canaries)


@pytest.fixture(scope="module")
def made(
    engine: Engine, say: Say, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """Those that are asked for, all built in one go."""
    folder, run, canaries = tmp_path_factory.mktemp("leaks"), begin(), Canaries()
    surroundings(folder, canaries)
    given = secrets_to_give(["TOKEN"], canaries)
    dockerfiles = {leak.id: leak.dockerfile for leak in LEAKS} | INNOCENT
    mine = [item for item in request.session.items if item.path == request.path and "made" in item.fixturenames]
    asked = {item.callspec.params["id_"] for item in mine}
    with engine.client(seconds=600) as client:
        debian = Workshop(client, say, run).make(parse_reference("debian:trixie-slim"))
        try:
            build({id_: dockerfiles[id_] for id_ in dockerfiles if id_ in asked}, folder, given, debian, run)
            yield Made(client, run, canaries, debian)
        finally:
            clear(client, lambda thing: thing.run.id == run.id, seconds=60)


def build(dockerfiles: Mapping[str, str], folder: Path, given: Mapping[str, str], debian: str, run: Run) -> None:
    targets: dict[str, Any] = {
        f"leaks-{id_}": {
            "context": str(folder),
            "dockerfile-inline": f"{dockerfile}\n",
            "tags": [run.image(f"leaks/{id_}")],
            "args": given,
            "secret": [f"id={name},env={name}" for name in given],
            # What a mount brings is no part of the cache's key: an earlier run's canary would be in there.
            "no-cache": "--mount=type=secret" in dockerfile,
            "contexts": {"debian": f"docker-image://{debian}"},
        }
        for id_, dockerfile in dockerfiles.items()
    }
    with Bake(HARNESS, targets, list(targets), {**os.environ, **given}) as bake:
        for _ in bake:
            pass
        if bake.problem:
            raise CouldNotVerify(bake.problem)


def test_every_place_has_its_leak() -> None:
    planted = {leak.planted.removeprefix("app/") for leak in LEAKS}
    assert (EVERYWHERE.keys() | AT_THE_TOP.keys()) - planted == set()


@pytest.mark.parametrize("id_", [leak.id for leak in LEAKS])
def test_leak_is_found(made: Made, id_: str) -> None:
    """With the place where the secret lay, the layer, the path in it and the instruction that brought it."""
    leak = next(leak for leak in LEAKS if leak.id == id_)
    image = made.client.images.get(made.run.image(f"leaks/{id_}"))
    path = leak.path.replace("{last}", str(len(image.history()) - 1))
    found = made.search(id_)
    of_it = [one for one in found if (one.planted, one.path, one.encoding) == (leak.planted, path, leak.encoding)]
    assert len(of_it) == 1, "\n".join(map(str, found)) or "nothing was found"
    (one,) = of_it
    assert one.instruction.startswith(leak.instruction)
    assert bool(one.instruction) == bool(leak.instruction)
    assert one.blob == ("layer" if path.startswith("/") else "config")
    assert (one.digest in image.attrs["RootFS"]["Layers"]) == (one.blob == "layer")
    assert all(word in str(one) for word in (leak.planted, path, one.digest[7:19], one.instruction[:60]))
    assert found == of_it or leak.among_others, "\n".join(map(str, found))


@pytest.mark.parametrize("id_", INNOCENT)
def test_nothing_is_found_where_nothing_leaks(made: Made, id_: str) -> None:
    assert [str(one) for one in made.search(id_)] == []


def test_there_are_enough_leaks() -> None:
    """Each with a name of its own, and none of them the same as another one."""
    assert len({leak.id for leak in LEAKS} | {*INNOCENT}) == len(LEAKS) + len(INNOCENT)
    assert len({(leak.dockerfile, leak.path, leak.encoding) for leak in LEAKS}) == len(LEAKS) >= FEWEST
