"""A sixth image is a Dockerfile and entries in inventory and blueprint; no suite has to know."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.inventory import read_inventory
from verification import Verify

INVENTORY, BLUEPRINT = "infra/inventory.yaml", "infra/render/render.yaml"


@pytest.fixture
def with_a_sixth(tree: Path) -> Path:
    """The tree, with an image that backs up every week."""
    nightly, weekly = "infra/docker/backup-nightly.Dockerfile", "infra/docker/backup-weekly.Dockerfile"
    (tree / weekly).write_bytes((tree / nightly).read_bytes())
    inventory = yaml.safe_load((tree / INVENTORY).read_text())
    inventory["images"]["backup-weekly"] = {**inventory["images"]["backup-nightly"], "dockerfile": weekly}
    inventory["services"]["backup-weekly"] = {
        **inventory["services"]["backup-nightly"],
        "image": "backup-weekly",
        "schedule": "30 1 * * 0",
    }
    (tree / INVENTORY).write_text(yaml.safe_dump(inventory))
    blueprint = yaml.safe_load((tree / BLUEPRINT).read_text())
    (last,) = [one for one in blueprint["services"] if one["name"] == "backup-nightly"]
    blueprint["services"].append({**last, "name": "backup-weekly", "dockerfilePath": weekly, "schedule": "30 1 * * 0"})
    (tree / BLUEPRINT).write_text(yaml.safe_dump(blueprint))
    return tree


def test_sixth_image_is_verified_without_new_code(with_a_sixth: Path, verify: Verify) -> None:
    outcome = verify("--image", "backup-weekly")
    assert (outcome.status, outcome.red) == (0, set()), outcome.output
    assert outcome.report["images"]["backup-weekly"]["outcome"] == "built"
    looked_at = {id_ for check in outcome.checks if check["image"] == "backup-weekly" for id_ in check["requirements"]}
    assert {"D1-05", "D2-01", "D3-05", "D3-12", "D5-02", "D6-03"} <= looked_at


def test_bake_file_names_the_images_of_the_inventory(engine: Engine) -> None:
    """People build by hand with it; the harness takes the names from the inventory."""
    printed = subprocess.run(
        ["docker", "buildx", "bake", "--file", "infra/docker/docker-bake.hcl", "--print"],
        cwd=HARNESS,
        capture_output=True,
        text=True,
        check=True,
    )
    targets = json.loads(printed.stdout)["target"]
    images = read_inventory(HARNESS).images
    assert {name: target["dockerfile"] for name, target in targets.items()} == {
        name: image.dockerfile for name, image in images.items()
    }
