"""The pages in a real browser: on a desk and on a phone, with the api up and with the api down."""

import pytest
from playwright.sync_api import expect

from fixtures.database import Database

PAGES = ["dashboard", "operations"]
#: A page waits for the api for two seconds.
PATIENCE_MS = 10_000


def deploy(database: Database, *tags: str) -> None:
    """Deployments, of which the generation is counted on."""
    with database.connect("deployments") as connection:
        for tag in tags:
            connection.execute(
                "INSERT INTO core.deployments (sha, tag, services) VALUES (%s, %s, %s)",
                ["0123456789abcdef0123456789abcdef01234567", tag, ["api", "workers", "dashboard", "operations"]],
            )


def settled(site) -> None:
    """All that was asked for has been answered, or has not."""
    expect(site.page.locator("#status")).to_have_attribute("data-state", "fresh", timeout=PATIENCE_MS)


@pytest.mark.parametrize("service", PAGES)
def test_page_shows_what_is_deployed(service: str, visit, services) -> None:
    site = visit(service)
    settled(site)
    short_sha = services.pages[service].first_line["short_sha"]
    assert (site.value("version"), site.value("generation")) == (short_sha, "7")


@pytest.mark.parametrize("service", PAGES)
def test_page_says_that_the_api_answers(service: str, visit) -> None:
    site = visit(service)
    expect(site.page.locator("#api")).to_have_text("The api answers.", timeout=PATIENCE_MS)
    settled(site)
    assert site.problems == []


@pytest.mark.parametrize("service", PAGES)
def test_page_says_that_the_api_does_not_answer_and_shows_the_rest(service: str, visit, no_api) -> None:
    site = visit(service)
    expect(site.page.locator("#api")).to_have_text("The api does not answer.", timeout=PATIENCE_MS)
    assert (len(site.value("version")), site.value("generation")) == (12, "7")


@pytest.mark.parametrize("service", PAGES)
def test_refresh_by_keyboard_finds_an_api_that_came_back(service: str, visit, services) -> None:
    services.api.container.pause()
    try:
        site = visit(service)
        expect(site.page.locator("#api")).to_have_text("The api does not answer.", timeout=PATIENCE_MS)
    finally:
        services.api.container.unpause()
    site.page.keyboard.press("Tab")
    expect(site.page.locator("#again")).to_be_focused()
    site.page.keyboard.press("Enter")
    expect(site.page.locator("#api")).to_have_text("The api answers.", timeout=PATIENCE_MS)


@pytest.mark.parametrize("path", ["/", "/not-there"])
@pytest.mark.parametrize("service", PAGES)
def test_page_is_no_wider_than_the_screen(service: str, path: str, visit, services, width: dict[str, int]) -> None:
    deploy(services.database, "prod-1000001")
    site = visit(service, path)
    if path == "/":
        settled(site)
    assert site.page.evaluate("document.documentElement.scrollWidth") <= width["width"]


@pytest.mark.parametrize("service", PAGES)
def test_address_without_a_page_leads_home(service: str, visit) -> None:
    site = visit(service, "/not-there")
    expect(site.page.locator(".code")).to_have_text("404")
    site.page.get_by_role("link").click()
    site.page.wait_for_url(site.address + "/")
    settled(site)


def test_deployments_stand_there_newest_first(visit, services) -> None:
    deploy(services.database, "prod-1", "prod-2", "prod-10")
    site = visit("operations")
    settled(site)
    tags = site.page.locator("#rows [data-of=tag]").all_inner_texts()
    assert tags[:3] == ["prod-10", "prod-2", "prod-1"]
    generations = [int(text) for text in site.page.locator("#rows [data-of=generation]").all_inner_texts()]
    assert generations == sorted(generations, reverse=True)


def test_generation_that_runs_is_marked(visit, services) -> None:
    deploy(services.database, *(f"prod-{number}" for number in range(1, 9)))
    site = visit("operations")
    settled(site)
    marked = site.page.locator("#rows tr", has=site.page.locator(".now"))
    expect(marked).to_have_count(1)
    expect(marked.locator("[data-of=generation]")).to_have_text("7")


def test_deployments_are_not_shown_without_the_api(visit, services, no_api) -> None:
    deploy(services.database, "prod-1")
    site = visit("operations")
    expect(site.page.locator("#no-rows")).to_have_text("Not known: the api did not give them.", timeout=PATIENCE_MS)
    expect(site.page.locator("#rows tr")).to_have_count(0)


def test_no_deployment_is_said_to_be_none(visit, services) -> None:
    with services.database.connect() as connection:
        connection.execute("ALTER TABLE core.deployments RENAME TO put_aside")
        connection.execute(
            "CREATE TABLE core.deployments (LIKE core.put_aside); GRANT SELECT ON core.deployments TO api"
        )
        try:
            site = visit("operations")
            expect(site.page.locator("#no-rows")).to_have_text("No deployment yet.", timeout=PATIENCE_MS)
        finally:
            connection.execute("DROP TABLE core.deployments; ALTER TABLE core.put_aside RENAME TO deployments")
