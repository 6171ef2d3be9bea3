"""Where registries answer, images stand on the pinned digests, and a digest that none of them has is a violation."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from fixtures.second_engine import copy_images
from fixtures.stand_ins import Workshop
from kill_matrix import key
from registries import push, registries
from verification import Outcome, Verify


@dataclass(frozen=True)
class Served:
    host: str  #: of the engine that has the registries in reach
    digests: dict[str, str]  #: of the bases that they serve, by the pinned ones

    def pin(self, tree: Path) -> None:
        """Have the Dockerfiles of a tree pin what is served in the place of what they pin."""
        for image in read_inventory(tree).images.values():
            for digest in {base.digest for base in bases(tree, image.dockerfile)} & set(self.digests):
                Edit(image.dockerfile, replace_all=digest, by=self.digests[digest]).apply(tree)


def bases(tree: Path, dockerfile: str) -> list[Reference]:
    return [base for base, _ in read_dockerfile(tree, dockerfile).bases]


@pytest.fixture(scope="module")
def served(engine: Engine, say: Say, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The bases of this tree, which are stand-ins of the first engine."""
    pinned = {base for image in read_inventory(HARNESS).images.values() for base in bases(HARNESS, image.dockerfile)}
    with engine.client() as client:
        workshop = Workshop(client, say)
        stand_ins = {base: workshop.make(base) for base in pinned}
    with registries(engine, say, tmp_path_factory.mktemp("registries")) as host:
        copy_images([*stand_ins.values()], host)
        digests = {base.digest: push(host, name, f"{base.repository}:{base.tag}") for base, name in stand_ins.items()}
        # What is there already would not have to be pulled, or could stand in.
        subprocess.run(["docker", "--host", host, "image", "rm", "--force", *stand_ins.values()], check=True)
        yield Served(host, digests)


def test_images_stand_on_what_the_registries_serve(served: Served, tree: Path, verify: Verify) -> None:
    """Nobody has to say so: where they answer, nothing is stood in for."""
    served.pin(tree)
    outcome = verify("-n", "2", environment={"DOCKER_HOST": served.host})
    assert (outcome.status, outcome.red) == (0, set()), outcome.output
    assert {image["origin"] for image in outcome.report["images"].values()} == {"registry"}
    states = {check["state"] for check in outcome.checks if check["requirements"] == ["D2-12"]}
    assert (states, outcome.counts["unverified"]) == ({"passed"}, 0)


def look_at(case: Case, served: Served, tree: Path, verify: Verify, *arguments: str) -> Outcome:
    case.apply(tree)
    served.pin(tree)
    images = [f"--image={image}" for image in case.images]
    return verify(*images, *arguments, environment={"DOCKER_HOST": served.host})


@pytest.mark.parametrize("case", [case for case in read("mutants") if case.takes_registries], ids=str)
@pytest.mark.parametrize("mode", ["auto", "registry"])
def test_mutant_is_killed(
    case: Case, mode: str, served: Served, tree: Path, verify: Verify, record_property: Callable[[str, object], None]
) -> None:
    outcome = look_at(case, served, tree, verify, f"--bases={mode}")
    record_property("case", key(case))
    record_property("accused", sorted(outcome.violated))
    assert (outcome.status, outcome.violated) == (1, set(case.requirements)), outcome.output
    assert outcome.red == set(case.images)


@pytest.mark.parametrize("case", [case for case in read("near-misses") if case.takes_registries], ids=str)
def test_near_miss_is_left_alone(
    case: Case, served: Served, tree: Path, verify: Verify, record_property: Callable[[str, object], None]
) -> None:
    outcome = look_at(case, served, tree, verify)
    record_property("case", key(case))
    record_property("accused", sorted(outcome.violated))
    assert (outcome.status, outcome.counts["unverified"]) == (0, 0), outcome.output
