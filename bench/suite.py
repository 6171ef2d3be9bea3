"""The whole suite as a person runs it: cold, warm and unchanged, and after a change of source alone."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import Spread, Table, seconds
from fixtures.builds import tag_of
from fixtures.commands import CouldNotVerify
from fixtures.documents import HARNESS

ROUNDS = 3
RUN_SECONDS = 1200
#: One line more in each of these makes every image be built again, but install nothing.
SOURCES = {
    "apps/api/api/app.py": "#",
    "apps/workers/workers/tasks.py": "#",
    "apps/dashboard/src/main.js": "//",
    "packages/service-node/src/stop.js": "//",
    "tools/ops/backup/backup-nightly.sh": "#",
}
BUILD_ONLY = ("-k", "test_image_is_built_from_its_dockerfile")


def suite(say: Callable[[str], None]) -> tuple[list[Table], dict[str, Any]]:
    """Measure ./conform on this tree. Seconds of whole processes, start-up of Python and reports included."""
    raw: dict[str, list[float]] = {}
    checks = 0

    def measure(name: str, root: Path, *arguments: str) -> None:
        nonlocal checks
        took = seconds(lambda: _conform(root, *arguments))
        raw.setdefault(name, []).append(took)
        say(f"{name}: {took:.1f} s")

    for _ in range(ROUNDS):
        measure("unchanged, -n 2", HARNESS, "-n", "2")
    checks = len(_report()["checks"])
    for _ in range(ROUNDS):
        measure("unchanged, serially", HARNESS)
        measure("--static", HARNESS, "--static")
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        # A clone: what lies about on a desk is no part of it.
        subprocess.run(["git", "clone", "--quiet", str(HARNESS), str(tree)], check=True)
        try:
            measure("build, nothing changed", tree, *BUILD_ONLY)
            for number in range(ROUNDS):
                _change(tree, number)
                measure("build, source changed", tree, *BUILD_ONLY)
        finally:
            for image in _report()["images"]:
                subprocess.run(["docker", "image", "rm", tag_of(tree.resolve(), image)], capture_output=True)
    spreads = {name: Spread(tuple(values)) for name, values in raw.items()}
    reference = spreads["unchanged, -n 2"].median
    rows = [(name, f"{one.median / reference:.2f}x", str(one)) for name, one in spreads.items()]
    notes = (f"{checks} checks in a whole run.",)
    return [Table("The suite", ("run", "of unchanged -n 2", "s"), rows, notes)], {"seconds": raw, "checks": checks}


def _conform(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--root={root}", f"--reports={_folder()}", *arguments],
        cwd=HARNESS,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    if done.returncode:
        raise CouldNotVerify(f"the suite itself ended with {done.returncode}: {done.stdout[-600:]}{done.stderr[-300:]}")


def _folder() -> Path:
    return HARNESS / "reports" / "bench" / "of-the-suite"


def _report() -> dict[str, Any]:
    return json.loads((_folder() / "conformance.json").read_text())


def _change(tree: Path, number: int) -> None:
    for name, comment in SOURCES.items():
        with (tree / name).open("a") as file:
            file.write(f"{comment} changed {number}\n")
    git = ["git", "-C", str(tree), "-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
    subprocess.run([*git, "commit", "--quiet", "--all", "--message", f"change {number}"], check=True)
