"""The Python services know which build they are, and say it in whole lines of JSON."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.documents import HARNESS
from spectral_service import Generation, Misconfigured, Version, identity_fields, read_generation, read_version
from spectral_service.logs import JsonFormatter

VERSION = {
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "short_sha": "0123456789ab",
    "describe": "v1",
    "built_at": "2026-01-02T03:04:05Z",
    "uv_lock_sha": "a" * 64,
    "pnpm_lock_sha": "b" * 64,
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the version file is looked for; it is not there yet."""
    monkeypatch.setenv("SPECTRAL_VERSION_FILE", str(tmp_path / "version.json"))
    return tmp_path / "version.json"


def complaint() -> str:
    with pytest.raises(Misconfigured) as refused:
        read_version()
    return str(refused.value)


# The version


def test_version_is_what_the_file_says(file: Path) -> None:
    file.write_text(json.dumps(VERSION))
    assert read_version() == Version(**VERSION)


def test_field_that_is_not_known_is_passed_over(file: Path) -> None:
    file.write_text(json.dumps({**VERSION, "new": 1}))
    assert read_version() == Version(**VERSION)


@pytest.mark.parametrize("value", [None, ""])
def test_version_file_lies_beside_the_app(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("SPECTRAL_VERSION_FILE", raising=False)
    if value is not None:
        monkeypatch.setenv("SPECTRAL_VERSION_FILE", value)
    assert complaint() == "/app/version.json cannot be read: No such file or directory"


def test_missing_version_file_is_named(file: Path) -> None:
    assert complaint() == f"{file} cannot be read: No such file or directory"


def test_folder_in_place_of_the_version_file_is_named(file: Path) -> None:
    file.mkdir()
    assert complaint() == f"{file} cannot be read: Is a directory"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{}}", b"v1", b"{'sha': 1}", b"\xff", json.dumps(VERSION).encode()[:-1]]
)
def test_what_is_not_json_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert complaint() == f"{file} is not JSON"


@pytest.mark.parametrize("content", ["[]", '"v1"', "1", "null", "true", json.dumps([VERSION])])
def test_what_is_not_an_object_is_refused(file: Path, content: str) -> None:
    file.write_text(content)
    assert complaint() == f"{file} is not a JSON object"


@pytest.mark.parametrize("name", VERSION)
def test_missing_field_is_named(file: Path, name: str) -> None:
    file.write_text(json.dumps({key: value for key, value in VERSION.items() if key != name}))
    assert complaint() == f"{file} has no text for {name}"


@pytest.mark.parametrize("value", [None, "", 1, 1.5, True, [], ["v1"], {}])
def test_field_that_is_not_text_is_named(file: Path, value: object) -> None:
    file.write_text(json.dumps({**VERSION, "describe": value}))
    assert complaint() == f"{file} has no text for describe"


def test_all_missing_fields_are_named_at_once(file: Path) -> None:
    file.write_text(json.dumps({"sha": VERSION["sha"], "describe": "v1", "SHORT_SHA": "x"}))
    assert complaint() == f"{file} has no text for short_sha, built_at, uv_lock_sha, pnpm_lock_sha"


def test_content_of_the_version_file_is_not_repeated(file: Path) -> None:
    file.write_text("password=hunter2")
    assert "hunter2" not in complaint()


# The generation


@pytest.mark.parametrize(
    ("value", "number"), [("0", 0), ("7", 7), ("007", 7), ("000000000000000", 0), ("9" * 15, 999_999_999_999_999)]
)
def test_generation_is_a_number(monkeypatch: pytest.MonkeyPatch, value: str, number: int) -> None:
    monkeypatch.setenv("SPECTRAL_GENERATION", value)
    assert read_generation() == Generation(number)


@pytest.mark.parametrize(
    "value",
    [
        *("-1", "+1", "1.0", "1e3", "0x10", "1_000", "1,000", " 7", "7 ", "7\n", "\n", " ", "seven", "None", "v7"),
        *("9" * 16, "0" * 15 + "7", "9" * 5000, "\u0667", "\uff17", "²", "7\u200b", "infinity", "nan"),
        "postgres://user:hunter2@host/database",
    ],
)
def test_generation_that_is_no_number_is_reported_without_its_value(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """Whatever was pasted there may be a secret."""
    monkeypatch.setenv("SPECTRAL_GENERATION", value)
    assert read_generation() == Generation(None, "SPECTRAL_GENERATION is not an integer")


@pytest.mark.parametrize("value", [None, ""])
def test_generation_that_is_missing_is_reported(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("SPECTRAL_GENERATION", raising=False)
    if value is not None:
        monkeypatch.setenv("SPECTRAL_GENERATION", value)
    assert read_generation() == Generation(None, "SPECTRAL_GENERATION is not set")


@pytest.mark.parametrize(
    ("generation", "fields"),
    [
        (Generation(7), {"generation": 7}),
        (Generation(0), {"generation": 0}),
        (Generation(None, "why"), {"generation": None, "generation_problem": "why"}),
        (Generation(7, "why"), {"generation": None, "generation_problem": "why"}),
    ],
)
def test_generation_is_shown_or_why_there_is_none(generation: Generation, fields: dict[str, object]) -> None:
    assert generation.as_fields() == fields


def test_identity_leaves_out_what_the_started_line_does_not_need() -> None:
    assert identity_fields(Version(**VERSION), Generation(7)) == {
        "sha": VERSION["sha"],
        "short_sha": VERSION["short_sha"],
        "describe": "v1",
        "generation": 7,
    }


# The log


class Log(logging.Logger):
    """A logger that belongs to nobody else, and what it wrote."""

    def __init__(self) -> None:
        super().__init__("own")
        self.written = io.StringIO()
        handler = logging.StreamHandler(self.written)
        handler.setFormatter(JsonFormatter("api"))
        self.addHandler(handler)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().split("\n")[:-1]]


@pytest.fixture
def log() -> Iterator[Log]:
    own = Log()
    yield own
    assert own.written.getvalue().endswith("\n")


def fail() -> None:
    raise ValueError("first line\nsecond line")


def test_record_is_one_line_with_four_fields(log: Log) -> None:
    log.info("started")
    ((time, *others),) = [line.items() for line in log.lines]
    assert (time[0], others) == ("time", [("level", "info"), ("msg", "started"), ("service", "api")])


def test_time_is_now_in_utc(log: Log) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    log.info("started")
    time = log.lines[0]["time"]
    assert (time[-1], before <= datetime.fromisoformat(time) <= datetime.now(UTC)) == ("Z", True)


def test_time_has_milliseconds_though_they_are_none() -> None:
    record = logging.makeLogRecord({"created": 1767323045.0})
    assert json.loads(JsonFormatter("api").format(record))["time"] == "2026-01-02T03:04:05.000Z"


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (logging.DEBUG, "debug"),
        (logging.INFO, "info"),
        (logging.WARNING, "warn"),
        (logging.ERROR, "error"),
        (logging.CRITICAL, "fatal"),
        (25, "level 25"),
    ],
)
def test_level_has_the_name_it_has_in_the_node_services(log: Log, level: int, name: str) -> None:
    log.log(level, "x")
    assert log.lines[0]["level"] == name


@pytest.mark.parametrize(
    ("message", "arguments", "shown"),
    [
        ("a %s", ("b",), "a b"),
        ("a %s", (), "a %s"),
        ("100 %", (), "100 %"),
        ("  a\n", (), "a"),
        ("a\nb", (), "a\nb"),
        ("a\r\nb\u2028c\x00", (), "a\r\nb\u2028c\x00"),
        ('{"level": "error"}', (), '{"level": "error"}'),
        ("é \udcff", (), "é \udcff"),
        (ValueError("a"), (), "a"),
    ],
)
def test_message_is_kept_on_one_line(log: Log, message: object, arguments: tuple[str, ...], shown: str) -> None:
    log.info(message, *arguments)
    assert [line["msg"] for line in log.lines] == [shown]


def test_each_record_has_a_line(log: Log) -> None:
    log.info("a\nb")
    log.error("c")
    assert [line["msg"] for line in log.lines] == ["a\nb", "c"]


def test_extras_stand_behind_the_standard_fields(log: Log) -> None:
    log.info("x", extra={"status": 200, "path": "/healthz", "none": None})
    assert list(log.lines[0].items())[4:] == [("status", 200), ("path", "/healthz"), ("none", None)]


@pytest.mark.parametrize("name", ["time", "level", "service"])
def test_extra_does_not_take_the_place_of_a_standard_field(log: Log, name: str) -> None:
    log.info("x", extra={name: "forged"})
    assert "forged" not in log.lines[0].values()


def test_extra_does_not_take_the_place_of_a_trace(log: Log) -> None:
    try:
        fail()
    except ValueError:
        log.exception("x", extra={"trace": "forged"})
    assert log.lines[0]["trace"].startswith("Traceback ")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Path("/app"), "/app"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00"),
        (b"a", "b'a'"),
        (ValueError("a\nb"), "a\nb"),
        ({"deep": [Path("/app")]}, {"deep": ["/app"]}),
        (logging.Logger, "<class 'logging.Logger'>"),
    ],
)
def test_extra_that_json_does_not_know_is_shown_as_text(log: Log, value: object, shown: object) -> None:
    log.info("x", extra={"value": value})
    assert log.lines[0]["value"] == shown


def test_exception_is_a_field_of_the_one_line(log: Log) -> None:
    try:
        fail()
    except ValueError:
        log.exception("it failed")
    (line,) = log.lines
    assert (line["level"], line["msg"], line["trace"].splitlines()[-2:]) == (
        *("error", "it failed"),
        ["ValueError: first line", "second line"],
    )


def test_cause_of_an_exception_is_in_its_trace(log: Log) -> None:
    try:
        try:
            fail()
        except ValueError as error:
            raise RuntimeError("outer") from error
    except RuntimeError:
        log.exception("it failed")
    assert all(text in log.lines[0]["trace"] for text in ("second line", "RuntimeError: outer"))


def test_no_exception_is_no_trace(log: Log) -> None:
    log.error("x", exc_info=True)
    assert "trace" not in log.lines[0]


# Where the lines go


def logged(program: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: the root logger of this one is pytest's."""
    return subprocess.run(
        [sys.executable, "-c", f"import logging\nfrom spectral_service import configure_logging\n{program}"],
        env={**os.environ, "PYTHONPATH": str(HARNESS / "packages/service-python"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", ["", "uvicorn.error", "procrastinate"])
def test_every_logger_writes_to_stdout_only(name: str) -> None:
    done = logged(f"configure_logging('api')\nlogging.getLogger({name!r}).info('x')")
    assert (json.loads(done.stdout)["service"], done.stderr) == ("api", "")


def test_handler_that_was_there_before_is_replaced() -> None:
    done = logged("logging.basicConfig()\nconfigure_logging('api')\nlogging.warning('x')")
    assert (json.loads(done.stdout)["msg"], done.stderr) == ("x", "")


def test_lines_are_not_doubled_when_logging_is_configured_twice() -> None:
    assert logged("configure_logging('a')\nconfigure_logging('b')\nlogging.info('x')").stdout.count("\n") == 1


def test_debugging_is_not_logged() -> None:
    assert logged("configure_logging('api')\nlogging.debug('x')").stdout == ""
