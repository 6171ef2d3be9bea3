"""A double of the registries that the bases come from: a real registry, under their names, for one engine alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures.commands import Say, run
from fixtures.engine import Engine
from fixtures.references import Reference
from fixtures.second_engine import second_engine
from fixtures.waiting import wait_until
from on_debian import on_debian

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
def registries(engine: Engine, say: Say, folder: Path) -> Iterator[str]:
    """An engine for which they are in reach, and nothing else is under their names; its address.

    The registry runs on ``engine``; what that takes lies in ``folder``.
    """
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    certificate, hosts = folder / "certificate.pem", folder / "hosts"
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=registries"]
    written = ["-keyout", str(folder / "key.pem"), "-out", str(certificate)]
    _do("openssl", "req", *made, "-addext", f"subjectAltName={names}", *written)
    (folder / "config.yml").write_text(CONFIGURATION)
    hosts.write_text("".join(f"{ADDRESS} {host}\n" for host in HOSTS) + Path("/etc/hosts").read_text())
    # In a mount namespace of its own, that engine alone reads these hosts.
    alone = ["unshare", "--mount", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh"]
    with on_debian(engine, say, folder, DOCKERFILE, ports={"443/tcp": (ADDRESS, 443)}) as registry:
        wait_until(
            lambda: b"listening on" in registry.logs(),
            "the registry to listen",
            START_SECONDS,
            lambda: registry.logs().decode(),
        )
        with second_engine(alone, {"SSL_CERT_FILE": str(certificate)}) as host:
            yield host


def push(image: str, base: Reference) -> str:
    """Have them serve an image of the first engine as ``base``: the digest by which they do.

    The first engine knows nothing of their names. It needs no certificate, for to Docker loopback is safe.
    """
    repository = f"{ADDRESS}:443/{_path(base.repository)}"
    name = f"{repository}:{base.tag}"
    _do("docker", "tag", image, name)
    _do("docker", "push", "--quiet", name)
    digests = "{{range .RepoDigests}}{{println .}}{{end}}"
    listed = _do("docker", "image", "inspect", "--format", digests, name).split()
    (digest,) = {one.partition("@")[2] for one in listed if one.startswith(f"{repository}@")}
    _do("docker", "image", "rm", name)
    return digest


def _path(repository: str) -> str:
    """What a registry is asked for: "library/debian", "astral-sh/uv"."""
    return repository.removeprefix("ghcr.io/") if "/" in repository else f"library/{repository}"


def _do(*command: str) -> str:
    return run(command, purpose="having registries", seconds=300).decode()
