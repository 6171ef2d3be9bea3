"""Ask on the terminal, without showing what is typed."""

import os
import select
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from forms import Refused


class Terminal:
    """The operator's, however the standard streams are redirected."""

    def ask(self, name: str, what: str, long: bool) -> str:
        """One line; or, if ``long``, all up to Ctrl-D on a line of its own. Raises Refused without a terminal."""
        try:
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            raise Refused(f"{name}: there is no terminal to ask on; give it with --from {name}=FILE") from None
        try:
            before = termios.tcgetattr(terminal)
            hidden = termios.tcgetattr(terminal)
            hidden[3] &= ~(termios.ECHO | termios.ECHONL)
            hidden[6][termios.VSUSP] = b"\0"  # stopped, it would leave a terminal that shows nothing
            try:
                termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
                how = "hidden, Ctrl-D on a line of its own ends it" if long else "hidden"
                os.write(terminal, f"{name} ({what}; {how}): ".encode())
                return _read(terminal, long)
            finally:
                termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
                os.write(terminal, b"\n")
        finally:
            os.close(terminal)

    def say(self, line: str) -> None:
        """To the operator, and to nobody else."""
        with open("/dev/tty", "w") as terminal:
            terminal.write(f"{line}\n")


def _read(terminal: int, long: bool) -> str:
    data = b""
    with _signalled() as signalled:
        while True:
            select.select([terminal, signalled], [], [])
            piece = os.read(terminal, 4096)
            data += piece
            if not piece or (not long and data.endswith(b"\n")):
                break
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refused("what was typed is not UTF-8") from None


@contextmanager
def _signalled() -> Iterator[int]:
    """Can be read from when a signal has come: one that comes just before a read would not end it."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)
