"""The register is read as data, and knows which images a clause concerns."""

from pathlib import Path

import pytest

from fixtures.commands import CouldNotVerify
from fixtures.documents import HARNESS
from fixtures.inventory import read_inventory
from fixtures.register import REQUIRED_TESTS, Requirement, read_register, read_required_tests

INVENTORY = read_inventory(HARNESS)


def requirement(*concerns: object) -> Requirement:
    return Requirement("D3-05", "It MUST.", "MUST", "image", concerns, 1, "implemented", "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("concerns", "subjects"),
    [
        (["all"], ["api", "workers", "dashboard", "operations", "backup-nightly"]),
        (["tree"], ["tree"]),
        (["all", "tree"], ["api", "workers", "dashboard", "operations", "backup-nightly", "tree"]),
        (["tree", {"image": "api"}], ["api", "tree"]),
        ([{"family": "node"}], ["dashboard", "operations"]),
        ([{"family": "debian"}, {"family": "python"}], ["api", "workers", "backup-nightly"]),
        ([{"image": "workers"}], ["workers"]),
        ([{"kind": "web"}], ["api", "dashboard", "operations"]),
        ([{"kind": "cron"}], ["workers", "backup-nightly"]),
        ([{"image": "nobody"}], []),
    ],
)
def test_subjects_come_from_the_inventory(concerns: list[object], subjects: list[str]) -> None:
    assert requirement(*concerns).subjects(INVENTORY) == tuple(subjects)


def test_every_decision_is_in_the_register() -> None:
    register = read_register()
    assert {one.decision for one in register.requirements.values()} == set(register.decisions)


def test_note_of_a_manual_clause_says_who_and_how() -> None:
    manual = [one for one in read_register().requirements.values() if one.state == "manual"]
    assert all(": " in one.note for one in manual)


def test_required_tests_are_read_with_their_requirements(tmp_path: Path) -> None:
    (tmp_path / "suites").mkdir()
    (tmp_path / REQUIRED_TESTS).write_text("# head\n\nsuites/a.py::test_b D1-01 D2-02\nsuites/a.py::test_c D1-01\n")
    assert read_required_tests(tmp_path) == {
        "suites/a.py::test_b": ("D1-01", "D2-02"),
        "suites/a.py::test_c": ("D1-01",),
    }


def test_missing_list_of_required_tests_verifies_nothing(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify, match=REQUIRED_TESTS):
        read_required_tests(tmp_path)


@pytest.mark.parametrize(
    ("test", "subject"),
    [
        ("test_x[api]", "api"),
        ("test_x[api-/app]", "api"),
        ("test_x[uv_lock_sha-api]", "api"),
        ("test_x[api-backup-nightly]", "backup-nightly"),
        ("test_x[api-list[0]]", "api"),
        ("test_x[retention-run]", "retention-run"),
        ("test_x[backup-nightly-pg_dump]", "backup-nightly"),
        ("test_x", "tree"),
        ("test_x[pg_dump]", "tree"),
        ("test_api", "tree"),
        ("test_x[apis]", "tree"),
    ],
)
def test_subject_is_found_in_the_id_of_a_test(test: str, subject: str) -> None:
    assert INVENTORY.subject_in(f"suites/test_a.py::{test}") == subject


@pytest.mark.parametrize(
    ("subject", "image"),
    [("api", "api"), ("retention-run", "workers"), ("tree", "tree"), ("nobody", "tree")],
)
def test_image_of_a_subject_is_its_own_or_that_of_the_service(subject: str, image: str) -> None:
    assert INVENTORY.image_of(subject) == image
