"""The whole suite as a person runs it, unchanged; and builds: the first of a clone, and after a change of source."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import Spread, Table, seconds
from bench.trees import clone, commit_all, conform
from fixtures.documents import HARNESS

ROUNDS = 3
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

    def measure(name: str, root: Path, *arguments: str) -> None:
        raw.setdefault(name, []).append(seconds(lambda: conform(root, *arguments)))
        say(f"{name}: {raw[name][-1]:.1f} s")

    checks = len(conform(HARNESS, "-n", "2")["checks"])  # the first one builds, and is not measured
    for _ in range(ROUNDS):
        measure("unchanged, -n 2", HARNESS, "-n", "2")
        measure("unchanged, serially", HARNESS)
        measure("--static", HARNESS, "--static")
    with clone() as tree:
        measure("build, nothing changed", tree, *BUILD_ONLY)
        for number in range(ROUNDS):
            _change(tree, number)
            measure("build, source changed", tree, *BUILD_ONLY)
    spreads = {name: Spread(tuple(values)) for name, values in raw.items()}
    reference = spreads["unchanged, -n 2"].median
    rows = [(name, f"{one.median / reference:.2f}x", str(one)) for name, one in spreads.items()]
    notes = (f"{checks} checks in a whole run.",)
    return [Table("The suite", ("run", "of unchanged -n 2", "s"), rows, notes)], {"seconds": raw, "checks": checks}


def _change(tree: Path, number: int) -> None:
    for name, comment in SOURCES.items():
        with (tree / name).open("a") as file:
            file.write(f"{comment} changed {number}\n")
    commit_all(tree, f"change {number}")
