"""Where the database is, and why it cannot be reached, without giving anything away."""

import os
import re
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from spectral_service.identity import Misconfigured

#: What a message of libpq is cut into; shorter words tell nothing.
WORD = re.compile(r"""[^\s"'(),;=]{3,}""")


def read_database_url() -> str:
    """DATABASE_URL, if libpq can read it; its own complaint would repeat the value."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.strip():
        raise Misconfigured("DATABASE_URL is not set")
    try:
        conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        raise Misconfigured("DATABASE_URL is not a connection string") from None
    return url


def reason(exc: BaseException, url: str) -> dict[str, str]:
    """Class and short text of a failure, as log fields.

    libpq repeats parts of the connection string, and after a badly encoded password
    any part may be a piece of it: so every word the string contains is left out.
    """
    plain = f"{url} {unquote(url)}"
    text = str(exc).strip().partition("\n")[0].rpartition(": ")[2].strip()
    text = WORD.sub(lambda word: "…" if word[0] in plain else word[0], text)
    return {"error": type(exc).__name__, "reason": text[:120]}
