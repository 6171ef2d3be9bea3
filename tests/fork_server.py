"""Verifications in forks of one process that has imported everything: what takes a second takes a fifth of it.

``python fork_server.py`` reads requests from its standard input, a JSON object a line with the arguments of
./conform and a file for the output, and answers each with how it ended, in the same order.
"""

import gc
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from fixtures.documents import HARNESS
from verification import options

#: Three times as many as there are cores, because much of a verification waits: for the engine, for what never stops.
AT_ONCE = 3 * (os.cpu_count() or 1)
#: One that takes longer is ended, by SIGALRM. Backups that do not stop take ten minutes, beside others.
SECONDS = 900


@dataclass(frozen=True)
class Ended:
    status: int  #: exit status; below zero for a signal
    seconds: float  #: of a processor: what else the machine does changes them little
    mebibytes: float  #: resident at the most, what the fork began with included


def fork() -> int:
    """os.fork() of a child that is ended when it takes too long."""
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
    return child


def end_of(child: int) -> Ended:
    """Wait for a process that was forked just now."""
    _, status, used = os.wait4(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class ForkServer:
    """One such process, which does one thing at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=HARNESS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(HARNESS)},
            start_new_session=True,
        )

    def run(self, tree: Path, reports: Path, *arguments: str) -> tuple[Ended, str]:
        """How ./conform ends on a tree, and what it says; that goes to a file beside its reports too."""
        output = reports.with_suffix(".output")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"arguments": [*options(tree, reports), *arguments], "output": str(output)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the fork server ended: {self._process.wait()}; {output.read_text()[-2000:]}"
        return Ended(**json.loads(answer)), output.read_text()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # at which it ends
        self._process.wait(SECONDS)


class Pool:
    """Some of them, each made when it is needed first."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor
        self._idle: queue.SimpleQueue[ForkServer] = queue.SimpleQueue()

    def submit(self, work, *arguments) -> "Future":
        """Have ``work`` done with a server and these arguments, when its turn comes."""

        def done():
            try:
                server = self._idle.get_nowait()
            except queue.Empty:
                server = ForkServer()
            try:
                return work(server, *arguments)
            finally:
                self._idle.put(server)

        return self._executor.submit(done)

    def close(self) -> None:
        self._executor.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()


@contextmanager
def pool() -> Iterator[Pool]:
    made = Pool(ThreadPoolExecutor(AT_ONCE))
    try:
        yield made
    finally:
        made.close()


def serve() -> None:
    import pytest

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        answers = os.dup(1)
        os.dup2(nowhere.fileno(), 1)
        pytest.main(["--static", f"--reports={folder}"])
    gc.freeze()  # what is there by now is never looked through again, and its memory stays shared
    for line in sys.stdin:
        request = json.loads(line)
        child = fork()
        if not child:
            output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(output, 1)
            os.dup2(output, 2)
            sys.stdin = open(os.devnull)  # noqa: SIM115 - to the end of the process
            status = pytest.main(request["arguments"])
            sys.stdout.flush()
            os._exit(status)
        os.write(answers, json.dumps(asdict(end_of(child))).encode() + b"\n")


if __name__ == "__main__":
    serve()
