"""What dumps the database is in the one image that has to."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.inside import Open
from fixtures.inventory import Image

#: Program and the Debian package that brings it.
BACKUP_TOOLS = {"pg_dump": "postgresql-client-17", "age": "age", "rclone": "rclone"}


@requirement("D1-05")
@pytest.mark.parametrize("program", BACKUP_TOOLS)
def test_backup_tool_is_only_where_the_inventory_has_it(
    image: Image, opened: Open, program: str, expect: Expect
) -> None:
    """A web service with pg_dump and its credentials is a database for whoever breaks into it."""
    expect(
        f"{program} is in the image",
        opened.host.exists(program),
        BACKUP_TOOLS[program] in image.packages,
        look_at=f"{image.dockerfile} and infra/inventory.yaml, images.{image.name}.packages",
        mend=f"install {BACKUP_TOOLS[program]} in the image that backs up, and in no other",
    )


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
