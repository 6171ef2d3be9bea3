"""A file that cannot be read is told of in one message, with file and line: no traceback, no hang, no flood."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from fixtures.commands import COULD_NOT_VERIFY, CouldNotVerify
from fixtures.documents import Malformed, read_json
from fixtures.register import REGISTER, read_register
from fork_server import Ended, ForkServer, end_of, fork, pool
from malformed import DOCKERFILES, JSON, YAML
from trees import link_tree
from verification import Outcome, Verify

MOST_SECONDS, MOST_MEBIBYTES = 5, 500
VERSION_SCHEMA = "infra/docker/version.schema.json"
#: What stops a run, because nothing can be told without it; what is a violation; and the corpus of each.
STOPS = {"infra/inventory.yaml": YAML, "infra/waivers.yaml": YAML}
VIOLATES = {
    "infra/render/render.yaml": YAML,
    "infra/secrets.yaml": YAML,
    "infra/docker/backup-nightly.Dockerfile": DOCKERFILES,
}

Read = tuple[Ended, Outcome]


def cases(corpora: Mapping[str, Mapping[str, bytes]]) -> pytest.MarkDecorator:
    named = {
        f"{Path(file).name}-{name}": (file, text) for file, corpus in corpora.items() for name, text in corpus.items()
    }
    return pytest.mark.parametrize("case", named.values(), ids=named)


@pytest.fixture(scope="session")
def reading(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[tuple[str, bytes]], Read]]:
    """What becomes of a tree with such a file; all that this run was asked for are read side by side."""
    chosen = [item.callspec.params["case"] for item in request.session.items if "reading" in item.fixturenames]
    folder = tmp_path_factory.mktemp("reading")
    with pool() as servers:
        read: dict[tuple[str, bytes], Future[Read]] = {
            case: servers.submit(read_tree, case, folder / str(number)) for number, case in enumerate(chosen)
        }
        yield lambda case: read[case].result()


def read_tree(server: ForkServer, case: tuple[str, bytes], folder: Path) -> Read:
    file, text = case
    tree = folder / "tree"
    link_tree(tree)
    (tree / file).unlink()
    (tree / file).write_bytes(text)
    ended, said = server.run(tree, folder / "reports", "--static")
    shutil.rmtree(tree)
    return ended, Verify(tree, folder / "reports").outcome(ended.status, said)


def is_told_of(text: str, file: str) -> bool:
    """With a line."""
    return re.search(rf"{re.escape(file)}:\d+", text) is not None


def assert_bounded(ended: Ended) -> None:
    assert ended.seconds < MOST_SECONDS
    assert ended.mebibytes < MOST_MEBIBYTES


@cases(STOPS)
def test_run_stops_and_says_where(case: tuple[str, bytes], reading: Callable[[tuple[str, bytes]], Read]) -> None:
    ended, outcome = reading(case)
    assert outcome.status == COULD_NOT_VERIFY, outcome.output
    assert "Traceback" not in outcome.output
    assert is_told_of(outcome.output, case[0]), outcome.output
    assert_bounded(ended)


@cases(VIOLATES)
def test_violation_says_where(case: tuple[str, bytes], reading: Callable[[tuple[str, bytes]], Read]) -> None:
    """And what else was looked at is not lost."""
    ended, outcome = reading(case)
    assert outcome.status in (1, COULD_NOT_VERIFY), outcome.output
    assert "Traceback" not in outcome.output
    red = [check["message"] for check in outcome.checks if check["state"] in ("failed", "error")]
    assert any(is_told_of(message, case[0]) for message in red), red
    assert not any("Traceback" in message or "Error(" in message for message in red), red
    assert outcome.passed > 0
    assert_bounded(ended)


def in_a_fork(work: Callable[[], str]) -> tuple[Ended, str]:
    """What ``work`` returns, and what it took."""
    reading, writing = os.pipe()
    child = fork()
    if not child:
        os.write(writing, work().encode()[:60_000])
        os._exit(0)
    os.close(writing)
    ended = end_of(child)  # what it writes fits into the pipe
    with os.fdopen(reading, "rb") as told:
        return ended, told.read().decode()


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_register_says_where(text: bytes, tmp_path: Path) -> None:
    def work() -> str:
        try:
            read_register(tmp_path)
        except CouldNotVerify as error:
            return str(error)
        return "it was read"

    (tmp_path / REGISTER).parent.mkdir()
    (tmp_path / REGISTER).write_bytes(text)
    ended, said = in_a_fork(work)
    assert (ended.status, is_told_of(said, REGISTER)) == (0, True), said
    assert_bounded(ended)


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_version_file_has_problems(text: bytes) -> None:
    """As the suite reads it; it is one line, so its name is the place."""

    def work() -> str:
        try:
            problems = read_json(text.decode("utf-8", "replace"), "/app/version.json").problems(VERSION_SCHEMA)
        except Malformed as error:
            problems = [str(error)]
        return "\n".join(problems)

    ended, said = in_a_fork(work)
    assert (ended.status, "/app/version.json" in said) == (0, True), said
    assert_bounded(ended)
