"""What is let through is let through by name, and only so long."""

from pathlib import Path

import pytest

from editing import edit
from fixtures.reports import WRITERS
from fixtures.waivers import WAIVERS
from verification import Verify

DEPLOYS_BY_ITSELF = (
    "infra/render/render.yaml",
    "'30 1 * * *'\n    autoDeploy: false",
    "'30 1 * * *'\n    autoDeploy: true",
)


def waive(
    tree: Path, *, requirement: str = "D5-01", image: str = "backup-nightly", expires: str = "2999-12-31"
) -> None:
    fields = f'owner: maintainers, reason: waiting for the next release, expires: "{expires}", link: issue 12'
    (tree / WAIVERS).write_text(f"version: 1\nwaivers:\n  - {{requirement: {requirement}, image: {image}, {fields}}}\n")


def test_waived_check_still_runs_and_shows_both(tree: Path, verify: Verify) -> None:
    edit(tree, *DEPLOYS_BY_ITSELF)
    waive(tree)
    outcome = verify("--static")
    assert (outcome.status, outcome.counts["waived"], outcome.counts["failed"]) == (0, 1, 0), outcome.output
    (check,) = [one for one in outcome.checks if one["state"] == "waived"]
    assert "D5-01 backup-nightly: its autoDeploy is True, expected False" in check["message"]
    assert "until 2999-12-31 by maintainers: waiting for the next release (issue 12;" in check["message"]
    assert check["observations"][0]["observed"] == "True"
    assert outcome.report["waivers"][0]["use"] == "in use"


@pytest.mark.parametrize("other", [{"image": "api"}, {"requirement": "D1-02"}])
def test_waiver_of_something_else_covers_nothing(tree: Path, verify: Verify, other: dict[str, str]) -> None:
    edit(tree, *DEPLOYS_BY_ITSELF)
    waive(tree, **other)
    outcome = verify("--static")
    assert (outcome.status, outcome.violated) == (1, {"D5-01"})
    assert outcome.report["waivers"][0]["use"] == "unneeded"


def test_expired_waiver_covers_nothing_and_is_named(tree: Path, verify: Verify) -> None:
    edit(tree, *DEPLOYS_BY_ITSELF)
    waive(tree, expires="2026-01-31")
    outcome = verify("--static")
    assert (outcome.status, outcome.violated) == (1, {"D5-01"})
    assert any("its waiver expired on 2026-01-31 (owner maintainers" in one["message"] for one in outcome.violations)


def test_expired_waiver_fails_what_would_pass(tree: Path, verify: Verify) -> None:
    waive(tree, expires="2026-01-31")
    outcome = verify("--static")
    assert (outcome.status, outcome.red) == (1, {"backup-nightly"})
    assert "the check itself passed" in outcome.violations[0]["message"]
    assert outcome.report["waivers"][0]["use"] == "expired"


def test_unneeded_waiver_is_reported(tree: Path, verify: Verify) -> None:
    waive(tree)
    outcome = verify("--static")
    assert outcome.status == 0
    assert "The waiver of D5-01 for backup-nightly is not needed any more: take it out." in outcome.output


def test_waiver_for_an_unknown_requirement_verifies_nothing(tree: Path, verify: Verify) -> None:
    waive(tree, requirement="D5-99")
    outcome = verify("--static")
    assert (outcome.status, outcome.passed) == (2, 0)
    assert f"there is no requirement D5-99 ({WAIVERS}:3)" in outcome.output


def test_secret_that_a_check_stumbles_on_is_in_no_report(tree: Path, verify: Verify) -> None:
    edit(tree, "infra/docker/api.Dockerfile", "EXPOSE 10000", "EXPOSE 10000\nENV DATABASE_PASSWORD=canary-4711")
    outcome = verify("--static")
    assert outcome.violated == {"D6-02"}
    assert "DATABASE_PASSWORD=[redacted]" in outcome.output
    written = {file.name: file.read_text() for file in verify.reports.iterdir()}
    # No attestation: a tree with changes is no commit, and no image was built.
    assert set(written) == set(WRITERS) - {"attestation.json"}
    assert not any("canary-4711" in text for text in [outcome.output, *written.values()])
