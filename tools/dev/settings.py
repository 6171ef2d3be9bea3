"""What both flows on a developer's machine, pnpm dev and compose, are told: infra/local/.env."""

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / "infra" / "local"
EXAMPLE, ENV = LOCAL / ".env.example", LOCAL / ".env"

#: A line that sets a variable: its name, and the value as written.
LINE = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)$", re.MULTILINE)

#: The logins of the database, each with the variable that has its password.
PASSWORDS = {"api": "API_DB_PASSWORD", "workers": "WORKERS_DB_PASSWORD", "backup_nightly": "BACKUP_DB_PASSWORD"}

#: Unless the settings say otherwise.
DATABASE_PORT, DATABASE_NAME = "54322", "spectral"


def refuse(reason: str) -> NoReturn:
    """End with exit status 1, and say why."""
    print(reason, file=sys.stderr)
    sys.exit(1)


def values(text: str) -> dict[str, str]:
    """The variables of a file such as .env, without the quotes around them; a later line wins over an earlier one."""
    return {line["name"]: " ".join(shlex.split(line["value"], comments=True)) for line in LINE.finditer(text)}


def read_settings() -> dict[str, str]:
    """The variables that are not empty; as for compose, the environment wins over the file. Ends where none is."""
    if not ENV.is_file():
        refuse("There is no infra/local/.env. `pnpm db:prepare` makes it; docs/local.md says how.")
    known = values(EXAMPLE.read_text())
    found = {**values(ENV.read_text()), **{name: os.environ[name] for name in known if name in os.environ}}
    return {name: value for name, value in found.items() if value}


def require(settings: Mapping[str, str], *names: str) -> None:
    """End unless all of them are set."""
    if lacking := [name for name in names if name not in settings]:
        hint = "age-keygen makes a key; BACKUP_RECIPIENT is its public half." * ("BACKUP_RECIPIENT" in lacking)
        if set(lacking) & set(PASSWORDS.values()):
            hint = "`pnpm db:prepare` writes the passwords."
        refuse(f"infra/local/.env has no value for {', '.join(lacking)}. {hint}")
