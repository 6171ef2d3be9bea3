"""No value of a secret stands in the tree."""

from fixtures.blueprint import Blueprint
from fixtures.claims import Expect, requirement
from fixtures.inventory import Inventory
from fixtures.scanner import BASELINE, Baseline, Finding
from fixtures.secret_register import SecretRegister
from fixtures.secret_subjects import HARNESS_FOLDERS
from fixtures.secrets import CREDENTIALS_IN_URL, is_secret_name


def is_value(name: str, value: str, secrets: frozenset[str]) -> bool:
    """Would ``name=value`` give a secret away? An address is secret by the password in it."""
    if "://" in value:
        return CREDENTIALS_IN_URL.search(value) is not None
    return bool(value) and (name in secrets or is_secret_name(name))


@requirement("D6-25")
def test_blueprint_holds_no_value(blueprint: Blueprint, secret_register: SecretRegister, expect: Expect) -> None:
    """A value in the blueprint is everybody's who has the repository, and for ever."""
    settings = [one for name in blueprint.entries for one in blueprint.settings(name)]
    settings += [one for group in blueprint.groups.values() for one in group]
    secrets = secret_register.variables
    expect.none(
        "secret values",
        [f"{one.place}  {one.key}" for one in settings if one.value and is_value(one.key, one.value, secrets)],
        look_at=blueprint.document.name,
        mend="take the value out; setup.sh puts it into the env group",
    )


@requirement("D6-25")
def test_inventory_holds_no_value(inventory: Inventory, secret_register: SecretRegister, expect: Expect) -> None:
    """What a verification gives to services is for a database of its own, which asks for no password."""
    secrets = secret_register.variables
    expect.none(
        "secret values",
        [
            f"{inventory.document.at('services', name, 'environment', key)}  {key}"
            for name, service in inventory.services.items()
            for key, value in service.environment.items()
            if is_value(key, value, secrets)
        ],
        look_at=inventory.document.name,
        mend="take the value out",
    )


@requirement("D6-25")
def test_scanner_finds_nothing_new(findings: tuple[Finding, ...], baseline: Baseline, expect: Expect) -> None:
    """The net below: it finds what stands where nobody thought of, in source, documents and settings."""
    expect.none(
        "findings of the secret scanner that nobody has reviewed",
        [str(one) for one in findings if (one.place, one.digest) not in baseline.known],
        look_at=BASELINE,
        mend="take the value out, and change it: docs/secrets.md; if it opens nothing, say there why",
    )


@requirement("D6-25")
def test_baseline_holds_nothing_that_is_not_found(
    findings: tuple[Finding, ...], baseline: Baseline, files_of_tree: tuple[str, ...], expect: Expect
) -> None:
    """What is let through beyond need lets the next one through."""
    found = {(one.place, one.digest) for one in findings}
    expect.none(
        "entries of the baseline that let nothing through",
        [
            baseline.document.at("findings", place)
            for place, one in enumerate(baseline.known)
            if one not in found and (one[0] in files_of_tree or not one[0].startswith(HARNESS_FOLDERS))
        ],
        look_at=BASELINE,
        mend="take the entry out",
    )
