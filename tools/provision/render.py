"""Render's REST API, as far as provisioning needs it.

A request that is refused for now (429), fails (5xx) or is cut off is made again, a few times. One that makes
something may have been carried out all the same, so that is looked for before.
No answer is ever shown: those of env groups have values in them.
"""

import http.client
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from register import Secret

ATTEMPTS = 5
#: Of one request, in seconds.
TIMEOUT = float(os.environ.get("RENDER_TIMEOUT_SECONDS", "30"))
#: Before the second attempt, in seconds; before each further one twice as long.
BACK_OFF = float(os.environ.get("RENDER_RETRY_SECONDS", "1"))
#: What a Retry-After is believed, in seconds.
LONGEST_WAIT = 120.0
#: Between two looks at a deploy, and until it is given up, in seconds.
POLL, DEPLOY = float(os.environ.get("RENDER_POLL_SECONDS", "5")), 1800.0
#: The most that one page of a list holds.
PAGE = 100
#: What a deploy ends as.
LIVE, FAILED = "live", ("deactivated", "build_failed", "update_failed", "canceled", "pre_deploy_failed")


class ApiError(Exception):
    """Render did not do what it was asked; the text says what and why, without any value."""


class _Stay(HTTPRedirectHandler):
    """Whoever redirects would get the key."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Render:
    """The API with a key. Every method raises ApiError."""

    def __init__(self, address: str, key: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ApiError("RENDER_API_URL is no https address; values are not sent in the clear")
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._opener = build_opener(_Stay)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        done: Callable[[], Any] = lambda: None,
    ) -> Any:
        """The answer's JSON; None where it has no body.

        Before it is made again ``done`` is asked for what it made, if it was carried out and only its answer got lost.
        """
        headers = {**self._headers, **({"Content-Type": "application/json"} if body is not None else {})}
        data = json.dumps(body).encode() if body is not None else None
        wait = BACK_OFF
        for attempt in range(1, ATTEMPTS + 1):
            request = Request(f"{self._address}{path}", data, headers, method=method)
            try:
                with self._opener.open(request, timeout=TIMEOUT) as answer:
                    text = answer.read()
                return json.loads(text) if text else None
            except HTTPError as error:
                error.close()
                if error.code != 429 and error.code < 500:
                    raise ApiError(_refusal(method, path, error.code)) from None
                why, asked = f"answers {error.code}", error.headers.get("Retry-After", "")
            except (OSError, http.client.HTTPException, ValueError) as error:
                why, asked = f"does not answer ({type(error).__name__})", ""
            if attempt < ATTEMPTS:
                time.sleep(min(LONGEST_WAIT, max(wait, float(asked) if asked.isdigit() else 0.0)))
                wait *= 2
                if made := done():
                    return made
        raise ApiError(f"Render {why} to {method} {path}, {ATTEMPTS} times")

    def pages(self, path: str, item: str, **query: str) -> list[dict[str, Any]]:
        """All of a list. Each entry stands under its ``item`` beside the cursor to go on from, or is the item itself:
        so are env groups, by the documentation."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.call("GET", f"{path}?{urlencode({**query, 'limit': PAGE, **_if(cursor=cursor)})}") or []
            found += [entry.get(item, entry) for entry in page]
            cursor = page[-1].get("cursor", "") if len(page) >= PAGE else ""
            if not cursor:
                return found

    def environment(self, name: str, project: str) -> "Environment":
        """The only environment of that name, in the project of that name if one is given."""
        found = [
            (one, environment)
            for one in self.pages("/projects", "project", **_if(name=project))
            for environment in self.pages("/environments", "environment", projectId=one["id"])
            if environment["name"] == name
        ]
        if len(found) != 1:
            many = "several environments" if found else "no environment"
            raise ApiError(f"there is {many} {name} on Render; RENDER_PROJECT says in which project to look")
        (one, environment), *_ = found
        return Environment(self, environment["id"], one["owner"]["id"])


class Environment:
    """What Render has in one environment: services, and env groups."""

    def __init__(self, render: Render, id_: str, owner: str) -> None:
        self._render = render
        self._id = id_
        self._owner = owner
        self._services = {one["name"]: one["id"] for one in render.pages("/services", "service", environmentId=id_)}
        self._groups: dict[str, str] = {}  # id by name, of those that are there
        self._takers: dict[str, tuple[str, ...]] = {}  # ids of the services that take a group
        self._there: set[tuple[str, str]] = set()  # group and name of what has a value

    def look(self, groups: Mapping[str, Sequence[str]]) -> None:
        """See what is there of these groups, each with the services that are to take it. Changes nothing."""
        wanted = {name for services in groups.values() for name in services}
        if missing := sorted(wanted - set(self._services)):
            raise ApiError(f"there is no service {', '.join(missing)} in this environment; create it first")
        for name, services in groups.items():
            self._takers[name] = tuple(self._services[one] for one in services)
            if found := self._find(name):
                self._look_into(name, self._render.call("GET", f"/env-groups/{found['id']}"))

    def has(self, secret: Secret) -> bool:
        return (secret.group, secret.name) in self._there

    def put(self, secret: Secret, value: str) -> None:
        """Into its group, which is made if it is not there."""
        if secret.group not in self._groups:
            self._make(secret.group)
        group = self._groups[secret.group]
        if secret.kind == "file":
            self._render.call("PUT", f"/env-groups/{group}/secret-files/{quote(secret.name)}", {"content": value})
        else:
            self._render.call("PUT", f"/env-groups/{group}/env-vars/{quote(secret.name)}", {"value": value})
        self._there.add((secret.group, secret.name))

    def deploy(self, services: Sequence[str], say: Callable[[str], None]) -> None:
        """Deploy what is built already, and wait until it is live. An env group changes no service that runs."""
        before = {name: self._newest(name).get("id") for name in services}
        begun: dict[str, str] = {}
        for name in services:
            # Neither a commit, which a cron does not take, nor what lies on the branch by now: the same build.
            newer = partial(self._newer, name, before[name])
            answer = self._render.call("POST", f"{self._deploys(name)}", {"deployMode": "deploy_only"}, newer)
            begun[name] = (answer or {}).get("id", "")
            say(f"{name}: deploy asked for")
        failed = [name for name in services if not self._is_live(name, begun[name], before[name], say)]
        if failed:
            raise ApiError(f"not deployed: {', '.join(failed)}")

    def _is_live(self, name: str, deploy: str, before: str | None, say: Callable[[str], None]) -> bool:
        deadline = time.monotonic() + DEPLOY
        while time.monotonic() < deadline:
            if not deploy:  # it was queued: Render does not say then which it will be
                deploy = self._newer(name, before).get("id", "")
            status = self._render.call("GET", f"{self._deploys(name)}/{deploy}")["status"] if deploy else "queued"
            if status == LIVE or status in FAILED:
                say(f"{name}: {status}")
                return bool(status == LIVE)
            time.sleep(POLL)
        say(f"{name}: still {status}")
        return False

    def _newest(self, service: str) -> dict[str, Any]:
        listed = self._render.call("GET", f"{self._deploys(service)}?limit=1") or [{}]
        return dict(listed[0].get("deploy", {}))

    def _newer(self, service: str, before: str | None) -> dict[str, Any]:
        """The newest deploy, if it was begun after ``before``: whoever asked for it, it brings the value."""
        newest = self._newest(service)
        return newest if newest.get("id") != before else {}

    def _deploys(self, service: str) -> str:
        return f"/services/{self._services[service]}/deploys"

    def _find(self, name: str) -> dict[str, Any] | None:
        """The env group of that name, as it is listed."""
        listed = self._render.pages("/env-groups", "envGroup", name=name, environmentId=self._id)
        found = [one for one in listed if one["name"] == name]
        if len(found) > 1:
            raise ApiError(f"there are {len(found)} env groups {name} in this environment")
        return found[0] if found else None

    def _make(self, name: str) -> None:
        made = self._render.call(
            "POST",
            "/env-groups",
            {
                "name": name,
                "ownerId": self._owner,
                "environmentId": self._id,
                "envVars": [],
                "serviceIds": list(self._takers[name]),
            },
            partial(self._find, name),
        )
        self._groups[name] = made["id"]

    def _link(self, group: str, service: str) -> None:
        def is_linked() -> bool:
            links = self._render.call("GET", f"/env-groups/{group}").get("serviceLinks", ())
            return service in {one["id"] for one in links}

        self._render.call("POST", f"/env-groups/{group}/services/{service}", done=is_linked)

    def _look_into(self, name: str, group: Mapping[str, Any]) -> None:
        linked = {one["id"] for one in group.get("serviceLinks", ())}
        if more := linked - set(self._takers[name]):
            ids = {id_: service for service, id_ in self._services.items()}
            others = ", ".join(sorted(ids.get(one, one) for one in more))
            raise ApiError(f"{name} is linked to {others}, which is not to have it: unlink that first")
        self._groups[name] = group["id"]
        for service in self._takers[name]:
            if service not in linked:
                self._link(group["id"], service)
        self._there |= {(name, one["key"]) for one in group.get("envVars", ())}
        self._there |= {(name, one["name"]) for one in group.get("secretFiles", ())}


def _if(**query: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}


def _refusal(method: str, path: str, status: int) -> str:
    if status == 401:
        return "Render does not take this key (401); make one in the account settings, and give it again"
    if status == 403:
        return f"this key may not {method} {path} (403); take one of a member of the workspace who may"
    return f"Render answers {status} to {method} {path}"
