"""Reaching the database, and saying why it cannot be reached without giving anything away."""

import os
import re
from urllib.parse import unquote

import psycopg
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import conninfo_to_dict

from spectral_service import Misconfigured
from workers.app import CONNECT_TIMEOUT, app


class SchemaMissing(Exception):
    """The database answers, but procrastinate's tables are not there."""


#: What may pass by itself, so is worth another attempt.
PASSING = (psycopg.Error, ConnectorException, OSError, SchemaMissing)

WORD = re.compile(r"""[^\s"'(),;=]{3,}""")


def read_database_url() -> str:
    """DATABASE_URL, if libpq can read it; its own complaint would repeat the value."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise Misconfigured("DATABASE_URL is not set")
    try:
        conninfo_to_dict(url)
    except psycopg.Error:
        raise Misconfigured("DATABASE_URL is not a connection string") from None
    return url


async def probe(url: str) -> None:
    """Connect once: the pool retries in the background and hides the reason."""
    connection = await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_TIMEOUT)
    await connection.close()


async def require_schema() -> None:
    """Raise SchemaMissing unless procrastinate's tables are there."""
    if not await app.check_connection_async():
        raise SchemaMissing("procrastinate's schema is not applied")


def reason(exc: BaseException, url: str) -> dict[str, str]:
    """Class and short text of a failure, as log fields.

    libpq repeats parts of the connection string, and after a badly encoded password
    any part may be a piece of it: so every word the string contains is left out.
    """
    if isinstance(exc, ConnectorException) and exc.__cause__:
        exc = exc.__cause__
    plain = f"{url} {unquote(url)}"
    text = str(exc).strip().partition("\n")[0].rpartition(": ")[2].strip()
    text = WORD.sub(lambda word: "…" if word[0] in plain else word[0], text)
    return {"error": type(exc).__name__, "reason": text[:120]}
