"""`retention-run`: post the nightly event, which a worker handles, and be done."""

import logging

import psycopg

from spectral_service.database import reason
from workers.app import CONNECT_TIMEOUT

#: Today is the same everywhere; a second run of a day posts nothing.
POST = "SELECT core.post_event('retention-run', (now() AT TIME ZONE 'UTC')::date)"

logger = logging.getLogger("workers")


async def post_retention_run(url: str) -> int:
    """The status to exit with. The login of this service may call that one function, and nothing else."""
    try:
        async with await psycopg.AsyncConnection.connect(
            url, connect_timeout=CONNECT_TIMEOUT, application_name="retention-run", autocommit=True
        ) as connection:
            row = await (await connection.execute(POST)).fetchone()
    except (psycopg.Error, OSError) as exc:
        logger.error("event not posted", extra=reason(exc, url))
        return 1
    if row is None or row[0] is None:
        logger.info("event was posted before", extra={"event": "retention-run"})
    else:
        logger.info("event posted", extra={"event": "retention-run", "event_id": row[0]})
    return 0
