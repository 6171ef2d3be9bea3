"""Six services on five images, as Render is told of them."""

from pathlib import Path

import pytest

from fixtures.blueprint import BLUEPRINT, SCHEMA, Blueprint, Entry, read_blueprint
from fixtures.claims import Expect, requirement
from fixtures.documents import Malformed
from fixtures.inventory import Inventory, Service


@requirement("D1-01")
def test_blueprint_is_valid(root: Path, expect: Expect) -> None:
    """Render refuses a blueprint with an unknown key, and then deploys nothing."""
    try:
        problems = read_blueprint(root).document.problems(SCHEMA)
    except Malformed as error:
        problems = [str(error)]
    expect.none("problems in the blueprint", problems, look_at=BLUEPRINT, mend=f"see {SCHEMA} for what may stand there")


@requirement("D1-02")
def test_blueprint_has_the_services_of_the_inventory(
    blueprint: Blueprint, inventory: Inventory, expect: Expect
) -> None:
    """A service that stands in one of the two alone is verified by nobody, or deployed by nobody."""
    expect(
        "the services of the blueprint",
        ", ".join(sorted(blueprint.entries)),
        ", ".join(sorted(inventory.services)),
        look_at=f"{BLUEPRINT} and {inventory.document.name}",
        mend="add the service to the other, or take it out of both",
    )


@requirement("D1-01")
def test_service_is_built_from_a_dockerfile(
    service: Service, declared: Entry, blueprint: Blueprint, expect: Expect
) -> None:
    """Another runtime, or an image from a registry, would be another build strategy."""
    expect(
        "its runtime",
        declared["runtime"],
        "docker",
        look_at=blueprint.at(service.name, "runtime"),
        mend="set runtime: docker",
    )
    expect(
        "the image it takes from a registry",
        declared["image"],
        None,
        look_at=blueprint.at(service.name, "image"),
        mend="take image out; Render builds from the Dockerfile",
    )
    expect(
        "the repository it is built from, if it is another one",
        declared["repo"],
        None,
        look_at=blueprint.at(service.name, "repo"),
        mend="take repo out; a blueprint builds from the repository that it lies in",
    )


@requirement("D1-02")
def test_service_builds_the_dockerfile_of_its_image(
    service: Service, declared: Entry, blueprint: Blueprint, expect: Expect
) -> None:
    """What was verified is what Render builds."""
    expect(
        "its dockerfilePath",
        declared.path("dockerfilePath"),
        service.image.dockerfile,
        look_at=blueprint.at(service.name, "dockerfilePath"),
        mend="name the Dockerfile that the inventory gives to the service's image",
    )


@requirement("D3-03")
def test_service_is_built_in_the_root_of_the_repository(
    service: Service, declared: Entry, blueprint: Blueprint, expect: Expect
) -> None:
    """Locks and shared packages lie above the apps."""
    expect(
        "its dockerContext",
        declared.path("dockerContext"),
        ".",
        look_at=blueprint.at(service.name, "dockerContext"),
        mend="set dockerContext: .",
    )
    expect(
        "its rootDir",
        declared.path("rootDir") or ".",
        ".",
        look_at=blueprint.at(service.name, "rootDir"),
        mend="take rootDir out; it moves the context",
    )


@requirement("D1-02")
def test_service_is_of_its_kind(service: Service, declared: Entry, blueprint: Blueprint, expect: Expect) -> None:
    """A worker declared as web gets a port check that it cannot pass."""
    expect(
        "its type",
        declared["type"],
        service.kind,
        look_at=blueprint.at(service.name, "type"),
        mend="make blueprint and inventory say the same",
    )


@requirement("D1-02")
def test_service_runs_its_command(service: Service, declared: Entry, blueprint: Blueprint, expect: Expect) -> None:
    """An image's own command is what was verified; another one only where the inventory says so."""
    expect(
        "its dockerCommand",
        declared["dockerCommand"] or "",
        service.command,
        look_at=blueprint.at(service.name, "dockerCommand"),
        mend="make blueprint and inventory say the same",
    )


@requirement("D1-02")
@pytest.mark.services(kind="cron")
def test_cron_runs_on_its_schedule(service: Service, declared: Entry, blueprint: Blueprint, expect: Expect) -> None:
    """The inventory is what people read when they ask when the backup runs."""
    expect(
        "its schedule",
        declared["schedule"],
        service.schedule,
        look_at=blueprint.at(service.name, "schedule"),
        mend="make blueprint and inventory say the same",
    )


@requirement("D3-14")
@pytest.mark.services(kind="web")
def test_health_check_lives_in_the_blueprint(
    service: Service, declared: Entry, blueprint: Blueprint, expect: Expect
) -> None:
    """Without it Render switches traffic to whatever opens a port."""
    expect(
        "its healthCheckPath",
        declared["healthCheckPath"],
        service.health,
        look_at=blueprint.at(service.name, "healthCheckPath"),
        mend=f"set healthCheckPath: {service.health}",
    )


@requirement("D1-03")
def test_retention_run_reuses_the_workers_image(blueprint: Blueprint, expect: Expect) -> None:
    """The cron only posts an event; a sixth image for that would be one more to patch."""
    workers, retention = blueprint.entries["workers"], blueprint.entries["retention-run"]
    expect(
        "the Dockerfile of retention-run",
        retention.path("dockerfilePath"),
        workers.path("dockerfilePath"),
        look_at=blueprint.at("retention-run", "dockerfilePath"),
        mend="build it from the workers' Dockerfile",
    )


@requirement("D1-04")
def test_backup_nightly_has_an_image_of_its_own(blueprint: Blueprint, expect: Expect) -> None:
    """Dump tools and the bucket's credentials stay off everything that faces the network."""
    own = blueprint.entries["backup-nightly"].path("dockerfilePath")
    others = sorted(name for name, entry in blueprint.entries.items() if entry.path("dockerfilePath") == own)
    expect(
        "the services built like backup-nightly",
        ", ".join(others),
        "backup-nightly",
        look_at=blueprint.at("backup-nightly", "dockerfilePath"),
        mend="give each its own Dockerfile",
    )
