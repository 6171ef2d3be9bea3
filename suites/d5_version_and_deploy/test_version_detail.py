"""/version/detail: all that version.json says, for who has the token; and nothing of it for anybody else."""

import json
import secrets

import pytest

from fixtures.claims import Expect, requirement
from fixtures.inside import Open
from fixtures.inventory import Image, Service
from fixtures.running import Running
from fixtures.subjects import AtWork

PATH = "/version/detail"
LOOK_AT = "apps/api/api"
FILE = "/app/version.json"
TOKEN = secrets.token_hex(32)
#: What could be taken for the token; the last by who compares only as much as was sent.
WRONG = {
    "none": None,
    "empty": "Bearer ",
    "another": f"Bearer {secrets.token_hex(32)}",
    "longer": f"Bearer {TOKEN}0",
    "upper case": f"Bearer {TOKEN.upper()}",
    "basic": f"Basic {TOKEN}",
    "bare": TOKEN,
    "no ASCII": f"Bearer {TOKEN}\u00e9",
    "first half": f"Bearer {TOKEN[:32]}",
    "first letter": f"Bearer {TOKEN[0]}",
}


@pytest.fixture(params=["variable", "Secret File"])
def guarded(request: pytest.FixtureRequest, at_work: AtWork) -> Running:
    """The service with a token, given in either way."""
    if request.param == "variable":
        return at_work(environment={"VERSION_DETAIL_TOKEN": TOKEN})
    return at_work(secret_files={"version-detail-token": f"{TOKEN}\n"})


@pytest.fixture
def image(service: Service) -> Image:
    """What the service runs."""
    return service.image


@pytest.fixture
def values(opened: Open) -> dict[str, str]:
    """What must not get out: the fields of version.json, but for what /version shows."""
    fields = json.loads(opened.root.file(FILE).content_string)
    return {name: value for name, value in fields.items() if value != fields["short_sha"]}


@requirement("D5-06")
@pytest.mark.services(name="api")
def test_token_opens_the_whole_version(service: Service, guarded: Running, opened: Open, expect: Expect) -> None:
    """With the generation beside it: what was built, and which deployment runs it."""
    status, body = guarded.get(PATH, {"Authorization": f"Bearer {TOKEN}"})
    told = json.loads(body) if status == 200 else {}
    expected = json.loads(opened.root.file(FILE).content_string)
    expected["generation"] = int(service.environment["SPECTRAL_GENERATION"])
    expect(
        "what it tells who has the token",
        {name: told.get(name) for name in expected},
        expected,
        look_at=LOOK_AT,
        mend="answer with all of version.json, and the generation",
    )


@requirement("D5-07")
@pytest.mark.services(name="api")
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_token_is_told_nothing(
    service: Service, at_work: AtWork, values: dict[str, str], wrong: str, expect: Expect
) -> None:
    """Compared as a whole; a part of it opens nothing."""
    running = at_work(environment={"VERSION_DETAIL_TOKEN": TOKEN})
    headers = {"Authorization": WRONG[wrong]} if WRONG[wrong] is not None else {}
    check_closed(*running.get(PATH, headers), [401, 403], values, expect)


@requirement("D5-07")
@pytest.mark.services(name="api")
@pytest.mark.parametrize("sent", ["nothing", "an empty token", "some token", "None"])
def test_without_a_token_nobody_gets_in(
    service: Service, running_service: Running, values: dict[str, str], sent: str, expect: Expect
) -> None:
    """A deployment that was forgotten to be given one is closed, not open."""
    headers = {"an empty token": "Bearer ", "some token": f"Bearer {TOKEN}", "None": "Bearer None"}.get(sent)
    check_closed(*running_service.get(PATH, {"Authorization": headers} if headers else {}), [401, 403], values, expect)


@requirement("D5-08")
@pytest.mark.services(kind="web")
def test_open_version_shows_the_short_commit_alone(
    service: Service, running_service: Running, values: dict[str, str], expect: Expect
) -> None:
    """Which tag, which locks and when: that helps who looks for a hole."""
    _, body = running_service.get("/version")
    expect.none(
        "fields of version.json in the answer of /version",
        [name for name, value in values.items() if value.encode() in body],
        look_at=f"apps/{service.name}",
        mend="answer with short_sha and generation only",
    )


def check_closed(status: int, body: bytes, allowed: list[int], values: dict[str, str], expect: Expect) -> None:
    expect.one_of("the status", status, allowed, look_at=LOOK_AT, mend="answer 401, or 403 where no token is set")
    found = [name for name, value in values.items() if value.encode() in body]
    found += ["a stack trace"] * (b"Traceback" in body)
    expect.none("details in the answer", found, look_at=LOOK_AT, mend="answer with the name of the status only")
