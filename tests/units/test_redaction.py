"""What is reported carries no secret, and still says what it said."""

import pytest

from fixtures.redaction import redacted

TOKEN = "ghp_" + "a1B2" * 9
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("DATABASE_PASSWORD=canary next", "DATABASE_PASSWORD=[redacted] next"),
        ("export PGPASSWORD='a canary'; x", "export PGPASSWORD=[redacted]; x"),
        ('{"apiToken": "a canary", "x": 1}', '{"apiToken": [redacted], "x": 1}'),
        ("password: canary", "password: [redacted]"),
        ("ENV API_KEY canary", "ENV API_KEY [redacted]"),
        ("ENV A=1 API_KEY=canary B=2", "ENV A=1 API_KEY=[redacted] B=2"),
        ("login --password canary host", "login --password [redacted] host"),
        ("login --password=canary host", "login --password=[redacted] host"),
        ("postgresql://app:canary@db:5432/x", "postgresql://app:[redacted]@db:5432/x"),
        ("redis://:canary@cache", "redis://:[redacted]@cache"),
        ("Authorization: Bearer canary.canary", "Authorization: Bearer [redacted]"),
        (f"cloned with {TOKEN} today", "cloned with [redacted] today"),
        (f"key:\n{KEY}\nend", "key:\n[redacted]\nend"),
        ("-----BEGIN RSA PRIVATE KEY-----\ncut canary", "[redacted]"),
        ("AGE-SECRET-KEY-1" + "QP3Z" * 12, "[redacted]"),
    ],
)
def test_secret_is_left_out(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "infra/docker/api.Dockerfile:38  ARG DATABASE_PASSWORD",
        "FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6eb",
        "docker-image://python:3.14@sha256:51dafde8",
        "secret-like variables: 1, expected none",
        "take the variable out; the service gets it when it runs",
        "a password was found in two layers",
        "RUN --mount=type=cache,target=/root/.cache/uv uv pip sync",
        "PUBLIC_KEY=age1abcdef",
        "-rw-r--r-- 1000:1000 /app/main.py",
        "the uid of spectral is 1001, expected 1000",
        "https://docs.example/path:8080/x",
        "Basic setup of the tree",
        "ENV PATH=/app/.venv/bin:/usr/bin",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_redacting_twice_changes_nothing() -> None:
    text = "A_TOKEN=canary postgresql://u:canary@h"
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize(
    "text", ["x" * 200_000, "-a" * 99_999, "a=" * 99_999, "--a " * 50_000, "a://" * 50_000, '"' * 50_000]
)
def test_long_text_is_no_trouble(text: str) -> None:
    """A pattern that looks back and forth over a megabyte of log would hang the run that has most to report."""
    assert redacted(text) == text
