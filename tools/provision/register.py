"""infra/secrets.yaml, as far as provisioning needs it. What the fields mean stands in its schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forms import Refused

try:
    import yaml
except ImportError:
    raise SystemExit("setup.sh: needs PyYAML for its Python: package python3-yaml of Debian, or PYTHON=...") from None


@dataclass(frozen=True)
class Secret:
    id: str  #: what operators call it by, "api-database-url"
    name: str  #: of the variable or the file, "DATABASE_URL"
    kind: str  #: "variable" or "file"
    form: str  #: see forms.py
    login: str  #: of the database, "" where it opens none
    greatest_bytes: int
    services: tuple[str, ...]  #: who gets it
    group: str  #: the env group that it goes into


@dataclass(frozen=True)
class Register:
    environments: tuple[str, ...]
    secrets: Mapping[str, Secret]

    def services_of(self, group: str) -> tuple[str, ...]:
        """Who takes the group, in order."""
        found = [name for one in self.secrets.values() if one.group == group for name in one.services]
        return tuple(dict.fromkeys(found))


def read_register(file: Path) -> Register:
    """Raises Refused where there is none, or where a group would give a service what it is not to have."""
    try:
        data = yaml.safe_load(file.read_text())
        secrets = {id_: _secret(id_, entry) for id_, entry in data["secrets"].items()}
        register = Register(tuple(data["environments"]), secrets)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"infra/secrets.yaml cannot be read: {type(error).__name__}") from None
    for one in secrets.values():
        if set(one.services) != set(register.services_of(one.group)):
            raise Refused(f"infra/secrets.yaml: {one.group} would give {one.id} to more services than its own")
    return register


def _secret(id_: str, entry: dict[str, object]) -> Secret:
    services = entry["services"]
    if not isinstance(services, list):
        raise TypeError
    return Secret(
        id=id_,
        name=str(entry["name"]),
        kind=str(entry["kind"]),
        form=str(entry["form"]),
        login=str(entry.get("login", "")),
        greatest_bytes=int(str(entry["greatest_bytes"])),
        services=tuple(map(str, services)),
        group=str(entry["group"]),
    )
