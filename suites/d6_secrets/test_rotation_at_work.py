"""A secret that was rotated: what starts again works with the new value, and nothing of the old one is left."""

import secrets

import pytest

from fixtures.claims import Expect, requirement
from fixtures.database import Database, login_of
from fixtures.inventory import Service
from fixtures.running import START_SECONDS, DidNotStart, Running
from fixtures.subjects import Start
from fixtures.waiting import wait_until

FILE, VARIABLE, PATH = "version-detail-token", "VERSION_DETAIL_TOKEN", "/version/detail"
pytestmark = pytest.mark.at_work
WORKS = {"old": "turned away", "new": "let in"}


@requirement("D6-24")
@pytest.mark.services(database=True)
def test_new_password_is_used(service: Service, start: Start, database: Database, expect: Expect) -> None:
    _uses_the_new_one(service, start, database, expect)


@requirement("D6-24")
@pytest.mark.services(name="backup-nightly")
def test_new_password_is_used_for_backups(service: Service, start: Start, database: Database, expect: Expect) -> None:
    _uses_the_new_one(service, start, database, expect)


@requirement("D6-24")
@pytest.mark.services(name="api")
@pytest.mark.parametrize("left", [{}, {VARIABLE: "old"}], ids=["alone", "with the old one left in a variable"])
def test_new_token_opens(left: dict[str, str], start: Start, expect: Expect) -> None:
    """And it alone, wherever somebody forgot the old one."""
    tokens = {name: secrets.token_hex(32) for name in ("old", "new")}
    environment = {variable: tokens[name] for variable, name in left.items()}
    with start(secret_files={FILE: tokens["new"]}, environment=environment) as running:
        expect(
            f"which token opens {PATH}",
            [name for name, token in tokens.items() if _opens(running, token)],
            ["new"],
            look_at="packages/service-python/spectral_service/secret.py",
            mend="let the Secret File decide where there is one, and keep no value from one start to the next",
        )


def _uses_the_new_one(service: Service, start: Start, database: Database, expect: Expect) -> None:
    """By the word of the database's server."""
    login = login_of(service)
    with database.rotated(login) as now:
        became = {name: _attempt(service, start, one, login) for name, one in {"old": database, "new": now}.items()}
    expect(
        "what becomes of a start with the old password, and with the new one",
        became,
        WORKS,
        look_at=f"apps/{service.image.name}, {service.image.dockerfile}",
        mend="take the password out of the environment at each start, and from nowhere else",
    )


def _attempt(service: Service, start: Start, database: Database, login: str) -> str:
    """What becomes of its first attempt to log in."""
    before = len(database.attempts(login))
    said = ""
    try:
        with start(**database.leading(service)) as running:
            if running.address:  # it does not log in before somebody asks for something
                running.get(service.ready)
            wait_until(
                lambda: len(database.attempts(login)) > before,
                f"{login} to log in",
                START_SECONDS,
                lambda: running.text[-600:],
            )
    except DidNotStart as error:
        said = str(error)
    attempts = database.attempts(login)[before:]
    return attempts[0] if attempts else said


def _opens(running: Running, token: str) -> bool:
    return running.get(PATH, {"Authorization": f"Bearer {token}"})[0] == 200
