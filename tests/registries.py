"""A double of the registries that the bases come from: a real registry, under their names, for one engine alone."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures.engine import Engine
from fixtures.runs import Run
from fixtures.second_engine import second_engine
from fixtures.waiting import wait_until

#: Those of docker.io and of ghcr.io, as an engine asks for them.
HOSTS = ("registry-1.docker.io", "ghcr.io")
#: On a loopback address of its own, so that nothing else has its port.
ADDRESS = "127.0.0.77"
DOCKERFILE = """\
FROM debian
RUN apt-get update && apt-get install --yes --no-install-recommends docker-registry && rm -r /var/lib/apt/lists/*
COPY certificate.pem key.pem config.yml /
CMD ["docker-registry", "serve", "/config.yml"]
"""
CONFIGURATION = """\
version: 0.1
storage: {filesystem: {rootdirectory: /srv}}
http: {addr: ":443", tls: {certificate: /certificate.pem, key: /key.pem}}
"""
START_SECONDS = 20.0


@contextmanager
def registries(engine: Engine, debian: str, run: Run, folder: Path) -> Iterator[str]:
    """An engine for which they are in reach, and nothing else is under their names; its address.

    ``debian`` is an image of ``engine``, on which the registry runs; what is made bears the labels of ``run``.
    """
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    certificate = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=registries"]
    _do("openssl", "req", *certificate, "-addext", f"subjectAltName={names}", "-keyout", "key.pem", "-out",
        "certificate.pem", cwd=folder)  # fmt: skip
    (folder / "config.yml").write_text(CONFIGURATION)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "hosts").write_text("".join(f"{ADDRESS} {host}\n" for host in HOSTS) + Path("/etc/hosts").read_text())
    name = run.image("registry")
    _do("docker", "buildx", "build", "--quiet", "--load", "--tag", name, "--build-context",
        f"debian=docker-image://{debian}", ".", cwd=folder)  # fmt: skip
    # In a mount namespace of its own, that engine alone reads these hosts.
    alone = ["unshare", "--mount", "sh", "-c", f'mount --bind {folder / "hosts"} /etc/hosts && exec "$@"', "sh"]
    with engine.client() as client:
        registry = client.containers.run(name, detach=True, labels=run.labels, ports={"443/tcp": (ADDRESS, 443)})
        try:
            wait_until(
                lambda: b"listening on" in registry.logs(),
                "the registry to listen",
                START_SECONDS,
                lambda: registry.logs().decode(),
            )
            with second_engine(alone, {"SSL_CERT_FILE": str(folder / "certificate.pem")}) as host:
                yield host
        finally:
            registry.remove(force=True, v=True)


def push(host: str, image: str, name: str) -> str:
    """Have the registry serve an image of that engine as ``name``: the digest by which it does."""
    docker = ["docker", "--host", host]
    _do(*docker, "tag", image, name)
    _do(*docker, "push", name)
    repository = name.rpartition(":")[0]
    listed = _do(*docker, "image", "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}", name).split()
    (digest,) = {one.partition("@")[2] for one in listed if one.startswith(f"{repository}@")}
    _do(*docker, "image", "rm", name)
    return digest


def _do(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command[:5])}: {done.stdout}{done.stderr}"
    return done.stdout
