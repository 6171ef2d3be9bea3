"""Stop times agree: each part of a stop has more time than the part before it, wherever that is written."""

import pytest

from fixtures.blueprint import Blueprint, Entry
from fixtures.claims import Expect, requirement
from fixtures.compose import Compose, seconds
from fixtures.inventory import INVENTORY, Image, Inventory, Service
from fixtures.running import Running

#: What Render waits when a service does not say; a cron cannot.
RENDERS_OWN = 30
#: And compose.
COMPOSES_OWN = 10


@requirement("D3-27")
def test_stop_times_are_in_order(service: Service, expect: Expect) -> None:
    """A limit that comes after the next one is never reached: what it should end in order is cut off."""
    times = [service.job_seconds or 0, service.drain_seconds, service.stop_seconds, service.kill_seconds]
    expect(
        "its times for a job, for what it has begun, for the stop, and until it is killed rise",
        sorted(set(times)),
        times,
        look_at=INVENTORY,
        mend="give each more than the one before it",
    )


@requirement("D3-27")
def test_render_waits_for_the_stop(service: Service, declared: Entry, blueprint: Blueprint, expect: Expect) -> None:
    """Render kills when its own time is over, whatever the service needs."""
    expect(
        "the seconds that Render waits after SIGTERM",
        declared["maxShutdownDelaySeconds"] or RENDERS_OWN,
        service.kill_seconds,
        look_at=blueprint.at(service.name, "maxShutdownDelaySeconds"),
        mend=f"set maxShutdownDelaySeconds to kill_seconds of {INVENTORY}; a cron has {RENDERS_OWN}",
    )


@requirement("D3-27")
def test_compose_waits_for_the_stop(image: Image, inventory: Inventory, compose: Compose, expect: Expect) -> None:
    """As long as Render; by itself compose waits ten seconds."""
    expect(
        "the seconds that compose waits after SIGTERM",
        seconds(compose.service(image.name).get("stop_grace_period")) or COMPOSES_OWN,
        inventory.service_of(image).kill_seconds,
        look_at=compose.at(image.name, "stop_grace_period"),
        mend=f"set stop_grace_period to kill_seconds of {INVENTORY}",
    )


@requirement("D3-27")
@pytest.mark.parametrize("name", ["drain_seconds", "job_seconds"])
def test_service_has_the_limits_of_the_inventory(
    service: Service, name: str, running_service: Running, expect: Expect
) -> None:
    """Its own word, from its first line: the numbers stand in its code, too."""
    told = running_service.first_line.get(name)
    expect(
        f"{name} in its first line",
        told if told is None else float(told),
        getattr(service, name),
        look_at=service.image.dockerfile,
        mend=f"make the number in the code that of {INVENTORY}, and log it at start",
    )
