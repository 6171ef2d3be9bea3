"""The web services at work, each beside those that it asks: the real api, and a real database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from fixtures import runs
from fixtures.commands import Say
from fixtures.containers import Containers
from fixtures.database import Database, serving
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from fixtures.inventory import read_inventory
from fixtures.running import Running
from fixtures.server_images import POSTGRES, server_image
from fixtures.session import build_tree

IMAGES = ["api", "dashboard", "operations"]
WIDTHS = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 360, "height": 740}}


@dataclass
class Site:
    """A page of a service, as somebody has it open."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)  #: what the browser had to say of it

    def value(self, id_: str) -> str:
        return self.page.locator(f"#{id_}").inner_text()


@dataclass
class Services:
    """All of them, each with its own container."""

    database: Database
    api: Running
    pages: dict[str, Running]
    start_api: Callable[[], AbstractContextManager[Running]]  #: one more api, whose database is silent
    token: str = "0123456789abcdef0123456789abcdef"  #: that opens /version/detail

    @property
    def all(self) -> dict[str, Running]:
        return {"api": self.api, **self.pages}


@pytest.fixture(scope="module")
def services(engine: Engine, say: Say) -> Iterator[Services]:
    """For a file of tests: later ones remove all that conform has made."""
    run = runs.begin()
    inventory = read_inventory(HARNESS)
    with ExitStack() as stack:
        client = stack.enter_context(engine.client(600))
        builds = build_tree(HARNESS, [inventory.images[name] for name in IMAGES], "auto", client, run, say)
        containers = Containers(engine, client, run)
        database = stack.enter_context(
            serving(HARNESS, server_image(POSTGRES, "auto", client, run), containers)
        ).database()
        service = inventory.services["api"]
        leading = database.leading(service, VERSION_DETAIL_TOKEN=Services.token)
        api = stack.enter_context(containers.started(service, builds["api"].id, **leading))
        pages = {
            name: stack.enter_context(
                containers.started(inventory.services[name], builds[name].id, peers={"api": api.container})
            )
            for name in ("dashboard", "operations")
        }
        yield Services(database, api, pages, lambda: containers.started(service, builds["api"].id))


@pytest.fixture
def api_alone(services: Services) -> Iterator[Running]:
    """An api whose database takes connections and never answers."""
    with services.start_api() as running:
        yield running


@pytest.fixture
def no_api(services: Services) -> Iterator[None]:
    """The api is there, and answers nothing."""
    services.api.container.pause()
    yield
    services.api.container.unpause()


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> dict[str, int]:
    return WIDTHS[request.param]


@pytest.fixture
def visit(browser: Browser, services: Services, width: dict[str, int]):
    """Opens a page of a service: ``visit("dashboard", "/")``."""
    contexts = []

    def visit(service: str, path: str = "/") -> Site:
        address = services.pages[service].address
        assert address is not None
        context = browser.new_context(viewport=width, locale="en-GB")
        contexts.append(context)
        site = Site(context.new_page(), "http://{}:{}".format(*address))
        site.page.on("console", lambda message: site.problems.append(message.text))
        site.page.on("pageerror", lambda error: site.problems.append(str(error)))
        site.page.goto(site.address + path)
        return site

    yield visit
    for context in contexts:
        context.close()
