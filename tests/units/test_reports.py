"""What stands in the reports, read with eyes that are not ours."""

import csv
import io
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped

from fixtures.documents import HARNESS
from fixtures.reports import WRITERS, forget, write
from fixtures.reports.junit import junit
from fixtures.reports.traceability import COLUMNS, traceability
from test_conformance import API, check, concluded

STATES = ("passed", "failed", "error", "unverified", "waived")
#: pytest's source package carries the schema that Jenkins publishes.
SOURCE = "pytest==9.2.0 --hash=sha256:97c4f3b1f3c7414aa36465e09b8220f1d03627993bd51b1282e193753c80557b\n"
SCHEMA = "pytest-9.2.0/testing/example_scripts/junit-10.xsd"


@pytest.fixture(scope="session")
def jenkins(tmp_path_factory: pytest.TempPathFactory) -> xmlschema.XMLSchema:
    """junit-10.xsd, kept beside the virtual environment."""
    kept = HARNESS / ".conform" / "junit-10.xsd"
    if not kept.exists():
        folder = tmp_path_factory.mktemp("source")
        (folder / "wanted.txt").write_text(SOURCE)
        options = ["--quiet", "--no-deps", "--no-binary=:all:", "--require-hashes", "--dest", str(folder)]
        fetch = [sys.executable, "-m", "pip", "download", *options, "--requirement", str(folder / "wanted.txt")]
        subprocess.run(fetch, check=True, capture_output=True)
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            schema = archive.extractfile(SCHEMA)
            assert schema is not None
            kept.write_bytes(schema.read())
    return xmlschema.XMLSchema(kept)


def five() -> dict[str, Any]:
    """A check in each state."""
    return concluded(*(check(state, f"{API[:-1]}-{state}]") for state in STATES))


def test_junit_is_valid_for_jenkins(jenkins: xmlschema.XMLSchema) -> None:
    jenkins.validate(junit(five()))


def test_junit_of_a_run_that_never_began_is_valid_for_jenkins(jenkins: xmlschema.XMLSchema) -> None:
    jenkins.validate(junit(concluded(inventory=None, set_up=False, ended="no engine")))


def test_foreign_reader_sees_each_state() -> None:
    (suite,) = JUnitXml.fromstring(junit(five()).encode())
    seen = {case.name.rpartition("-")[2]: [type(one) for one in case.result] for case in suite}
    assert seen == {
        "passed]": [],
        "failed]": [Failure],
        "error]": [Error],
        "unverified]": [Skipped],
        "waived]": [Skipped],
    }
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (5, 1, 1, 2)


def test_case_names_its_requirement() -> None:
    (suite,) = JUnitXml.fromstring(junit(concluded(check("passed"))).encode())
    (case,) = suite
    assert (case.classname, case.name) == ("suites.test_a", "[D3-05] test_b[api]")


def test_suite_says_what_was_looked_at() -> None:
    (suite,) = JUnitXml.fromstring(junit(concluded(check("passed"))).encode())
    properties = {one.name: one.value for one in suite.properties()}
    assert properties["git.commit"] == "0" * 40
    assert (properties["git.dirty"], properties["engine"], properties["narrowed"]) == ("false", "26.1.5", "true")
    assert len(properties["requirements.sha256"]) == 64


@pytest.mark.parametrize("text", ["\x00", "\x1b[31mred", "\ud800", "\ufffe", "]]>", "<failure/>", "&amp;", "é\n\t☃"])
def test_any_text_makes_a_valid_junit(jenkins: xmlschema.XMLSchema, text: str) -> None:
    one = check("failed", f"suites/test_a.py::test_b[{text}]")
    one.message = f"it said {text}"
    one.observations = [{"what": text, "observed": text, "expected": text}]
    jenkins.validate(junit(concluded(one)))


def test_traceability_has_a_line_for_every_clause() -> None:
    report = five()
    rows = list(csv.reader(io.StringIO(traceability(report))))
    assert tuple(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == list(report["requirements"])


def test_traceability_names_tests_and_images() -> None:
    rows = {row["requirement"]: row for row in csv.DictReader(io.StringIO(traceability(concluded(check("failed")))))}
    assert rows["D3-05"]["state"] == "failed"
    assert rows["D3-05"]["tests"] == "suites/test_a.py::test_b"
    assert rows["D3-05"]["images"].splitlines()[0] == "api: failed"
    assert rows["D3-05"]["evidence"] == f"api: 1 failed; looked at files of {'0' * 40}"


def test_reports_are_written_whole_and_forgotten_whole(tmp_path: Path) -> None:
    write(five(), tmp_path / "reports")
    assert sorted(file.name for file in (tmp_path / "reports").iterdir()) == sorted(WRITERS)
    forget(tmp_path / "reports")
    assert list((tmp_path / "reports").iterdir()) == []


def test_forgetting_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    forget(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"
