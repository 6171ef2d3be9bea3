"""`./conform bench [PART ...]`: measure, and write reports/bench/. Parts: suite, checks, images, backup, growth.

Exit status: 0 when all was measured, 2 when something could not be.
"""

import json
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from docker import DockerClient

from bench.compare import compare
from bench.growth import growth
from bench.images import payload
from bench.measure import Table
from bench.peers import VENV, environment
from bench.report import markdown
from bench.streaming import streaming
from bench.suite import suite
from fixtures.builds import tag_of
from fixtures.commands import COULD_NOT_VERIFY, CouldNotVerify
from fixtures.commands import run as run_command
from fixtures.containers import Containers
from fixtures.documents import HARNESS
from fixtures.engine import Engine, bring_up
from fixtures.leftovers import clear
from fixtures.runs import Run, begin
from fixtures.source import read_state

FOLDER = HARNESS / "reports" / "bench"
#: The image that all tools look at.
IMAGE = "api"

Measured = tuple[list[Table], dict[str, Any]]


def say(line: str) -> None:
    print(f"bench: {line}", flush=True)


def checks(engine: Engine, client: DockerClient, run: Run) -> Measured:
    image = client.images.get(tag_of(HARNESS, IMAGE)).id
    return compare(Containers(engine, client, run), str(image), say)


PARTS: dict[str, Callable[[Engine, DockerClient, Run], Measured]] = {
    "suite": lambda engine, client, run: suite(say),  # first: it builds what the others look at
    "checks": checks,
    "images": lambda engine, client, run: payload(client, run),
    "backup": lambda engine, client, run: streaming(engine, client, run, say),
    "growth": lambda engine, client, run: growth(say),
}


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(PARTS):
        print(f"bench: there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 4
    tables: list[Table] = []
    figures: dict[str, Any] = {"conditions": conditions()}
    missing: list[str] = []
    engine, run = bring_up(say), begin()
    os.environ["BENCH_LABELS"] = json.dumps(run.labels)
    with engine.client(seconds=600) as client:
        try:
            for part in [part for part in PARTS if part in wanted or not wanted]:
                try:
                    found, figures[part] = PARTS[part](engine, client, run)
                    tables += found
                except (CouldNotVerify, OSError) as error:
                    missing.append(f"{part}: could not be measured: {error}")
        finally:
            clear(client, lambda thing: thing.run.id == run.id)
    figures["conditions"]["engine"] = engine.version  # known only now
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "bench.json").write_text(json.dumps(figures, indent=1))
    try:
        draw()
    except CouldNotVerify as error:
        missing.append(f"the picture: {error}")
    text = markdown(tables, figures["conditions"], missing)
    (FOLDER / "bench.md").write_text(text)
    print(text)
    return COULD_NOT_VERIFY if missing or figures.get("checks", {}).get("missing") else 0


def draw() -> None:
    """The picture of the figures. Raises CouldNotVerify."""
    environment()
    python = str(VENV / "bin" / "python")
    plot = str(HARNESS / "bench" / "plot.py")
    drawing = [python, plot, str(FOLDER / "bench.json"), str(FOLDER / "bench.svg")]
    run_command(drawing, purpose="drawing the picture", seconds=120)


def conditions() -> dict[str, Any]:
    """What the figures depend on."""
    commit, dirty = read_state(HARNESS)
    return {
        "commit": f"{(commit or 'unknown')[:12]}{', changed' if dirty else ''}",
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
