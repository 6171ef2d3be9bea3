"""A run that ends badly: no report claims a pass that did not happen."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from editing import edit
from fixtures.documents import HARNESS
from fixtures.engine import RUN_LABEL, Engine
from fixtures.leftovers import clear
from verification import LAUNCHER, Outcome, Verify, wait_for_line

#: The image that is looked at soonest.
SMALL = ("--image", "dashboard")


def passed_a_test(line: str) -> bool:
    return "PASSED" in line


def left_behind(engine: Engine, outcome: Outcome) -> list[str]:
    """Names of the containers and networks that the run still has on the engine."""
    labelled = {"label": f"{RUN_LABEL}={outcome.report['run']['id']}"}
    with engine.client() as client:
        return [one.name for one in client.containers.list(all=True, filters=labelled)] + [
            one.name for one in client.networks.list(filters=labelled)
        ]


def assert_honest(outcome: Outcome) -> None:
    """Neither a pass in the verdict, nor a check that is not accounted for."""
    assert outcome.status == 2, outcome.output
    assert outcome.report["verdict"]["word"] == "not verified"
    assert outcome.counts["error"], outcome.output
    assert outcome.counts["failed"] == 0, outcome.output


def test_failing_build_fails_that_image_and_no_other(tree: Path, verify: Verify, engine: Engine) -> None:
    script = "RUN echo about to break && false\n\nUSER 1000:1000"
    edit(tree, "infra/docker/dashboard.Dockerfile", "USER 1000:1000", script)
    outcome = verify(*SMALL, "--image", "api")
    assert (outcome.status, outcome.violated, outcome.red) == (1, {"D1-01"}, {"dashboard"}), outcome.output
    assert "about to break" in outcome.violations[0]["message"]
    on_image = [check for check in outcome.checks if check["image"] == "dashboard" and check["evidence"]]
    assert {check["state"] for check in on_image} <= {"failed", "error"}


def test_worker_that_is_killed_takes_no_check_with_it(verify: Verify, engine: Engine) -> None:
    with verify.running(*SMALL, "--image", "api", "-n", "2", "-v") as process:
        read = wait_for_line(process, passed_a_test)
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
        rest, _ = process.communicate()
    outcome = verify.outcome(process.returncode, read + rest)
    assert_honest(outcome)
    crashed = [check for check in outcome.checks if "crashed while running" in check["message"]]
    assert [check["state"] for check in crashed] == ["error"]
    assert left_behind(engine, outcome) == []
    assert outcome.counts["passed"] + len(crashed) + outcome.counts["unverified"] == len(outcome.checks)


def test_interrupted_run_reports_what_it_did_and_what_not(verify: Verify, engine: Engine) -> None:
    with verify.running(*SMALL, "-v") as process:
        read = wait_for_line(process, passed_a_test)
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate()
    outcome = verify.outcome(process.returncode, read + rest)
    assert_honest(outcome)
    assert outcome.report["run"]["ended"] == "interrupted (Ctrl-C)"
    never_ran = [check for check in outcome.checks if "it never ran: interrupted (Ctrl-C)" in check["message"]]
    assert never_ran
    assert all(check["requirements"] and check["started"] is None for check in never_ran)
    assert left_behind(engine, outcome) == []


def test_run_interrupted_while_it_sets_up_claims_nothing(verify: Verify, engine: Engine) -> None:
    verify("--static")  # whose reports must not survive
    with verify.running(*SMALL) as process:
        read = wait_for_line(process, lambda line: line.startswith("bases: "))
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate()
    outcome = verify.outcome(process.returncode, read + rest)
    assert_honest(outcome)
    assert outcome.states == {"conform::set-up": "error"}


def test_engine_that_goes_away_fails_nothing(verify: Verify, engine: Engine, tmp_path: Path) -> None:
    with way_to(engine, tmp_path / "engine.sock") as way:
        with verify.running(*SMALL, "-v", environment={"DOCKER_HOST": way.host}) as process:
            read = wait_for_line(process, passed_a_test)
            way.close()
            rest, _ = process.communicate()
        outcome = verify.outcome(process.returncode, read + rest)
    assert_honest(outcome)
    assert "Traceback" not in outcome.output
    with engine.client() as client:
        clear(client, lambda thing: thing.run.id == outcome.report["run"]["id"])


def test_suite_that_cannot_be_imported_is_an_error(tree: Path, verify: Verify) -> None:
    (tree / "suites/d3_conventions/test_user.py").write_text("import no_such_module\n")
    (tree / ".conform").symlink_to(HARNESS / ".conform")
    outcome = Verify(tree, verify.reports, tree / LAUNCHER.name)("--static")
    assert_honest(outcome)
    assert outcome.states["suites/d3_conventions/test_user.py"] == "error"


#: A suite of one check, in the place of another; {body} and {clear} are the check's, and its fixture's end.
SUITE = """
import pytest
from fixtures.claims import requirement

@pytest.fixture
def held():
    yield
    {clear}

@requirement("D3-15")
def test_mine(held, expect) -> None:
    {body}
"""
COMPARES = "expect('one', 1, 1, look_at='here', mend='nothing')"


@pytest.mark.parametrize(
    ("body", "clear", "said"),
    [
        (COMPARES, "raise OSError('it would not go')", "it would not go"),
        (COMPARES, "assert False, 'it is still there'", "it is still there"),
        ("pass", "pass", "the check compared nothing; it has to use expect"),
        ("pytest.skip('not today')", "pass", "skipped, so nobody looked: not today"),
        (f"{COMPARES}; 1 / 0", "pass", "the check itself broke"),
    ],
    ids=["clearing-away-breaks", "clearing-away-asserts", "compares-nothing", "skips", "breaks"],
)
def test_check_that_did_not_look_did_not_pass(tree: Path, verify: Verify, body: str, clear: str, said: str) -> None:
    (tree / "suites/d3_conventions/test_environment.py").write_text(SUITE.format(body=body, clear=clear))
    (tree / ".conform").symlink_to(HARNESS / ".conform")
    outcome = Verify(tree, verify.reports, tree / LAUNCHER.name)("--static", "-k", "test_mine")
    assert_honest(outcome)
    (check,) = outcome.checks
    assert (check["state"], check["requirements"]) == ("error", ["D3-15"])
    assert check["message"].startswith(f"D3-15 tree: could not be verified: {said}")


class Way:
    """Passes connections on to the engine until it is closed: then it breaks them, and takes no more."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.host = f"unix://{path}"
        self._engine = engine.host.removeprefix("unix://")
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._engine)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=(source, sink), daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):  # it had ended by itself
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def way_to(engine: Engine, path: Path) -> Iterator[Way]:
    if not engine.host.startswith("unix://"):
        pytest.fail(f"this test cuts a way to a local engine, and this one is at {engine.host}")
    way = Way(engine, path)
    try:
        yield way
    finally:
        way.close()


def workers_of(pid: int) -> list[int]:
    """Processes that xdist started: Python children of the run."""
    children = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in children.splitlines() if "python" in line and "watcher" not in line]
