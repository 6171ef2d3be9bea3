"""tools/provision/setup.sh brings the secrets from the operator to Render: all of them, each to its place."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.provisioning import ELSEWHERE, KEY, REGISTER, SCRIPT, Desk, Entry, Provisioned, wrong_values
from fixtures.render_api import UNANSWERED, Fault

pytestmark = pytest.mark.host

API = "tools/provision/render.py"
FORMS = "tools/provision/forms.py"

#: What passes, as long as it is made up for.
PASSING = {
    "too many calls": Fault(429, retry_after=1),
    "a failure of the server": Fault(500),
    "a failure before it": Fault(503),
    "an answer that is cut off": Fault(cut=True),
    "an answer that does not come": Fault(hangs=True),
}


@requirement("D6-07")
def test_every_secret_of_the_register_is_asked_for(provisioned: Provisioned, expect: Expect) -> None:
    """Twice each, so that no slip of a hand that nobody sees is written."""
    desk, seen = provisioned.desk, provisioned.seen
    expect(
        "what setup.sh asks for",
        seen.session.asked,
        [KEY, *(id_ for id_ in desk.entries for _ in range(2))],
        look_at=SCRIPT,
        mend=f"ask for what {REGISTER} has, once to type it and once to confirm it",
    )


@requirement("D6-07")
def test_dry_run_shows_names_and_does_nothing(desk: Desk, expect: Expect) -> None:
    """Who is about to provision sees what will be asked for, without a key."""
    seen = desk.run("prod", "--dry-run")
    shown = {id_ for id_ in desk.entries if f"{id_}: " in seen.session.screen}
    expect(
        "secrets shown, and what else was done",
        (shown, seen.session.asked, seen.log),
        (set(desk.entries), [], []),
        look_at=SCRIPT,
        mend="show every secret of the register, ask nothing and call nobody",
    )


@requirement("D6-07")
def test_what_is_not_confirmed_is_asked_for_again(desk: Desk, expect: Expect) -> None:
    """Nobody sees what is typed, so a slip shows only by the second time."""
    id_ = next(iter(desk.entries))
    value = desk.value(id_)
    answers = {KEY: [desk.api.key], id_: [desk.entries[id_].value(), value, value, value]}
    desk.run("prod", "--only", id_, answers=answers)
    expect(
        "what was written is what was typed twice",
        desk.api.value(desk.entries[id_].group, desk.entries[id_].name) == value,
        True,
        look_at=SCRIPT,
        mend="ask again until the same value was typed twice",
    )


@requirement("D6-08")
def test_each_secret_is_where_its_service_reads_it(provisioned: Provisioned, expect: Expect) -> None:
    """Variables as variables, files as Secret Files, byte by byte, in the group that the register names."""
    desk = provisioned.desk
    wrong = [
        f"{one.id} is not in {one.group} as the {one.kind} {one.name}"
        for one in desk.entries.values()
        if (group := desk.api.groups.get(one.group)) is None
        or (group.files if one.kind == "file" else group.variables).get(one.name) != desk.value(one.id)
    ]
    expect.none("secrets that are not in their place", wrong, look_at=API, mend="put each where the register has it")


@requirement("D6-08")
def test_each_env_group_reaches_the_services_of_its_secrets(provisioned: Provisioned, expect: Expect) -> None:
    """A group that is not linked is read by nobody; one linked to more gives a secret away."""
    desk = provisioned.desk
    links = {name: sorted(group.services) for name, group in desk.api.groups.items()}
    wanted = {
        name: sorted({f"srv-{service}" for one in entries for service in one.services})
        for name, entries in desk.groups.items()
    }
    expect("the services linked to each group", links, wanted, look_at=API, mend="link the services of the register")


@requirement("D6-08")
def test_full_provisioning_makes_these_calls_and_no_other(provisioned: Provisioned, expect: Expect) -> None:
    """Recorded: each group is made once, each secret put once, and nothing is deployed."""
    desk, seen = provisioned.desk, provisioned.seen
    wanted = []
    for number, entries in enumerate(desk.groups.values(), 1):
        wanted.append("POST /env-groups 201")
        wanted += [f"PUT /env-groups/evg-{number}/{_kind(entry)}/{entry.name} 200" for entry in entries]
    expect("the calls", (seen.changes, seen.status), (wanted, 0), look_at=API, mend="make each call once")


@requirement("D6-08")
def test_running_it_again_changes_nothing(desk: Desk, expect: Expect) -> None:
    """Whoever is not sure whether it was done does it again."""
    desk.run("prod")
    again = desk.run("prod")
    expect(
        "what is asked and changed the second time",
        (again.session.asked, again.changes, again.status),
        ([KEY], [], 0),
        look_at=API,
        mend="see what the env groups have before anything is asked or put",
    )


@requirement("D6-08")
def test_it_goes_on_after_a_failure_where_it_stopped(desk: Desk, expect: Expect) -> None:
    """What is written is not asked for again: the operator may not have it at hand any more."""
    *done, last = desk.entries.values()
    where = f"{_kind(last)}/{last.name}"
    desk.api.faults[f"PUT /env-groups/*/{where}"] = [Fault(500)] * 5
    failed = desk.run("prod")
    again = desk.run("prod")
    expect(
        "how it ended, how often it tried, what it asked for after that, and what it changed",
        (failed.status, sum(call.status == 500 for call in failed.calls), again.session.asked, again.changes),
        (1, 5, [KEY, last.id, last.id], [f"PUT /env-groups/evg-{len(desk.groups)}/{where} 200"]),
        look_at=API,
        mend="keep what is written, end with 1, and begin with what is missing the next time",
    )
    expect.none(
        "secrets lost on the way",
        [one.id for one in (*done, last) if desk.api.value(one.group, one.name) != desk.value(one.id)],
        look_at=API,
        mend="leave alone what is written",
    )


@requirement("D6-08")
@pytest.mark.parametrize("what", PASSING)
def test_what_passes_is_waited_for(desk: Desk, expect: Expect, what: str) -> None:
    """Render says 429 to who asks too often, and each server fails now and then."""
    id_, entry = next((id_, one) for id_, one in desk.entries.items() if one.kind == "file")
    desk.api.faults[f"PUT /env-groups/*/secret-files/{entry.name}"] = [PASSING[what]]
    desk.api.faults["GET /services"] = [PASSING[what]]
    desk.patience = 3
    seen = desk.run("prod", "--only", id_)
    expect(
        "how it ended, and whether the value is there",
        (seen.status, desk.api.value(entry.group, entry.name) == desk.value(id_)),
        (0, True),
        look_at=API,
        mend="make the call again, after what Retry-After says or a while that grows",
    )


@requirement("D6-08")
@pytest.mark.parametrize("what", UNANSWERED)
def test_what_was_made_without_an_answer_is_not_made_twice(desk: Desk, expect: Expect, what: str) -> None:
    """Of two groups of one name nobody knows which is meant."""
    *_, there = desk.groups
    desk.api.add(there)
    desk.api.faults["POST /env-groups"] = [UNANSWERED[what]]
    desk.api.faults["POST /env-groups/*/services/*"] = [UNANSWERED[what]]
    desk.patience = 3
    seen = desk.run("prod")
    groups = sum(call.startswith("POST /env-groups ") for call in seen.changes)
    links = sum(call.startswith("POST /env-groups/") for call in seen.changes)
    expect(
        "how it ended, how often it asked for a group, and how often for a link",
        (seen.status, groups, links),
        (0, len(desk.groups) - 1, len({one for entry in desk.groups[there] for one in entry.services})),
        look_at=API,
        mend="look for what was to be made, before it is made again",
    )


@requirement("D6-08")
def test_who_never_answers_is_not_waited_for_without_end(desk: Desk, expect: Expect) -> None:
    """A network that swallows packets says nothing at all."""
    desk.patience = 0.2
    desk.api.faults["GET /projects"] = [Fault(hangs=True)] * 9
    seen = desk.run("prod", "--only", next(iter(desk.entries)))
    expect(
        "how it ended, and the calls",
        (seen.status, seen.log),
        (1, ["GET /projects no answer"] * 5),
        look_at=API,
        mend="give each call a time, and give up after a few",
    )


@requirement("D6-08")
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_said_to_be(desk: Desk, expect: Expect, status: int) -> None:
    """To try again would lock somebody out."""
    desk.api.faults["GET /projects"] = [Fault(status)]
    seen = desk.run("prod")
    expect(
        "how it ended, what it asked for, the calls, and whether it names the reason",
        (seen.status, seen.session.asked, seen.log, f"({status})" in seen.session.screen),
        (1, [KEY], [f"GET /projects {status}"], True),
        look_at=API,
        mend="end at once, and say that it is the key",
    )


@requirement("D6-08")
def test_without_its_services_nothing_is_begun(desk: Desk, expect: Expect) -> None:
    """Half a provisioning is worse than none: so it is seen before the first value is asked for."""
    missing = next(iter(desk.entries.values())).services[0]
    del desk.api.services[missing]
    seen = desk.run("prod")
    expect(
        "how it ended, what it asked for and changed, and whether it names the service",
        (seen.status, seen.session.asked, seen.changes, missing in seen.session.screen),
        (1, [KEY], [], True),
        look_at=API,
        mend="look for all services first",
    )


@requirement("D6-08")
def test_an_env_group_of_others_is_left_alone(desk: Desk, expect: Expect) -> None:
    """A value put into it would reach a service that is not to have it."""
    group = next(iter(desk.groups))
    others = next(name for name in desk.api.services if name not in {s for e in desk.groups[group] for s in e.services})
    desk.api.add(group, others)
    seen = desk.run("prod")
    expect(
        "how it ended, and what it changed",
        (seen.status, seen.changes),
        (1, []),
        look_at=API,
        mend="refuse a group that a service takes which the register does not have there",
    )


@requirement("D6-08")
def test_another_environment_is_not_touched(desk: Desk, expect: Expect) -> None:
    """Each environment has values of its own."""
    seen = desk.run("staging")
    expect(
        "how it ended, and what it changed",
        (seen.status, seen.changes),
        (1, []),
        look_at=API,
        mend="look for the environment by its name, and take no other",
    )


@requirement("D6-08")
def test_what_another_environment_has_stays_as_it_is(provisioned: Provisioned, expect: Expect) -> None:
    """Groups and services there have the same names."""
    there = provisioned.desk.api.elsewhere
    values = [{**one.variables, **one.files}.values() for one in there]
    expect(
        "the groups elsewhere, and the values in them",
        (len(there), {value for one in values for value in one}),
        (len(provisioned.desk.groups), {ELSEWHERE}),
        look_at=API,
        mend="say which environment is meant, in each call that looks for something or makes it",
    )


@requirement("D6-08")
def test_values_come_from_files_and_a_pipe_too(desk: Desk, expect: Expect) -> None:
    """What a machine made up nobody types."""
    *filed, piped = desk.entries
    sources = [f"{id_}={desk.file(id_, desk.value(id_))}" for id_ in filed] + [f"{piped}=-"]
    sources.append(f"{KEY}={desk.file('key', desk.api.key)}")
    seen = desk.run("prod", *(word for one in sources for word in ("--from", one)), given=desk.value(piped))
    there = [one.id for one in desk.entries.values() if desk.api.value(one.group, one.name) == desk.value(one.id)]
    expect(
        "what was asked for, and what is there",
        (seen.session.asked, there, seen.status),
        ([], list(desk.entries), 0),
        look_at=SCRIPT,
        mend="read what --from names, and ask for the rest",
    )


@requirement("D6-08")
def test_what_has_not_the_form_of_its_secret_is_not_sent(desk: Desk, expect: Expect) -> None:
    """A value that no service can work with would be seen by the next deploy only."""
    wrong = {id_: wrong_values(one) for id_, one in desk.entries.items()}
    right = {id_: [desk.value(id_)] * 2 for id_ in desk.entries}
    seen = desk.run("prod", answers={KEY: [desk.api.key], **{id_: [*wrong[id_], *right[id_]] for id_ in right}})
    sent = [call.body for call in seen.calls if call.method == "PUT"]
    expect(
        "what was asked for, and how many values were sent",
        (seen.session.asked, len(sent), seen.status),
        ([KEY, *(id_ for id_ in right for _ in [*wrong[id_], *right[id_]])], len(right), 0),
        look_at=FORMS,
        mend="look at each value before it is sent, and ask again",
    )


@requirement("D6-08")
def test_values_are_not_sent_in_the_clear(desk: Desk, expect: Expect) -> None:
    """Nor is the key: an address without TLS is for this machine alone."""
    seen = desk.run("prod", variables={"RENDER_API_URL": "http://api.example.org/v1"})
    expect(
        "how it ended, and whom it called",
        (seen.status, seen.foreign, seen.log),
        (1, [], []),
        look_at=API,
        mend="refuse an address that is not https",
    )


def _kind(entry: Entry) -> str:
    """As Render's API has it in its paths."""
    return "secret-files" if entry.kind == "file" else "env-vars"
