"""Jobs of workers that are gone. procrastinate knows which these are, and leaves it to us to run them again."""

import asyncio
import logging

from workers.app import connector
from workers.database import PASSING

#: Seconds without a heartbeat after which a worker is gone. It sends one every ten.
GONE_AFTER = 30

#: Seconds between two looks.
LOOK_EVERY = 10

#: In one statement, so that of two who look at the same time only one gets the job. A worker that has left the
#: table, by itself or because another found it gone, has no jobs either.
HAND_BACK = """
UPDATE procrastinate_jobs AS job
SET status = 'todo', attempts = attempts + 1, worker_id = NULL
WHERE status = 'doing' AND NOT EXISTS (
    SELECT FROM procrastinate_workers AS worker
    WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - make_interval(secs => %s)
)
RETURNING id
"""

logger = logging.getLogger("workers")


async def rescue() -> None:
    """Put the jobs of workers that are gone back into the queue."""
    async with connector.pool.connection() as connection:
        rows = await (await connection.execute(HAND_BACK, [GONE_AFTER])).fetchall()
    if rows:
        logger.warning("jobs of a lost worker handed back", extra={"jobs": sorted(id_ for (id_,) in rows)})


async def keep_rescuing() -> None:
    """Look again and again; what fails once is tried the next time."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            await rescue()
        except PASSING as exc:
            logger.warning("lost jobs not looked for", extra={"error": type(exc).__name__})
