"""How long a job may run, and how long a stop may take. infra/inventory.yaml has the same numbers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from procrastinate import JobContext
from procrastinate.worker import Worker

from spectral_service import read_integer

#: Seconds that a job may run, at most (ADR-049); HANDLER_MAX may lower it, not raise it.
HANDLER_MAX = 60

#: Seconds after SIGTERM at which a command that runs no jobs leaves, whatever happens.
COMMAND_DRAIN = 3

logger = logging.getLogger("workers")


class TookTooLong(Exception):
    """A job was stopped; the text says why."""


def read_job_seconds() -> int:
    """How long a job may run, from HANDLER_MAX."""
    return read_integer("HANDLER_MAX", HANDLER_MAX, HANDLER_MAX)


def job_grace(job_seconds: int) -> int:
    """After SIGTERM the running job has so long. It ends by itself or by its limit before that."""
    return job_seconds + 1


def drain_seconds(job_seconds: int) -> int:
    """After SIGTERM the process leaves then, whatever happens: without its database it cannot even hand back."""
    return job_seconds + 3


def limited(seconds: int) -> Callable[..., Awaitable[object]]:
    """A middleware that ends a job after so long, which then counts as failed."""

    async def limit(run: Callable[[], Awaitable[object]], context: JobContext, worker: Worker) -> object:
        try:
            async with asyncio.timeout(seconds) as ending:
                return await run()
        except TimeoutError:
            if not ending.expired():
                raise  # the job's own
            why = f"still running after {seconds} s (HANDLER_MAX)"
            logger.error("job stopped", extra={"job_id": context.job.id, "reason": why})
            raise TookTooLong(why) from None

    return limit
