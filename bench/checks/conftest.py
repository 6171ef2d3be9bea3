"""Takes the place of testinfra's own ``host``, which is the machine itself."""

from collections.abc import Iterator

import pytest
from testinfra.host import Host

from bench.checks.ways import Conform, Plain


@pytest.fixture(scope="session")
def host(opening: Conform | Plain) -> Iterator[Host]:
    try:
        yield opening.host()
    finally:
        opening.close()
