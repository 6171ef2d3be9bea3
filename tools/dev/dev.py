#!/usr/bin/env python3
"""Run api, workers, dashboard and operations on this machine, without containers; `pnpm dev` calls it.

What is edited is loaded anew. The database is the one that infra/local/.env leads to. It refuses without that file,
and while somebody else holds a port.
"""

import os
import signal
import subprocess
import sys

from environments import prepare
from ports import DEV, make_sure, ports
from settings import PASSWORDS, ROOT, read_settings, refuse, require

TURBO = ROOT / "node_modules" / ".bin" / "turbo"
#: Seconds between two looks at whether pnpm is still there.
LOOK_SECONDS = 0.5


def main() -> int:
    """Exit status: that of turbo."""
    settings = read_settings()
    require(settings, PASSWORDS["api"], PASSWORDS["workers"])
    make_sure(DEV, ports(settings), settings)
    if not TURBO.exists():
        refuse("turbo is not installed: `pnpm install` first.")
    for folder in ("tools/dev", "apps/api", "apps/workers"):
        prepare(folder)
    make_sure(DEV, ports(settings), settings)  # making an environment takes its time
    quiet = {"TURBO_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return run([str(TURBO), "run", "dev", *sys.argv[1:]], {**os.environ, **settings, **quiet})


def run(command: list[str], environment: dict[str, str]) -> int:
    """Its exit status. It ends with this process, and with pnpm, which passes a signal on to nobody but its shell."""
    above = os.getppid()
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            os.killpg(running.pid, signal.SIGINT)

    # A group of its own: else Ctrl-C would come twice, from the terminal and from here.
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, process_group=0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    while True:
        try:
            return running.wait(timeout=LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if os.getppid() != above:
                stop()


if __name__ == "__main__":
    sys.exit(main())
