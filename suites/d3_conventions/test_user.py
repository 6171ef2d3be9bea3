"""Who runs in an image, and what is theirs."""

from fixtures.claims import Expect, requirement
from fixtures.containers import Open, Running
from fixtures.dockerfiles import Dockerfile

USER, UID = "spectral", 1000


@requirement("D3-06")
def test_service_runs_as_spectral(running: Running, dockerfile: Dockerfile, expect: Expect) -> None:
    """Asked of the kernel: what USER says counts for nothing if an entry point changes it."""
    status = running.host.file("/proc/1/status").content_string
    expect(
        "the user of process 1",
        status,
        1000,
        look_at=dockerfile.at("USER"),
        mend="end the final stage with USER 1000:1000",
    )
