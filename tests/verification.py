"""Run ./conform as a person would, and read what it reports - also with a reader that is not ours."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped

from fixtures.documents import read_json

LAUNCHER = Path(__file__).resolve().parent.parent / "conform"
SCHEMA = "fixtures/reports/conformance.schema.json"
#: For what is true of the harness whatever is looked at: these take longer than all else together.
WITHOUT_WHAT_LASTS = ("-m", "not large and not backup and not whole and not at_work")
#: What a foreign reader of junit.xml must see for each state.
FOREIGN = {"failed": Failure, "error": Error, "unverified": Skipped, "waived": Skipped, "passed": type(None)}


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: int
    output: str  #: stdout and stderr, as they came
    report: dict[str, Any]  #: conformance.json; empty where there is none

    @property
    def checks(self) -> list[dict[str, Any]]:
        return self.report.get("checks", [])

    @property
    def passed(self) -> int:
        return self.counts["passed"]

    @property
    def counts(self) -> Counter[str]:
        """How many checks ended in each state."""
        return Counter(check["state"] for check in self.checks)

    @property
    def states(self) -> dict[str, str]:
        """State of each check, by its id."""
        return {check["id"]: check["state"] for check in self.checks}

    @property
    def violations(self) -> list[dict[str, Any]]:
        return [check for check in self.checks if check["state"] == "failed"]

    @property
    def violated(self) -> set[str]:
        """Ids of the requirements that were seen violated."""
        return {id_ for check in self.violations for id_ in check["requirements"]}

    @property
    def red(self) -> set[str]:
        """Images, or "tree", of which something failed or could not be looked at."""
        return {check["image"] for check in self.checks if check["state"] in ("failed", "error")}


@dataclass(frozen=True)
class Verify:
    """``verify("--image", "api")`` verifies the tree and returns an Outcome."""

    tree: Path
    reports: Path
    launcher: Path = LAUNCHER

    def __call__(self, *arguments: str, environment: dict[str, str] | None = None) -> Outcome:
        with self.running(*arguments, environment=environment) as process:
            output, _ = process.communicate()
        return self.outcome(process.returncode, output)

    @contextmanager
    def running(self, *arguments: str, environment: dict[str, str] | None = None) -> Iterator["subprocess.Popen[str]"]:
        """The run as a process, in a group of its own; it is ended with the context."""
        process = subprocess.Popen(
            [
                str(self.launcher),
                *options(self.tree, self.reports),
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def outcome(self, status: int, output: str) -> Outcome:
        """What the reports say, after making sure that all of them say the same."""
        file = self.reports / "conformance.json"
        if not file.is_file():
            return Outcome(status, output, {})
        text = file.read_text()
        assert read_json(text, file.name).problems(SCHEMA) == []
        report = json.loads(text)
        assert foreign_states(self.reports / "junit.xml") == {
            junit_name(check): FOREIGN[check["state"]] for check in report["checks"]
        }
        assert report["verdict"]["status"] == status, output
        return Outcome(status, output, report)


def options(tree: Path, reports: Path) -> list[str]:
    """What every verification of these tests is told."""
    return [f"--root={tree}", f"--reports={reports}", "-o", "cache_dir=.conform/selftest-cache"]


def junit_name(check: dict[str, Any]) -> str:
    """Classname and name of the case that a check has in junit.xml."""
    file, _, test = check["id"].partition("::")
    classname = file.removesuffix(".py").replace("/", ".")
    return f"{classname} [{' '.join(check['requirements']) or 'no requirement'}] {test or file}"


def foreign_states(file: Path) -> dict[str, type]:
    """What junitparser sees of each case: its result's type, or NoneType for a pass."""
    found: dict[str, type] = {}
    for suite in JUnitXml.fromfile(str(file)):
        cases = list(suite)
        for case in cases:
            name = f"{case.classname} {case.name}"
            assert name not in found, f"{name} stands twice"
            assert len(case.result) <= 1, f"{name} has two results"
            found[name] = type(case.result[0]) if case.result else type(None)
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        counts = Counter(found.values())
        assert told == (len(cases), counts[Failure], counts[Error], counts[Skipped])
    return found


def wait_for_line(process: "subprocess.Popen[str]", holds: Callable[[str], bool]) -> str:
    """Read the process's output up to the first line for which ``holds``; all that was read."""
    read = ""
    assert process.stdout is not None
    for line in process.stdout:
        read += line
        if holds(line):
            return read
    raise AssertionError(f"the line never came; seen instead:\n{read}")
