#!/usr/bin/env python3
"""Run docker compose on infra/local/compose.yml; the scripts compose:* of package.json call it.

usage: tools/dev/compose.py [--profile frontend|backup|full] up|build|config|ps|logs|down [compose's own options]

"up" builds the images, starts the services and waits until they are ready; with a profile that has the backup in it,
it then makes one, and ends as that ended. It refuses without infra/local/.env, and while somebody else holds a port.
Where there is an infra/local/compose.override.yml, it counts too.
"""

import argparse
import os
import subprocess
import sys

from ports import COMPOSE, make_sure
from settings import LOCAL, PASSWORDS, read_settings, require

FILES = [LOCAL / "compose.yml", LOCAL / "compose.override.yml"]
PROFILES = ("", "frontend", "backup", "full")
#: It does its work once and ends, so nobody waits until it is ready.
ONCE = "backup-nightly"


def compose(profile: str, *arguments: str) -> list[str]:
    """The command."""
    files = [option for file in FILES if file.is_file() for option in ("--file", str(file))]
    profiles = ["--profile", profile] if profile else []
    return ["docker", "compose", "--project-directory", str(LOCAL), *files, *profiles, *arguments]


def environment(command: str) -> dict[str, str]:
    """For compose: the profile is chosen by the script alone, and what only looks or stops needs no password."""
    own = {name: value for name, value in os.environ.items() if name not in ("COMPOSE_FILE", "COMPOSE_PROFILES")}
    if command in ("ps", "logs", "down") and not (LOCAL / ".env").is_file():
        own = {**dict.fromkeys([*PASSWORDS.values(), "VERSION_DETAIL_TOKEN"], "-"), **own}
    return own


def up(profile: str, options: list[str]) -> int:
    """Exit status."""
    settings = read_settings()
    require(settings, *PASSWORDS.values(), *["BACKUP_RECIPIENT"] * (profile in ("backup", "full")))
    own = environment("up")
    services = subprocess.run(
        compose(profile, "config", "--services"), env=own, stdout=subprocess.PIPE, text=True, check=False
    )
    names = services.stdout.split()
    if services.returncode:
        return services.returncode
    make_sure(COMPOSE, names, settings)
    if status := subprocess.run(compose(profile, "build"), env=own).returncode:
        return status
    make_sure(COMPOSE, names, settings)  # a build takes its time
    lasting = [name for name in names if name != ONCE]
    if status := subprocess.run(compose(profile, "up", "--detach", "--wait", *options, *lasting), env=own).returncode:
        print("Not all of it is up and ready; `pnpm compose:logs` may say why.", file=sys.stderr)
        return status
    if ONCE in names:
        return subprocess.run(
            compose(profile, "up", "--no-deps", "--no-log-prefix", "--exit-code-from", ONCE, ONCE), env=own
        ).returncode
    return 0


def main() -> int:
    """Exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=PROFILES, default="")
    parser.add_argument("command", choices=("up", "build", "config", "ps", "logs", "down"))
    known, options = parser.parse_known_args()
    if known.command == "up":
        return up(known.profile, options)
    done = subprocess.run(compose(known.profile, known.command, *options), env=environment(known.command))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
