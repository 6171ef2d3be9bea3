"""What Render hands to every build under a variable's name stays out of it."""

from collections.abc import Collection, Iterator

from fixtures.blueprint import Blueprint
from fixtures.claims import Expect, requirement
from fixtures.compose_secrets import ComposeSecrets
from fixtures.dockerfiles import Dockerfile
from fixtures.inventory import Inventory
from fixtures.secret_register import SecretRegister

GENERATION = "SPECTRAL_GENERATION"


def uses(dockerfile: Dockerfile, names: Collection[str], keywords: Collection[str]) -> Iterator[str]:
    """Instructions that give a value to one of ``names``, or take one, in whatever spelling labels have."""
    for one in dockerfile.instructions:
        if one.keyword in keywords and any(spelled(name) in names for name in one.pairs):
            yield dockerfile.line(one)
    if "ARG" in keywords:
        for name in dockerfile.arguments:
            if spelled(name) in names:
                yield f"{dockerfile.name}  ARG {name}, before the first FROM"


def spelled(name: str) -> str:
    """The variable that the name of a label or an argument speaks of: org.example.database-url is DATABASE_URL."""
    return name.rpartition(".")[2].upper().replace("-", "_")


@requirement("D6-06")
def test_nothing_of_a_build_bears_the_name_of_a_variable_of_a_service(
    dockerfile: Dockerfile,
    secret_register: SecretRegister,
    blueprint: Blueprint,
    compose_secrets: ComposeSecrets,
    inventory: Inventory,
    expect: Expect,
) -> None:
    """Render gives every variable of a service to its build as an argument, so an ARG of that name has the value in
    the history, and an ENV or a label that repeats it has it in the image. Which of them is secret may change, and a
    default in the image hides that one is missing."""
    names = set(secret_register.variables)
    names |= {one.key for name in blueprint.entries for one in blueprint.settings(name)}
    names |= {one.key for group in blueprint.groups.values() for one in group}
    names |= {name for service in inventory.services for name in compose_secrets.variables(service)}
    names -= {GENERATION, ""}  # of the first the next claim speaks, and what takes a group has none
    expect.none(
        "arguments, variables and labels with the name of a variable that a service gets when it runs",
        uses(dockerfile, names, ("ARG", "ENV", "LABEL")),
        look_at=dockerfile.name,
        mend="take it out; the service reads the variable when it runs",
    )


@requirement("D5-32")
def test_generation_stays_out_of_the_build(dockerfile: Dockerfile, expect: Expect) -> None:
    """A build may be deployed twice, and Render gives the generation of the last deploy to the next build."""
    expect.none(
        "arguments, variables and labels with the generation",
        uses(dockerfile, {GENERATION}, ("ARG", "ENV", "LABEL")),
        look_at=dockerfile.name,
        mend=f"take it out; the service reads {GENERATION} when it runs",
    )
