"""The first engine, reached as from another machine: through a real sshd, in a container that has the socket."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures.commands import Say, run
from fixtures.engine import Engine
from fixtures.waiting import wait_until
from on_debian import on_debian

DOCKERFILE = """\
FROM debian
RUN apt-get update && apt-get install --yes --no-install-recommends openssh-server docker-cli \\
    && rm -r /var/lib/apt/lists/* /etc/ssh/ssh_host_* && mkdir -p /run/sshd
RUN ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
COPY key.pub /root/.ssh/authorized_keys
# Each call of the engine's API is a connection, and by default sshd refuses the eleventh that has not logged in yet.
CMD ["/usr/sbin/sshd", "-D", "-e", "-o", "MaxStartups=100"]
"""
SOCKET = "/var/run/docker.sock"
START_SECONDS = 20.0


@contextmanager
def engine_by_ssh(engine: Engine, say: Say, folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which it is reached; what that takes lies in ``folder``."""
    key, config, programs = folder / "key", folder / "config", folder / "bin"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], purpose="making a key", seconds=20)
    socket = {engine.host.removeprefix("unix://"): {"bind": SOCKET}}
    with on_debian(engine, say, folder, DOCKERFILE, ports={"22/tcp": ("127.0.0.1", None)}, volumes=socket) as sshd:
        sshd.reload()
        port = sshd.ports["22/tcp"][0]["HostPort"]
        options = {"IdentityFile": key, "UserKnownHostsFile": folder / "hosts", "StrictHostKeyChecking": "accept-new"}
        config.write_text("".join(f"{option} {value}\n" for option, value in options.items()))
        # ssh reads the configuration of its user alone, whatever HOME says.
        programs.mkdir()
        (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
        (programs / "ssh").chmod(0o755)
        environment = {"DOCKER_HOST": f"ssh://root@127.0.0.1:{port}", "PATH": f"{programs}:{os.environ['PATH']}"}
        wait_until(
            lambda: _asked(environment).returncode == 0,
            "the engine to answer through ssh",
            START_SECONDS,
            lambda: _asked(environment).stderr + sshd.logs().decode(),
        )
        yield environment


def _asked(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["docker", "version"], env={**os.environ, **environment}, capture_output=True, text=True)
