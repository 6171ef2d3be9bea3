"""uvicorn, with a line when it really listens, a line when it begins to stop, and nobody dropped in between."""

import asyncio
import logging
import socket

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.answers import HEADERS, refusal

#: Seconds a request in flight may still take after SIGTERM; Render kills after 30.
GRACEFUL_SHUTDOWN = 20

#: What was sent before SIGTERM may still be on its way: so many looks for new connections, and then for requests on
#: those that are open, and the seconds between two looks.
LOOKS_FOR_CONNECTIONS = 3, 0.03
LOOKS_FOR_REQUESTS = 10, 0.01

logger = logging.getLogger("api")


class Protocol(H11Protocol):
    """Refuses what is not even HTTP in the same form as all else."""

    def send_400_response(self, msg: str) -> None:
        """It never gets to the application."""
        answer = refusal(400, {"connection": "close"})
        response = h11.Response(status_code=400, headers=[*answer.raw_headers, *HEADERS], reason=b"Bad Request")
        for event in (response, h11.Data(data=answer.body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event))
        self.transport.close()


class Server(uvicorn.Server):
    """Says "started" only when a client gets an answer and SIGTERM is handled."""

    def __init__(self, app: ASGIApp, port: int, drain_seconds: int, started: dict[str, object]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host="0.0.0.0",
                port=port,
                http=Protocol,
                ws="none",
                lifespan="on",
                log_config=None,  # the process's own logging stays in charge
                access_log=False,  # the application's own line has the time it took
                server_header=False,
                timeout_graceful_shutdown=drain_seconds,
            )
        )
        self.started_fields = {**started, "drain_seconds": drain_seconds, "port": port}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application's own startup hook is too early: it runs before the socket listens."""
        await super().startup(sockets)
        logger.info("started", extra=self.started_fields)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The application's own shutdown hook is too late: it runs after the last request.

        uvicorn drops what it has not read yet: connections that nobody has accepted, and requests on connections
        that seem idle. So all that was sent before the signal is fetched first, and answered with "close".
        """
        logger.info("stopping")
        self.server_state.default_headers.append((b"connection", b"close"))
        await let_arrive(*LOOKS_FOR_CONNECTIONS)
        await self.stop_accepting()
        await let_arrive(*LOOKS_FOR_REQUESTS)
        await super().shutdown(sockets)

    async def stop_accepting(self) -> None:
        """A server that is closed drops what it has just accepted, so that is given a turn of the loop before."""
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listener in server.sockets:
                loop.remove_reader(listener)
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()


async def let_arrive(looks: int, seconds: float) -> None:
    """Not one long sleep: a busy machine may stop the process for all of it, and the loop has to look after that."""
    for _ in range(looks):
        await asyncio.sleep(seconds)


def quieten() -> None:
    """Of the libraries, only what went wrong here; the pool would tell parts of the connection string."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("psycopg").setLevel(logging.ERROR)
