"""tools/provision/render.py: how often a call is made, and how long is waited between."""

import importlib.util
import sys
from collections.abc import Iterator

import pytest

from fixtures.documents import HARNESS
from fixtures.render_api import Fault, RenderApi, render_api

PROJECTS = "GET /projects"


@pytest.fixture
def render(monkeypatch: pytest.MonkeyPatch):
    """The module, as setup.sh finds it."""
    monkeypatch.syspath_prepend(str(HARNESS / "tools/provision"))
    spec = importlib.util.spec_from_file_location("provision_render", HARNESS / "tools/provision/render.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    had = set(sys.modules)
    spec.loader.exec_module(module)
    yield module
    for name in set(sys.modules) - had:
        del sys.modules[name]


@pytest.fixture
def waits(render, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(render.time, "sleep", waited.append)
    return waited


@pytest.fixture
def api() -> Iterator[RenderApi]:
    with render_api("key", {"api": "web_service"}) as api:
        yield api


def test_each_wait_is_twice_as_long(render, waits: list[float], api: RenderApi) -> None:
    api.faults[PROJECTS] = [Fault(500)] * 9
    with pytest.raises(render.ApiError, match=r"answers 500 to GET /projects, 5 times"):
        render.Render(api.address, "key").call("GET", "/projects")
    assert waits == [1, 2, 4, 8]
    assert len(api.calls) == 5


def test_retry_after_is_believed_where_it_is_longer(render, waits: list[float], api: RenderApi) -> None:
    api.faults[PROJECTS] = [Fault(429, retry_after=7), *[Fault(429)] * 4]
    with pytest.raises(render.ApiError):
        render.Render(api.address, "key").call("GET", "/projects")
    assert waits[0] == 7


def test_nobody_is_believed_for_hours(render, waits: list[float], api: RenderApi) -> None:
    api.faults[PROJECTS] = [Fault(503, retry_after=86400)]
    with pytest.raises(render.ApiError):
        render.Render(api.address, "key").call("GET", "/projects")
    assert waits == [120] * 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_what_will_not_pass_is_not_tried_again(render, waits: list[float], api: RenderApi, status: int) -> None:
    api.faults[PROJECTS] = [Fault(status)]
    with pytest.raises(render.ApiError, match=str(status)):
        render.Render(api.address, "key").call("GET", "/projects")
    assert (waits, len(api.calls)) == ([], 1)


def test_what_was_carried_out_is_not_asked_for_again(render, waits: list[float], api: RenderApi) -> None:
    api.faults["POST /env-groups"] = [Fault(cut=True)]
    body = {"name": "a", "ownerId": "tea-1", "environmentId": "evm-1", "envVars": []}
    made = render.Render(api.address, "key").call("POST", "/env-groups", body, lambda: {"id": api.groups["a"].id})
    assert made == {"id": "evg-1"}
    assert [str(call) for call in api.calls] == ["POST /env-groups no answer"]


def test_what_was_not_carried_out_is_asked_for_again(render, waits: list[float], api: RenderApi) -> None:
    api.faults["POST /env-groups"] = [Fault(503)]
    body = {"name": "a", "ownerId": "tea-1", "environmentId": "evm-1", "envVars": []}
    made = render.Render(api.address, "key").call("POST", "/env-groups", body, lambda: api.groups.get("a"))
    assert made["id"] == "evg-1"
    assert [str(call) for call in api.calls] == ["POST /env-groups 503", "POST /env-groups 201"]
