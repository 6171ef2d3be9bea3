"""A real browser for the page: Debian's Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from opened import SPOILT, Open, Opened
from playwright.sync_api import Browser, sync_playwright

from fixtures.commands import CouldNotVerify, Say
from fixtures.packages import apt_get, os_release
from fixtures.reports.page import page as written

#: A browser that does nothing by itself, on a machine without a display, as root.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium(say: Say) -> str:
    """Path of the program; installed first where it is missing and that is possible."""
    if found := shutil.which("chromium"):
        return found
    release = os_release()
    debian = "debian" in (release.get("ID"), *release.get("ID_LIKE", "").split())
    if not debian or os.geteuid() != 0:
        raise CouldNotVerify("there is no chromium on this machine, and installing it takes root on Debian or Ubuntu.")
    say("installing chromium, to look at the page with (about a minute)")
    apt_get("update")
    apt_get("install", "--yes", "--no-install-recommends", "chromium")
    found = shutil.which("chromium")
    assert found, "the package chromium has a program of that name"
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Writes the page of a run to a file and opens that, as whoever got it by mail does."""
    contexts = []

    def open_(conformance: dict[str, Any] = SPOILT, fields: dict[str, str] | None = None, **options: Any) -> Opened:
        file = tmp_path / "conformance.html"
        file.write_text(written(conformance), encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda message: opened.problems.append(message.text))
        opened.page.on("pageerror", lambda error: opened.problems.append(str(error)))
        opened.page.goto(file.as_uri() + (f"#{urlencode(fields)}" if fields else ""))
        return opened

    yield open_
    for context in contexts:
        context.close()
