"""An answer of the engine is taken whole or not at all."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.commands import CouldNotVerify
from fixtures.wire import Refused, Wire

Answering = Callable[[bytes], Wire]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    """A wire to somebody who answers one request with these bytes, and hangs up."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    listener.listen()

    def answer(said: bytes) -> Wire:
        def work() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

        threading.Thread(target=work, daemon=True).start()
        return Wire(f"unix://{tmp_path / 'socket'}")

    yield answer
    listener.close()


def test_answer_is_its_json(answering: Answering) -> None:
    assert answering(b'HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}').call("GET", "/x") == {"a": 1}


def test_answer_without_a_length_ends_with_the_connection(answering: Answering) -> None:
    assert answering(b"HTTP/1.0 200 OK\r\n\r\n[1]").call("GET", "/x") == [1]


def test_empty_answer_is_none(answering: Answering) -> None:
    assert answering(b"HTTP/1.0 204 No Content\r\n\r\n").call("POST", "/x") is None


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.0 200 OK\r\n",
        b'HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{"a": 1}',
        b'HTTP/1.0 200 OK\r\n\r\n{"a": ',
        b"HTTP/1.0 many OK\r\n\r\n[1]",
        b"HTTP/1.0\r\n\r\n[1]",
        b"220 mail.example.org ready\r\n\r\n",
    ],
)
def test_half_an_answer_is_none_at_all(answering: Answering, said: bytes) -> None:
    with pytest.raises(CouldNotVerify, match="does not answer"):
        answering(said).call("GET", "/x")


def test_refusal_says_why(answering: Answering) -> None:
    with pytest.raises(Refused, match=r"refused \(404\): no such thing") as refusal:
        answering(b'HTTP/1.0 404 Not Found\r\n\r\n{"message": "no such thing"}').call("GET", "/x")
    assert refusal.value.status == 404


def test_refusal_in_other_words_is_shown_as_it_is(answering: Answering) -> None:
    with pytest.raises(Refused, match=r"refused \(502\): bad gateway"):
        answering(b"HTTP/1.0 502 Bad Gateway\r\n\r\nbad gateway").call("GET", "/x")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 101 UPGRADED\r\n", b"HTTP/1.1 500 Oops\r\n\r\noops"])
def test_stream_that_does_not_begin_is_none(answering: Answering, said: bytes) -> None:
    with pytest.raises(CouldNotVerify):
        answering(said).stream("/x", {})


def test_frames_come_whole_and_in_order(answering: Answering) -> None:
    """Also those that came with the head, though nothing more comes."""
    frames = b"\1\0\0\0\0\0\0\2ab" + b"\2\0\0\0\0\0\0\1c"
    assert read(answering(b"HTTP/1.1 101 UPGRADED\r\n\r\n" + frames)) == ([(1, b"ab"), (2, b"c")], EOFError)


def test_frame_that_breaks_off_is_no_end(answering: Answering) -> None:
    frames = b"\1\0\0\0\0\0\0\2ab" + b"\2\0\0\0\0\0\0\3c"
    assert read(answering(b"HTTP/1.1 200 OK\r\n\r\n" + frames)) == ([(1, b"ab")], ConnectionResetError)


def read(wire: Wire) -> tuple[list[tuple[int, bytes]], type[Exception]]:
    """All frames of a stream, and how it ended."""
    stream = wire.stream("/x", {})
    frames = []
    deadline = time.monotonic() + 5
    try:
        while True:
            frames += stream.receive(deadline)
    except (EOFError, OSError) as end:
        return frames, type(end)
    finally:
        stream.close()


def test_nobody_there_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify, match="does not answer"):
        Wire(f"unix://{tmp_path / 'nobody'}").call("GET", "/x")


@pytest.mark.parametrize("host", ["http://localhost", "npipe://x", "localhost:2375"])
def test_address_of_another_kind_is_said_to_be_one(host: str) -> None:
    with pytest.raises(CouldNotVerify, match="begins with unix://, tcp:// or ssh://"):
        Wire(host).call("GET", "/x")
