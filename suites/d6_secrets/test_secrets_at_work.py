"""What a service does with its secrets while it runs: they are spectral's alone, and none gets out."""

from collections.abc import Iterator

import pytest

from fixtures.claims import Expect, requirement
from fixtures.exposure import MadeUp, make_up
from fixtures.inventory import Service
from fixtures.load import Load
from fixtures.running import START_SECONDS, DidNotStart, NoAnswer, Running
from fixtures.secret_register import SecretRegister
from fixtures.subjects import AtWork, Shared, Start
from fixtures.waiting import wait_until

#: Where the images name Secret Files, and where Render mounts them.
FOLDERS = ("/etc/spectral", "/etc/secrets")
#: Where else a service could put one.
PLACES = "/app /etc /tmp /var /run /home /root /opt /dev/shm"
#: A user that Debian has, with all groups that the image gives it.
STRANGER = "nobody"
#: What a service is asked that may make it say too much, and with a header of the kind that secrets are sent in.
PATHS = ("/healthz", "/readyz", "/version", "/version/detail", "/deployments", "/nowhere", "/%00", "/..%2f..")
HEADERS = {"Authorization": "Bearer {}", "X-Request-Id": "1"}
#: Answers under load, until enough has gone wrong.
ANSWERS = 16

pytestmark = pytest.mark.at_work


@pytest.fixture
def made_up(secret_register: SecretRegister, service: Service, shared: Shared) -> MadeUp:
    """Values for the secrets of the test's service, the same in all tests."""
    return shared.once(("made up", service.name), lambda: make_up(secret_register.of(service.name)))


@pytest.fixture
def trusted(service: Service, made_up: MadeUp, at_work: AtWork, start: Start) -> Iterator[Running]:
    """The service with these, while all that it talks to is silent; a cron's patience is over soon."""
    if service.kind == "cron":
        with start(**made_up.given(service)) as running:
            yield running
    else:
        yield at_work(**made_up.given(service))


@requirement("D6-26")
def test_nobody_else_finds_a_secret_in_a_file(
    service: Service, made_up: MadeUp, trusted: Running, expect: Expect
) -> None:
    """Neither where it was put, whose name is known, nor where the service has copied it to."""
    files = [secret.name for secret in made_up.own if secret.kind == "file"]
    known = " ".join(f"{folder}/{name}" for folder in FOLDERS for name in files)
    values = " ".join(f"-e {value}" for value in made_up.all.values())
    found = trusted.as_user(STRANGER).run(f"grep -rslF {values} {PLACES} {known}").stdout.split()
    itself = [name for name in files if trusted.host.run(f"cat {FOLDERS[0]}/{name}").rc == 0]
    expect(
        f"files in which another user finds a secret, and what the service itself finds in {FOLDERS[0]}",
        (found, itself),
        ([], files),
        look_at=service.image.dockerfile,
        mend="keep files with secrets at 0640 or less, and other users out of the group spectral",
    )


@requirement("D6-26")
def test_nobody_else_reads_its_environment(service: Service, trusted: Running, expect: Expect) -> None:
    """The kernel shows a process's variables to who could trace it."""
    command = "cat /proc/1/environ"
    expect(
        "who can read /proc/1/environ: the service itself, another user",
        (trusted.host.run(command).rc == 0, trusted.as_user(STRANGER).run(command).rc == 0),
        (True, False),
        look_at=service.image.dockerfile,
        mend="let it run as spectral, and nothing else",
    )


@requirement("D6-27")
def test_arguments_hold_no_secret(service: Service, made_up: MadeUp, trusted: Running, expect: Expect) -> None:
    """Every user of a machine reads those."""
    expect.none(
        "secrets among the arguments of its processes",
        made_up.found_in(trusted.arguments),
        look_at=f"apps/{service.image.name}, {service.image.dockerfile}",
        mend="pass it in a variable or a file",
    )


@requirement("D6-27")
def test_service_lets_out_no_secret(service: Service, made_up: MadeUp, start: Start, expect: Expect) -> None:
    """Under load, and while nothing that it needs is there: messages about failures are where secrets get out."""
    with start(**made_up.given_alone(service)) as running:
        said = _answers(running, made_up)
        if running.address:
            with Load(running.own_address, "/readyz", 8) as load:
                wait_until(lambda: len(load.requests) > ANSWERS, "answers", START_SECONDS, lambda: running.text[-600:])
                running.terminate()
            said["an answer under load"] = " ".join({str(one.body) for one in load.requests})
        else:
            wait_until(lambda: _gave_up(running), "a failure", START_SECONDS, lambda: running.text[-600:])
        said["its log"] = running.text
    expect.none(
        "secrets that got out",
        [f"{name} in {where}" for where, text in said.items() for name in made_up.found_in(text)],
        look_at=f"apps/{service.image.name}, {service.image.dockerfile}",
        mend="say what failed, never with what: no address with its password, no header, no content of a file",
    )


@requirement("D6-27")
def test_secret_that_is_refused_is_not_repeated(
    service: Service, made_up: MadeUp, start: Start, expect: Expect
) -> None:
    """A value that was pasted wrongly is a secret still."""
    try:
        with start(**made_up.misshapen(service)) as running:
            if not running.address:
                wait_until(lambda: _gave_up(running), "a failure", START_SECONDS, lambda: running.text[-600:])
            said = " ".join([*_answers(running, made_up).values(), running.text])
    except DidNotStart as error:
        said = str(error)
    expect.none(
        "secrets that are repeated when they are refused",
        made_up.found_in(said),
        look_at=f"apps/{service.image.name}, {service.image.dockerfile}",
        mend="name the variable or the file that is wrong, and not what is in it",
    )


def _answers(running: Running, made_up: MadeUp) -> dict[str, str]:
    """What a web service answers to who has no token and to who has one, by what it was asked."""
    tokens = {
        "no token": "nobody's",
        **{one.name: value for one, value in made_up.own.items() if one.form == "token"},
    }
    told = {}
    for which, token in tokens.items() if running.address else ():
        headers = {name: value.format(token) for name, value in HEADERS.items()}
        for path in PATHS:
            try:
                answer = running.get(path, headers)[1].decode(errors="replace")
            except NoAnswer as error:
                answer = str(error)
            told[f"the answer to GET {path} with {which}"] = answer
    return told


def _gave_up(running: Running) -> bool:
    """Has it ended, or said that something failed?"""
    return running.status is not None or any(line.get("level") in ("error", "warn") for line in running.log)
