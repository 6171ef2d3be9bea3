"""What a build gets to see of the tree."""

from fnmatch import fnmatch
from pathlib import PurePosixPath

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import read_dockerfile
from fixtures.inventory import Inventory
from fixtures.secrets import is_secret_file

#: What build-version.sh reads through its mount of the context: the commit, and the locks.
READ_BY_BUILD_VERSION = (
    ".git/HEAD", ".git/packed-refs", ".git/refs/heads/*", ".git/refs/tags/*",
    "apps/*/requirements.txt", "pnpm-lock.yaml", "infra/docker/build-version.sh",
)  # fmt: skip


@requirement("D3-04")
def test_context_holds_only_what_a_build_reads(
    inventory: Inventory, build_context: tuple[str, ...], expect: Expect
) -> None:
    """What does not go in cannot come out: neither in a layer nor in a cache."""
    copied = [
        source.rstrip("/")
        for image in inventory.images.values()
        for one in read_dockerfile(inventory.root, image.dockerfile).instructions
        if one.keyword in ("COPY", "ADD") and "from" not in one.flags
        for source in one.words[:-1]
        if source not in one.whole_contexts  # which says nothing of what is read
    ]

    def is_read(path: str) -> bool:
        around = [path, *map(str, PurePosixPath(path).parents)]
        return any(fnmatch(one, source) for one in around for source in (*copied, *READ_BY_BUILD_VERSION))

    expect.none(
        "files in the build context that no build reads",
        [one for one in build_context if not is_read(one)],
        look_at=".dockerignore",
        mend="let in only what a Dockerfile copies",
    )


@requirement("D3-04", "D6-03")
def test_context_holds_no_secret_file(build_context: tuple[str, ...], expect: Expect) -> None:
    """A secret in the context is one COPY away from an image."""
    expect.none(
        "secret-like files in the build context",
        filter(is_secret_file, build_context),
        look_at=".dockerignore",
        mend="keep the file out, or the directory it lies in",
    )
