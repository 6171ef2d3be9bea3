"""What is written in two places says the same in both."""

from packaging.requirements import Requirement

from fixtures.dockerfiles import read_dockerfile
from fixtures.documents import HARNESS
from fixtures.server_images import BUCKET, POSTGRES


def pinned(lock: str) -> dict[str, str]:
    lines = [line.removesuffix("\\").strip() for line in (HARNESS / lock).read_text().splitlines()]
    requirements = [Requirement(line) for line in lines if line and line[0].isalpha()]
    return {one.name: str(one.specifier) for one in requirements}


def test_migrations_are_run_with_the_workers_own_procrastinate() -> None:
    """The harness runs tools/db/migrate.py, whose tables of the queue are those of the version that it has."""
    harness, workers = pinned("requirements.txt"), pinned("apps/workers/requirements.txt")
    assert {name: harness[name] for name in ("procrastinate", "psycopg")} == {
        name: workers[name] for name in ("procrastinate", "psycopg")
    }


def test_services_talk_to_the_database_by_one_version() -> None:
    api, workers = pinned("apps/api/requirements.txt"), pinned("apps/workers/requirements.txt")
    shared = api.keys() & workers.keys()
    assert {name: api[name] for name in shared} == {name: workers[name] for name in shared}


def test_database_server_stands_on_the_pinned_debian() -> None:
    ((own, _),) = read_dockerfile(HARNESS, POSTGRES.dockerfile).bases
    ((backup, _),) = read_dockerfile(HARNESS, "infra/docker/backup-nightly.Dockerfile").bases
    assert own.text == backup.text


def test_bucket_stands_on_the_pinned_python() -> None:
    ((own, _),) = read_dockerfile(HARNESS, BUCKET.dockerfile).bases
    assert own.text in [base.text for base, _ in read_dockerfile(HARNESS, "infra/docker/api.Dockerfile").bases]
