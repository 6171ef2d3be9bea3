"""Who runs in an image."""

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.inside import Open
from fixtures.processes import process_one
from fixtures.running import Running

USER, UID, GID = "spectral", 1000, 1000


@requirement("D3-06")
def test_process_one_runs_as_spectral(running: Running, dockerfile: Dockerfile, expect: Expect) -> None:
    """Asked of the kernel: an entry point may change what USER said."""
    process = process_one(running.host)
    expect(
        "the user and group of process 1",
        f"{process.uid}:{process.gid}",
        f"{UID}:{GID}",
        look_at=dockerfile.at("USER"),
        mend="end the final stage with USER 1000:1000",
    )


@requirement("D3-06")
def test_image_runs_as_spectral_by_itself(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Whatever is started in it, a shell of an operator too, is no root."""
    expect(
        "the user by default",
        opened.host.check_output("id -u -n"),
        USER,
        look_at=dockerfile.at("USER"),
        mend="end the final stage with USER 1000:1000",
    )


@requirement("D3-07")
def test_spectral_is_user_1000(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Secret Files are readable for group 1000, and volumes remember numbers, not names."""
    expect(
        "the user spectral is there",
        opened.root.user(USER).exists,
        True,
        look_at=dockerfile.at("RUN"),
        mend="useradd --uid 1000 --gid spectral spectral",
    )
    expect(
        "the id of spectral",
        opened.root.user(USER).uid,
        UID,
        look_at=dockerfile.at("RUN"),
        mend="useradd --uid 1000 spectral",
    )


@requirement("D3-07")
def test_spectral_is_group_1000(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Secret Files are readable for group 1000."""
    expect(
        "the group spectral is there",
        opened.root.group(USER).exists,
        True,
        look_at=dockerfile.at("RUN"),
        mend="groupadd --gid 1000 spectral",
    )
    expect(
        "the id of the group spectral",
        opened.root.group(USER).gid,
        GID,
        look_at=dockerfile.at("RUN"),
        mend="groupadd --gid 1000 spectral",
    )


@requirement("D3-07")
def test_user_1000_is_spectral_alone(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Node's image brings a user of its own with that number; two names for one number hide who did what."""
    accounts = [line.split(":") for line in opened.root.file("/etc/passwd").content_string.splitlines()]
    named = sorted(account[0] for account in accounts if account[2] == str(UID))
    expect(
        "the users with id 1000",
        ", ".join(named),
        USER,
        look_at=dockerfile.at("RUN"),
        mend="remove the other user before spectral is added: userdel --remove node",
    )


@requirement("D3-06")
def test_spectral_is_in_no_other_group(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """A second group is a second set of rights."""
    expect(
        "the groups of spectral",
        opened.root.check_output("id -G %s", USER),
        str(GID),
        look_at=dockerfile.at("RUN"),
        mend="useradd without --groups",
    )
