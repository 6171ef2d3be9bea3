"""setup.sh --rotate: a new value reaches who uses it, by a deploy, since an env group changes nothing that runs."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.provisioning import KEY, REGISTER, Desk, Provisioned
from fixtures.render_api import UNANSWERED, Fault

pytestmark = pytest.mark.host

API = "tools/provision/render.py"
#: Not the newest commit, which may not be released, and no commit at all, which a cron does not take.
AGAIN = {"deployMode": "deploy_only"}


@requirement("D6-23")
def test_a_rotation_deploys_who_uses_the_secret_and_nobody_else(desk: Desk, expect: Expect) -> None:
    """Every secret of the register, one after the other."""
    wrong = []
    for id_, entry in desk.entries.items():
        desk.api.deploys.clear()
        desk.api.looks.clear()
        new = entry.value()
        seen = desk.run("prod", "--rotate", id_, answers={KEY: [desk.api.key], id_: [new, new]})
        deployed = [service for service, _ in desk.api.deploys]
        if (deployed, desk.api.value(entry.group, entry.name), seen.status) != ([*entry.services], new, 0):
            wrong.append(f"{id_}, for {', '.join(entry.services)}: deployed {', '.join(deployed) or 'nothing'}")
    expect.none("secrets that do not reach who uses them", wrong, look_at=REGISTER, mend=f"deploy its services ({API})")


@requirement("D6-23")
def test_a_rotation_makes_these_calls_and_no_other(desk: Desk, expect: Expect) -> None:
    """Recorded: the value is there before the deploy begins, and the deploy is looked at until it is live."""
    desk.run("prod")
    id_, entry = next((id_, one) for id_, one in desk.entries.items() if one.kind == "variable")
    seen = desk.run("prod", "--rotate", id_)
    deploys = [f"/services/srv-{name}/deploys" for name in entry.services]
    group = desk.api.groups[entry.group].id
    wanted = [f"PUT /env-groups/{group}/env-vars/{entry.name} 200"]
    wanted += [f"GET {one} 200" for one in deploys]
    wanted += [f"POST {one} 201" for one in deploys]
    wanted += [f"GET {one}/dep-{number} 200" for number, one in enumerate(deploys, 1) for _ in range(3)]
    began = next((number for number, call in enumerate(seen.calls) if call.method != "GET"), 0)
    expect(
        "the calls, from the first that changes something on",
        seen.log[began:],
        wanted,
        look_at=API,
        mend="put the value, ask for the deploys, and look at them until they are live",
    )


@requirement("D6-23")
def test_a_rotation_brings_no_other_code(desk: Desk, expect: Expect) -> None:
    """A deploy as Render makes it by default builds what lies on the branch by now, released or not."""
    kinds = {desk.api.services[one.services[0]]: id_ for id_, one in desk.entries.items()}
    for id_ in kinds.values():
        desk.run("prod", "--rotate", id_)
    expect.none(
        "deploys of something else than what is built",
        [f"{service}: {asked}" for service, asked in desk.api.deploys if asked != AGAIN],
        look_at=API,
        mend="ask for deployMode deploy_only, without a commit",
    )


@requirement("D6-23")
def test_a_provisioning_starts_nothing_again(provisioned: Provisioned, expect: Expect) -> None:
    """The first deploy is a release's, not the operator's."""
    expect("deploys", provisioned.desk.api.deploys, [], look_at=API, mend="deploy for --rotate and --deploy only")


@requirement("D6-23")
def test_a_deploy_that_is_queued_is_waited_for(desk: Desk, expect: Expect) -> None:
    """Render does not say then which deploy it will be."""
    desk.api.queues = True
    id_ = next(iter(desk.entries))
    first = desk.run("prod", "--rotate", id_)
    second = desk.run("prod", "--rotate", id_)
    looks = [sum("/deploys/dep-" in call.path for call in seen.calls) for seen in (first, second)]
    expect(
        "how they ended, and how often each deploy was looked at",
        (first.status, second.status, looks),
        (0, 0, [3 * len(desk.entries[id_].services)] * 2),
        look_at=API,
        mend="wait for the deploy that was not there before",
    )


@requirement("D6-23")
@pytest.mark.parametrize("fault", UNANSWERED.values(), ids=UNANSWERED)
def test_a_deploy_that_began_without_an_answer_is_not_begun_twice(desk: Desk, expect: Expect, fault: Fault) -> None:
    """The second would end the first, and every worker's job in hand with it."""
    id_, entry = next(iter(desk.entries.items()))
    desk.api.faults[f"POST /services/srv-{entry.services[0]}/deploys"] = [fault]
    desk.patience = 3
    seen = desk.run("prod", "--rotate", id_)
    expect(
        "how it ended, and what was deployed",
        (seen.status, [service for service, _ in desk.api.deploys]),
        (0, [*entry.services]),
        look_at=API,
        mend="look for a newer deploy, before it is asked for again",
    )


@requirement("D6-23")
@pytest.mark.parametrize("outcome", ["update_failed", "canceled"])
def test_a_deploy_that_fails_is_told(desk: Desk, expect: Expect, outcome: str) -> None:
    """The old instance runs on with the old value: somebody has to know."""
    desk.api.outcome = outcome
    id_, entry = next(iter(desk.entries.items()))
    seen = desk.run("prod", "--rotate", id_)
    expect(
        "how it ended, and whether it names service and outcome",
        (seen.status, f"{entry.services[0]}: {outcome}" in seen.session.screen),
        (1, True),
        look_at=API,
        mend="end with 1 where a deploy does not end as live, and say which",
    )


@requirement("D6-23")
def test_after_a_failed_deploy_the_value_is_not_asked_for_again(desk: Desk, expect: Expect) -> None:
    """It is there already; what is missing is the deploy."""
    id_, entry = next(iter(desk.entries.items()))
    where = f"/services/srv-{entry.services[0]}/deploys"
    desk.api.faults[f"POST {where}"] = [Fault(500)] * 5
    failed = desk.run("prod", "--rotate", id_)
    again = desk.run("prod", "--deploy", id_)
    expect(
        "how they ended, what was asked for and changed the second time",
        (failed.status, again.status, again.session.asked, again.changes),
        (1, 0, [KEY], [f"POST /services/srv-{name}/deploys 201" for name in entry.services]),
        look_at=API,
        mend="deploy with --deploy, without a new value",
    )
