"""What the workers can do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job

from workers.app import app, connector

#: Jobs that have ended are remembered for so long.
KEPT_HOURS = 30 * 24

logger = logging.getLogger("workers")


class HandBack(BaseRetryStrategy):
    """A job that a stop has cut off goes to another worker; one that failed has failed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """procrastinate asks this of a job that did not succeed."""
        cut_off = isinstance(exception, JobAborted | asyncio.CancelledError)
        return RetryDecision(retry_in={"seconds": 0}) if cut_off else None


async def forget_old_jobs() -> None:
    """The queue keeps what it has done; rows of core.deployments are nobody's to forget."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


HANDLERS: dict[str, Callable[[], Awaitable[None]]] = {"retention-run": forget_old_jobs}


@app.task(name="handle_event", retry=HandBack())
async def handle_event(event_id: int) -> None:
    """Do what the event asks for, once: a job comes again when its worker was killed before it could say "done"."""
    async with connector.pool.connection() as connection:
        # Whoever else has this event waits here, and then finds that it is handled.
        taken = await connection.execute(
            "UPDATE core.events SET handled_at = now() WHERE id = %s AND handled_at IS NULL RETURNING kind", [event_id]
        )
        event = await taken.fetchone()
        if event is None:
            logger.info("event was handled before", extra={"event_id": event_id})
            return
        (kind,) = event
        await HANDLERS[kind]()
    # Committed, so that the log tells of nothing that was taken back.
    logger.info("event handled", extra={"event": kind, "event_id": event_id})
