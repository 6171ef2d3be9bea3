"""What a value has to look like before it is sent. No message has a part of a value in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from register import Secret

#: Those of several lines, which are taken as they are; the others are one line, without its end.
LONG = ("service-account", "private-key", "age-key")
#: The shortest, in characters.
PASSWORD, TOKEN = 16, 32
AGE_KEY = re.compile(r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}")
PEM = re.compile(r"\s*-----BEGIN ([A-Z ]*PRIVATE KEY)-----\n[A-Za-z0-9+/=\s]+\n-----END \1-----\s*")


class Refused(Exception):
    """Something that the operator gave is not as it has to be; the text says what, and never shows it."""


def is_long(secret: Secret) -> bool:
    return secret.form in LONG


def clean(secret: Secret, value: str) -> str:
    """A value without the end of its line, where it is one of a single line."""
    return value if is_long(secret) else value.rstrip("\r\n")


def check(secret: Secret, value: str) -> None:
    """Raises Refused where it does not have the form of its secret, or is too long."""
    size = len(value.encode())
    if not value.strip():
        raise Refused(f"{secret.id}: is empty")
    if size > secret.greatest_bytes:
        raise Refused(f"{secret.id}: has {size} bytes, of at most {secret.greatest_bytes}")
    if not is_long(secret) and (not value.isprintable() or value != value.strip()):
        raise Refused(f"{secret.id}: is one line without spaces at its ends, and of characters that can be seen")
    if wrong := _wrong(secret, value):
        raise Refused(f"{secret.id}: {wrong}")


def _wrong(secret: Secret, value: str) -> str:
    match secret.form:
        case "database-url":
            return _database(value, secret.login)
        case "url":
            return "" if _address(value, ("http", "https")) else "is the address of an http or https server"
        case "password":
            return "" if len(value) >= PASSWORD else f"has at least {PASSWORD} characters"
        case "token":
            return "" if len(value) >= TOKEN and " " not in value else f"is one word of at least {TOKEN} characters"
        case "service-account":
            return _service_account(value)
        case "private-key":
            return "" if PEM.fullmatch(value) else "is a private key in PEM"
        case "age-key":
            lines = [line for line in value.splitlines() if line and not line.startswith("#")]
            return "" if len(lines) == 1 and AGE_KEY.fullmatch(lines[0]) else "is one age identity"
    return "has a form that setup.sh does not know"


def _database(value: str, login: str) -> str:
    if not _address(value, ("postgres", "postgresql")):
        return "is the address of a PostgreSQL database: scheme, login, password, host and database"
    parts = urlsplit(value)
    # A pooler takes the login with the name of its database behind a dot.
    if (parts.username or "").partition(".")[0] != login:
        return f"names another login than {login}"
    if not parts.password or not parts.path.strip("/"):
        return "has a password and a database in it"
    return ""


def _address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and " " not in value
    except ValueError:
        return False


def _service_account(value: str) -> str:
    try:
        data = json.loads(value)
    except ValueError:
        return "is JSON"
    if not isinstance(data, dict) or data.get("type") != "service_account":
        return "is the JSON of a service account: its type says so"
    if not PEM.fullmatch(str(data.get("private_key", ""))):
        return "has a private_key in PEM"
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", str(data.get("client_email", ""))):
        return "has a client_email"
    return ""
