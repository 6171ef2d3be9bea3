"""What a service says of itself over HTTP and in its log."""

import json

import pytest

from fixtures.claims import Expect, requirement
from fixtures.inventory import Service
from fixtures.running import Running
from fixtures.source import Source
from fixtures.subjects import AtWork

#: Neither is what the inventory or a default would give, so that a service that ignores them is found out.
ANOTHER_GENERATION = "41"
ANOTHER_WAY = {"port": 8137, "environment": {"SPECTRAL_GENERATION": ANOTHER_GENERATION}}


@requirement("D5-05")
@pytest.mark.services(kind="web")
def test_version_answers_with_the_commit(
    service: Service, running_service: Running, source: Source, expect: Expect
) -> None:
    """What a person asks first when something is wrong."""
    status, body = running_service.get("/version")
    expect("the status of /version", status, 200, look_at=f"apps/{service.name}", mend="answer GET /version")
    expect(
        "its short_sha",
        json.loads(body).get("short_sha"),
        source.commit[:12],
        look_at=f"apps/{service.name}",
        mend="read it from /app/version.json at start",
    )


@requirement("D5-05")
@pytest.mark.services(kind="web")
def test_version_answers_with_the_generation_of_the_environment(
    service: Service, running_service: Running, at_work: AtWork, expect: Expect
) -> None:
    """Given at run time, so two values: one alone could be baked in."""
    given = [service.environment["SPECTRAL_GENERATION"], ANOTHER_GENERATION]
    answers = [json.loads(running.get("/version")[1]) for running in (running_service, at_work(**ANOTHER_WAY))]
    expect(
        "its generations in two runs",
        [answer.get("generation") for answer in answers],
        [int(generation) for generation in given],
        look_at=f"apps/{service.name}",
        mend="read SPECTRAL_GENERATION when the service starts",
    )


@requirement("D5-05")
@pytest.mark.services(kind="web")
@pytest.mark.parametrize("generation", ["", "seven"])
def test_version_invents_no_generation(service: Service, at_work: AtWork, generation: str, expect: Expect) -> None:
    """A made-up number would be taken for a deployment that never was."""
    _, body = at_work(environment={"SPECTRAL_GENERATION": generation}).get("/version")
    answer = json.loads(body)
    expect(
        "its generation",
        answer.get("generation"),
        None,
        look_at=f"apps/{service.name}",
        mend="answer null when SPECTRAL_GENERATION is missing or no integer",
    )
    expect(
        "it says why",
        bool(answer.get("generation_problem")),
        True,
        look_at=f"apps/{service.name}",
        mend="say in generation_problem what is wrong with SPECTRAL_GENERATION",
    )


@requirement("D3-14")
@pytest.mark.services(kind="web")
def test_health_path_answers_on_the_port_that_is_given(service: Service, at_work: AtWork, expect: Expect) -> None:
    """Render asks the path of the blueprint on the PORT that it chose, and takes 200 to 399 for healthy."""
    status, _ = at_work(**ANOTHER_WAY).get(service.health)
    expect(
        f"the status of {service.health}",
        status,
        200,
        look_at=f"apps/{service.name}",
        mend="listen on the PORT of the environment, and answer the health path",
    )


@requirement("D5-05")
def test_service_logs_its_version_at_start(
    service: Service, running_service: Running, source: Source, expect: Expect
) -> None:
    """A log must tell which build wrote it."""
    expect(
        "the short_sha in its first words",
        running_service.first_line.get("short_sha"),
        source.commit[:12],
        look_at=service.image.dockerfile,
        mend="log short_sha in the line that says started",
    )
