"""The inventory is typed data, or the verification says all that is wrong with it."""

from pathlib import Path

import pytest

from fixtures.commands import CouldNotVerify
from fixtures.inventory import Family, Image, Inventory, Service, read_inventory

INVENTORY = """\
version: 1
families:
  python: {base: "python:3.14-slim-trixie", stages: 2}
images:
  api:
    family: python
    dockerfile: infra/docker/api.Dockerfile
    program: python3.14
    packages: []
    tmpfs: []
  workers:
    family: python
    dockerfile: infra/docker/workers.Dockerfile
    program: python3.14
    packages: [age, libpq5]
    tmpfs: [/tmp]
services:
  api:
    image: api
    kind: web
    health: /healthz
    ready: /readyz
    drain_seconds: 20
    stop_seconds: 25
    kill_seconds: 30
  workers:
    image: workers
    kind: worker
    job_seconds: 60
    drain_seconds: 63
    stop_seconds: 66
    kill_seconds: 75
    environment: {PGHOST: database}
    peers: {database: 5432}
  retention-run:
    image: workers
    kind: cron
    schedule: "15 2 * * *"
    command: python -m workers retention-run
    drain_seconds: 0.5
    stop_seconds: 1
    kill_seconds: 30
"""
DOES_NOT_HOLD = "the inventory does not hold, so there is no telling what to verify:"
CANNOT_BE_READ = "the inventory cannot be read: infra/inventory.yaml"


def read(root: Path, source: str, replace: str = "", by: str = "") -> Inventory:
    assert source.count(replace) == 1 or not replace, f"{replace!r} does not stand there once"
    (root / "infra").mkdir()
    (root / "infra/inventory.yaml").write_text(source.replace(replace, by) if replace else source)
    return read_inventory(root)


def refusal(root: Path, source: str, replace: str = "", by: str = "") -> str:
    with pytest.raises(CouldNotVerify) as refused:
        read(root, source, replace, by)
    return str(refused.value)


# Data


def test_image_has_its_family(tmp_path: Path) -> None:
    assert read(tmp_path, INVENTORY).images["workers"] == Image(
        name="workers",
        family=Family(name="python", base="python:3.14-slim-trixie", stages=2),
        dockerfile="infra/docker/workers.Dockerfile",
        program="python3.14",
        packages=("age", "libpq5"),
        tmpfs=("/tmp",),
    )


def test_service_has_its_image(tmp_path: Path) -> None:
    inventory = read(tmp_path, INVENTORY)
    assert inventory.services["retention-run"] == Service(
        name="retention-run",
        image=inventory.images["workers"],
        kind="cron",
        health="",
        ready="",
        schedule="15 2 * * *",
        command="python -m workers retention-run",
        job_seconds=None,
        drain_seconds=0.5,
        stop_seconds=1,
        kill_seconds=30,
        environment={},
        peers={},
    )


def test_web_service_has_its_health_path(tmp_path: Path) -> None:
    services = read(tmp_path, INVENTORY).services
    assert {name: one.health for name, one in services.items() if one.kind == "web"} == {"api": "/healthz"}


def test_service_that_is_no_cron_has_no_schedule_and_no_command(tmp_path: Path) -> None:
    service = read(tmp_path, INVENTORY).services["workers"]
    assert (service.schedule, service.command) == ("", "")


def test_what_a_verification_gives_a_service_is_kept(tmp_path: Path) -> None:
    service = read(tmp_path, INVENTORY).services["workers"]
    assert (service.environment, service.peers) == ({"PGHOST": "database"}, {"database": 5432})


def test_order_is_that_of_the_file(tmp_path: Path) -> None:
    inventory = read(tmp_path, INVENTORY)
    assert (list(inventory.images), list(inventory.services)) == (
        ["api", "workers"],
        ["api", "workers", "retention-run"],
    )


def test_service_of_an_image_is_the_one_without_a_command(tmp_path: Path) -> None:
    inventory = read(tmp_path, INVENTORY)
    assert {name: inventory.service_of(image).name for name, image in inventory.images.items()} == {
        "api": "api",
        "workers": "workers",
    }


def test_service_of_an_image_need_not_bear_its_name_or_stand_first(tmp_path: Path) -> None:
    source = INVENTORY.replace("  workers:\n    image", "  last:\n    image")
    head, _, retention = source.partition("  retention-run:\n")
    head, _, last = head.partition("  last:\n")
    inventory = read(tmp_path, f"{head}  retention-run:\n{retention}  last:\n{last}")
    assert inventory.service_of(inventory.images["workers"]).name == "last"


def test_empty_command_is_the_own_command(tmp_path: Path) -> None:
    inventory = read(tmp_path, INVENTORY, "kind: worker\n", 'kind: worker\n    command: ""\n')
    assert inventory.service_of(inventory.images["workers"]).name == "workers"


@pytest.mark.parametrize(
    ("replace", "by"),
    [
        ("kind: web\n", 'kind: "web"\n'),
        ("packages: [age, libpq5]", "packages:\n      - age\n      - libpq5"),
        ("stop_seconds: 25", "stop_seconds: 300"),
        ("stages: 2", "stages: 1"),
        ("python:3.14-slim-trixie", "registry.example/team/python:3.14"),
        ("database: 5432", "database: 65535"),
        ("environment: {PGHOST: database}", "environment: {}"),
        ("/healthz", "/"),
        ("version: 1\n", "# why\n\nversion: 1\n"),
        ("families:\n", 'families:\n  node: {base: "node:24", stages: 2}\n'),
    ],
    ids=[
        *("quoted", "list-on-lines", "longest-stop", "one-stage", "registry", "highest-port", "no-variables"),
        *("short-path", "comment", "family-without-images"),
    ],
)
def test_inventory_holds_in_other_words_too(tmp_path: Path, replace: str, by: str) -> None:
    assert list(read(tmp_path, INVENTORY, replace, by).services) == ["api", "workers", "retention-run"]


# What cannot be read


@pytest.mark.parametrize(
    ("replace", "by", "complaint"),
    [
        ("  workers:\n    family", "  api:\n    family", ":11: not YAML: the key 'api' stands twice."),
        ("health: /healthz\n", "health: /healthz\n\thost: a\n", ":22: not YAML: while scanning for the next token, "),
        ("families:\n", "---\nfamilies:\n", ":2: not YAML: expected a single document in the stream, but found"),
        ("image: api\n", "image: *api\n", ":19: not YAML: found undefined alias 'api'."),
    ],
    ids=["image-twice", "tab", "two-documents", "alias"],
)
def test_malformed_inventory_is_told_with_its_line(tmp_path: Path, replace: str, by: str, complaint: str) -> None:
    assert refusal(tmp_path, INVENTORY, replace, by).startswith(CANNOT_BE_READ + complaint)


def test_missing_inventory_is_named(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify) as refused:
        read_inventory(tmp_path)
    assert str(refused.value) == f"{CANNOT_BE_READ}: there is no such file."


# What does not fit the schema


@pytest.mark.parametrize(
    ("replace", "by", "problem"),
    [
        ("version: 1\n", "version: 2\n", "version: 1 was expected (infra/inventory.yaml:1)"),
        (
            "    program: python3.14\n    packages: []\n",
            "    packages: []\n",
            "images.api: 'program' is a required property (infra/inventory.yaml:5)",
        ),
        (
            "    health: /healthz\n",
            "",
            "services.api: 'health' is a required property (infra/inventory.yaml:18)",
        ),
        (
            '    schedule: "15 2 * * *"\n',
            "",
            "services.retention-run: 'schedule' is a required property (infra/inventory.yaml:35)",
        ),
        ("kind: worker", "kind: job", "services.workers.kind: 'job' is not one of ['web', 'worker', 'cron']"),
        ("stages: 2", "stages: 0", "families.python.stages: 0 is less than the minimum of 1 (infra/inventory.yaml:3)"),
        ("stop_seconds: 25", "stop_seconds: soon", "services.api.stop_seconds: 'soon' is not of type 'integer'"),
        ("/healthz", "healthz", "services.api.health: 'healthz' does not match '^/' (infra/inventory.yaml:21)"),
        ("[age, libpq5]", "[age, age]", "images.workers.packages: ['age', 'age'] has non-unique elements"),
        ("{PGHOST: database}", "{PGHOST: off}", "services.workers.environment.PGHOST: False is not of type 'string'"),
        ("database: 5432", "database: 0", "services.workers.peers.database: 0 is less than the minimum of 1"),
        ("  retention-run:\n", "  1:\n", "services: 1 is not of type 'string' (infra/inventory.yaml:17)"),
        (
            "    family: python\n    dockerfile: infra/docker/api",
            "    owner: a\n    family: python\n    dockerfile: infra/docker/api",
            "images.api: Additional properties are not allowed ('owner' was unexpected) (infra/inventory.yaml:5)",
        ),
    ],
)
def test_problem_with_the_schema_is_told_with_its_line(tmp_path: Path, replace: str, by: str, problem: str) -> None:
    assert refusal(tmp_path, INVENTORY, replace, by).startswith(f"{DOES_NOT_HOLD}\n  {problem}")


def test_empty_inventory_does_not_hold(tmp_path: Path) -> None:
    assert refusal(tmp_path, "") == (
        f"{DOES_NOT_HOLD}\n  the document: None is not of type 'object' (infra/inventory.yaml:1)"
    )


# What does not fit together


@pytest.mark.parametrize(
    ("replace", "by", "problems"),
    [
        (
            "    family: python\n    dockerfile: infra/docker/api",
            "    family: pyhton\n    dockerfile: infra/docker/api",
            "\n  images.api.family: there is no family 'pyhton' (infra/inventory.yaml:6)",
        ),
        (
            "    image: workers\n    kind: cron",
            "    image: worker\n    kind: cron",
            "\n  services.retention-run.image: there is no image 'worker' (infra/inventory.yaml:36)",
        ),
        (
            "    image: api\n",
            "    image: app\n",
            "\n  services.api.image: there is no image 'app' (infra/inventory.yaml:19)"
            "\n  images.api: exactly one service must run it by its own command, 0 do (infra/inventory.yaml:5)",
        ),
        (
            "    kind: worker\n",
            "    kind: worker\n    command: python -m workers\n",
            "\n  images.workers: exactly one service must run it by its own command, 0 do (infra/inventory.yaml:11)",
        ),
        (
            "    command: python -m workers retention-run\n",
            "",
            "\n  images.workers: exactly one service must run it by its own command, 2 do (infra/inventory.yaml:11)",
        ),
        (
            "    command: python -m workers retention-run\n",
            "    command: ''\n",
            "\n  images.workers: exactly one service must run it by its own command, 2 do (infra/inventory.yaml:11)",
        ),
    ],
    ids=[
        *("unknown-family", "unknown-image", "unknown-image-and-one-not-run"),
        *("only-run-by-another-command", "run-twice", "run-twice-by-an-empty-command"),
    ],
)
def test_link_that_leads_nowhere_is_told_with_its_line(tmp_path: Path, replace: str, by: str, problems: str) -> None:
    assert refusal(tmp_path, INVENTORY, replace, by) == DOES_NOT_HOLD + problems


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    wrong = INVENTORY.replace("family: python", "family: ruby").replace("image: api", "image: web")
    assert refusal(tmp_path, wrong) == (
        f"{DOES_NOT_HOLD}"
        "\n  images.api.family: there is no family 'ruby' (infra/inventory.yaml:6)"
        "\n  images.workers.family: there is no family 'ruby' (infra/inventory.yaml:12)"
        "\n  services.api.image: there is no image 'web' (infra/inventory.yaml:19)"
        "\n  images.api: exactly one service must run it by its own command, 0 do (infra/inventory.yaml:5)"
    )


def crons(count: int) -> str:
    """Services on an image that there is not."""
    values = '{image: none, kind: cron, schedule: "0 0 * * *", drain_seconds: 1, stop_seconds: 2, kill_seconds: 3}'
    return "".join(f"  cron-{i:02}: {values}\n" for i in range(count))


def test_long_list_of_problems_is_cut_and_counted(tmp_path: Path) -> None:
    told = refusal(tmp_path, INVENTORY + crons(12)).splitlines()
    assert (len(told), told[10], told[11]) == (
        12,
        "  services.cron-09.image: there is no image 'none' (infra/inventory.yaml:52)",
        "  (+ 2 more)",
    )


def test_ten_problems_are_all_shown(tmp_path: Path) -> None:
    told = refusal(tmp_path, INVENTORY + crons(10)).splitlines()
    assert (len(told), told[10].partition(":")[0]) == (11, "  services.cron-09.image")
