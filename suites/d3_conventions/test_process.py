"""How the program in an image is started, and how it stops."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.inventory import Image, Service
from fixtures.processes import process_one, programs
from fixtures.running import Running
from fixtures.subjects import AtWork, Start

#: 0: it ended by itself. 143: SIGTERM's own (128 + 15). 137 would be SIGKILL's.
GOOD_ENDS = {0, 143}
#: From the end of a process to the engine's telling of it, on a busy machine.
NOTICE_SECONDS = 5


@requirement("D3-12")
def test_service_starts(service: Service, at_work: AtWork, expect: Expect) -> None:
    """It says so itself, in one line of JSON, once it can be stopped and asked."""
    expect(
        "it says that it works",
        at_work().said("started"),
        True,
        look_at=service.image.dockerfile,
        mend='log one JSON line with "msg": "started"',
    )


@requirement("D3-11")
def test_process_one_is_the_program_itself(
    running: Running, image: Image, dockerfile: Dockerfile, expect: Expect
) -> None:
    """Process 1 gets the signals; a shell, an init or a package manager before the program swallows them."""
    process = process_one(running.host)
    expect(
        "the program of process 1",
        process.program,
        image.program,
        look_at=dockerfile.at("CMD", "ENTRYPOINT"),
        mend=f"start {image.program} in exec form; if a script must come first, let it end in exec",
    )


@requirement("D3-11")
@pytest.mark.images(stages=2)
def test_program_runs_once(running: Running, image: Image, dockerfile: Dockerfile, expect: Expect) -> None:
    """`npm start` is node in front of node: a wrapper, though process 1 goes by the right name. Bash forks itself."""
    expect(
        f"processes that run {image.program}",
        programs(running.host).count(image.program),
        1,
        look_at=dockerfile.at("CMD", "ENTRYPOINT"),
        mend=f"start the service with {image.program} itself, not through a package manager",
    )


@requirement("D3-12")
def test_service_ends_on_sigterm(service: Service, start: Start, expect: Expect) -> None:
    """Render sends SIGTERM and, some time later, SIGKILL; what that interrupts is lost. It comes amid the work."""
    with start() as running:
        running.wait_for_its_work()
        signalled = running.terminate()
        # The engine takes a moment to tell; its own clock says how long it was.
        ended = running.ends_within(service.stop_seconds + NOTICE_SECONDS)
        look_at = f"the code behind {service.image.dockerfile}; the log ends with: {running.text[-200:].strip()}"
        expect(
            f"it ended within {service.stop_seconds} s of SIGTERM",
            ended and running.ended_at - signalled <= service.stop_seconds,
            True,
            look_at=look_at,
            mend="handle SIGTERM in the program; process 1 has no default action for it",
        )
        expect.one_of(
            "its exit status",
            running.status,
            sorted(GOOD_ENDS),
            look_at=look_at,
            mend="end with 0 after an orderly stop",
        )
