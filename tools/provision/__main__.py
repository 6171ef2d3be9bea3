"""What setup.sh does: `python3 -I -B tools/provision REGISTER ENVIRONMENT [options]`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from forms import Refused, check, clean, is_long
from register import Register, Secret, read_register
from render import ApiError, Environment, Render
from terminal import Terminal

#: By this name the key of Render's API is asked for and read.
KEY = "RENDER_API_KEY"
#: How often an operator may type something that is no such value.
TRIES = 3


class Usage(Exception):
    """The command line asks for what there is not; the text says for what."""


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="setup.sh", add_help=False, allow_abbrev=False)
    parser.add_argument("register", type=Path)
    parser.add_argument("environment")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--from", action="append", default=[], dest="sources")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rotate", default="")
    what.add_argument("--deploy", default="")
    return parser.parse_args(arguments)


def sources(given: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Files by the name of what they hold. Raises Usage, and never shows what stands behind the = sign: somebody
    may have put a value there."""
    found: dict[str, str] = {}
    for one in given:
        name, sign, file = one.partition("=")
        if not sign or not file:
            raise Usage("--from takes NAME=FILE")
        if name not in known:
            raise Usage(f"--from: there is no secret of that name; there are {', '.join(known)}")
        if name in found:
            raise Usage(f"--from: {name} is given twice")
        found[name] = file
    if list(found.values()).count("-") > 1:
        raise Usage("--from: only one of them can be read from standard input")
    return found


def read_file(name: str, file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode()
    except OSError as error:
        raise Refused(f"{name}: its file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{name}: its file is not UTF-8") from None


class Provisioning:
    """One run for one environment."""

    def __init__(self, register: Register, chosen: Sequence[Secret], files: dict[str, str]) -> None:
        self._register = register
        self._chosen = chosen
        self._files = files
        self._given: dict[str, str] = {}
        self._terminal = Terminal()

    def run(self, name: str, rotate: bool, deploy: bool) -> None:
        """Raises ApiError or Refused."""
        # All that is read from files is read and looked at before the first call.
        for secret in self._chosen:
            if secret.id in self._files:
                value = clean(secret, read_file(secret.id, self._files[secret.id]))
                check(secret, value)
                self._given[secret.id] = value
        render = Render(os.environ.get("RENDER_API_URL") or "https://api.render.com/v1", self._key())
        environment = render.environment(name, os.environ.get("RENDER_PROJECT", ""))
        groups = {secret.group: self._register.services_of(secret.group) for secret in self._chosen}
        environment.look(groups)
        if not deploy:
            for secret in self._chosen:
                self._provide(environment, secret, rotate)
        if rotate or deploy:
            for secret in self._chosen:
                try:
                    environment.deploy(secret.services, say)
                except ApiError as error:
                    raise ApiError(f"{error}; the value is written: --deploy {secret.id} asks for it again") from None

    def _provide(self, environment: Environment, secret: Secret, again: bool) -> None:
        if environment.has(secret) and not again:
            say(f"{secret.id}: is there already")
            return
        value = self._given.pop(secret.id, None)
        environment.put(secret, self._ask(secret) if value is None else value)
        say(f"{secret.id}: written to {secret.group} as {secret.name}")

    def _ask(self, secret: Secret) -> str:
        for _ in range(TRIES):
            value = clean(secret, self._terminal.ask(secret.id, f"{secret.form} for {secret.name}", is_long(secret)))
            try:
                check(secret, value)
            except Refused as error:
                self._terminal.say(str(error))
                continue
            if clean(secret, self._terminal.ask(secret.id, "once more", is_long(secret))) == value:
                return value
            self._terminal.say(f"{secret.id}: that was not the same twice")
        raise Refused(f"{secret.id}: no such value in {TRIES} tries; nothing was written for it")

    def _key(self) -> str:
        file = self._files.get(KEY)
        key = read_file(KEY, file) if file else self._terminal.ask(KEY, "key of Render's API", False)
        key = key.strip()
        # Nothing else can stand in a header; the value itself is not shown.
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise Refused(f"{KEY}: this is no key; one is a single word")
        return key


def say(line: str) -> None:
    print(line, flush=True)


def main(arguments: Sequence[str]) -> int:
    given = options(arguments)
    register = read_register(given.register)
    if given.environment not in register.environments:
        raise Usage(f"there is no such environment; there are {', '.join(register.environments)}")
    names = [given.rotate or given.deploy] if given.rotate or given.deploy else given.only or list(register.secrets)
    if unknown := [name for name in names if name not in register.secrets]:
        raise Usage(f"there is no secret {', '.join(unknown)}; there are {', '.join(register.secrets)}")
    chosen = [register.secrets[name] for name in names]
    files = sources(given.sources, [KEY, *names])
    if given.dry_run:
        for secret in chosen:
            say(f"{secret.id}: {secret.kind} {secret.name} in {secret.group}, for {', '.join(secret.services)}")
        return 0
    Provisioning(register, chosen, files).run(given.environment, bool(given.rotate), bool(given.deploy))
    return 0


def ended(number: int, frame: FrameType | None) -> None:
    """So that what a terminal was is put back."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, ended)
    try:
        status = main(sys.argv[1:])
    except Usage as error:
        print(f"setup.sh: {error}", file=sys.stderr)
        status = 2
    except (ApiError, Refused) as error:
        print(f"setup.sh: {error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("\nsetup.sh: interrupted; run it again, what was written is not asked for again", file=sys.stderr)
        status = 130
    sys.exit(status)
