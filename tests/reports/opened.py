"""The page as it stands open in a browser."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page
from sample import sample

#: What is opened unless a test has something else.
SPOILT = sample(200)


@dataclass
class Opened:
    page: Page
    requests: list[str] = field(default_factory=list)  #: addresses that were asked for
    problems: list[str] = field(default_factory=list)  #: what the browser had to say of the page

    def ids(self) -> list[str]:
        return self.page.locator("#grid th.id button").all_text_contents()

    def cell(self, requirement: str, column: str) -> Any:
        return self.page.locator(f'#grid button[data-row="{requirement}"][data-column="{column}"]')

    def focused(self) -> str:
        """Row and column of the cell that has the focus: "D1-01 api"."""
        return self.page.evaluate("Object.values(document.activeElement.dataset).join(' ').trim()")


Open = Callable[..., Opened]
