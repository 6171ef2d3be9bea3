#!/usr/bin/env python3
"""Bring a database to what infra/db describes, and say what was done for it.

usage: DATABASE_URL=postgresql://owner@host/database tools/db/migrate.py

It needs psycopg and procrastinate, in the versions of apps/workers/requirements.txt: the tables of the queue are
procrastinate's own, in the schema "queue". Files of infra/db are applied in the order of their names, each once.

All of it is one transaction, which waits for another run's to end: it may be run again, by two at once, and broken
off. Exit status: 0 when the database is as described, 1 when it is not, with the reason in one line.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg.conninfo import conninfo_to_dict

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "db"
#: Any number, as long as nothing else in the database takes a lock by it.
LOCK = 49_049
#: A file of procrastinate's is recorded under this, and its name.
QUEUE = "procrastinate/"


class Refused(Exception):
    """The database is not what it should be before this; the text says how."""


def migrate(url: str) -> list[str]:
    """Names of what was applied. Raises Refused and psycopg.Error; then nothing was."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute("CREATE SCHEMA IF NOT EXISTS core")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS core.migrations ("
            "name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = dict(connection.execute("SELECT name, sha256 FROM core.migrations").fetchall())
        return [*_queue(connection, applied), *_own(connection, applied)]


def _queue(connection: psycopg.Connection, applied: dict[str, str]) -> Iterator[str]:
    """The first time the whole schema, which has all changes in it; from then on each change that is new."""
    changes = {QUEUE + file.name: file.read_text() for file in Path(SchemaManager.get_migrations_path()).glob("*.sql")}
    connection.execute("CREATE SCHEMA IF NOT EXISTS queue")
    connection.execute("SET LOCAL search_path = queue")
    if any(name.startswith(QUEUE) for name in applied):
        for name, text in sorted(changes.items()):
            if name not in applied:
                connection.execute(text)
                _record(connection, name, text)
                yield name
    else:
        connection.execute(SchemaManager.get_schema())
        for name, text in sorted(changes.items()):
            _record(connection, name, text)
        yield f"{QUEUE}schema.sql"
    connection.execute("SET LOCAL search_path = pg_catalog")


def _own(connection: psycopg.Connection, applied: dict[str, str]) -> Iterator[str]:
    files = {file.name: file.read_text() for file in FOLDER.glob("*.sql")}
    ours = {name: digest for name, digest in applied.items() if not name.startswith(QUEUE)}
    if gone := sorted(ours.keys() - files.keys()):
        raise Refused(f"{gone[0]} was applied, and is not in infra/db: this is an older tree")
    for name, text in sorted(files.items()):
        if name not in ours:
            connection.execute(text)
            _record(connection, name, text)
            yield name
        elif ours[name] != _digest(text):
            raise Refused(f"{name} was changed after it had been applied: a change is a file of its own")


def _record(connection: psycopg.Connection, name: str, text: str) -> None:
    connection.execute("INSERT INTO core.migrations (name, sha256) VALUES (%s, %s)", [name, _digest(text)])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main() -> int:
    url = os.environ.get("DATABASE_URL")
    if not url:
        print("migrate: DATABASE_URL is not set", file=sys.stderr)
        return 1
    try:
        conninfo_to_dict(url)
    except psycopg.Error:  # whose text repeats the value
        print("migrate: DATABASE_URL is not a connection string", file=sys.stderr)
        return 1
    try:
        done = migrate(url)
    except Refused as refusal:
        print(f"migrate: {refusal}", file=sys.stderr)
        return 1
    except psycopg.Error as error:
        # libpq tells the host and the user with it, but no password.
        print(f"migrate: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print("\n".join(f"migrate: applied {name}" for name in done) or "migrate: nothing to do")
    return 0


if __name__ == "__main__":
    sys.exit(main())
