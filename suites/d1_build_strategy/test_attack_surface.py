"""What dumps the database is in the one image that has to."""

import pytest
from testinfra.host import Host

from fixtures.claims import Expect, requirement
from fixtures.inside import Open
from fixtures.inventory import Image
from fixtures.snapshots import Snapshot

#: Program and the Debian package that brings it.
BACKUP_TOOLS = {"pg_dump": "postgresql-client-17", "age": "age", "rclone": "rclone"}


@requirement("D1-05")
@pytest.mark.parametrize("program", BACKUP_TOOLS)
def test_backup_tool_is_only_where_the_inventory_has_it(
    image: Image, files: Snapshot, program: str, expect: Expect
) -> None:
    """A web service with pg_dump and its credentials is a database for whoever breaks into it. Anywhere in the
    image: whoever breaks in does not need PATH."""
    expect(
        f"{program} is in the image",
        bool(files.programs(program)),
        BACKUP_TOOLS[program] in image.packages,
        look_at=f"{image.dockerfile} and infra/inventory.yaml, images.{image.name}.packages",
        mend=f"install {BACKUP_TOOLS[program]} in the image that backs up, and in no other",
    )


@requirement("D1-05")
def test_image_adds_nothing_that_is_only_recommended(
    image: Image, opened: Open, opened_base: Open, expect: Expect
) -> None:
    """Asked of apt: what it would remove again, because no package needs it. What a package recommends is more
    surface, and more to patch."""
    before = unneeded(opened_base.root)
    expect.none(
        "packages that nothing needs",
        sorted(unneeded(opened.root) - before),
        look_at=image.dockerfile,
        mend="apt-get install --no-install-recommends, and leave what it installs marked as it is",
    )


def unneeded(host: Host) -> set[str]:
    """Packages that were installed for others, which do not depend on them."""
    asked = ["APT::AutoRemove::RecommendsImportant=false", "APT::AutoRemove::SuggestsImportant=false"]
    options = " ".join(f"-o {one}" for one in asked)
    lines = host.check_output(f"apt-get --simulate {options} autoremove").splitlines()
    return {line.split()[1] for line in lines if line.startswith("Remv ")}


@requirement("D1-05")
def test_image_adds_the_packages_of_the_inventory(
    image: Image, opened: Open, opened_base: Open, expect: Expect
) -> None:
    """Asked of dpkg, against the base: a package that slipped in is attack surface nobody decided on."""
    asked_for = "apt-mark showmanual"
    before = set(opened_base.root.check_output(asked_for).split())
    added = set(opened.root.check_output(asked_for).split()) - before
    expect(
        "the packages it adds to its base",
        ", ".join(sorted(added)) or "none",
        ", ".join(sorted(image.packages)) or "none",
        look_at=f"{image.dockerfile} and infra/inventory.yaml, images.{image.name}.packages",
        mend="take the package out of the Dockerfile, or add it to the inventory and say why",
    )
