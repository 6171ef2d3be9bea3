"""A user without rights is no isolation by itself: a service has to need nothing else either."""

from fixtures.claims import Expect, requirement
from fixtures.inventory import INVENTORY, Service
from fixtures.running import NoAnswer, Running
from fixtures.subjects import Start


@requirement("D3-29")
def test_service_works_isolated(service: Service, running_service: Running, start: Start, expect: Expect) -> None:
    """No capability, no new privileges, nothing to write to but the tmpfs of the inventory, 256 MiB."""
    with start(isolated=True) as running:
        running.wait_for_its_work()
        running.container.reload()
        expect(
            "what it answers, and whether it was ended for its memory",
            (health(running), running.container.attrs["State"]["OOMKilled"]),
            (health(running_service), False),
            look_at=service.image.dockerfile,
            mend=f"write to the tmpfs that {INVENTORY} names, and need no rights",
        )


def health(running: Running) -> int | str:
    """The status of its health path; that it should be 200 is another claim."""
    if running.service.kind != "web":
        return "it is not asked"
    try:
        return running.get(running.service.health)[0]
    except NoAnswer:
        return "nothing"
