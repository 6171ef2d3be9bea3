"""A second run builds nothing, and a new line of source installs nothing."""

import re
import subprocess
from pathlib import Path

import pytest

from verification import Verify

#: "build:    2.7 s  [api builder 4/5] RUN ...": an instruction that was carried out, not taken from the cache.
RAN = re.compile(r"^build: +[0-9.]+ s  \[(?P<where>[^]]*)\] (?P<instruction>.*)$", re.MULTILINE)
INSTALLERS = ("uv pip sync", "pnpm install", "pnpm --dir /production install", "apt-get install")


def instructions(output: str) -> list[str]:
    return [found["instruction"] for found in RAN.finditer(output)]


def commit_all(tree: Path) -> None:
    git = ["git", "-C", str(tree), "-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "commit", "--quiet", "--all", "--message", "a change"], check=True)


@pytest.mark.parametrize(
    ("image", "source"),
    [
        ("api", "apps/api/api/app.py"),
        ("workers", "apps/workers/workers/tasks.py"),
        ("dashboard", "apps/dashboard/src/main.js"),
        ("operations", "packages/service-node/src/stop.js"),
        ("backup-nightly", "tools/ops/backup/backup-nightly.sh"),
    ],
)
def test_source_that_changes_installs_nothing(tree: Path, verify: Verify, image: str, source: str) -> None:
    narrowed = ("--image", image, "-k", "test_image_is_built_from_its_dockerfile")
    first = verify(*narrowed)
    assert first.status == 0, first.output

    assert instructions(verify(*narrowed).output) == []

    file = tree / source
    file.write_text(file.read_text() + ("\n// changed\n" if source.endswith(".js") else "\n# changed\n"))
    commit_all(tree)
    changed = verify(*narrowed)
    assert changed.status == 0, changed.output
    ran = instructions(changed.output)
    assert any("build-version.sh" in one for one in ran), "a new commit must be in version.json"
    assert not [one for one in ran for installer in INSTALLERS if installer in one]
