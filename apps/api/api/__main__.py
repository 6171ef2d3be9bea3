"""`python -m api`: process 1 of the api image."""

import logging
import os
import signal
import sys

from api.answers import Envelope
from api.app import create_app
from api.database import Database
from api.server import GRACEFUL_SHUTDOWN, Server, quieten
from spectral_service import (
    Misconfigured,
    configure_logging,
    identity_fields,
    read_generation,
    read_integer,
    read_secret,
    read_version,
)
from spectral_service.database import read_database_url

DEFAULT_PORT = 10000  # Render's own default
HIGHEST_PORT = 65535

TOKEN = "version-detail-token"
TOKEN_LENGTH = 32  # characters, at least

logger = logging.getLogger("api")


def read_token() -> str | None:
    """What opens /version/detail; one that could be guessed is none."""
    token = read_secret(TOKEN)
    if token is not None and len(token) < TOKEN_LENGTH:
        raise Misconfigured(f"{TOKEN} has fewer than {TOKEN_LENGTH} characters")
    return token


def main() -> None:
    """Start the server, or say in one line why not."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    configure_logging("api")
    quieten()
    try:
        version, url, token = read_version(), read_database_url(), read_token()
        port = read_integer("PORT", DEFAULT_PORT, HIGHEST_PORT)
        # It may be lowered, not raised: Render does not wait longer.
        drain_seconds = read_integer("DRAIN_SECONDS", GRACEFUL_SHUTDOWN, GRACEFUL_SHUTDOWN)
    except Misconfigured as problem:
        logger.critical("cannot start", extra={"problem": str(problem)})
        sys.exit(1)
    generation = read_generation()
    started = {
        **identity_fields(version, generation),
        "version_detail": "open with a token" if token else "closed",
    }
    app = create_app(version, generation, Database(url), token)
    Server(Envelope(app), port, drain_seconds, started).run()


def leave(*_: object) -> None:
    """uvicorn stops in order, then raises the signal once more; there is nothing to stop before it runs.

    At once: a name lookup sits in a thread nobody can cancel, and the interpreter would wait for it.
    """
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
