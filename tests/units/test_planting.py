"""Canaries lie in every place of secrets, each another one; and what is in such a place is told by its path."""

import sqlite3
from pathlib import Path

import pytest

from fixtures.canaries import Canaries
from fixtures.dockerfiles import read_dockerfile
from fixtures.needles import needles
from fixtures.planting import EVERYWHERE, plant_files, secrets_to_give
from fixtures.secrets import is_secret_place
from fixtures.unpacking import Search


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (".git/config", "apps/api/api/main.py", "apps/api/.env", "kubeconfig/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("DATABASE_PASSWORD=hunter2\n")
    return tmp_path


def test_every_file_that_is_planted_holds_its_own_canary(tree: Path) -> None:
    canaries = Canaries()
    plant_files(tree, canaries)
    found: dict[str, set[str]] = {}
    for file in (file for file in tree.rglob("*") if file.is_file()):
        places: set[str] = set()
        sought = needles(canaries)
        Search(sought, lambda how, digits, places=places: places.add(canaries.place(digits))).all_of(
            [file.read_bytes()]
        )
        found[str(file.relative_to(tree))] = places
    untouched = {"apps/api/api/main.py", "kubeconfig/x"}
    assert found == {path: set() if path in untouched else {path} for path in found}
    assert len(found) - len(untouched) == len(canaries) > 250
    for path in (".env", "apps/api/api/.npmrc", ".git/config", "apps/__pycache__/settings.cpython-314.pyc"):
        assert path in found
    assert "hunter2" not in (tree / "apps/api/.env").read_text()


def test_what_is_planted_is_what_it_says(tree: Path) -> None:
    plant_files(tree, Canaries())
    assert sqlite3.connect(tree / "db.sqlite3").execute("SELECT count(*) FROM login").fetchone() == (1,)


def test_work_tree_of_a_repository_elsewhere_stays_one(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere\n")
    plant_files(tmp_path, Canaries())
    assert (tmp_path / ".git").read_text() == "gitdir: /elsewhere\n"


def test_each_secret_of_a_build_has_a_value_of_its_own() -> None:
    given = secrets_to_give(["DATABASE_URL", "DATABASE_URL", "NPM_TOKEN"], Canaries())
    assert {"DATABASE_URL", "NPM_TOKEN", "PGPASSWORD"} <= given.keys()
    assert len({*given.values()}) == len(given)


@pytest.mark.parametrize(
    "path",
    [
        *("/root/.npmrc", "/home/spectral/.cache/x", "/app/.git/HEAD", "/srv/core", "/app/core.4711", "/app/main.py~"),
        *("/app/.main.py.swp", "/app/#main.py#", "/app/node_modules/.cache/x", "/app/.env", "/app/.terraform/x"),
        *("/app/.vscode/settings.json", "/run/secrets/token", "/app/server.js.bak", "/app/.node_repl_history"),
    ],
)
def test_place_of_secrets(path: str) -> None:
    assert is_secret_place(path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/app/core/x.js",
            "/app/core.js",
            "/app/score",
            "/etc/skel/.bashrc",
            "/app/node_modules/.pnpm/x",
            "/app/x.py",
        ),
        *("/app/.env.example", "/app/.venv/lib/history.py", "/usr/share/doc/README~x", "/app/rebak", "/app/.gitignore"),
    ],
)
def test_place_that_only_looks_like_one(path: str) -> None:
    assert not is_secret_place(path)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("COPY --chown=1:1 a b # buildkit", "Dockerfile:4  COPY --chown=1:1 a b"),
        ("COPY a b # buildkit", "Dockerfile:4  COPY --chown=1:1 a b"),
        ("RUN |1 X=y /bin/sh -c true     && false # buildkit", "Dockerfile:2  RUN true     && false"),
        ("ARG X=y", "Dockerfile:5  ARG X"),
        ("/bin/sh -c #(nop) ADD file:1 in / ", "Dockerfile"),
        ("", "Dockerfile"),
    ],
)
def test_instruction_is_found_by_what_the_history_tells(tmp_path: Path, told: str, line: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nRUN true \\\n    && false\nCOPY --chown=1:1 a b\nARG X\n")
    assert read_dockerfile(tmp_path, "Dockerfile").made(told) == line


@pytest.mark.parametrize("name", sorted(EVERYWHERE.keys() - {"backup.zip"}))
def test_place_is_one_where_secrets_are_found(name: str) -> None:
    """By its name alone; an archive may have anything in it, and is searched."""
    assert is_secret_place(f"/app/{name}")
