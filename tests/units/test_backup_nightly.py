"""backup-nightly.sh stops on SIGTERM whichever of its commands it has come to."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures.documents import HARNESS
from fixtures.local_processes import of_session
from fixtures.waiting import TookTooLong, wait_until

SCRIPT = HARNESS / "tools/ops/backup/backup-nightly.sh"
#: From SIGTERM to the end, at most; what the programs of the pipeline have to do lasts far longer.
STOP_SECONDS = 5
#: Bash reads it first: it writes down each command of the script and, before the one whose turn it is, sends SIGTERM.
#: To the script itself alone, as an engine does; a function runs in a process of its own when it is in a pipeline.
TRACER = """
count=0
trace() {
  [[ $BASHPID == "$$" ]] || return 0
  printf '%s\\n' "$1" >>"$TRACE"
  ((++count != TURN)) || kill -TERM "$$"
}
set -T
trap 'trace "$BASH_COMMAND"' DEBUG
"""
#: The backup itself is made within the one that lasts.
PROGRAMS = {"age": "true", "psql": "exec sleep 600"}
#: Of the right form; nobody has its secret key.
RECIPIENT = f"age1{'q' * 58}"


class Stage:
    """Where the script runs: programs that do nothing, or last, and what it has come to."""

    def __init__(self, folder: Path) -> None:
        self.trace = folder / "trace"
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name, does in PROGRAMS.items():
            (self._programs / name).write_text(f"#!/bin/sh\n{does}\n")
            (self._programs / name).chmod(0o755)
        (folder / "tracer").write_text(TRACER)
        (folder / "version.json").write_text('{\n  "sha": "0",\n  "short_sha": "0",\n  "describe": "0"\n}\n')
        self._environment = {
            "PATH": f"{self._programs}:{os.environ['PATH']}",
            "BASH_ENV": str(folder / "tracer"),
            "TRACE": str(self.trace),
            "SPECTRAL_VERSION_FILE": str(folder / "version.json"),
            "PGHOST": "db.example",
            "PGUSER": "backup",
            "PGDATABASE": "spectral",
            "BACKUP_RECIPIENT": RECIPIENT,
            "BACKUP_BUCKET": "backups",
        }

    @contextmanager
    def script(self, turn: int) -> Iterator[subprocess.Popen[str]]:
        """The script, which gets SIGTERM before its command number ``turn``, from 1; with 0, never."""
        self.trace.write_text("")
        process = subprocess.Popen(
            ["bash", SCRIPT],
            env=self._environment | {"TURN": str(turn)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A session of its own, so that whatever is left of it can be found, and ended.
            start_new_session=True,
        )
        try:
            yield process
        finally:
            for left in of_session(process.pid):
                os.kill(left, signal.SIGKILL)
            process.communicate()

    @property
    def commands(self) -> list[str]:
        """The commands that it has come to."""
        return self.trace.read_text().splitlines()


def test_backup_stops_at_each_of_its_commands(tmp_path: Path) -> None:
    """The signal comes between any two of them, also between the start of the backup and taking note of it."""
    stage = Stage(tmp_path)
    with stage.script(turn=0):
        wait_until(
            lambda: any(command.startswith("wait ") for command in stage.commands),
            "the script to wait for the backup",
            STOP_SECONDS,
            lambda: str(stage.commands[-3:]),
        )
        commands = stage.commands
    trapped = next(turn for turn, command in enumerate(commands, 1) if command.startswith("trap "))
    late = {}
    for turn, command in enumerate(commands[trapped:], trapped + 1):
        with stage.script(turn) as process:
            try:
                output, _ = process.communicate(timeout=STOP_SECONDS)
                wait_until(lambda: not of_session(process.pid), "the end of all of it", STOP_SECONDS, lambda: "")
                ended = (process.returncode, output.count('"msg":"stopped"'))
            except (subprocess.TimeoutExpired, TookTooLong):
                ended = f"still there: {of_session(process.pid)}"
            if ended != (143, 1):
                late[f"{turn}: {command}"] = ended
    assert not late
