"""tools/db/migrate.py: the database comes to what infra/db says, once, whoever runs it how often, or not at all."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures import runs
from fixtures.containers import Containers
from fixtures.database import MIGRATE, Database, Server, serving
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.server_images import POSTGRES, server_image

FILES = sorted(file.name for file in (HARNESS / "infra/db").glob("*.sql"))
QUEUE = "procrastinate/schema.sql"


@pytest.fixture(scope="module")
def server(engine: Engine) -> Iterator[Server]:
    run = runs.begin()
    with (
        engine.client(600) as client,
        serving(HARNESS, server_image(POSTGRES, "auto", client, run), Containers(engine, client, run)) as server,
    ):
        yield server


@pytest.fixture
def empty(server: Server) -> Database:
    return server.empty()


def run(tree: Path, url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(tree / MIGRATE)],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def migrated(tree: Path, database: Database) -> tuple[int, list[str], str]:
    """Exit status, what was applied, and what it complained of."""
    process = run(tree, database.url())
    said, complaint = process.communicate()
    return process.returncode, said.replace("migrate: applied ", "").splitlines(), complaint


def recorded(database: Database) -> list[str]:
    """What the database says was applied to it; [] when it knows of nothing."""
    with database.connect() as connection:
        if connection.execute("SELECT to_regclass('core.migrations')").fetchall() == [(None,)]:
            return []
        names = connection.execute("SELECT name FROM core.migrations ORDER BY name").fetchall()
    return [name for (name,) in names if not name.startswith("procrastinate/")]


def test_everything_is_applied_in_the_order_of_the_names(empty: Database) -> None:
    assert migrated(HARNESS, empty) == (0, [QUEUE, *FILES], "")
    assert recorded(empty) == FILES


def test_second_run_finds_nothing_to_do(empty: Database) -> None:
    migrated(HARNESS, empty)
    assert migrated(HARNESS, empty) == (0, ["migrate: nothing to do"], "")


def test_two_at_once_apply_each_file_once(empty: Database) -> None:
    both = [run(HARNESS, empty.url()) for _ in range(2)]
    said = sorted(process.communicate() for process in both)
    assert [process.returncode for process in both] == [0, 0], said
    assert [len(one.splitlines()) for one, _ in said] == [len(FILES) + 1, 1]
    assert said[1] == ("migrate: nothing to do\n", "")


def test_new_file_is_applied_to_what_is_there(tree: Path, empty: Database) -> None:
    migrated(tree, empty)
    (tree / "infra/db/0999_more.sql").write_text("CREATE TABLE core.more (id int);\n")
    assert migrated(tree, empty) == (0, ["0999_more.sql"], "")


def test_file_that_fails_leaves_nothing(tree: Path, empty: Database) -> None:
    (tree / "infra/db/0999_more.sql").write_text("CREATE TABLE core.more (id int);\nSELECT 1 / 0;\n")
    status, said, complaint = migrated(tree, empty)
    assert (status, said, recorded(empty)) == (1, [], [])
    assert complaint == "migrate: division by zero\n"


def test_file_that_was_changed_later_is_refused(tree: Path, empty: Database) -> None:
    migrated(tree, empty)
    file = tree / "infra/db" / FILES[0]
    text = file.read_text()
    file.unlink()  # it is a link to the real tree's
    file.write_text(text + "SELECT 1;\n")
    (tree / "infra/db/0999_more.sql").write_text("SELECT 1;\n")
    status, said, complaint = migrated(tree, empty)
    assert (status, said, recorded(empty)) == (1, [], FILES)
    assert complaint == f"migrate: {FILES[0]} was changed after it had been applied: a change is a file of its own\n"


def test_older_tree_is_refused(tree: Path, empty: Database) -> None:
    migrated(HARNESS, empty)
    (tree / "infra/db" / FILES[-1]).unlink()
    status, _, complaint = migrated(tree, empty)
    assert status == 1
    assert complaint == f"migrate: {FILES[-1]} was applied, and is not in infra/db: this is an older tree\n"


def test_change_of_procrastinate_reaches_the_queue(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next version brings a file more; what that makes is the workers', too."""
    spec = importlib.util.spec_from_file_location("migrate", HARNESS / MIGRATE)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.migrate(empty.url())
    for file in Path(tool.SchemaManager.get_migrations_path()).glob("*.sql"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "99.00.00_01_pre_more.sql").write_text("CREATE TABLE more (id int)")
    monkeypatch.setattr(tool.SchemaManager, "get_migrations_path", lambda: str(tmp_path))
    assert tool.migrate(empty.url()) == ["procrastinate/99.00.00_01_pre_more.sql"]
    with empty.connect() as connection:
        connection.execute("SET ROLE workers")
        assert connection.execute("SELECT * FROM queue.more").fetchall() == []


@pytest.mark.parametrize("url", ["hunter2", "postgresql://u:hunter2@", "postgresql://u:hunter2@127.0.0.1:1/d"])
def test_complaint_is_a_line_without_the_password(url: str) -> None:
    process = run(HARNESS, url)
    said, complaint = process.communicate()
    assert (process.returncode, said, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith("migrate: ")
    assert "hunter2" not in complaint


def test_no_address_is_said() -> None:
    process = run(HARNESS, "")
    assert process.communicate()[1] == "migrate: DATABASE_URL is not set\n"


def test_nobody_else_may_connect(server: Server) -> None:
    database = server.database()
    with database.connect() as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    host, port = database.address
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(f"postgresql://stranger:stranger@{host}:{port}/{database.name}")
