"""`python -m workers`: process 1 of the workers image; with `retention-run`, of that cron."""

import asyncio
import logging
import os
import random
import signal
import sys
import time
from collections.abc import Coroutine
from typing import NoReturn

from spectral_service import (
    Misconfigured,
    configure_logging,
    identity_fields,
    read_generation,
    read_version,
)
from workers.app import app
from workers.database import PASSING, probe, read_database_url, reason, require_schema
from workers.tasks import note_event

#: Seconds a running job may still take after SIGTERM; then it is aborted.
JOB_GRACE = 20

#: Seconds after SIGTERM at which the process leaves whatever happens; Render kills after 30.
STOP_WITHIN = 26

#: Seconds between two attempts to reach the database: the least, and the most.
LEAST_PAUSE, MOST_PAUSE = 1.0, 30.0

logger = logging.getLogger("workers")


async def work(url: str) -> None:
    """Run jobs until cancelled; procrastinate finishes the running one first."""
    await probe(url)
    try:
        await app.open_async()
        await require_schema()
        # Our handlers are there before the first connection; its own would come too late.
        await app.run_worker_async(install_signal_handlers=False, shutdown_graceful_timeout=JOB_GRACE)
    finally:
        await app.close_async()  # also after a failed open, or the next one finds a dead pool


async def keep_working(url: str) -> int:
    """Run the worker, and again whenever the database was away, with growing pauses."""
    failures = 0
    while True:
        begun = time.monotonic()
        why = {"reason": "the worker ended by itself"}
        try:
            await work(url)
        except PASSING as exc:
            why = reason(exc, url)
        if time.monotonic() - begun > MOST_PAUSE:
            failures = 0  # it worked for a while: this is a new outage
        failures = min(failures + 1, 10)
        longest = min(LEAST_PAUSE * 2**failures, MOST_PAUSE)
        # Jitter, so that many workers do not come back to a restarted database at once.
        pause = random.uniform(longest / 2, longest)
        logger.warning("database not usable", extra={**why, "retry_in": round(pause, 1)})
        await asyncio.sleep(pause)


async def post_retention_run(url: str) -> int:
    """Post the nightly event, which a worker handles, and be done; the status to exit with."""
    try:
        await probe(url)
        async with app.open_async():
            await require_schema()
            await note_event.defer_async(event="retention-run")
    except PASSING as exc:
        logger.error("event not posted", extra=reason(exc, url))
        return 1
    logger.info("event posted", extra={"event": "retention-run"})
    return 0


async def run(work_to_do: Coroutine[None, None, int], started: dict[str, object]) -> NoReturn:
    """Listen for the stop signals, then work until one comes or the work is done."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    logger.info("started", extra=started)

    working = asyncio.create_task(work_to_do)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        if failure := working.exception():
            logger.critical("failed", exc_info=failure)
            leave(1)
        leave(working.result())

    logger.info("stopping")
    working.cancel()
    await asyncio.wait({working}, timeout=STOP_WITHIN)
    if not working.done():
        logger.error("did not stop in time")
        leave(1)
    if not working.cancelled() and (failure := working.exception()):
        logger.error("failed while stopping", exc_info=failure)
        leave(1)
    logger.info("stopped")
    leave(0)


def leave(code: int) -> NoReturn:
    """Exit at once: a name lookup or a synchronous job sits in a thread nobody can cancel,
    and the interpreter would wait for it."""
    logging.shutdown()
    os._exit(code)


def main() -> None:
    """Start working, or say in one line why not."""
    configure_logging("workers")
    command = sys.argv[1:]
    if command not in ([], ["retention-run"]):
        logger.critical("cannot start", extra={"problem": "usage: python -m workers [retention-run]"})
        sys.exit(2)
    # The pool repeats what keep_working reports, with parts of the connection string.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    try:
        version, url = read_version(), read_database_url()
    except Misconfigured as problem:
        logger.critical("cannot start", extra={"problem": str(problem)})
        sys.exit(1)
    work_to_do = post_retention_run(url) if command else keep_working(url)
    asyncio.run(run(work_to_do, identity_fields(version, read_generation())))


if __name__ == "__main__":
    main()
