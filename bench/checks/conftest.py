"""Takes the place of testinfra's own ``host``, which is the machine itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from bench.checks.ways import Conform, Plain

if TYPE_CHECKING:  # see bench/checks/ways.py: one thread alone imports testinfra
    from testinfra.host import Host


@pytest.fixture(scope="session")
def host(opening: Conform | Plain) -> "Iterator[Host]":
    try:
        yield opening.host()
    finally:
        opening.close()
