"""Clients under a stop: a whole answer is told from one that was cut off, and a refusal from silence."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from fixtures.load import Asked, Deaf, Load, refused
from fixtures.waiting import wait_until, wait_until_still

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nwell"
Serve = Callable[[Callable[[socket.socket], None]], tuple[str, int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Listens, and has each connection served in a thread of its own; it is closed afterwards."""
    listeners: list[socket.socket] = []

    def serve(handle: Callable[[socket.socket], None]) -> tuple[str, int]:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve_one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                handle(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve_one, args=[listener.accept()[0]], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()

    yield serve
    for listener in listeners:
        close(listener)


def close(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # or accept() goes on
    listener.close()


def answer(*answers: bytes) -> Callable[[socket.socket], None]:
    """Give these answers, one to each request, and close the connection."""

    def handle(connection: socket.socket) -> None:
        for one in answers:
            if not connection.recv(65536):
                return
            connection.sendall(one)

    return handle


def test_whole_answer_has_no_problem(serve: Serve) -> None:
    request = Asked(serve(answer(WHOLE)), "/").answered()
    assert (request.status, request.body, request.problem, str(request)) == (200, b"well", "", "status 200")


@pytest.mark.parametrize("said", [CUT, b"", b"HTTP/1.1 200 OK\r\n", b"nonsense\r\n\r\n"])
def test_answer_that_is_cut_off_is_a_problem(serve: Serve, said: bytes) -> None:
    assert Asked(serve(answer(said)), "/").answered().problem


def test_request_is_sent_when_it_is_made(serve: Serve) -> None:
    before = time.monotonic()
    asked = Asked(serve(answer(WHOLE)), "/")
    after = time.monotonic()
    assert before <= asked.answered().sent <= after


def test_port_without_a_listener_refuses() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    taken = refused(address)
    close(listener)
    assert (taken, refused(address)) == (False, True)


def test_load_ends_when_it_is_refused() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    answered = threading.Event()

    def serve_one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while connection.recv(65536):
                connection.sendall(WHOLE)
                answered.set()

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve_one, args=[listener.accept()[0]], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with Load(listener.getsockname(), "/", 5) as load:
        assert answered.wait(10)
        close(listener)
    assert any(one.status == 200 for one in load.requests)


def test_load_tells_of_each_request_that_is_lost(serve: Serve) -> None:
    with Load(serve(answer(WHOLE, CUT)), "/", 2) as load:
        wait_until(lambda: len(load.requests) > 20, "requests", 10, lambda: str(len(load.requests)))
    lost = [one for one in load.sent_before(time.monotonic()) if one.problem]
    assert abs(len(lost) - len(load.requests) / 2) <= 2


def test_request_that_was_sent_later_does_not_count(serve: Serve) -> None:
    before = time.monotonic()
    with Load(serve(answer(WHOLE)), "/", 1) as load:
        wait_until(lambda: len(load.requests) > 1, "requests", 10, str)
    assert load.sent_before(before) == []


def test_deaf_client_holds_up_who_answers_it(serve: Serve) -> None:
    answered = [0]

    def talk(connection: socket.socket) -> None:
        while data := connection.recv(65536):
            for _ in range(data.count(b"\r\n\r\n")):
                connection.sendall(WHOLE)
                answered[0] += 1

    with Deaf(serve(talk), "/"):
        wait_until_still(lambda: answered[0], 0.5, "it to be stuck", 20, lambda: str(answered))
        assert answered[0] > 0
