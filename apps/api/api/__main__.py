"""`python -m api`: process 1 of the api image."""

import logging
import os
import re
import sys
from contextlib import suppress

from api.app import create_app
from api.server import Server, configure_uvicorn_logging
from spectral_service import (
    Misconfigured,
    configure_logging,
    identity_fields,
    read_generation,
    read_version,
)

DEFAULT_PORT = "10000"  # Render's own default

logger = logging.getLogger("api")


def read_port() -> int:
    """The port to listen on, from PORT."""
    value = os.environ.get("PORT", DEFAULT_PORT)
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        raise Misconfigured("PORT is not an integer from 1 to 65535")
    return int(value)


def main() -> None:
    """Start the server, or say in one line why not."""
    configure_logging("api")
    configure_uvicorn_logging()
    try:
        version, port = read_version(), read_port()
    except Misconfigured as problem:
        logger.critical("cannot start", extra={"problem": str(problem)})
        sys.exit(1)
    generation = read_generation()
    started = identity_fields(version, generation)
    with suppress(KeyboardInterrupt):  # uvicorn stops in order, then raises the signal once more
        Server(create_app(version, generation), port, started).run()


if __name__ == "__main__":
    main()
