"""How much each image adds to its base."""

from typing import Any

from docker import DockerClient

from bench.measure import Table
from fixtures.bases import resolve
from fixtures.builds import tag_of
from fixtures.dockerfiles import read_dockerfile
from fixtures.documents import HARNESS
from fixtures.inventory import read_inventory
from fixtures.runs import Run

MIB = 2**20


def payload(client: DockerClient, run: Run) -> tuple[list[Table], dict[str, Any]]:
    """Bytes as the engine stores them, uncompressed. Raises docker's ImageNotFound where nothing was built yet."""
    rows, raw = [], {}
    images = read_inventory(HARNESS).images.values()
    references = {image.name: read_dockerfile(HARNESS, image.dockerfile).runtime_base for image in images}
    bases = resolve([one for one in references.values() if one], "auto", client, run, _silent)
    for image in images:
        reference = references[image.name]
        assert reference is not None, f"{image.name} stands on nothing"
        base = bases[reference.text]
        whole = client.images.get(tag_of(HARNESS, image.name)).attrs["Size"]
        below = client.images.get(base.image).attrs["Size"]
        raw[image.name] = {"image": whole, "base": below}
        rows.append(
            (image.name, f"{whole / below:.2f}x", f"{(whole - below) / MIB:.1f}", f"{whole / MIB:.1f}", base.origin)
        )
    return [Table("Payload over the base", ("image", "of its base", "payload, MiB", "image, MiB", "base"), rows)], raw


def _silent(line: str) -> None:
    """Nobody needs to know how the bases come up."""
