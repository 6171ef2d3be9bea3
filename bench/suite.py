"""The whole suite as a person runs it: on an engine that has nothing yet, after a change, and unchanged."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.measure import Spread, Table, seconds
from bench.trees import clone, commit_all, conform
from fixtures.builds import tag_of
from fixtures.commands import run
from fixtures.documents import HARNESS
from fixtures.inventory import read_inventory
from fixtures.second_engine import second_engine

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


class Clock:
    """Seconds of runs of ./conform as whole processes, start-up of Python and reports included."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.seconds: dict[str, list[float]] = {}
        self._say = say

    def measure(self, name: str, root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        took = seconds(lambda: conform(root, *arguments, environment=environment))
        self.seconds.setdefault(name, []).append(took)
        self._say(f"{name}: {took:.1f} s")


def suite(say: Callable[[str], None]) -> tuple[list[Table], dict[str, Any]]:
    """Measure ./conform on this tree. Raises CouldNotVerify."""
    clock = Clock(say)
    checks = len(conform(HARNESS, "-n", "2")["checks"])  # the first one builds, and is not measured
    for _ in range(ROUNDS):
        clock.measure("unchanged", HARNESS, "-n", "2")
        clock.measure("unchanged, one worker", HARNESS)
        clock.measure("--static", HARNESS, "--static")
    with clone() as tree, second_engine() as host, tempfile.TemporaryDirectory() as cache:
        elsewhere = {"DOCKER_HOST": host, "XDG_CACHE_HOME": cache}
        clock.measure("cold, without bases", tree, "-n", "2", environment=elsewhere)
        for number in range(ROUNDS):
            for name, arguments in (("", ("-n", "2")), (", build alone", BUILD_ONLY)):
                _forget_all_but_bases(tree, host)
                clock.measure(f"cold{name}", tree, *arguments, environment=elsewhere)
                _change(tree, f"{number}{name}")
                clock.measure(f"source changed{name}", tree, *arguments, environment=elsewhere)
    spreads = {name: Spread(tuple(values)) for name, values in clock.seconds.items()}
    reference = spreads["unchanged"].median
    rows = [(name, f"{one.median / reference:.2f}x", str(one)) for name, one in spreads.items()]
    cold, changed = (spreads[f"{name}, build alone"].median for name in ("cold", "source changed"))
    notes = (
        f"{checks} checks in a whole run; two workers, unless it says one.",
        f"A build after a change of source takes {changed / cold:.2f}x of a cold one. Cold: an engine and a cache that "
        "have the bases and nothing else; without bases, their stand-ins are made too.",
    )
    return [Table("The suite", ("run", "of unchanged", "s"), rows, notes)], {"seconds": clock.seconds, "checks": checks}


def _forget_all_but_bases(tree: Path, host: str) -> None:
    docker = ["docker", "--host", host]
    tags = [tag_of(tree, image) for image in read_inventory(tree).images]
    run([*docker, "image", "rm", "--force", *tags], purpose="forgetting the images", seconds=60)
    run([*docker, "builder", "prune", "--all", "--force"], purpose="forgetting the build cache", seconds=60)


def _change(tree: Path, what: str) -> None:
    for name, comment in SOURCES.items():
        with (tree / name).open("a") as file:
            file.write(f"{comment} changed {what}\n")
    commit_all(tree, f"change {what}")
