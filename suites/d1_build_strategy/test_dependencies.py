"""Locked dependencies close the drift that a rebuild would open: same recipe, same parts."""

import json
from collections.abc import Collection
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile, installs
from fixtures.inside import Open
from fixtures.inventory import Image

#: Those of the service: what the base itself brings lies outside of /app.
LIST_DISTRIBUTIONS = (
    "import json, sys, importlib.metadata as m; own = [path for path in sys.path if path.startswith('/app/')]; "
    "print(json.dumps({d.name: d.version for d in m.distributions(path=own)}))"
)
LIST_NODE_PACKAGES = """
const fs = require("fs");
const found = fs.globSync("/app/node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json")
  .map((file) => JSON.parse(fs.readFileSync(file)))
  .filter((manifest) => manifest.version)
  .map((manifest) => `${manifest.name}@${manifest.version}`);
console.log(JSON.stringify([...new Set(found)]));
"""


@requirement("D1-06")
@pytest.mark.images(family="python")
def test_installed_python_packages_are_the_locked_ones(root: Path, image: Image, opened: Open, expect: Expect) -> None:
    """Asked of the installed packages themselves: neither another version, nor one more."""
    lock = f"apps/{image.name}/requirements.txt"
    installed = json.loads(opened.host.check_output("python -c %s", LIST_DISTRIBUTIONS))
    locked = locked_versions(root / lock)
    check_installed(
        {f"{canonicalize_name(name)} {version}" for name, version in installed.items()},
        {f"{name} {version}" for name, version in locked.items()},
        lock,
        "install with uv pip sync --require-hashes from the lock, and nothing beside it",
        expect,
    )


@requirement("D1-06")
@pytest.mark.images(family="node")
def test_installed_node_packages_are_the_locked_ones(root: Path, opened: Open, expect: Expect) -> None:
    """Asked of the installed packages themselves: neither another version, nor one more."""
    installed = json.loads(opened.host.check_output("node -e %s", LIST_NODE_PACKAGES))
    locked = yaml.safe_load((root / "pnpm-lock.yaml").read_text())["packages"]
    check_installed(
        set(installed),
        set(locked),
        "pnpm-lock.yaml",
        "install with pnpm install --frozen-lockfile, and nothing beside it",
        expect,
    )


def check_installed(installed: set[str], locked: set[str], lock: str, mend: str, expect: Expect) -> None:
    """There are packages, each with its version, and none but those of the lock."""
    expect(
        "packages are installed",
        bool(installed),
        True,
        look_at=lock,
        mend="copy what the builder installed into the final stage",
    )
    expect.none("installed packages that the lock does not have", sorted(installed - locked), look_at=lock, mend=mend)


@requirement("D1-06")
@pytest.mark.images(family="python")
def test_python_install_demands_hashes(dockerfile: Dockerfile, expect: Expect) -> None:
    """Without the demand an installer takes a line without a hash as it comes."""
    expect.none(
        "installs without --require-hashes",
        installs_without(dockerfile, "--require-hashes", {"uv", "pip", "pip3"}),
        look_at=dockerfile.name,
        mend="install the lock, and only that, with uv pip sync --require-hashes",
    )


@requirement("D1-06")
@pytest.mark.images(family="node")
def test_node_install_is_frozen(dockerfile: Dockerfile, expect: Expect) -> None:
    """Unfrozen, an installer resolves again what the lock does not satisfy."""
    expect.none(
        "installs without --frozen-lockfile",
        installs_without(dockerfile, "--frozen-lockfile", {"pnpm", "npm", "yarn"}),
        look_at=dockerfile.name,
        mend="install the lock, and only that, with pnpm install --frozen-lockfile",
    )


def installs_without(dockerfile: Dockerfile, flag: str, installers: Collection[str]) -> list[str]:
    """The RUNs with an install that lacks ``flag``. That nothing else was installed is asked of the image."""
    return [
        dockerfile.line(one)
        for one in dockerfile.instructions
        for words in one.commands
        if installs(words, *installers) and flag not in words
    ]


def locked_versions(lock: Path) -> dict[str, str]:
    """Version of each package of a hash-pinned requirements file, by its canonical name."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    stated = [
        line.partition("--hash")[0].strip() for line in lines if line.strip() and not line.lstrip().startswith("#")
    ]
    pins = [Requirement(line) for line in stated]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}
