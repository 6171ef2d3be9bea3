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
from spectral_service.database import read_database_url
from workers.app import app
from workers.database import PASSING, probe, reason, require_schema
from workers.limits import COMMAND_DRAIN, drain_seconds, job_grace, limited, read_job_seconds
from workers.rescue import keep_rescuing, rescue
from workers.retention import post_retention_run

#: Seconds between two attempts to reach the database: the least, and the most.
LEAST_PAUSE, MOST_PAUSE = 1.0, 30.0

logger = logging.getLogger("workers")


async def work(url: str, job_seconds: int) -> None:
    """Run jobs until cancelled; procrastinate finishes the running one first."""
    await probe(url)
    try:
        await app.open_async()
        await require_schema()
        await rescue()
        rescuing = asyncio.create_task(keep_rescuing())
        try:
            await app.run_worker_async(
                # Our handlers are there before the first connection; its own would come too late.
                install_signal_handlers=False,
                shutdown_graceful_timeout=job_grace(job_seconds),
                worker_middleware=[limited(job_seconds)],
            )
        finally:
            rescuing.cancel()
    finally:
        await app.close_async()  # also after a failed open, or the next one finds a dead pool


async def keep_working(url: str, job_seconds: int) -> int:
    """Run the worker, and again whenever the database was away, with growing pauses."""
    failures = 0
    while True:
        begun = time.monotonic()
        why = {"reason": "the worker ended by itself"}
        try:
            await work(url, job_seconds)
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


async def run(work_to_do: Coroutine[None, None, int], drain: int, started: dict[str, object]) -> NoReturn:
    """Listen for the stop signals, then work until one comes or the work is done.

    ``drain``: seconds after the signal at which the process leaves whatever happens.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    logger.info("started", extra={**started, "drain_seconds": drain})

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
    await asyncio.wait({working}, timeout=drain)
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
        version, url, job_seconds = read_version(), read_database_url(), read_job_seconds()
    except Misconfigured as problem:
        logger.critical("cannot start", extra={"problem": str(problem)})
        sys.exit(1)
    started = identity_fields(version, read_generation())
    if command:
        asyncio.run(run(post_retention_run(url), COMMAND_DRAIN, started))
    else:
        started["job_seconds"] = job_seconds
        asyncio.run(run(keep_working(url, job_seconds), drain_seconds(job_seconds), started))


if __name__ == "__main__":
    main()
