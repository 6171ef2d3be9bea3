"""What each choice of profiles starts: exact sets, out of the configuration that compose itself merges."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.compose import BACKUP, COMPOSE_FILE, FRONTEND, FULL, NONE, Compose, Profiles
from fixtures.inventory import Inventory

#: Words in the names of images that hold a PostgreSQL server. Source: those that Docker Hub lists first.
SERVERS = ("postgres", "postgis", "pgvector", "timescale", "supabase", "cloudnative-pg", "citus", "cockroach", "neon")
#: Where supabase start has the database, on the host.
ADDRESS = "host.docker.internal:54322"


def _named(services: set[str]) -> str:
    return ", ".join(sorted(services))


@requirement("D4-06")
def test_compose_runs_no_postgresql_server(compose: Compose, expect: Expect) -> None:
    """There is one already, with the migrations and the data that people work on; a second would be another truth."""
    expect.none(
        "PostgreSQL servers in compose",
        [
            f"{name}: {service.get('image') or 'built here'}  ({compose.at(name)})"
            for name, service in compose.everything.items()
            if any(word in str(service.get("image", "")).lower() for word in SERVERS)
            or {"POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD", "PGDATA"} & set(service.get("environment") or {})
        ],
        look_at=COMPOSE_FILE,
        mend=f"take it out; services find the database of supabase start at {ADDRESS}",
    )


@requirement("D4-07")
def test_services_look_for_the_database_on_the_host(compose: Compose, inventory: Inventory, expect: Expect) -> None:
    """Where supabase start has it, unless infra/local/.env says otherwise."""
    asking = {
        one.image.name for one in inventory.services.values() if {"DATABASE_URL", "PGHOST"} & set(one.environment)
    }
    for name in sorted(asking & set(compose.everything)):
        expect(
            f"the database that {name} looks for",
            compose.database_address(name),
            ADDRESS,
            look_at=compose.at(name, "environment"),
            mend=f"lead it to {ADDRESS}, with the port as the default of a variable",
        )


@requirement("D4-09")
def test_default_is_api_and_workers(compose: Compose, expect: Expect) -> None:
    """The least that an event goes through."""
    expect(
        "what starts without a profile",
        _named(compose.services(NONE)),
        "api, workers",
        look_at=COMPOSE_FILE,
        mend="give every other service its profiles, and these two none",
    )


@requirement("D4-10")
@pytest.mark.parametrize("others", [NONE, BACKUP], ids=["alone", "beside-backup"])
def test_frontend_adds_the_pages(others: Profiles, compose: Compose, expect: Expect) -> None:
    """Whoever works on pages starts no backup."""
    expect(
        "what the profile frontend adds",
        _named(compose.services(FRONTEND + others) - compose.services(others)),
        "dashboard, operations",
        look_at=COMPOSE_FILE,
        mend="write profiles: [frontend, full] on these two, and on no other",
    )


@requirement("D4-11")
@pytest.mark.parametrize("others", [NONE, FRONTEND], ids=["alone", "beside-frontend"])
def test_backup_adds_the_backup_and_its_bucket(others: Profiles, compose: Compose, expect: Expect) -> None:
    """A backup needs a bucket to go to, and nothing else that is not there already."""
    expect(
        "what the profile backup adds",
        _named(compose.services(others + BACKUP) - compose.services(others)),
        "backup-nightly, fake-gcs-server",
        look_at=COMPOSE_FILE,
        mend="write profiles: [backup, full] on these two, and on no other",
    )


@requirement("D4-12")
def test_full_starts_everything(compose: Compose, expect: Expect) -> None:
    """What not even full starts is started by nobody."""
    expect(
        "what the profile full starts",
        _named(compose.services(FULL)),
        _named(set(compose.written)),
        look_at=COMPOSE_FILE,
        mend="add full to the profiles of the service that is missing",
    )
