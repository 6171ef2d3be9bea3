"""The generation is given to a service, which asks nobody for it."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.database import Database
from fixtures.inventory import Service
from fixtures.running import Running, says_started
from fixtures.subjects import Start

#: More than one deployment, and none with the number that the inventory gives.
DEPLOYMENTS = 3


@requirement("D5-31")
@pytest.mark.services(database=True)
def test_generation_is_there_without_a_database(service: Service, running_service: Running, expect: Expect) -> None:
    """Its database takes connections, and answers nothing."""
    check_generation(service, running_service, expect)


@requirement("D5-31")
@pytest.mark.services(database=True)
def test_generation_is_not_that_of_the_newest_row(
    service: Service, start: Start, database: Database, expect: Expect
) -> None:
    """While a deploy rolls, the newest row is that of the instances to come."""
    with database.connect("deployments") as connection:
        for _ in range(DEPLOYMENTS):
            connection.execute("INSERT INTO core.deployments (sha, services) VALUES (%s, '{api}')", ["b" * 40])
    with start(**database.leading(service)) as running:
        check_generation(service, running, expect)


def check_generation(service: Service, running: Running, expect: Expect) -> None:
    expect(
        "the generation in its first line",
        [line.get("generation") for line in filter(says_started, running.log)],
        [int(service.environment["SPECTRAL_GENERATION"])],
        look_at=f"the code behind {service.image.dockerfile}",
        mend="read SPECTRAL_GENERATION, and nothing else",
    )
