"""Each service has a login of its own, with the rights that it needs; every other is tried, and refused."""

from pathlib import Path

import pytest

from fixtures.claims import Expect, requirement
from fixtures.database import OWNER, Database, login_of
from fixtures.inventory import INVENTORY, Inventory
from fixtures.rights import RIGHTS, privileges, read_rights, tried

pytestmark = pytest.mark.whole


@requirement("D6-17")
def test_no_login_can_do_what_a_superuser_can(database: Database, expect: Expect) -> None:
    """Whoever gets at a service gets at its login. What can be done with one object is tried below."""
    expect.none(
        "logins that can do more than any service needs",
        [f"{login} can {what}" for login in logins_of(database) for what in privileges(database, login, OWNER)],
        look_at="infra/db/0001_logins.sql",
        mend="revoke it, from PUBLIC too; no login needs more than what it is granted by name",
    )


@requirement("D6-18")
def test_logins_can_do_what_the_rights_say_and_nothing_else(root: Path, database: Database, expect: Expect) -> None:
    """Tried with each object there is, column by column."""
    rights = read_rights(root)
    found = []
    for login in sorted({*rights.logins, *logins_of(database)} & database.passwords.keys()):
        could = tried(database, login)
        may = rights.of(login, could)
        found += [
            f"{login} can {right}, which it may not" for right in sorted(could) if could[right] and right not in may
        ]
        found += [f"{login} cannot {right}, which it needs" for right in sorted(may) if not could[right]]
    expect.none(
        f"differences between the database and {RIGHTS}",
        found,
        look_at=RIGHTS,
        mend="grant what a service needs, and nothing else; or say there what it needs",
    )


@requirement("D6-18")
def test_every_login_is_one_of_the_rights(root: Path, database: Database, expect: Expect) -> None:
    """One that is not written down, nobody looks at."""
    rights = read_rights(root)
    expect("the logins", sorted(logins_of(database)), sorted(rights.logins), look_at=RIGHTS, mend="have one list")


@requirement("D6-18")
def test_services_share_no_login(inventory: Inventory, expect: Expect) -> None:
    """What one of them lets out opens nothing of another's, and is rotated for it alone."""
    logins = [login for service in inventory.services.values() if (login := login_of(service))]
    expect.none(
        "logins of more than one service",
        sorted({login for login in logins if logins.count(login) > 1}),
        look_at=INVENTORY,
        mend="give each service a login of its own in infra/db/0001_logins.sql",
    )


def logins_of(database: Database) -> list[str]:
    """All but the owner."""
    return sorted(database.passwords.keys() - {OWNER})
