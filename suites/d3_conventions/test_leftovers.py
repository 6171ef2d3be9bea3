"""A runtime stage ships what runs, and nothing that built it."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.containers import Open
from fixtures.inventory import Image

BUILD_TOOLS = ["cc", "gcc", "g++", "make", "ld", "rustc", "git", "uv", "uvx", "pnpm", "vite", "esbuild"]
CACHES = [
    "/root/.cache",
    "/root/.npm",
    "/root/.local",
    "/pnpm",
    "/var/lib/apt/lists",
    "/var/cache/apt/archives",
    "/app/.cache",
    "/app/.npm",
    "/tmp",
    "/var/tmp",
]


@requirement("D3-20")
def test_no_build_tool_is_left(opened: Open, opened_base: Open, image: Image, expect: Expect) -> None:
    """Searched in the whole image, not on PATH alone. What the base itself brings, corepack's shim of pnpm
    for one, is not the image's doing."""
    names = " -o ".join(f"-name '{tool}'" for tool in BUILD_TOOLS)
    search = rf"find / -xdev \( {names} \) \( -type f -o -type l \) -perm /111"
    before = set(opened_base.root.check_output(search).splitlines())
    expect.none(
        "build tools that the base does not have",
        sorted(set(opened.root.check_output(search).splitlines()) - before),
        look_at=image.dockerfile,
        mend="copy only what runs from the builder into the final stage",
    )


@requirement("D3-20")
@pytest.mark.parametrize("path", CACHES)
def test_no_cache_is_left(opened: Open, opened_base: Open, image: Image, path: str, expect: Expect) -> None:
    """Bytes that nobody reads again, and the first place to look for what a build should have forgotten."""
    listing = f"find {path} -type f 2>/dev/null | sort"
    before = set(opened_base.root.run(listing).stdout.splitlines())
    expect.none(
        f"files in {path} that the base does not have",
        sorted(set(opened.root.run(listing).stdout.splitlines()) - before),
        look_at=image.dockerfile,
        mend="use a cache mount, or remove them in the RUN that makes them",
    )
