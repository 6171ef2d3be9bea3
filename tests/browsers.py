"""A real browser: Debian's Chromium."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from fixtures.commands import CouldNotVerify, Say
from fixtures.packages import apt_get, os_release

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


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """For a file of tests: as long as it is there, an event loop runs in this thread, where others want their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()
