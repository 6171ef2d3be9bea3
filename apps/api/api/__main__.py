"""`python -m api`: process 1 of the api image."""

import logging
import os
import re
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
    read_secret,
    read_version,
)
from spectral_service.database import read_database_url

DEFAULT_PORT = "10000"  # Render's own default

TOKEN = "version-detail-token"
TOKEN_LENGTH = 32  # characters, at least

logger = logging.getLogger("api")


def read_port() -> int:
    """The port to listen on, from PORT."""
    value = os.environ.get("PORT", DEFAULT_PORT)
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        raise Misconfigured("PORT is not an integer from 1 to 65535")
    return int(value)


def read_drain_seconds() -> int:
    """How long requests in flight may take after SIGTERM; DRAIN_SECONDS may lower it, not raise it."""
    value = os.environ.get("DRAIN_SECONDS", str(GRACEFUL_SHUTDOWN))
    if not re.fullmatch(r"[0-9]{1,2}", value) or not 1 <= int(value) <= GRACEFUL_SHUTDOWN:
        raise Misconfigured(f"DRAIN_SECONDS is not an integer from 1 to {GRACEFUL_SHUTDOWN}")
    return int(value)


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
        port, drain_seconds = read_port(), read_drain_seconds()
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
