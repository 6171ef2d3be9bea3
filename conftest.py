"""Options and plugins of a verification. How it works stands in fixtures/, what is verified in suites/."""

from pathlib import Path

import pytest

from fixtures.bases import MODES

pytest_plugins = [
    "fixtures.claims",
    "fixtures.session",
    "fixtures.selection",
    "fixtures.subjects",
    "fixtures.backup_subjects",
    "fixtures.local_subjects",
    "fixtures.secret_subjects",
    "fixtures.verdict",
    "fixtures.recorder",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conform", "what is verified, and on which bases")
    group.addoption("--root", type=Path, default=Path(__file__).parent, metavar="DIR", help="the tree under test")
    group.addoption("--image", action="append", default=[], metavar="NAME", help="only this image; repeatable")
    group.addoption("--static", action="store_true", help="only what can be checked without an engine")
    group.addoption(
        "--reports", type=Path, default=Path(__file__).parent / "reports", metavar="DIR", help="where reports go"
    )
    group.addoption("--bases", choices=MODES, default=MODES[0], help="auto: stand-ins where no registry answers")
