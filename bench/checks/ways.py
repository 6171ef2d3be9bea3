"""Two ways to a testinfra host: its own docker backend as people use it, and this harness's.

Each starts a container, and removes it again. Imports little, so that a container can start while pytest still loads.
"""

import json
import os
import subprocess
import threading
import uuid
from typing import Any

from fixtures.opening import open_image
from fixtures.wire import DEFAULT_HOST, Wire


def labels() -> dict[str, str]:
    """On all containers of a measurement: those of its run, so that the next start sweeps them if it is killed."""
    return json.loads(os.environ.get("BENCH_LABELS", "{}"))


class Conform:
    """Opens the container, and the shell in it, while pytest loads and collects.

    Its thread alone imports testinfra: the modules of that package import each other in a circle, and two threads
    that enter the circle at two places wait for each other, which Python ends with a deadlock error.
    """

    def __init__(self, image: str) -> None:
        self._wire = Wire(os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
        self._name = f"conform-bench-{uuid.uuid4().hex[:12]}"
        self._outcome: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._outcome.append(self._open(image)))
        self._thread.start()

    def _open(self, image: str) -> Any:
        container = open_image(self._wire, image, self._name, labels())
        from fixtures.inside import inside

        host = inside(container, "root", self._wire)
        host.run("true")
        return host

    def host(self) -> Any:
        self._thread.join()
        (host,) = self._outcome  # none where the thread broke off, which it has said itself
        return host

    def close(self) -> None:
        self._wire.call("DELETE", f"/containers/{self._name}?force=1&v=1")


class Plain:
    """As testinfra's documentation has it."""

    def __init__(self, image: str) -> None:
        self._image = image

    def host(self) -> Any:
        from testinfra import get_host

        self._id = docker("run", "--detach", *label_options(), "--entrypoint", "sleep", self._image, "infinity")
        return get_host(f"docker://root@{self._id}")

    def close(self) -> None:
        docker("rm", "--force", self._id)


def label_options() -> list[str]:
    """The labels, as the docker client takes them."""
    return [option for pair in labels().items() for option in ("--label", "=".join(pair))]


def docker(*arguments: str) -> str:
    """What the docker client says to stdout. Raises CalledProcessError."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


WAYS = {"conform": Conform, "testinfra": Plain}
