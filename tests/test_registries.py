"""Where registries answer, images stand on the pinned digests, and a digest that none of them has is a violation."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from catalogue import Case, read
from editing import Edit
from fixtures.commands import Say
from fixtures.dockerfiles import read_dockerfile
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.inventory import read_inventory
from fixtures.references import Reference
from fixtures.stand_ins import Workshop
from registries import push, registries
from teeth import Looking, Seen
from trees import copied
from verification import WITHOUT_WHAT_LASTS, Verify

#: Of images of their own, so that each is told from the others.
MUTANTS = tuple(case for case in read("mutants") if case.takes_registries)
#: Of different lines, so that one tree can have them all.
NEAR_MISSES = tuple(case for case in read("near-misses") if case.takes_registries)

LookAt = Callable[..., Seen]


class Served:
    """The bases of this tree, which are stand-ins of the first engine, served where they are asked for."""

    def __init__(self, workshop: Workshop, host: str) -> None:
        self.host = host  #: of the engine that has the registries in reach
        self._workshop = workshop
        dockerfiles = [image.dockerfile for image in read_inventory(HARNESS).images.values()]
        self._bases = {base.digest: base for dockerfile in dockerfiles for base in bases(HARNESS, dockerfile)}
        self._digests: dict[str, str] = {}

    def pin(self, tree: Path, *images: str) -> None:
        """Have the Dockerfiles pin what is served, of all that these images stand on, in the place of what they do."""
        inventory = read_inventory(tree)
        pinned = {base.digest for image in images for base in bases(tree, inventory.images[image].dockerfile)}
        for digest in pinned & set(self._bases):
            for image in inventory.images.values():
                if digest in (tree / image.dockerfile).read_text():
                    Edit(image.dockerfile, replace_all=digest, by=self._serve(digest)).apply(tree)

    def _serve(self, digest: str) -> str:
        if digest not in self._digests:
            base = self._bases[digest]
            self._digests[digest] = push(self._workshop.make(base), base)
        return self._digests[digest]


def bases(tree: Path, dockerfile: str) -> set[Reference]:
    return {base for base, _ in read_dockerfile(tree, dockerfile).bases}


@pytest.fixture(scope="module")
def served(engine: Engine, say: Say, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with engine.client() as client, registries(engine, say, tmp_path_factory.mktemp("registries")) as host:
        yield Served(Workshop(client, say), host)


@pytest.fixture(scope="module")
def look_at(served: Served, looking: Looking, tmp_path_factory: pytest.TempPathFactory) -> LookAt:
    """At the images of some cases, once, in one tree that has all of them; the other cases are looked at meanwhile."""

    @cache
    def look(cases: tuple[Case, ...], *arguments: str) -> Seen:
        folder = tmp_path_factory.mktemp("looking")
        images = sorted({image for case in cases for image in case.images})
        with copied(folder / "tree") as tree:
            for case in cases:
                case.apply(tree)
            served.pin(tree, *images)
            narrowed = [f"--image={image}" for image in images]
            verify = Verify(tree, folder / "reports")
            return Seen(cases, (verify(*narrowed, *arguments, environment={"DOCKER_HOST": served.host}),))

    return look


def test_images_stand_on_what_the_registries_serve(served: Served, tree: Path, verify: Verify) -> None:
    """Nobody has to say so: where they answer, nothing is stood in for."""
    served.pin(tree, *read_inventory(tree).images)
    outcome = verify(*WITHOUT_WHAT_LASTS, "-n", "2", environment={"DOCKER_HOST": served.host})
    assert (outcome.status, outcome.red) == (0, set()), outcome.output
    assert {image["origin"] for image in outcome.report["images"].values()} == {"registry"}
    states = {check["state"] for check in outcome.checks if check["requirements"] == ["D2-12"]}
    assert (states, outcome.counts["unverified"]) == ({"passed"}, 0)


@pytest.mark.parametrize("case", MUTANTS, ids=str)
@pytest.mark.parametrize("mode", ["auto", "registry"])
def test_mutant_is_killed(case: Case, mode: str, look_at: LookAt, record_property) -> None:
    seen = look_at(MUTANTS, f"--bases={mode}")
    seen.record(case, record_property)
    assert seen.violated(case) == set(case.requirements), seen.output
    assert seen.red(case) == set(case.images), seen.output
    assert [outcome.status for outcome in seen.outcomes] == [1]


@pytest.mark.parametrize("case", NEAR_MISSES, ids=str)
def test_near_miss_is_left_alone(case: Case, look_at: LookAt, record_property) -> None:
    seen = look_at(NEAR_MISSES)
    seen.record(case, record_property)
    assert (seen.violated(case), seen.red(case)) == (set(), set()), seen.output
    assert set(case.requirements) - seen.looked_at(case) == set(), "not looked at"
    assert [(outcome.status, outcome.counts["unverified"]) for outcome in seen.outcomes] == [(0, 0)], seen.output
