"""uvicorn, with a line when it really listens and a line when it begins to stop."""

import logging
import socket

import uvicorn
from fastapi import FastAPI

#: Seconds a request in flight may still take after SIGTERM; Render kills after 30.
GRACEFUL_SHUTDOWN = 20

logger = logging.getLogger("api")


class Server(uvicorn.Server):
    """Says "started" only when a client gets an answer and SIGTERM is handled."""

    def __init__(self, app: FastAPI, port: int, started: dict[str, object]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host="0.0.0.0",
                port=port,
                lifespan="on",
                log_config=None,  # the process's own logging stays in charge
                server_header=False,
                timeout_graceful_shutdown=GRACEFUL_SHUTDOWN,
            )
        )
        self.started_fields = {**started, "port": port}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application's own startup hook is too early: it runs before the socket listens."""
        await super().startup(sockets)
        logger.info("started", extra=self.started_fields)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The application's own shutdown hook is too late: it runs after the last request."""
        logger.info("stopping")
        await super().shutdown(sockets)


def request_line(record: logging.LogRecord) -> bool:
    """Turn uvicorn's access record into fields, without the query, where secrets travel."""
    if isinstance(record.args, tuple) and len(record.args) == 5:
        _, method, path, _, status = record.args
        record.msg, record.args = "request", None
        vars(record).update(method=method, path=str(path).partition("?")[0], status=status)
    return True


def configure_uvicorn_logging() -> None:
    """One line a request, and of the rest only what went wrong."""
    logging.getLogger("uvicorn.access").addFilter(request_line)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
