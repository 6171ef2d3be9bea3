"""Who holds the ports that pnpm dev and compose share: of the two, only one runs at a time."""

import json
import re
import socket
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException

from settings import LOCAL, ROOT, refuse

DEV, COMPOSE = "pnpm dev", "compose"

#: How a dev script begins that listens: PORT=${API_PORT:-10000}
PORT = re.compile(r"^PORT=\$\{(?P<variable>\w+):-(?P<default>\d+)\} ")
#: What a service answers at /version that pnpm dev started (packages/service-node/dev/version.json).
DEV_SHA = "dev"
ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class Holder:
    """Who listens on a port."""

    service: str  #: whose port it is: "api"
    port: int
    flow: str  #: DEV, COMPOSE, or "" for another program
    container: str = ""  #: that publishes it
    tree: str = ""  #: in which that compose was started

    def __str__(self) -> str:
        held = f"Port {self.port} ({self.service}) is held by "
        if self.flow == DEV:
            return held + "`pnpm dev`. Stop it (Ctrl-C) first."
        if self.flow == COMPOSE:
            return held + f"compose (container {self.container}, of {self.tree}). `pnpm compose:down` there stops it."
        program = f"the container {self.container}" if self.container else "another program"
        return held + f"{program}. Stop that, or choose another port in infra/local/.env."


def ports(settings: Mapping[str, str]) -> dict[str, int]:
    """The port of each service that listens, by its name."""
    found = {}
    for manifest in sorted((ROOT / "apps").glob("*/package.json")):
        match = PORT.match(json.loads(manifest.read_text())["scripts"].get("dev", ""))
        if match:
            found[manifest.parent.name] = int(settings.get(match["variable"], match["default"]))
    return found


def make_sure(flow: str, needed: Iterable[str], settings: Mapping[str, str]) -> None:
    """End unless the ports of the ``needed`` services are free, or are ``flow``'s own in this tree.

    The other flow is in the way on any port, be it needed or not.
    """
    needed = set(needed)
    holders = [holder for service, port in ports(settings).items() if (holder := _holder(service, port))]
    own = [one for one in holders if one.flow == flow == COMPOSE and one.tree == str(ROOT)]
    others = [one for one in holders if one not in own and (one.service in needed or one.flow)]
    if others:
        refuse("\n".join(str(holder) for holder in others))


def _holder(service: str, port: int) -> Holder | None:
    container, folder = _publisher(port)
    if container:
        flow = COMPOSE if folder.endswith(f"/{LOCAL.relative_to(ROOT)}") else ""
        return Holder(service, port, flow, container, folder.removesuffix(f"/{LOCAL.relative_to(ROOT)}"))
    if _is_free(port):
        return None
    return Holder(service, port, DEV if _short_sha(port) == DEV_SHA else "")


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        # What a server that has just ended leaves behind is nobody's.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _publisher(port: int) -> tuple[str, str]:
    """The container that publishes it, and the folder of its compose project; "" for none."""
    label = '{{.Label "com.docker.compose.project.working_dir"}}'
    command = ["docker", "ps", "--filter", f"publish={port}", "--format", f"{{{{.Names}}}}\t{label}"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "", ""  # without an engine, no container holds anything
    name, _, folder = said.stdout.partition("\n")[0].partition("\t")
    return name, folder


def _short_sha(port: int) -> str:
    asked = f"http://127.0.0.1:{port}/version"
    # HTTPException is what is no HTTP, AttributeError what is no object.
    with suppress(OSError, ValueError, AttributeError, HTTPException):
        return str(json.loads(urllib.request.urlopen(asked, timeout=ANSWER_SECONDS).read()).get("short_sha"))
    return ""
