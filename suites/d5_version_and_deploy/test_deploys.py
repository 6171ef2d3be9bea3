"""Nothing deploys by itself: the workflows decide what runs where."""

from fixtures.blueprint import Blueprint, Entry
from fixtures.claims import Expect, requirement
from fixtures.inventory import Service


@requirement("D5-01")
def test_service_does_not_deploy_by_itself(
    service: Service, declared: Entry, blueprint: Blueprint, expect: Expect
) -> None:
    """A push that deploys past the workflow gets no generation, and nobody diffed it."""
    expect(
        "its autoDeploy",
        declared["autoDeploy"],
        False,
        look_at=blueprint.at(service.name, "autoDeploy"),
        mend="set autoDeploy: false",
    )


@requirement("D5-01")
def test_service_has_no_deploy_trigger(service: Service, declared: Entry, blueprint: Blueprint, expect: Expect) -> None:
    """The trigger wins over autoDeploy, so it must say no as well."""
    expect(
        "its autoDeployTrigger",
        declared["autoDeployTrigger"],
        "off",
        look_at=blueprint.at(service.name, "autoDeployTrigger"),
        mend="set autoDeployTrigger: 'off', quoted: YAML 1.1 reads a bare off as false",
    )
