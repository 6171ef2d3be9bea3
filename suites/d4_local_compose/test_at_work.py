"""The built images at work in compose, against a database on the host: each profile does what it is for."""

import json
import urllib.request
from contextlib import closing

import pytest

from fixtures.claims import Expect, requirement
from fixtures.compose import BACKUP, COMPOSE_FILE, FRONTEND, FULL, NONE, Compose, Profiles
from fixtures.inventory import Inventory
from fixtures.local_subjects import STORAGE, Composed
from fixtures.queue import Queue

pytestmark = pytest.mark.whole

SHA = "0123456789abcdef0123456789abcdef01234567"


@requirement("D4-19")
@pytest.mark.parametrize("profiles", [NONE, FRONTEND, BACKUP, FULL], ids=["default", "pages", "backups", "full"])
def test_profile_comes_up(profiles: Profiles, composed: Composed, compose: Compose, expect: Expect) -> None:
    """Ready, and where it ends by itself, ended well: what is only running may be of no use."""
    states = {name: composed.there[profiles].get(name, "not there") for name in sorted(compose.services(profiles))}
    unwell = [
        f"{name}: {state}" for name, state in states.items() if state not in ("running", "healthy", "exited with 0")
    ]
    said = composed.ups[profiles]
    expect.none(
        "services that are not ready",
        [*unwell, *[f"compose: {said.said[-300:]}"] * (said.status != 0)],
        look_at=COMPOSE_FILE,
        mend="start it by hand, and see its log (docs/local.md)",
    )


@requirement("D4-19")
def test_event_is_handled(composed: Composed, expect: Expect) -> None:
    """By the workers, out of the database on the host."""
    with closing(Queue(composed.database)) as queue:
        (event,) = queue.post(1)
        queue.wait_for("succeeded", event)
        expect(
            "the events that were handled",
            queue.handled(),
            [event],
            look_at=f"{COMPOSE_FILE}: workers",
            mend="see what the workers log",
        )


@requirement("D4-19")
def test_operations_shows_what_the_database_has(composed: Composed, expect: Expect) -> None:
    """By way of the api: through all three of them, and to the host."""
    with composed.database.connect("deployments") as connection:
        connection.execute(
            "INSERT INTO core.deployments (sha, tag, services) VALUES (%s, 'prod-1', '{api}')",
            [SHA],
        )
    expect(
        "whether the deployment is in what operations answers",
        '"prod-1"' in _get(composed, "operations", "/deployments"),
        True,
        look_at=f"{COMPOSE_FILE}: operations",
        mend="lead it to the api, and that to the database",
    )


@requirement("D4-19")
@pytest.mark.parametrize("page", ["dashboard", "operations"], ids=["first", "second"])
def test_page_answers(page: str, composed: Composed, expect: Expect) -> None:
    """On the port that compose publishes."""
    expect(
        f"whether {page} answers with a page",
        "<html" in _get(composed, page, "/").lower(),
        True,
        look_at=f"{COMPOSE_FILE}: {page}",
        mend="publish the port that it listens on",
    )


@requirement("D4-19")
def test_backup_is_in_the_bucket(composed: Composed, expect: Expect) -> None:
    """With its manifest: without one it does not count."""
    bucket = dict(pair.split("=", 1) for pair in composed.project.container("backup-nightly").attrs["Config"]["Env"])
    listing = composed.project.read_from("api", f"http://{STORAGE}:4443/storage/v1/b/{bucket['BACKUP_BUCKET']}/o")
    names = [one["name"] for one in json.loads(listing).get("items", [])]
    expect(
        "whether a manifest is among what is in the bucket",
        any("manifest" in name for name in names),
        True,
        look_at=f"{COMPOSE_FILE}: backup-nightly",
        mend="see what backup-nightly logs",
    )


@requirement("D4-08")
def test_name_of_the_host_leads_there(composed: Composed, inventory: Inventory, expect: Expect) -> None:
    """On Linux only where extra_hosts says so; Docker Desktop knows it by itself."""
    for name in inventory.images:
        expect(
            f"what {name} gets when it connects to host.docker.internal",
            composed.project.connects(name, "host.docker.internal", composed.port),
            "connected",
            look_at=f"{COMPOSE_FILE}: {name}",
            mend='write extra_hosts: ["host.docker.internal:host-gateway"]',
        )


def _get(composed: Composed, service: str, path: str) -> str:
    """What it answers; why not, where it does not."""
    host, port = composed.project.address(service)
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
            return answer.read().decode()
    except OSError as error:
        return str(error)
