"""Each service gets the secrets that the register gives it, in the way that is there for them, and no others."""

from pathlib import Path

from fixtures.blueprint import Blueprint, Entry
from fixtures.claims import Expect, requirement
from fixtures.database import login_of
from fixtures.dockerfiles import Dockerfile, read_dockerfile
from fixtures.documents import Malformed
from fixtures.inventory import Inventory, Service
from fixtures.rights import RIGHTS, read_rights
from fixtures.secret_register import SECRET_REGISTER, SecretRegister, read_secret_register
from fixtures.secrets import is_authenticated, is_secret_name

#: Forms that programs read from a file.
FILES_BY_NATURE = ("service-account", "private-key", "age-key")
#: Render gives a variable this much room in mind; the record draws the line here.
MOST_BYTES_OF_A_VARIABLE = 1024


def secret_files_read(dockerfile: Dockerfile) -> set[str]:
    """Names under /etc/secrets that the image leads /etc/spectral to."""
    links = [words for one in dockerfile.final.instructions for words in one.commands if words[0] == "ln"]
    named = {words[-2]: words[-1] for words in links if len(words) > 2 and words[-2].startswith("/etc/secrets/")}
    names = {source.removeprefix("/etc/secrets/"): target for source, target in named.items()}
    return {name for name, target in names.items() if target in (f"/etc/spectral/{name}", "/etc/spectral/")}


@requirement("D6-16")
def test_secret_register_is_valid(root: Path, inventory: Inventory, expect: Expect) -> None:
    """Whoever provisions goes by it; a service that is not there would get its secrets from nobody."""
    try:
        register = read_secret_register(root)
    except Malformed as error:
        problems = [str(error)]
    else:
        problems = [
            f"{id_} is for {service}, which is no service ({register.at(id_, 'services')})"
            for id_, secret in register.secrets.items()
            for service in secret.services
            if service not in inventory.services
        ]
        given = [(name, secret) for secret in register.secrets.values() for name in secret.services]
        problems += [
            f"{service} has {two.name} from {one.id} and {two.id} ({register.at(two.id, 'name')})"
            for place, (service, one) in enumerate(given)
            for other, two in given[place + 1 :]
            if service == other and one.name == two.name
        ]
    expect.none(
        "problems in the secret register",
        problems,
        look_at=SECRET_REGISTER,
        mend="see infra/secrets.schema.json for what may stand there, and the inventory for the services",
    )


@requirement("D6-16")
def test_group_reaches_the_services_of_its_secrets(secret_register: SecretRegister, expect: Expect) -> None:
    """Who takes a group gets all that is in it, so all that is in it is for the same services."""
    first = {secret.group: secret for secret in reversed(secret_register.secrets.values())}
    expect.none(
        "secrets that share a group with those of other services",
        [
            f"{secret.id} is for {', '.join(secret.services)}, and {first[secret.group].id} of the same group "
            f"for {', '.join(first[secret.group].services)} ({secret_register.at(secret.id, 'group')})"
            for secret in secret_register.secrets.values()
            if set(secret.services) != set(first[secret.group].services)
        ],
        look_at=SECRET_REGISTER,
        mend="put it into a group of its own",
    )


@requirement("D6-18")
def test_secrets_of_different_services_open_different_logins(secret_register: SecretRegister, expect: Expect) -> None:
    """setup.sh asks for the login that stands here; a second service that has it is not rotated by itself."""
    opening = [secret for secret in secret_register.secrets.values() if secret.login]
    expect.none(
        "logins that secrets of different services open",
        [
            f"{two.login}, of {', '.join(one.services)} and of {', '.join(two.services)} "
            f"({secret_register.at(two.id, 'login')})"
            for place, one in enumerate(opening)
            for two in opening[place + 1 :]
            if one.login == two.login and set(one.services) != set(two.services)
        ],
        look_at=SECRET_REGISTER,
        mend="give each service a login of its own in infra/db, and name it here",
    )


@requirement("D6-17", "D6-18")
def test_secret_opens_a_login_of_the_rights(root: Path, secret_register: SecretRegister, expect: Expect) -> None:
    """What those may is tried; the owner of the database and other superusers are none of them."""
    logins = read_rights(root).logins
    expect.none(
        f"logins that are not of {RIGHTS}",
        [
            f"{secret.login} ({secret_register.at(secret.id, 'login')})"
            for secret in secret_register.secrets.values()
            if secret.login and secret.login not in logins
        ],
        look_at=SECRET_REGISTER,
        mend=f"name a login that infra/db makes for the service, and that {RIGHTS} has",
    )


@requirement("D6-18")
def test_service_runs_by_the_login_of_its_secret(
    inventory: Inventory, secret_register: SecretRegister, expect: Expect
) -> None:
    """The one that a verification starts it with is the one that an operator is asked for."""
    held = {
        name: sorted({secret.login for secret in secret_register.of(name) if secret.login})
        for name in inventory.services
    }
    used = {name: [login] if (login := login_of(one)) else [] for name, one in inventory.services.items()}
    expect.none(
        "services that run by another login than their secrets open",
        [
            f"{name} runs by {', '.join(used[name]) or 'none'}, and its secrets open {', '.join(held[name]) or 'none'} "
            f"({inventory.document.at('services', name, 'environment')})"
            for name in inventory.services
            if used[name] != held[name]
        ],
        look_at=SECRET_REGISTER,
        mend="let both name the login that infra/db makes for the service",
    )


@requirement("D6-16")
def test_groups_of_the_blueprint_are_those_of_the_register(
    blueprint: Blueprint, secret_register: SecretRegister, expect: Expect
) -> None:
    """A group that the register does not know is filled by hand, and one that is not declared reaches nobody."""
    expect(
        "the env groups of the blueprint",
        ", ".join(sorted(blueprint.groups)),
        ", ".join(sorted({secret.group for secret in secret_register.secrets.values()})),
        look_at=blueprint.document.at("envVarGroups"),
        mend=f"make envVarGroups and {SECRET_REGISTER} say the same",
    )


@requirement("D6-16")
def test_service_takes_the_groups_of_its_secrets(
    service: Service, declared: Entry, blueprint: Blueprint, secret_register: SecretRegister, expect: Expect
) -> None:
    """Not fewer, or it does not start; not more, or a hole in it opens what others hold."""
    taken = [one.group for one in blueprint.settings(service.name) if one.group]
    expect(
        "the env groups that it takes",
        ", ".join(sorted(taken)),
        ", ".join(secret_register.groups_of(service.name)),
        look_at=blueprint.document.at(*declared.keys, "envVars"),
        mend=f"take the groups, by fromGroup, that {SECRET_REGISTER} gives to the service",
    )


@requirement("D6-16")
def test_service_runs_on_the_secrets_of_the_register(
    service: Service, inventory: Inventory, secret_register: SecretRegister, expect: Expect
) -> None:
    """The variables that a verification starts it with show which secrets it reads."""
    known = secret_register.variables
    held = {secret.variable for secret in secret_register.of(service.name)}
    expect.none(
        "secret variables that the register does not give it",
        [
            f"{inventory.document.at('services', service.name, 'environment', name)}  {name}"
            for name in service.environment
            if name not in held and (name in known or is_secret_name(name))
        ],
        look_at=inventory.document.at("services", service.name, "environment"),
        mend=f"enter the secret in {SECRET_REGISTER}, or let the service do without it",
    )


@requirement("D6-16")
def test_image_reads_the_secret_files_of_its_service(
    service: Service, inventory: Inventory, secret_register: SecretRegister, expect: Expect
) -> None:
    """Render puts them under /etc/secrets and the services look under /etc/spectral, so the image links the two."""
    dockerfile = read_dockerfile(inventory.root, service.image.dockerfile)
    same = [one.name for one in inventory.services.values() if one.image == service.image]
    files = {one.name for name in same for one in secret_register.of(name) if one.kind == "file"}
    expect(
        "the Secret Files that the image reads",
        ", ".join(sorted(secret_files_read(dockerfile))),
        ", ".join(sorted(files)),
        look_at=dockerfile.at("RUN"),
        mend=f"link each file that {SECRET_REGISTER} has for it from /etc/secrets to /etc/spectral, and no other",
    )


@requirement("D6-12")
def test_secret_comes_by_an_env_group(
    service: Service, declared: Entry, blueprint: Blueprint, secret_register: SecretRegister, expect: Expect
) -> None:
    """Variables of the service itself, Render's own prompt, or another service's value: nobody rotates those."""
    known = secret_register.variables
    expect.none(
        "secrets that come in another way",
        [
            f"{one.place}  {one.key}"
            for one in blueprint.settings(service.name)
            if one.key and (one.key in known or is_secret_name(one.key))
        ],
        look_at=blueprint.document.at(*declared.keys, "envVars"),
        mend=f"take the entry out; enter the secret in {SECRET_REGISTER}, whose group the service takes",
    )


@requirement("D6-12")
def test_command_of_a_service_holds_no_secret(
    service: Service, declared: Entry, blueprint: Blueprint, secret_register: SecretRegister, expect: Expect
) -> None:
    """Arguments are shown to everybody who may list processes, also when a variable fills them in."""
    command = str(declared["dockerCommand"] or "")
    words = {word.strip("\"'${}") for word in command.replace("=", " ").split()}
    named = sorted(words & secret_register.variables)
    expect.none(
        "secrets in its command",
        [command] if is_authenticated(command) or named else [],
        look_at=blueprint.at(service.name, "dockerCommand"),
        mend="let the program read the variable or the file itself",
    )


@requirement("D6-13")
def test_large_secret_is_a_file(secret_register: SecretRegister, expect: Expect) -> None:
    """Variables are copied into every process that is started, and platforms bound what all of them take."""
    expect.none(
        f"variables that may be larger than {MOST_BYTES_OF_A_VARIABLE} bytes",
        [
            f"{secret.id} may have {secret.greatest_bytes} bytes ({secret_register.at(secret.id, 'greatest_bytes')})"
            for secret in secret_register.secrets.values()
            if secret.kind == "variable" and secret.greatest_bytes > MOST_BYTES_OF_A_VARIABLE
        ],
        look_at=SECRET_REGISTER,
        mend="make it a Secret File: kind: file, with a file's name",
    )


@requirement("D6-14")
def test_secret_that_is_a_file_by_nature_is_one(secret_register: SecretRegister, expect: Expect) -> None:
    """What programs read from a path would have to be written there first, by whoever has it in a variable."""
    expect.none(
        "variables that are files by nature",
        [
            f"{secret.id} is a {secret.form} ({secret_register.at(secret.id, 'kind')})"
            for secret in secret_register.secrets.values()
            if secret.kind == "variable" and secret.form in FILES_BY_NATURE
        ],
        look_at=SECRET_REGISTER,
        mend="make it a Secret File: kind: file, with a file's name",
    )


@requirement("D1-16")
def test_backup_shares_nothing_with_other_services(
    blueprint: Blueprint, inventory: Inventory, secret_register: SecretRegister, expect: Expect
) -> None:
    """Whoever takes over a service that faces the network finds neither the dump's login nor the way to the bucket."""
    backup = "backup-nightly"
    own = secret_register.of(backup)
    settings = {one.key for one in blueprint.settings(backup) if one.key.startswith("BACKUP_")}
    settings |= {secret.variable for secret in own}
    groups = {secret.group for secret in own} | {one.group for one in blueprint.settings(backup) if one.group}
    found = [
        f"{secret.id} is for {', '.join(secret.services)} ({secret_register.at(secret.id, 'services')})"
        for secret in own
        if set(secret.services) != {backup}
    ]
    for name in [*blueprint.entries.keys() - {backup}]:
        found += [
            f"{name} gets {one.key or one.group} ({one.place})"
            for one in blueprint.settings(name)
            if one.key in settings or one.group in groups
        ]
    for name, service in inventory.services.items():
        if name != backup:
            found += [
                f"{name} gets {key} ({inventory.document.at('services', name, 'environment', key)})"
                for key in service.environment
                if key in settings
            ]
    expect.none(
        "services with credentials or settings of the backup",
        found,
        look_at=f"{SECRET_REGISTER} and {blueprint.document.name}",
        mend="leave them to backup-nightly alone",
    )
