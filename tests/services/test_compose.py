"""What compose starts, in a real browser: from a page by way of the api to a database on the host."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from fixtures import runs
from fixtures.commands import Say
from fixtures.compose import FRONTEND, read_compose
from fixtures.compose_project import Project, project
from fixtures.containers import Containers
from fixtures.database import serving
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.inventory import read_inventory
from fixtures.server_images import POSTGRES, server_image
from fixtures.session import build_tree
from services.test_pages import PATIENCE_MS, deploy


@pytest.fixture(scope="module")
def frontend(engine: Engine, say: Say) -> Iterator[Project]:
    """The profile of that name, up; one deployment is known to the database."""
    run, compose = runs.begin(), read_compose(HARNESS)
    inventory = read_inventory(HARNESS)
    with ExitStack() as stack:
        client = stack.enter_context(engine.client(600))
        wanted = [inventory.images[name] for name in sorted(compose.services(FRONTEND))]
        builds = build_tree(HARNESS, wanted, "auto", client, run, say)
        image = server_image(POSTGRES, "auto", client, run)
        server = stack.enter_context(serving(HARNESS, image, Containers(engine, client, run)))
        database = server.database()
        deploy(database, "prod-7")
        images = {name: {"image": run.image(f"built/{name}"), "pull_policy": "never"} for name in builds}
        made, _ = stack.enter_context(project(HARNESS, compose, images, run.labels, database, client))
        started = made.up(FRONTEND, sorted(builds), [])
        assert started.status == 0, started.said
        yield made


def test_dashboard_says_that_the_api_answers(browser: Browser, frontend: Project) -> None:
    page = browser.new_page()
    page.goto("http://{}:{}".format(*frontend.address("dashboard")))
    expect(page.locator("#api")).to_have_text("The api answers.", timeout=PATIENCE_MS)
    page.close()


def test_operations_shows_what_is_in_the_database(browser: Browser, frontend: Project) -> None:
    page = browser.new_page()
    page.goto("http://{}:{}".format(*frontend.address("operations")))
    expect(page.locator("#rows [data-of=tag]")).to_have_text("prod-7", timeout=PATIENCE_MS)
    page.close()
