"""Run ./conform as a person would, and read what it says."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from junitparser import Error, Failure, JUnitXml

LAUNCHER = Path(__file__).resolve().parent.parent / "conform"
#: The head of a message: "D3-05 D6-02 api: ...".
HEAD = re.compile(r"(?P<ids>D\d-\d\d(?: D\d-\d\d)*) (?P<subject>[a-z][a-z0-9-]*): (?P<text>.*)", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """One case that did not pass, by what its message says."""

    requirements: frozenset[str]
    subject: str  #: image, service, or "tree"
    text: str  #: the whole message
    looked: bool  #: False where the harness could not look


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: int
    output: str  #: stdout and stderr, as they came
    passed: int
    findings: tuple[Finding, ...]

    @property
    def violated(self) -> set[str]:
        """Ids of the requirements that were seen violated."""
        return {id_ for finding in self.findings if finding.looked for id_ in finding.requirements}

    @property
    def red(self) -> set[str]:
        """Images, services, or "tree", that did not pass something."""
        return {finding.subject for finding in self.findings}


@dataclass(frozen=True)
class Verify:
    """``verify("--image", "api")`` verifies the tree and returns an Outcome."""

    tree: Path
    report: Path

    def __call__(self, *arguments: str, environment: dict[str, str] | None = None) -> Outcome:
        self.report.unlink(missing_ok=True)
        done = subprocess.run(
            [
                str(LAUNCHER),
                "--root",
                str(self.tree),
                f"--junit-xml={self.report}",
                "-o",
                "cache_dir=.conform/selftest-cache",
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        passed, findings = read_report(self.report)
        return Outcome(done.returncode, done.stdout, passed, findings)


def read_report(report: Path) -> tuple[int, tuple[Finding, ...]]:
    """Cases that passed, and those that did not, from a JUnit file; no file, no cases."""
    if not report.is_file():
        return 0, ()
    passed, findings = 0, []
    for suite in JUnitXml.fromfile(str(report)):
        for case in suite:
            passed += not case.result
            for result in case.result:
                assert isinstance(result, Failure | Error), f"{case.name} was skipped"
                head = HEAD.search(result.text or "")
                assert head, f"{case.name} failed without naming its requirement: {result.text}"
                looked = "could not be verified" not in head["text"].partition("\n")[0]
                findings.append(Finding(frozenset(head["ids"].split()), head["subject"], head.group(), looked))
    return passed, tuple(findings)
