"""Compose gives each service the secrets that Render gives it, from the values of one machine."""

import json
from pathlib import Path

from fixtures.blueprint import Blueprint
from fixtures.claims import Expect, requirement
from fixtures.compose import COMPOSE_FILE, EXAMPLE, example_names
from fixtures.compose_secrets import ComposeSecrets, asked_for, written_out
from fixtures.inventory import Image, Inventory
from fixtures.secret_register import SECRET_REGISTER, SecretRegister
from fixtures.secrets import CREDENTIALS_IN_URL, is_authenticated, is_secret_name

#: libpq takes the password of a login from here, where the address has none.
OF_LIBPQ = "PGPASSWORD"


def secret_variables(compose: ComposeSecrets, service: str, register: SecretRegister) -> dict[str, str]:
    """Those of a service that hold a secret, with their text."""
    given = compose.variables(service).items()
    return {name: text for name, text in given if name in register.variables or is_secret_name(name)}


def sources(compose: ComposeSecrets, service: str, register: SecretRegister) -> set[str]:
    """Variables of the machine that secrets of a service come from."""
    texts = secret_variables(compose, service, register).values()
    return {name for text in texts for name in asked_for(text) if is_secret_name(name)}


@requirement("D6-16")
def test_compose_gives_a_service_its_secrets(
    image: Image, inventory: Inventory, compose_secrets: ComposeSecrets, secret_register: SecretRegister, expect: Expect
) -> None:
    """What runs here without a secret does not run there, and one too many is one that another service holds."""
    service = inventory.service_of(image).name
    held = secret_register.of(service)
    given = {*secret_variables(compose_secrets, service, secret_register), *compose_secrets.files(service)}
    logs_in = any(secret.login for secret in held)
    allowed = {secret.name for secret in held} | ({OF_LIBPQ} if logs_in else set())
    by_parts = logs_in and {"PGHOST", OF_LIBPQ} <= compose_secrets.variables(service).keys()
    needed = {secret.name for secret in held if not (by_parts and secret.form == "database-url")}
    differences = [f"{name} is missing" for name in sorted(needed - given)]
    differences += [f"{name} is not for it" for name in sorted(given - allowed)]
    differences += ["it gets all of a file of values"] if compose_secrets.takes_whole_files(service) else []
    for other in compose_secrets.services:
        if other != service:
            same = sources(compose_secrets, service, secret_register) & sources(compose_secrets, other, secret_register)
            differences += [f"{name} is used by {other} too" for name in sorted(same)]
    expect.none(
        "differences from what the register gives the service",
        differences,
        look_at=compose_secrets.at(service, "environment"),
        mend=f"give it what {SECRET_REGISTER} has for it, each by its name, from variables that are its own",
    )


@requirement("D6-12")
def test_compose_hands_secrets_over_as_variables_or_files(
    image: Image, inventory: Inventory, compose_secrets: ComposeSecrets, secret_register: SecretRegister, expect: Expect
) -> None:
    """Arguments, labels and build arguments are shown by every tool."""
    service = inventory.service_of(image).name
    names = {secret.variable for secret in secret_register.secrets.values()}
    expect.none(
        "secrets in its build, command, labels or health check",
        [
            f"{place}  {text[:90]}"
            for text, place in compose_secrets.shown(service)
            if text in names
            or is_authenticated(text)
            or any(name in names or is_secret_name(name) for name in asked_for(text))
        ],
        look_at=compose_secrets.at(service),
        mend="let the program read the variable, or the file under /etc/spectral",
    )


@requirement("D1-16")
def test_compose_keeps_the_backup_apart(
    blueprint: Blueprint, compose_secrets: ComposeSecrets, secret_register: SecretRegister, expect: Expect
) -> None:
    """As on Render: neither the dump's login nor the way to the bucket is at hand where the network is faced."""
    backup = "backup-nightly"
    settings = {one.key for one in blueprint.settings(backup) if one.key.startswith("BACKUP_")}
    logins = {secret.login for secret in secret_register.of(backup) if secret.login}
    files = {secret.name for secret in secret_register.of(backup) if secret.kind == "file"}
    passwords = sources(compose_secrets, backup, secret_register)
    found = []
    for service in compose_secrets.services:
        if service != backup:
            variables = compose_secrets.variables(service)
            given = settings & variables.keys() | files & compose_secrets.files(service)
            given |= {"PGUSER"} if variables.get("PGUSER") in logins else set()
            given |= {name for text in variables.values() for name in passwords & asked_for(text)}
            found += [f"{service} gets {name} ({compose_secrets.at(service, 'environment')})" for name in sorted(given)]
    expect.none(
        "services with credentials or settings of the backup",
        found,
        look_at=COMPOSE_FILE,
        mend="leave them to backup-nightly alone",
    )


@requirement("D6-25")
def test_compose_holds_no_value(
    compose_secrets: ComposeSecrets, secret_register: SecretRegister, expect: Expect
) -> None:
    """A default is a value, and soon everybody's password."""
    found = [
        f"{compose_secrets.at(service, 'environment', name)}  {name} of {service}"
        for service in compose_secrets.services
        for name, text in compose_secrets.variables(service).items()
        if _is_value(name, written_out(text), secret_register)
    ]
    found += [
        f"{compose_secrets.document.name}  the content of {name}"
        for name, text in compose_secrets.contents.items()
        if any(name == secret.name for secret in secret_register.secrets.values()) and _opens(written_out(text))
    ]
    expect.none(
        "secret values",
        found,
        look_at=COMPOSE_FILE,
        mend="ask for a variable instead, without a default: ${NAME:?why}; its value stands in infra/local/.env",
    )


@requirement("D6-25")
def test_example_of_local_values_holds_no_secret(root: Path, secret_register: SecretRegister, expect: Expect) -> None:
    """It is committed, and copied as it is."""
    expect.none(
        "secret values",
        [name for name, value in example_names(root).items() if _is_value(name, value, secret_register)],
        look_at=EXAMPLE,
        mend="leave the value empty; pnpm db:prepare, or whoever works there, fills it in",
    )


def _is_value(name: str, value: str, register: SecretRegister) -> bool:
    if "://" in value:
        return CREDENTIALS_IN_URL.search(value) is not None
    return bool(value) and (name in register.variables or is_secret_name(name))


def _opens(content: str) -> bool:
    """Is it the content of a file that opens something? A service account without its key does not."""
    try:
        return "private_key" in json.loads(content)
    except (ValueError, TypeError):
        return bool(content.strip())
