"""Another way in for a secret value is told from what only resembles one."""

from pathlib import Path

import pytest

from fixtures.programs import commands_of
from fixtures.ways_in import calls_that_set_values, other_way_in

VARIABLES = {"DATABASE_URL", "PGPASSWORD"}


def ways(root: Path, name: str, text: str) -> list[str]:
    """Places of the commands in a file that set a value in another way."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    return [one.place for one in commands_of(root, [name]) if other_way_in(one, VARIABLES)]


@pytest.mark.parametrize(
    "command",
    [
        "export PGPASSWORD=hunter2",
        "PGPASSWORD=hunter2 psql",
        "DATABASE_URL=postgresql://api:hunter2@localhost/x python -m api",
        "export DEPLOY_TOKEN='a b'",
        "curl -X PUT https://api.render.com/v1/services/srv-1/env-vars/DATABASE_URL",
        'curl --json @value "$API/env-groups/$group/secret-files/gcs-sa.json"',
        "cd x && render env-groups update api-secrets",
        "if gh secret set PGPASSWORD; then true; fi",
        "echo $key > /etc/secrets/gcs-sa.json",
        "docker cp gcs-sa.json api:/etc/spectral/gcs-sa.json",
        "kubectl -n x create secret generic y",
        "sudo install -m 600 key /etc/spectral/key",
    ],
)
def test_other_way_is_found(command: str, tmp_path: Path) -> None:
    assert ways(tmp_path, "a.sh", f"#!/bin/sh\ntrue\n{command}\n") == ["a.sh:3"]
    assert ways(tmp_path, "a.md", f"# A\n\nThen:\n\n    {command}\n") == ["a.md:5"]
    assert ways(tmp_path, "a.md", f"# A\n\n```sh\ntrue\n{command}\n```\n") == ["a.md:5"]


@pytest.mark.parametrize(
    "command",
    [
        "export PGPASSWORD=$PGPASSWORD",
        "export PGPASSWORD",
        "DATABASE_URL=postgresql://owner@localhost/x tools/db/migrate.py",
        "key=2026-01-01 rclone lsf x",
        "curl https://api.render.com/v1/services/srv-1/deploys",
        "curl -X PUT https://api.render.com/v1/services/srv-1/env-vars/SPECTRAL_GENERATION",
        "gh secret list",
        "docker secret ls",
        "cat /etc/secrets/gcs-sa.json > copy",
        "cp /etc/spectral/gcs-sa.json .",
        "tools/provision/setup.sh prod --rotate gcs-sa",
        "echo 'render env-groups update'",
        "# export PGPASSWORD=hunter2",
    ],
)
def test_what_resembles_another_way_is_none(command: str, tmp_path: Path) -> None:
    assert ways(tmp_path, "a.sh", f"{command}\n") == []
    assert ways(tmp_path, "a.md", f"```\n{command}\n```\n") == []


def test_document_is_read_where_it_shows_commands(tmp_path: Path) -> None:
    text = "Set it by `gh secret set X`.\n\n```python\nexport PGPASSWORD=hunter2\n```\n\nexport PGPASSWORD=hunter2\n"
    assert ways(tmp_path, "a.md", text) == ["a.md:1"]


def test_step_of_a_workflow_is_read(tmp_path: Path) -> None:
    text = "jobs:\n  a:\n    steps:\n      - uses: x\n      - run: |\n          true\n          gh secret set X\n"
    assert ways(tmp_path, ".github/workflows/a.yml", text) == [".github/workflows/a.yml:5"]


def test_script_of_the_package_is_read(tmp_path: Path) -> None:
    assert ways(tmp_path, "package.json", '{"scripts": {"a": "gh secret set X"}}') == ["package.json:1"]


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ('path = f"/services/{id}/env-vars/{name}"', True),
        ('path = "/env-groups/" + id', True),
        ('path = f"/services/{id}/secret-files/{name}"', True),
        ('path = f"/services/{id}/env-vars/SPECTRAL_GENERATION"', False),
        ('path = f"/services/{id}/env-vars/{GENERATION}"', False),
        ('path = f"/services/{id}/deploys"', False),
        ('"""PUT /services/{id}/env-vars\n\nis what it does not do."""', False),
        ("def (", False),
    ],
)
def test_program_that_calls_for_values_is_found(program: str, found: bool, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(program)
    assert bool(list(calls_that_set_values(tmp_path, ["a.py"]))) is found
