"""pnpm dev at work: the programs on this machine, started again when they are edited; never beside compose."""

from collections.abc import Mapping

import pytest

from fixtures.claims import Expect, requirement
from fixtures.compose_project import Answer
from fixtures.dev_scripts import manifest_of
from fixtures.developing import Developing
from fixtures.inventory import Image, Service
from fixtures.local_subjects import Composed

pytestmark = [pytest.mark.whole, pytest.mark.dev]

PORTS = "tools/dev/ports.py"


@requirement("D4-18")
@pytest.mark.services(kind="web")
def test_web_service_runs_without_an_engine(service: Service, dev: Developing, expect: Expect) -> None:
    """On its port of this machine, where no engine is to be found."""
    expect(
        f"what {service.health} answers",
        dev.get(service.image.name, service.health)[0],
        "200",
        look_at=manifest_of(service.image.name),
        mend=f"start it by the script dev; pnpm dev said: {dev.logged}",
    )


@requirement("D4-18")
@pytest.mark.services(kind="web")
def test_edited_web_service_starts_again(service: Service, dev: Developing, expect: Expect) -> None:
    _starts_again(service.image, dev, expect)


@requirement("D4-18")
@pytest.mark.services(kind="worker")
def test_edited_worker_starts_again(service: Service, dev: Developing, expect: Expect) -> None:
    _starts_again(service.image, dev, expect)


@requirement("D4-18")
@pytest.mark.images(family="node")
def test_edited_page_is_served(image: Image, dev: Developing, expect: Expect) -> None:
    """Pages are built, other than programs: what is served would stay as it was."""
    page = dev.tree / "apps" / image.name / "index.html"
    page.write_text(page.read_text().replace("<title>", "<title>Edited: ", 1))
    changed = "the page has its new title"
    expect(
        "what comes of another title",
        dev.becomes(changed, lambda: "<title>Edited: " in dev.get(image.name, "/")[1]),
        changed,
        look_at=manifest_of(image.name),
        mend="have the pages built anew when they are edited (the script pages, with --watch)",
    )


@requirement("D4-17")
def test_compose_is_refused_while_pnpm_dev_runs(dev: Developing, expect: Expect) -> None:
    expect(
        "what becomes of pnpm compose:up",
        _refusal(dev.call("compose:up"), "pnpm dev", dev.ports),
        "refused: pnpm dev holds the port",
        look_at=PORTS,
        mend="look who holds the ports before anything is started, and say who",
    )


@requirement("D4-17")
def test_pnpm_dev_is_refused_while_compose_runs(dev: Developing, composed: Composed, expect: Expect) -> None:
    """The ports are told to it, for those of this run are the engine's choice."""
    ports = {app: composed.project.address(app)[1] for app in dev.ports}
    expect(
        "what becomes of pnpm dev",
        _refusal(dev.call("dev", **dev.told(ports)), "compose", ports),
        "refused: compose holds the port",
        look_at=PORTS,
        mend="look who holds the ports before anything is started, and say who",
    )


def _starts_again(image: Image, dev: Developing, expect: Expect) -> None:
    made = dev.change_program(image)
    runs = "what was edited runs"
    expect(
        "what comes of an edited program",
        dev.becomes(runs, made.exists),
        runs,
        look_at=manifest_of(image.name),
        mend="start the program again when its files change (watchfiles, node --watch)",
    )


def _refusal(answer: Answer, holder: str, ports: Mapping[str, int]) -> str:
    """In short, where a line of it names the holder and a port; else all of it."""
    lines = [line for line in answer.said.splitlines() if holder in line]
    if answer.status > 0 and any(str(port) in line for port in ports.values() for line in lines):
        return f"refused: {holder} holds the port"
    return f"status {answer.status}: {answer.said}"
