"""The made-up runs are such as could have been."""

import json
from typing import Any

import pytest
from sample import sample

from fixtures.documents import read_json

SCHEMA = "fixtures/reports/conformance.schema.json"
STATES = {"passed", "failed", "error", "unverified", "waived"}


@pytest.mark.parametrize(
    "conformance", [sample(), sample(1000), sample(400, spoilt=False)], ids=["few", "many", "all passed"]
)
def test_sample_is_valid(conformance: dict[str, Any]) -> None:
    assert read_json(json.dumps(conformance), "sample").problems(SCHEMA) == []


def test_sample_has_checks_in_every_state() -> None:
    assert {check["state"] for check in sample()["checks"]} == STATES


def test_sample_has_requirements_in_every_state() -> None:
    states = {one["state"] for one in sample()["requirements"].values()}
    assert states == STATES | {"not selected", "planned", "manual"}


def test_sample_that_is_not_spoilt_has_no_check_that_did_not_pass() -> None:
    assert {check["state"] for check in sample(400, spoilt=False)["checks"]} == {"passed"}
