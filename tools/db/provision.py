#!/usr/bin/env python3
"""Make the database that infra/local/.env leads to, bring it to what infra/db says, and let its logins in.

usage: PGPASSWORD=... pnpm db:prepare

PGPASSWORD is the owner's (PGUSER; postgres unless it says otherwise). A login gets the password that .env has for it;
where that has none, a new one, which is written there. Values that are there stay. None is shown, and the server gets
them only as SCRAM verifiers. It may be run again. Exit status: 0, or 1 with the reason in one line.
"""

import os
import secrets
import sys

import psycopg
from migrate import Refused, migrate
from psycopg import sql
from psycopg.conninfo import make_conninfo
from settings import DATABASE_NAME, DATABASE_PORT, ENV, LINE, PASSWORDS, read_settings

HOST, OWNER = "127.0.0.1", "postgres"


def fill_in(names: list[str]) -> dict[str, str]:
    """Give each variable a new value in .env, in its own line or in a new one; the values by name."""
    made = {name: secrets.token_urlsafe(24) for name in names}
    text = ENV.read_text()
    for name, value in made.items():
        lines = [line for line in LINE.finditer(text) if line["name"] == name]
        if lines:  # the last one is the one that counts
            text = f"{text[: lines[-1].start()]}{name}={value}{text[lines[-1].end() :]}"
        else:
            text = f"{text.rstrip()}\n{name}={value}\n"
    written = ENV.with_name(".env.new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    written.replace(ENV)
    return made


def make_database(server: str, name: str) -> bool:
    """Was it missing?"""
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return True


def let_in(server: str, passwords: dict[str, str]) -> None:
    """The server's log may hold statements, so passwords do not travel in them."""
    with psycopg.connect(server, connect_timeout=10) as connection:
        for login, password in passwords.items():
            verifier = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login), sql.Literal(verifier.decode()))
            )


def main() -> int:
    """Exit status."""
    settings = read_settings()
    name = settings.get("DATABASE_NAME", DATABASE_NAME)
    port = settings.get("DATABASE_PORT", DATABASE_PORT)
    user = os.environ.get("PGUSER", OWNER)
    database = make_conninfo(host=HOST, port=port, user=user, dbname=name)
    try:
        if make_database(make_conninfo(database, dbname="postgres"), name):
            print(f"prepare: made the database {name}")
        done = migrate(database)
        print("\n".join(f"prepare: applied {one}" for one in done) or "prepare: the database is as infra/db says")
        new = fill_in([variable for variable in PASSWORDS.values() if variable not in settings])
        let_in(database, {login: (settings | new)[variable] for login, variable in PASSWORDS.items()})
    except Refused as refusal:
        print(f"prepare: {refusal}", file=sys.stderr)
        return 1
    except psycopg.Error as error:
        # libpq tells the host and the user with it, but no password.
        print(f"prepare: {' '.join(str(error).split())} (PGUSER, PGPASSWORD: the owner's)", file=sys.stderr)
        return 1
    print(f"prepare: {', '.join(PASSWORDS)} may log in; new in infra/local/.env: {', '.join(new) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
