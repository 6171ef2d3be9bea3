"""Clones of this tree to change, and runs of ./conform on them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fixtures.builds import forget_images
from fixtures.commands import CouldNotVerify
from fixtures.documents import HARNESS

RUN_SECONDS = 1200
REPORTS = HARNESS / "reports" / "bench" / "of-conform"


@contextmanager
def clone() -> Iterator[Path]:
    """The commit that is checked out here, without what lies about on a desk; its images go with it."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve() / "tree"
        subprocess.run(["git", "clone", "--quiet", str(HARNESS), str(tree)], check=True)
        try:
            yield tree
        finally:
            forget_images(tree)


def commit_all(tree: Path, message: str) -> None:
    """Commit whatever was changed."""
    git = ["git", "-C", str(tree), "-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", message], check=True)


def conform(tree: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run ./conform on a tree: its conformance.json. Raises CouldNotVerify unless it ends with 0.

    ``environment`` is set beside what is set already.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--root={tree}", f"--reports={REPORTS}", *arguments],
        cwd=HARNESS,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    if done.returncode:
        raise CouldNotVerify(f"the suite itself ended with {done.returncode}: {done.stdout[-900:]}{done.stderr[-300:]}")
    return json.loads((REPORTS / "conformance.json").read_text())
