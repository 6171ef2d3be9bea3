"""The page of a run, open in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from opened import SPOILT, Open, Opened
from playwright.sync_api import Browser

from fixtures.reports.page import page as written


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
