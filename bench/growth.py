"""What a check costs when there are many images: trees of 5, 20 and 50, all made from one tiny Dockerfile."""

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Spread, Table
from bench.trees import clone, commit_all, conform
from fixtures.dockerfiles import read_dockerfile

SIZES = (5, 20, 50)
ROUNDS = 3

#: All checks but those of the tree as a whole: it lacks the services that the decision record names.
OF_IMAGES = ("-n", "2", "-k", "not test_blueprint and not test_build_context")

DOCKERFILE = """\
FROM {base}

LABEL bench.number={number}

RUN groupadd --gid 1000 spectral \\
    && useradd --uid 1000 --gid spectral --home-dir /app --no-create-home --shell /usr/sbin/nologin spectral \\
    && install --directory --owner=spectral --group=spectral --mode=0750 /app /etc/spectral

WORKDIR /app
ARG RENDER_GIT_COMMIT
RUN --mount=type=bind,target=/tree \\
    sh /tree/infra/docker/build-version.sh /tree > version.json \\
    && chown spectral:spectral version.json
COPY --chown=spectral:spectral tools/ops/backup/backup-nightly.sh tiny.sh

USER 1000:1000
CMD ["bash", "/app/tiny.sh"]
"""
#: In the place of the backup's script, which .dockerignore lets in already.
SCRIPT = """\
#!/bin/bash
# Says that it works, and stops when it is told to.
set -eu
trap 'exit 0' TERM
IFS= read -r -d '' version < version.json || true
[[ $version =~ '"short_sha": "'([0-9a-f]+)'"' ]]
printf '{"msg": "started", "short_sha": "%s"}\\n' "${BASH_REMATCH[1]}"
while :; do
    sleep 60 &
    wait
done
"""


def growth(say: Callable[[str], None]) -> tuple[list[Table], dict[str, Any]]:
    """Milliseconds a check, of whole unchanged runs with two workers, and the memory of the largest process."""
    raw: dict[int, dict[str, Any]] = {}
    for size in SIZES:
        with clone() as tree:
            _grow(tree, size)
            conform(tree, *OF_IMAGES)  # builds, and reads what is kept of images
            runs = [conform(tree, *OF_IMAGES) for _ in range(ROUNDS)]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        raw[size] = {
            "checks": len(runs[0]["checks"]),
            "seconds": [run["run"]["seconds"] for run in runs],
            "peak_mib": peak,
        }
        say(f"{size} images: {raw[size]}")
    costs = {n: Spread(tuple(s / one["checks"] * 1000 for s in one["seconds"])) for n, one in raw.items()}
    rows = [
        (
            str(size),
            f"{cost.median / costs[SIZES[0]].median:.2f}x",
            str(cost),
            str(raw[size]["checks"]),
            str(Spread(tuple(raw[size]["seconds"]))),
            f"{raw[size]['peak_mib']:.0f}",
        )
        for size, cost in costs.items()
    ]
    columns = ("images", f"a check, of that at {SIZES[0]}", "a check, ms", "checks", "run, s", "peak, MiB")
    notes = (
        "All checks of images; whole unchanged runs with -n 2, set-up and reports included, over the number of checks.",
        "Peak: the resident memory of the largest process of any run so far, docker's client included.",
    )
    return [Table("Growth", columns, rows, notes)], {str(size): one for size, one in raw.items()}


def _grow(tree: Path, size: int) -> None:
    """Make the clone a tree of ``size`` tiny images, each run by one cron."""
    inventory_file, blueprint_file = tree / "infra/inventory.yaml", tree / "infra/render/render.yaml"
    inventory, blueprint = (yaml.safe_load(file.read_text()) for file in (inventory_file, blueprint_file))
    base = read_dockerfile(tree, "infra/docker/backup-nightly.Dockerfile").runtime_base
    assert base is not None
    nightly = inventory["services"]["backup-nightly"]
    (told,) = [one for one in blueprint["services"] if one["name"] == "backup-nightly"]
    for file in (tree / "infra/docker").glob("*.Dockerfile"):
        file.unlink()
    names = [f"tiny-{number:02}" for number in range(size)]
    for number, name in enumerate(names):
        (tree / f"infra/docker/{name}.Dockerfile").write_text(DOCKERFILE.format(base=base.text, number=number))
    (tree / "tools/ops/backup/backup-nightly.sh").write_text(SCRIPT)
    inventory["images"] = {
        name: {"family": "debian", "dockerfile": f"infra/docker/{name}.Dockerfile", "program": "bash", "packages": []}
        for name in names
    }
    inventory["services"] = {name: {**nightly, "image": name, "environment": {}, "peers": {}} for name in names}
    blueprint["services"] = [
        {**told, "name": name, "dockerfilePath": f"infra/docker/{name}.Dockerfile"} for name in names
    ]
    inventory_file.write_text(yaml.safe_dump(inventory))
    blueprint_file.write_text(yaml.safe_dump(blueprint))
    commit_all(tree, f"{size} tiny images")
