"""Reaching the database of the queue, and saying why it cannot be reached without giving anything away."""

import psycopg
from procrastinate.exceptions import ConnectorException

from spectral_service import database
from workers.app import CONNECT_TIMEOUT, app


class SchemaMissing(Exception):
    """The database answers, but procrastinate's tables are not there."""


#: What may pass by itself, so is worth another attempt.
PASSING = (psycopg.Error, ConnectorException, OSError, SchemaMissing)


async def probe(url: str) -> None:
    """Connect once: the pool retries in the background and hides the reason."""
    connection = await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_TIMEOUT)
    await connection.close()


async def require_schema() -> None:
    """Raise SchemaMissing unless procrastinate's tables are there."""
    if not await app.check_connection_async():
        raise SchemaMissing("procrastinate's schema is not applied")


def reason(exc: BaseException, url: str) -> dict[str, str]:
    """Class and short text of a failure, as log fields; procrastinate hides the one that tells."""
    if isinstance(exc, ConnectorException) and exc.__cause__:
        exc = exc.__cause__
    return database.reason(exc, url)
