#!/usr/bin/env python3
"""Bring the database on this machine to what infra/db says, and let the services in; `pnpm db:prepare` calls it.

It makes infra/local/.env from .env.example where there is none. The work is done by tools/db/provision.py, in the
environment of the workers, who have what it takes.
"""

import os
import sys

from environments import prepare
from settings import ENV, EXAMPLE, ROOT


def main() -> None:
    """Ends as the program that takes its place."""
    if not ENV.exists():
        with os.fdopen(os.open(ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(EXAMPLE.read_text())
        print("prepare: made infra/local/.env from .env.example")
    python = prepare("apps/workers")
    sys.stdout.flush()
    os.environ["PYTHONPATH"] = str(ROOT / "tools" / "dev")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.execv(python, [str(python), str(ROOT / "tools" / "db" / "provision.py")])


if __name__ == "__main__":
    main()
