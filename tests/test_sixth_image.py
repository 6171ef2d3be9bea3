"""A sixth image is a Dockerfile and entries in inventory, blueprint, compose file and secret register, no code."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.inventory import read_inventory
from verification import Verify

INVENTORY, BLUEPRINT, COMPOSE = "infra/inventory.yaml", "infra/render/render.yaml", "infra/local/compose.yml"
EXAMPLE, SECRETS = "infra/local/.env.example", "infra/secrets.yaml"


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
    variables = [one for one in last["envVars"] if "fromGroup" not in one] + [{"fromGroup": "backup-weekly-secrets"}]
    of_weekly = {"name": "backup-weekly", "dockerfilePath": weekly, "schedule": "30 1 * * 0", "envVars": variables}
    blueprint["services"].append({**last, **of_weekly})
    blueprint["envVarGroups"].append({"name": "backup-weekly-secrets", "envVars": []})
    (tree / BLUEPRINT).write_text(yaml.safe_dump(blueprint))
    compose = yaml.safe_load((tree / COMPOSE).read_text())
    like = compose["services"]["backup-nightly"]
    build = {**like["build"], "dockerfile": weekly}
    environment = {**like["environment"], "PGPASSWORD": "${WEEKLY_DB_PASSWORD:?}"}
    compose["services"]["backup-weekly"] = {**like, "profiles": ["full"], "build": build, "environment": environment}
    (tree / COMPOSE).write_text(yaml.safe_dump(compose))
    (tree / EXAMPLE).write_text((tree / EXAMPLE).read_text() + "\nWEEKLY_DB_PASSWORD=\n")
    register = yaml.safe_load((tree / SECRETS).read_text())
    for name in ("backup-nightly-password", "gcs-sa"):
        own = {"services": ["backup-weekly"], "group": "backup-weekly-secrets"}
        register["secrets"][f"{name}-of-weekly"] = {**register["secrets"][name], **own}
    (tree / SECRETS).write_text(yaml.safe_dump(register))
    return tree


def test_sixth_image_is_verified_without_new_code(with_a_sixth: Path, verify: Verify) -> None:
    """All is as it should be but that there is a second backup, and that it has the first one's login."""
    outcome = verify("--image", "backup-weekly")
    assert (outcome.status, outcome.violated, outcome.red) == (1, {"D1-16", "D6-18"}, {"tree"}), outcome.output
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
