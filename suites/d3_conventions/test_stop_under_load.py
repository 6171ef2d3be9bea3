"""How a web service stops while it is asked: what it was given it answers, and nothing more is taken."""

import random
import signal
import time
from dataclasses import dataclass

import pytest

from fixtures.claims import Expect, requirement
from fixtures.inventory import Service
from fixtures.load import Asked, Deaf, Load, Request, refused
from fixtures.subjects import Start
from fixtures.waiting import TookTooLong, let_pass, wait_until, wait_until_still

#: Requests that wait for a silent peer when the signal comes.
WAITING = 10
CLIENTS = 20
#: The second is for `-m long`.
ROUNDS = [pytest.param(1, id="short"), pytest.param(20, id="long", marks=pytest.mark.long)]
REFUSAL_SECONDS = 1.5
#: Whatever has not ended by then has given its answers, or never will.
END_SECONDS = 10
#: With a limit of one second for what is in flight.
LOWERED_SECONDS = 10
MEND = "on SIGTERM stop listening, answer what has come in, and only then end"


@dataclass(frozen=True)
class Stop:
    """A stop amid requests that wait for a silent peer."""

    answers: list[Request]
    turned_away: bool  #: a new connection, while those were waiting, and some of them were answered after that


@pytest.fixture(scope="module")
def stops() -> dict[str, Stop]:
    """Those that were looked at, by service: once for all that is claimed of one."""
    return {}


@pytest.fixture
def stop(service: Service, start: Start, stops: dict[str, Stop]) -> Stop:
    """A stop of the service amid its work."""
    if service.name not in stops:
        stops[service.name] = stop_amid_requests(service, start)
    return stops[service.name]


@requirement("D3-22")
@pytest.mark.services(kind="web")
def test_request_that_waits_gets_its_answer(service: Service, stop: Stop, expect: Expect) -> None:
    """All of them wait for a peer that never answers, until the service itself has had enough of that."""
    expect.none(
        f"requests to {service.ready} without a whole answer",
        [str(answer) for answer in stop.answers if answer.status != 503 or answer.problem],
        look_at=f"the code behind {service.image.dockerfile}",
        mend=MEND,
    )


@requirement("D3-23")
@pytest.mark.services(kind="web")
def test_new_connection_is_refused_after_sigterm(service: Service, stop: Stop, expect: Expect) -> None:
    """Whoever is turned away asks another instance; whoever is let in waits for one that goes."""
    expect(
        "a new connection is refused while the last answers are given",
        stop.turned_away,
        True,
        look_at=f"the code behind {service.image.dockerfile}",
        mend=MEND,
    )


@requirement("D3-22")
@pytest.mark.services(kind="web")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_request_sent_before_sigterm_gets_its_answer(
    service: Service, start: Start, rounds: int, expect: Expect
) -> None:
    """At random moments, and right after the service said that it works."""
    lost: list[str] = []
    for number in range(rounds):
        with start() as running, Load(running.own_address, service.health, CLIENTS) as load:
            if number % 2 == 0:
                wait_until(lambda: len(load.requests) > CLIENTS, "answers", 10, lambda: running.text[-300:])
                let_pass(random.uniform(0, 0.3))
            signalled = time.monotonic()
            running.container.kill(signal.SIGTERM)
            running.ends_within(END_SECONDS)
        lost += [f"round {number}: {one}" for one in load.sent_before(signalled) if one.problem]
    expect.none(
        "requests without a whole answer", lost, look_at=f"the code behind {service.image.dockerfile}", mend=MEND
    )


@requirement("D3-12")
@pytest.mark.services(kind="web")
def test_client_that_does_not_read_holds_no_stop_up(service: Service, start: Start, expect: Expect) -> None:
    """Its answers never get out, so the service has to give up by itself. The limit is lowered for this."""
    with start(environment={"DRAIN_SECONDS": "1"}) as running, Deaf(running.own_address, service.health):
        # Until its answers find no place any more, it is busy with what it has been sent.
        wait_until_still(lambda: len(running.text), 1, "the service to be stuck", 30, lambda: running.text[-300:])
        running.container.kill(signal.SIGTERM)
        ended = running.ends_within(LOWERED_SECONDS)
        expect(
            f"it ended within {LOWERED_SECONDS} s of SIGTERM, with a limit of 1 s",
            ended,
            True,
            look_at=f"the code behind {service.image.dockerfile}; the log ends with: {running.text[-200:].strip()}",
            mend="give up what is in flight after DRAIN_SECONDS, by default those of the inventory",
        )


def stop_amid_requests(service: Service, start: Start) -> Stop:
    with start() as running:
        address = running.own_address
        asked = [Asked(address, service.ready) for _ in range(WAITING)]
        running.container.kill(signal.SIGTERM)
        try:
            wait_until(lambda: refused(address), "a new connection to be refused", REFUSAL_SECONDS, str)
            turned_away = True
        except TookTooLong:
            turned_away = False
        answers = [one.answered() for one in asked]
        # What has ended turns nobody away, and answers nobody.
        return Stop(answers, turned_away and any(one.status for one in answers))
