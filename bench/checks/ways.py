"""Two ways to a testinfra host: its own docker backend as people use it, and this harness's.

Each starts a container, and removes it again. Imports little, so that a container can start while pytest still loads.
"""

import os
import subprocess
import threading
import uuid
from typing import Any

from fixtures.opening import open_image
from fixtures.wire import DEFAULT_HOST, Wire

#: On all containers of a measurement.
LABEL = "conform.bench"


class Conform:
    """Opens the container, and the shell in it, while pytest loads and collects."""

    def __init__(self, image: str) -> None:
        self._wire = Wire(os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
        self._name = f"conform-bench-{uuid.uuid4().hex[:12]}"
        self._host: Any = None

        def work() -> None:
            container = open_image(self._wire, image, self._name, {LABEL: "1"})
            from fixtures.inside import inside

            self._host = inside(container, "root", self._wire)
            self._host.run("true")

        self._thread = threading.Thread(target=work)
        self._thread.start()

    def host(self) -> Any:
        self._thread.join()
        return self._host

    def close(self) -> None:
        self._wire.call("DELETE", f"/containers/{self._name}?force=1&v=1")


class Plain:
    """As testinfra's documentation has it."""

    def __init__(self, image: str) -> None:
        self._image = image

    def host(self) -> Any:
        from testinfra import get_host

        started = ("run", "--detach", "--label", f"{LABEL}=1", "--entrypoint", "sleep", self._image, "infinity")
        self._id = docker(*started)
        return get_host(f"docker://root@{self._id}")

    def close(self) -> None:
        docker("rm", "--force", self._id)


def docker(*arguments: str) -> str:
    """What the docker client says to stdout. Raises CalledProcessError."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


WAYS = {"conform": Conform, "testinfra": Plain}
