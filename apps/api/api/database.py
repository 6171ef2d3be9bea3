"""Asking the database, for no longer than a client waits."""

import asyncio
import logging
from typing import Any, ClassVar, Self

import psycopg
from psycopg import waiting
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from spectral_service.database import reason

#: Seconds from the question to the answer, with connecting and waiting for a connection.
READY_SECONDS = 2

#: Connections, at most.
MAX_SIZE = 4

#: Seconds that closing may take; what a silent database still holds then ends with the process.
CLOSE_SECONDS = 1

#: Times in UTC, as all of them are shown; and a live server gives up when nobody waits any more.
OPTIONS = f"-c timezone=UTC -c statement_timeout={READY_SECONDS * 1000}"

logger = logging.getLogger("api")


class Unavailable(Exception):
    """There is no answer; the reason is in the log."""


class Connection(psycopg.AsyncConnection[dict[str, Any]]):
    """Remembers why it could not be made, and is given up when it is not waited for any more."""

    #: Of the last attempt of any; the pool does not pass it on.
    failure: ClassVar[Exception | None] = None

    @classmethod
    async def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        """As psycopg does."""
        try:
            connection = await super().connect(conninfo, **kwargs)
        except Exception as exc:
            Connection.failure = exc
            raise
        Connection.failure = None
        return connection

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """psycopg itself asks the server to cancel, and waits for that: ten seconds if the server is silent."""
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise


class Database:
    """A few connections, made when they are needed; the service runs without any."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._problems: dict[str, dict[str, str] | None] = {}
        self._pool = AsyncConnectionPool(
            url,
            open=False,
            connection_class=Connection,
            kwargs={
                "application_name": "api",
                "autocommit": True,
                "connect_timeout": READY_SECONDS,
                "options": OPTIONS,
                "prepare_threshold": None,  # a pooler in between may change servers
                "row_factory": dict_row,
            },
            min_size=0,
            max_size=MAX_SIZE,
            timeout=READY_SECONDS,
            reconnect_timeout=0,  # the next question tries again, and not minutes later
        )

    async def open(self) -> None:
        """Connect to nothing yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Do not wait for a silent peer."""
        await self._pool.close(timeout=CLOSE_SECONDS)

    async def ask(self, query: str, path: str) -> list[dict[str, Any]]:
        """The rows, within READY_SECONDS; else Unavailable, and the log says why no ``path`` can be answered."""
        problem = None
        try:
            return await self._ask(query)
        except (PoolTimeout, TimeoutError):  # who waits for a connection is not told why there is none
            failure = Connection.failure or TimeoutError(f"no answer in {READY_SECONDS} s")
            problem = reason(failure, self._url)
            raise Unavailable from None
        except (psycopg.Error, OSError) as exc:
            problem = reason(exc, self._url)
            raise Unavailable from None
        finally:
            self._note(path, problem)

    async def _ask(self, query: str) -> list[dict[str, Any]]:
        """Connections may have lain there while the server was restarted: those break, and another one is tried."""
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        spare = MAX_SIZE
        while True:
            async with asyncio.timeout_at(deadline):
                connection = await self._pool.getconn()
            try:
                async with asyncio.timeout_at(deadline):
                    return await (await connection.execute(query)).fetchall()
            except psycopg.OperationalError:
                if not connection.broken or not spare:
                    raise
                spare -= 1
            finally:
                await self._pool.putconn(connection)  # outside of the timeout, or it could be lost on its way back

    def _note(self, path: str, problem: dict[str, str] | None) -> None:
        """Health checks come every few seconds: a line when it breaks, or in another way, and when it works again."""
        before, self._problems[path] = self._problems.get(path), problem
        if problem and problem != before:
            logger.warning("database not usable", extra={**problem, "path": path})
        elif before and not problem:
            logger.info("database usable again", extra={"path": path})
