"""Where the database is stays between it and the service: not a word of it gets into a log."""

import os
import subprocess
import sys

import psycopg
import pytest

from fixtures.documents import HARNESS
from spectral_service import Misconfigured
from spectral_service.database import read_database_url, reason

URL = "postgresql://api:hunter2@db.internal:5432/spectral"


def complaint() -> str:
    with pytest.raises(Misconfigured) as refused:
        read_database_url()
    return str(refused.value)


def told(text: str, url: str = URL) -> str:
    return reason(psycopg.OperationalError(text), url)["reason"]


def test_package_does_without_psycopg() -> None:
    """A service that asks no database does not carry the library."""
    program = "import sys; sys.modules['psycopg'] = None; import spectral_service; spectral_service.read_secret"
    path = str(HARNESS / "packages/service-python")
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": path}, check=True)


# Reading it


@pytest.mark.parametrize(
    "url",
    [
        *(URL, "postgres://api@database/spectral", "postgresql:///spectral?host=/run/postgresql"),
        *("host=database user=api password='hunter 2'", "postgresql://api:p%40ss@database/spectral"),
        "postgresql://api@one,two:5433/spectral?target_session_attrs=any",
    ],
)
def test_connection_string_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert read_database_url() == url


@pytest.mark.parametrize("url", [None, "", " ", "\n"])
def test_missing_connection_string_is_reported(monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("DATABASE_URL", url)
    assert complaint() == "DATABASE_URL is not set"


@pytest.mark.parametrize(
    "url",
    [
        *("hunter2", "mysql://api:hunter2@database/spectral", "https://hunter2@database?a=b"),
        *("postgresql://api:hunter%zz2@database", "postgresql://[::1hunter2", "postgresql://database/?hunter2=1"),
        *("password='hunter2", "host=database hunter2=1", f"{URL}?sslmode", "postgresql://hunter2\udcff@database"),
    ],
)
def test_what_is_no_connection_string_is_refused_without_its_value(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """libpq's own complaint would repeat it."""
    monkeypatch.setenv("DATABASE_URL", url)
    assert complaint() == "DATABASE_URL is not a connection string"


def test_cause_is_not_carried_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback would show it."""
    monkeypatch.setenv("DATABASE_URL", "hunter2")
    with pytest.raises(Misconfigured) as refused:
        read_database_url()
    assert refused.value.__suppress_context__


# Saying why


def test_reason_has_the_class_and_the_text() -> None:
    assert reason(psycopg.errors.UndefinedTable('relation "core.deployments" does not exist'), URL) == {
        "error": "UndefinedTable",
        "reason": 'relation "core.deployments" does not exist',
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("connection timeout expired", "connection timeout expired"),
        (
            'connection to server at "db.internal" (10.0.0.1), port 5432 failed: Connection refused',
            "Connection refused",
        ),
        ('FATAL:  password authentication failed for user "api"', 'password authentication failed for user "…"'),
        ('FATAL: database "spectral" does not exist', 'database "…" does not exist'),
        ("failed to resolve host 'db.internal'", "failed to resolve host '…'"),
        ("first line\nDETAIL: second line", "first line"),
        ("\n  after a blank line  \n", "after a blank line"),
        ("", ""),
    ],
)
def test_reason_is_the_end_of_the_first_line_without_what_the_string_holds(text: str, shown: str) -> None:
    assert told(text) == shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://api:correct@horse@db/spectral",
        "postgresql://api:correct%40horse@db/spectral",
        "postgresql://api:x%2Fcorrect%20horse@db/spectral?connect_timeout=correct",
        "postgresql://api@db/spectral?password=correct&options=horse@db",
    ],
)
def test_piece_of_a_password_is_left_out(url: str) -> None:
    """A badly encoded one is taken for a host, a port or an option, and repeated as that."""
    for text in (
        'could not translate host name "horse@db" to address',
        'invalid integer value "correct" for connection option "port"',
        'unexpected spaces found in "correct horse", use percent-encoded spaces (%20) instead',
        "connection to server at (correct), port=horse; failed",
    ):
        assert not {word for word in ("correct", "horse") if word in told(text, url)}


def test_reason_is_short() -> None:
    assert len(told("word " * 100)) == 120


def test_reason_of_any_other_failure_has_the_same_form() -> None:
    assert reason(TimeoutError(), URL) == {"error": "TimeoutError", "reason": ""}
