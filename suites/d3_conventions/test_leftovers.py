"""A runtime stage ships what runs, and nothing that built it."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.inventory import Image
from fixtures.snapshots import Snapshot

BUILD_TOOLS = {
    "ar", "as", "bun", "bunx", "cargo", "cc", "c++", "clang", "cmake", "esbuild", "g++", "gcc", "git", "go", "ld",
    "make", "meson", "ninja", "node-gyp", "pdm", "pip", "pipx", "pnpm", "poetry", "rustc", "tsc", "uv", "uvx", "vite",
    "yarn",
}  # fmt: skip
CACHES = [
    "/root/.cache",
    "/root/.npm",
    "/root/.local",
    "/pnpm",
    "/var/lib/apt/lists",
    "/var/cache/apt",
    "/app/.cache",
    "/app/.npm",
    "/tmp",
    "/var/tmp",
]


@requirement("D3-20")
def test_no_build_tool_is_left(files: Snapshot, files_of_base: Snapshot, image: Image, expect: Expect) -> None:
    """Searched in the whole image, not on PATH alone. What the base itself brings, corepack's shim of pnpm
    for one, is not the image's doing."""
    expect.none(
        "build tools that the base does not have",
        sorted({*files.programs(*BUILD_TOOLS)} - {*files_of_base.programs(*BUILD_TOOLS)}),
        look_at=image.dockerfile,
        mend="copy only what runs from the builder into the final stage",
    )


@requirement("D3-20")
@pytest.mark.parametrize("path", CACHES)
def test_no_cache_is_left(files: Snapshot, files_of_base: Snapshot, image: Image, path: str, expect: Expect) -> None:
    """Bytes that nobody reads again, and the first place to look for what a build should have forgotten."""
    expect.none(
        f"files in {path} that the base does not have",
        sorted(files_in(files, path) - files_in(files_of_base, path)),
        look_at=image.dockerfile,
        mend="use a cache mount, or remove them in the RUN that makes them",
    )


def files_in(files: Snapshot, path: str) -> set[str]:
    """Paths of the regular files in a directory, however deep."""
    return {one.path for one in files.below(path) if one.kind == "file"}
