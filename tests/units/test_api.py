"""The api service waits for its database no longer than it says, and survives whatever that does."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType

import pytest

from fixtures.documents import HARNESS

#: In the place of the two seconds that a client waits.
PATIENCE = 0.3
#: On a busy machine.
SLACK = 1.5
#: What a server says to a login without a password, and that it is ready.
WELCOME = b"R\x00\x00\x00\x08\x00\x00\x00\x00" + b"Z\x00\x00\x00\x05I"


class Peer:
    """Listens where the database should be, and says ``answers`` to what comes, one after the other; then nothing."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://api:hunter2@127.0.0.1:{self._listener.getsockname()[1]}/spectral?sslmode=disable"
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            for answer in self._answers:
                connection.recv(4096)
                connection.sendall(answer)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # or it would go on listening as long as it waits for a connection
        self._listener.close()
        for connection in self.connections:
            connection.close()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """api.database; it needs no web framework."""
    monkeypatch.syspath_prepend(str(HARNESS / "apps/api"))
    import api.database as module

    monkeypatch.setattr(module, "READY_SECONDS", PATIENCE)
    monkeypatch.setattr(module, "CLOSE_SECONDS", PATIENCE)
    monkeypatch.setattr(module.Connection, "failure", None)
    return module


@pytest.fixture(params=["silent from the start", "silent after the login"])
def silent(request: pytest.FixtureRequest) -> Iterator[Peer]:
    peer = Peer() if request.param == "silent from the start" else Peer(WELCOME)
    yield peer
    peer.close()


def seconds_for(database: ModuleType, url: str, work: Callable[[object], Awaitable[None]]) -> float:
    """How long ``work`` takes with an open pool, and closing it."""

    async def run() -> float:
        opened = database.Database(url)
        await opened.open()
        begun = time.monotonic()
        try:
            async with asyncio.timeout(20):
                await work(opened)
        finally:
            await opened.close()  # or its workers would hold the loop
        return time.monotonic() - begun

    return asyncio.run(run())


def test_silent_database_is_waited_for_briefly(database: ModuleType, silent: Peer) -> None:
    """psycopg alone would ask the server to cancel, for ten seconds."""

    async def ask(opened: object) -> None:
        with pytest.raises(database.Unavailable):
            await opened.ask("SELECT 1", "/readyz")

    assert seconds_for(database, silent.url, ask) < 2 * PATIENCE + SLACK


def test_connections_come_back_after_a_timeout(database: ModuleType) -> None:
    """More questions than there are connections: a lost one would be missed."""
    peer = Peer(WELCOME)

    async def ask(opened: object) -> None:
        for _ in range(database.MAX_SIZE + 2):
            with pytest.raises(database.Unavailable):
                await opened.ask("SELECT 1", "/readyz")

    seconds_for(database, peer.url, ask)
    peer.close()
    assert len(peer.connections) > database.MAX_SIZE


def test_database_that_was_never_asked_is_not_connected_to(database: ModuleType, silent: Peer) -> None:
    async def nothing(_: object) -> None:
        await asyncio.sleep(PATIENCE)

    assert seconds_for(database, silent.url, nothing) < 2 * PATIENCE + SLACK
    assert silent.connections == []


def test_outage_is_logged_once_and_without_the_connection_string(
    database: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    peer = Peer()
    peer.close()

    async def ask(opened: object) -> None:
        for _ in range(3):
            with pytest.raises(database.Unavailable):
                await opened.ask("SELECT 1", "/readyz")

    with caplog.at_level(logging.INFO, logger="api"):
        seconds_for(database, peer.url, ask)
    lines = [vars(record) for record in caplog.records if record.name == "api"]
    assert [(line["levelname"], line["msg"], line["path"], line["reason"]) for line in lines] == [
        ("WARNING", "database not usable", "/readyz", "Connection refused")
    ]
    assert "hunter2" not in str(lines)


def test_outage_on_one_path_says_nothing_of_another(database: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    noted = database.Database("postgresql://api@database/spectral")
    problem = {"error": "UndefinedTable", "reason": "why"}
    with caplog.at_level(logging.INFO, logger="api"):
        noted._note("/readyz", None)
        noted._note("/deployments", problem)
        noted._note("/readyz", None)
        noted._note("/deployments", dict(problem))
        noted._note("/deployments", None)
        noted._note("/deployments", None)
    assert [(record.msg, vars(record)["path"]) for record in caplog.records] == [
        ("database not usable", "/deployments"),
        ("database usable again", "/deployments"),
    ]
