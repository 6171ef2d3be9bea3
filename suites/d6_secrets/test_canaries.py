"""Each image is built where canaries lie in every place of secrets; none of them gets into it, in whatever encoding."""

from collections.abc import Iterable

from fixtures.blobs import Finding
from fixtures.canary_builds import Searched
from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.secrets import is_secret_place
from fixtures.snapshots import Snapshot

MEND = "copy by name what goes in, not the folder; let .dockerignore name the kinds of files that a build gets to see"


@requirement("D6-05")
def test_no_layer_holds_a_canary(searched: Searched, dockerfile: Dockerfile, expect: Expect) -> None:
    """A file that a later layer deletes is still in the image, and whoever has that unpacks it."""
    found = [one for one in searched.findings if one.blob == "layer"]
    expect.none(
        f"canaries in its layers, of {searched.planted} around the build",
        map(str, found),
        look_at=lines_of(found, dockerfile),
        mend=MEND,
    )


@requirement("D6-05")
def test_configuration_holds_no_canary(searched: Searched, dockerfile: Dockerfile, expect: Expect) -> None:
    """Variables, labels and the history with its arguments are shown to everybody who has the image."""
    found = [one for one in searched.findings if one.blob == "config"]
    expect.none(
        f"canaries in its configuration, with {len(searched.given)} secrets given to the build",
        map(str, found),
        look_at=lines_of(found, dockerfile),
        mend="take the ARG out; the service reads the variable when it runs",
    )


@requirement("D6-05")
def test_nothing_beside_layers_and_configuration_holds_a_canary(
    searched: Searched, dockerfile: Dockerfile, expect: Expect
) -> None:
    """Manifests go wherever the image goes, and attestations where the engine makes any."""
    found = [one for one in searched.findings if one.blob not in ("layer", "config")]
    expect.none(
        "canaries in what the engine saves with it",
        map(str, found),
        look_at=dockerfile.name,
        mend="take the value out of what the build is told",
    )


@requirement("D6-05")
def test_no_stage_aside_holds_a_canary(searched: Searched, dockerfile: Dockerfile, expect: Expect) -> None:
    """It is no part of the image, but of the cache: whoever is given that, or builds from it, has it."""
    expect.none(
        "canaries in stages that the image takes from",
        map(str, searched.aside),
        look_at=lines_of(searched.aside, dockerfile),
        mend=MEND,
    )


@requirement("D6-03")
def test_no_file_of_the_image_lies_where_secrets_do(
    files: Snapshot, files_of_base: Snapshot, dockerfile: Dockerfile, expect: Expect
) -> None:
    """Homes, states of tools, what a crash or an editor left: none of it has any business there, whatever is in it."""
    there = {one.path for one in files if one.kind == "file"} - {one.path for one in files_of_base}
    expect.none(
        "files in places where secrets are found",
        sorted(path for path in there if is_secret_place(path)),
        look_at=dockerfile.at("COPY", "ADD", "RUN"),
        mend="remove it in the RUN that makes it, or keep it out of the build",
    )


def lines_of(found: Iterable[Finding], dockerfile: Dockerfile) -> str:
    """Where the instructions stand that brought them in."""
    return "; ".join(dict.fromkeys(dockerfile.made(one.instruction) for one in found)) or dockerfile.name
