"""Programs of Debian's packages in a container of the first engine, for the time of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from fixtures.commands import Say
from fixtures.commands import run as run_command
from fixtures.engine import Engine
from fixtures.leftovers import clear
from fixtures.references import parse_reference
from fixtures.runs import begin
from fixtures.stand_ins import Workshop


@contextmanager
def on_debian(engine: Engine, say: Say, folder: Path, dockerfile: str, **options: Any) -> Iterator[Container]:
    """A container, started with docker-py's ``options``, of an image that is FROM debian and built in ``folder``.

    Both go with it. Raises CouldNotVerify where it cannot be built.
    """
    run = begin()
    name = run.image(folder.name)
    (folder / "Dockerfile").write_text(dockerfile)
    with engine.client() as client:
        debian = Workshop(client, say, run).make(parse_reference("debian:trixie-slim"))
        built = ["docker", "buildx", "build", "--quiet", "--load", "--tag", name]
        based = ["--build-context", f"debian=docker-image://{debian}", str(folder)]
        try:
            run_command([*built, *based], purpose="building on Debian", seconds=300)
            yield client.containers.run(name, detach=True, labels=run.labels, **options)
        finally:
            clear(client, lambda thing: thing.run.id == run.id)
