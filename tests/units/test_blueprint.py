"""The blueprint's services are found by their name, each with its place."""

from pathlib import Path

import pytest

from fixtures.blueprint import Blueprint, read_blueprint
from fixtures.documents import Malformed

BLUEPRINT = """\
services:
  - type: web
    name: api
    runtime: docker
    autoDeployTrigger: off

  - type: worker
    name: workers
    runtime: docker
"""


def read(root: Path, source: str) -> Blueprint:
    (root / "infra/render").mkdir(parents=True)
    (root / "infra/render/render.yaml").write_text(source)
    return read_blueprint(root)


def refusal(root: Path, source: str) -> str:
    with pytest.raises(Malformed) as refused:
        read(root, source)
    return str(refused.value)


def test_services_are_found_by_their_name(tmp_path: Path) -> None:
    assert {name: entry["type"] for name, entry in read(tmp_path, BLUEPRINT).entries.items()} == {
        "api": "web",
        "workers": "worker",
    }


def test_value_is_what_yaml_makes_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, BLUEPRINT).entries["api"]["autoDeployTrigger"] is False


def test_key_that_is_not_set_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, BLUEPRINT).entries["workers"]["autoDeployTrigger"] is None


@pytest.mark.parametrize(
    ("service", "key", "line"),
    [
        ("api", "type", 2),
        ("api", "name", 3),
        ("api", "autoDeployTrigger", 5),
        ("workers", "runtime", 9),
        ("workers", "autoDeployTrigger", 7),
        ("workers", "dockerCommand", 7),
    ],
)
def test_place_is_that_of_the_key_or_of_its_service(tmp_path: Path, service: str, key: str, line: int) -> None:
    assert read(tmp_path, BLUEPRINT).at(service, key) == f"infra/render/render.yaml:{line}"


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("  - name: api\n", 10),
        ("  - name: other\n  - name: workers\n", 11),
        ("  - type: web\n    runtime: docker\n    name: 'api'\n", 10),
        ("  - {type: cron, name: workers}\n", 10),
    ],
)
def test_service_that_stands_twice_is_refused_with_its_line(tmp_path: Path, more: str, line: int) -> None:
    name = "workers" if "workers" in more else "api"
    assert refusal(tmp_path, BLUEPRINT + more) == (f"infra/render/render.yaml:{line}: the service {name} stands twice")


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("  - name: Api\n", ["api", "workers", "Api"]),
        ("  - name: api-2\n", ["api", "workers", "api-2"]),
        ("  - name: worker\n", ["api", "workers", "worker"]),
        ("  - type: web\n  - type: web\n", ["api", "workers"]),
        ("  - web\n  - 7\n  - []\n  -\n", ["api", "workers"]),
        ("  - type: web\n  - name: cron\n", ["api", "workers", "cron"]),
        ("databases:\n  - name: api\n", ["api", "workers"]),
        ("# - name: api\n", ["api", "workers"]),
    ],
    ids=["case", "longer", "shorter", "no-names", "no-mappings", "behind-one-without", "database", "comment"],
)
def test_what_only_resembles_a_service_that_stands_twice(tmp_path: Path, more: str, names: list[str]) -> None:
    """Entries without a name are the schema's to complain of."""
    assert list(read(tmp_path, BLUEPRINT + more).entries) == names


def test_place_counts_entries_without_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, "services:\n  - web\n  - type: web\n  - name: api\n").at("api", "name") == (
        "infra/render/render.yaml:4"
    )


def test_number_for_a_name_is_text(tmp_path: Path) -> None:
    assert list(read(tmp_path, "services:\n  - name: 7\n").entries) == ["7"]


@pytest.mark.parametrize(
    "source",
    [
        *("", "# why\n", "services:\n", "services: []\n", "services: {}\n", "services: api\n"),
        *(
            "- name: api\n",
            "api\n",
            "service:\n  - name: api\n",
            "services:\n  - type: web\n",
            "services: {name: api}\n",
        ),
    ],
)
def test_blueprint_without_services_is_refused(tmp_path: Path, source: str) -> None:
    assert refusal(tmp_path, source) == "infra/render/render.yaml:1: it declares no services"


def test_key_of_a_service_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    assert refusal(
        tmp_path, BLUEPRINT.replace("    autoDeployTrigger", "    runtime: image\n    autoDeployTrigger")
    ) == ("infra/render/render.yaml:5: not YAML: the key 'runtime' stands twice")


def test_missing_blueprint_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"^infra/render/render\.yaml: there is no such file$"):
        read_blueprint(tmp_path)
