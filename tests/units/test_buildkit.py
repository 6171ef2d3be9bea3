"""What buildx tells while it builds is read as it comes: whole, in pieces, or between other lines."""

import base64
import json
from typing import Any

import pytest

from fixtures.buildkit import KEPT_LINES, Step, read_steps

STARTED = "2026-01-02T10:00:00Z"
COMPLETED = "2026-01-02T10:00:01.5Z"


def vertex(
    digest: str = "sha256:a", name: str = "[api builder 4/5] RUN uv pip sync x", **values: Any
) -> dict[str, Any]:
    return {"digest": digest, "name": name, **values}


def ended(digest: str = "sha256:a", name: str = "[api builder 4/5] RUN uv pip sync x", **values: Any) -> dict[str, Any]:
    return vertex(digest, name, started=STARTED, completed=COMPLETED, **values)


def log(data: str | bytes, digest: str = "sha256:a") -> dict[str, Any]:
    raw = data if isinstance(data, bytes) else data.encode()
    return {"vertex": digest, "stream": 1, "data": base64.b64encode(raw).decode(), "timestamp": STARTED}


def compact(**message: Any) -> str:
    return json.dumps(message) + "\n"


def indented(**message: Any) -> str:
    return json.dumps(message, indent=1) + "\n"


def read(*pieces: str) -> tuple[list[Step], dict[str, Step]]:
    """The steps in the order of their ends, and all of them."""
    steps: dict[str, Step] = {}
    return list(read_steps("".join(pieces).splitlines(keepends=True), steps)), steps


def output_of(*data: str | bytes) -> list[str]:
    _, steps = read(compact(vertexes=[vertex()]), *(compact(logs=[log(one)]) for one in data))
    return steps["sha256:a"].output


# The stream


@pytest.mark.parametrize("form", [compact, indented, lambda **message: json.dumps(message, indent="\t") + "\n"])
def test_object_is_read_in_any_form(form: Any) -> None:
    (step,), _ = read(form(vertexes=[ended(cached=True)], statuses=[], logs=[]))
    assert (step.name, step.cached, step.seconds, step.error) == ("[api builder 4/5] RUN uv pip sync x", True, 1.5, "")


@pytest.mark.parametrize(
    "between",
    [
        "ERROR: failed to solve: process did not complete\n",
        'time="2026-01-02T10:00:00Z" level=warning msg="no output specified"\n',
        "\n",
        "}\n",
        "{ no JSON\n",
        "{}\n",
        "[1, 2]\n",
        " > [api builder 4/5] RUN x:\n",
        "------\n",
        "{'single': 'quotes'}\n",
    ],
)
@pytest.mark.parametrize("form", [compact, indented])
def test_line_that_is_no_json_is_passed_over(form: Any, between: str) -> None:
    ends, _ = read(between, form(vertexes=[ended("sha256:a")]), between, form(vertexes=[ended("sha256:b")]), between)
    assert len(ends) == 2


def test_line_that_stands_within_an_object_is_passed_over() -> None:
    first, *rest = indented(vertexes=[ended()]).splitlines(keepends=True)
    ends, _ = read(first, "ERROR: failed to solve\n", *rest)
    assert len(ends) == 1


def test_object_that_is_cut_off_is_passed_over() -> None:
    whole = indented(vertexes=[ended("sha256:a")])
    ends, steps = read(whole[: len(whole) // 2] + "\n", indented(vertexes=[ended("sha256:b")]))
    assert (len(ends), list(steps)) == (1, ["sha256:b"])


def test_braces_in_a_value_end_no_object() -> None:
    (step,), _ = read(indented(vertexes=[ended(name="[api 1/2] RUN f() {\n}\n")]))
    assert step.name == "[api 1/2] RUN f() {\n}\n"


@pytest.mark.parametrize(
    "message", [{}, {"vertexes": None}, {"vertexes": [], "logs": None}, {"statuses": [{"id": "x"}]}]
)
def test_object_without_steps_tells_nothing(message: dict[str, Any]) -> None:
    assert read(compact(**message)) == ([], {})


def test_empty_stream_has_no_steps() -> None:
    assert read("") == ([], {})


# Steps


def test_step_is_told_when_it_ends() -> None:
    stream = iter([compact(vertexes=[vertex(started=STARTED)]), compact(vertexes=[ended()]), "not read yet\n"])
    next(read_steps(stream, {}))
    assert list(stream) == ["not read yet\n"]


@pytest.mark.parametrize("values", [{}, {"started": STARTED}, {"started": STARTED, "completed": None}])
def test_step_that_has_not_ended_is_held_but_not_told(values: dict[str, Any]) -> None:
    ends, steps = read(compact(vertexes=[vertex(**values)]))
    assert (ends, steps["sha256:a"].seconds) == ([], None)


def test_step_that_ends_twice_is_told_once() -> None:
    """A step is told anew whenever another target waits for it."""
    ends, steps = read(compact(vertexes=[ended()]), compact(vertexes=[ended()]))
    assert ends == list(steps.values())


def test_steps_are_told_in_the_order_of_their_ends() -> None:
    ends, steps = read(
        compact(vertexes=[vertex("sha256:a", "first"), vertex("sha256:b", "second")]),
        compact(vertexes=[ended("sha256:b")]),
        compact(vertexes=[ended("sha256:a")]),
    )
    assert ([step.name for step in ends], list(steps)) == (["second", "first"], ["sha256:a", "sha256:b"])


def test_shared_step_keeps_the_name_it_was_first_told_with() -> None:
    (step,), _ = read(
        compact(vertexes=[vertex(name="[api 1/2] FROM x")]), compact(vertexes=[ended(name="[web 1/2] FROM x")])
    )
    assert step.target == "api"


@pytest.mark.parametrize(
    ("messages", "cached"),
    [
        ([{"cached": True}], True),
        ([{"cached": True}, {}], True),
        ([{}, {"cached": True}], True),
        ([{}], False),
        ([{"cached": False}], False),
        ([{"cached": None}, {}], False),
    ],
)
def test_step_is_cached_once_it_was_said(messages: list[dict[str, Any]], cached: bool) -> None:
    _, steps = read(*(compact(vertexes=[vertex(**values)]) for values in messages))
    assert steps["sha256:a"].cached is cached


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([{"error": "exit code: 1"}], "exit code: 1"),
        ([{"error": "exit code: 1"}, {}], "exit code: 1"),
        ([{"error": "context canceled"}, {"error": "exit code: 1"}], "exit code: 1"),
        ([{"error": ""}], ""),
        ([{"error": None}, {}], ""),
    ],
)
def test_error_of_a_step_is_kept(messages: list[dict[str, Any]], error: str) -> None:
    _, steps = read(*(indented(vertexes=[ended(**values)]) for values in messages))
    assert steps["sha256:a"].error == error


@pytest.mark.parametrize(
    ("started", "completed", "seconds"),
    [
        ("2026-01-02T10:00:00Z", "2026-01-02T10:00:02Z", 2.0),
        ("2026-01-02T10:00:00.25Z", "2026-01-02T10:00:02Z", 1.75),
        ("2026-01-02T10:00:00.123456789Z", "2026-01-02T10:00:00.123456999Z", 0.0),
        ("2026-01-02T12:00:00+02:00", "2026-01-02T12:00:02+02:00", 2.0),
        ("2026-01-02T12:00:00+02:00", "2026-01-02T10:00:02Z", 2.0),
        ("2026-01-02T10:00:00Z", "2026-01-02T10:00:00Z", 0.0),
        ("2026-01-02T23:59:59Z", "2026-01-03T00:00:01Z", 2.0),
    ],
)
def test_seconds_are_those_between_start_and_end(started: str, completed: str, seconds: float) -> None:
    (step,), _ = read(compact(vertexes=[vertex(started=started, completed=completed)]))
    assert step.seconds == seconds


# Output


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (["one\ntwo\n"], ["one", "two"]),
        (["one\n", "two\n"], ["one", "two"]),
        (["one\n", "two"], ["one", "two"]),
        (["Collec", "ting", " uv\ndone\n"], ["Collecting uv", "done"]),
        (["one", "\n", "two\n"], ["one", "two"]),
        (["one\n\ntwo\n"], ["one", "", "two"]),
        (["one\r\ntwo\r\n"], ["one", "two"]),
        (["one\r", "\ntwo\n"], ["one", "two"]),
        (["10%\r", "20%\r", "done\n"], ["10%", "20%", "done"]),
        (["caf\u00e9\n"], ["caf\u00e9"]),
        ([b"caf\xc3", b"\xa9\n"], ["caf\u00e9"]),
        ([b"caf\xe9\n"], ["caf\ufffd"]),
        (["a\x0cb\u2028c\n"], ["a\x0cb\u2028c"]),
        ([""], []),
    ],
    ids=[
        *("two-lines", "line-by-line", "no-newline-at-the-end", "cut-within-a-line", "newline-alone", "empty-line"),
        *("crlf", "cut-within-crlf", "progress", "utf-8", "cut-within-a-character", "latin-1", "no-line-ends", "empty"),
    ],
)
def test_output_is_put_together_from_its_pieces(data: list[str | bytes], lines: list[str]) -> None:
    assert output_of(*data) == lines


def test_last_lines_of_the_output_are_kept() -> None:
    data = [f"line {i}\n" for i in range(KEPT_LINES + 5)]
    assert output_of(*data) == output_of("".join(data)) == [f"line {i}" for i in range(5, KEPT_LINES + 5)]


def test_as_many_lines_as_are_kept_are_all_there() -> None:
    data = [f"line {i}\n" for i in range(KEPT_LINES)]
    assert output_of(*data) == [f"line {i}" for i in range(KEPT_LINES)]


def test_output_belongs_to_its_step() -> None:
    _, steps = read(
        compact(
            vertexes=[vertex("sha256:a"), vertex("sha256:b")], logs=[log("one ", "sha256:a"), log("two", "sha256:b")]
        ),
        compact(logs=[log("more\n", "sha256:a")]),
    )
    assert [step.output for step in steps.values()] == [["one more"], ["two"]]


def test_output_of_a_step_that_nobody_told_of_is_passed_over() -> None:
    assert read(compact(logs=[log("x\n", "sha256:other")])) == ([], {})


def test_log_without_data_adds_nothing() -> None:
    _, steps = read(compact(vertexes=[vertex()], logs=[{"vertex": "sha256:a"}, {"vertex": "sha256:a", "data": None}]))
    assert steps["sha256:a"].output == []


# Names


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("[api builder 4/5] RUN uv pip sync requirements.txt", "api"),
        ("[backup-nightly stage-0 1/6] RUN apt-get update", "backup-nightly"),
        ("[backup-nightly 2/6] COPY a b", "backup-nightly"),
        ("[workers base 1/1] FROM docker-image://python:3.14", "workers"),
        ("[api internal] load build definition from api.Dockerfile", "api"),
        ("[api internal] load metadata for registry.example/team/python:3.14", "api"),
        ("[api context python:3.14-slim-trixie] load metadata for python:3.14-slim-trixie", "api"),
        ("[api] exporting to image", "api"),
        ("[internal] load build context", ""),
        ("[internal] load local bake definitions", ""),
        ("[auth] team/python:pull token for registry.example", ""),
        ("exporting to image", ""),
        ("importing cache manifest from registry.example/team/api", ""),
        ("", ""),
    ],
)
def test_target_is_the_image_a_step_was_made_for(name: str, target: str) -> None:
    assert Step(name).target == target


@pytest.mark.parametrize(
    "name",
    [
        "[api builder 4/5] RUN uv pip sync requirements.txt",
        "[workers base 1/1] FROM docker-image://python:3.14",
        "[backup-nightly stage-0 1/6] RUN apt-get update",
        "[backup-nightly 10/12] RUN apt-get update",
        "[builder 4/5] RUN uv pip sync requirements.txt",
        "[4/5] RUN uv pip sync requirements.txt",
        "[api linux/amd64 builder 4/5] RUN x",
        "[api linux/amd64->arm64 builder 4/5] RUN x",
        "[api internal 2/3] COPY a b",
        "[api context 2/3] COPY a b",
        "[api builder 4/5] RUN uv pip install .[internal]",
        "[api builder 4/5] RUN echo ' context ' [x]",
    ],
)
def test_step_is_an_instruction(name: str) -> None:
    assert Step(name).is_instruction


@pytest.mark.parametrize(
    "name",
    [
        "[internal] load build context",
        "[internal] load .dockerignore",
        "[api internal] load build definition from api.Dockerfile",
        "[api internal] load metadata for registry.example/team/python:3.14",
        "[api context python:3.14-slim-trixie] load metadata for python:3.14-slim-trixie",
        "[api context registry.example/team/python:3.14] docker-image://team/python:3.14",
        "[context registry.example/team/python:3.14] docker-image://team/python:3.14",
        "[auth] team/python:pull token for registry.example",
        "[api linux/amd64 internal] load build definition from api.Dockerfile",
        "[api] exporting to image",
        "[api] importing cache manifest from registry.example/team/api",
        "exporting to image",
        "importing cache manifest from registry.example/team/api",
        "resolve image config for docker-image://registry.example/team/dockerfile:1",
        "pushing layers 4/5",
        "resolving provenance for metadata file",
        "",
    ],
)
def test_step_of_the_builder_itself_is_no_instruction(name: str) -> None:
    assert not Step(name).is_instruction
