"""Where an image keeps its program and its Secret Files, and whose they are."""

import stat

import pytest

from fixtures.claims import Expect, requirement
from fixtures.commands import CouldNotVerify
from fixtures.dockerfiles import Dockerfile
from fixtures.inside import Open
from fixtures.processes import process_one
from fixtures.running import Running
from fixtures.snapshots import Snapshot

#: User and group.
SPECTRAL = (1000, 1000)
DIRECTORIES = ["/app", "/etc/spectral"]


@requirement("D3-08")
def test_process_one_works_in_app(running: Running, dockerfile: Dockerfile, expect: Expect) -> None:
    """Relative paths in start commands begin there."""
    expect(
        "the directory of process 1",
        process_one(running.host).directory,
        "/app",
        look_at=dockerfile.at("WORKDIR"),
        mend="WORKDIR /app in the final stage",
    )


@requirement("D3-08")
def test_image_opens_in_app(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """What is started in it by hand begins there too."""
    expect(
        "the working directory",
        opened.host.check_output("pwd"),
        "/app",
        look_at=dockerfile.at("WORKDIR"),
        mend="WORKDIR /app in the final stage",
    )


@requirement("D3-09")
@pytest.mark.parametrize("path", DIRECTORIES)
def test_directory_is_there(files: Snapshot, dockerfile: Dockerfile, path: str, expect: Expect) -> None:
    """The program's place, and the place for Secret Files."""
    found = files.get(path)
    expect(
        f"what {path} is",
        found.kind if found else "nothing",
        "directory",
        look_at=dockerfile.at("RUN"),
        mend=f"install --directory --owner=spectral --group=spectral {path}",
    )


@requirement("D3-05")
@pytest.mark.parametrize("path", DIRECTORIES)
def test_all_in_the_directory_belongs_to_spectral(
    files: Snapshot, dockerfile: Dockerfile, path: str, expect: Expect
) -> None:
    """One file of root's is one file that the service cannot replace, and a sign of a COPY without --chown."""
    expect.none(
        f"things in {path} that are not spectral's (1000:1000)",
        [str(one) for one in files.below(path) if (one.uid, one.gid) != SPECTRAL],
        look_at=unowned_copies(dockerfile) or dockerfile.at("COPY", "RUN"),
        mend="add --chown=spectral:spectral to the COPY that brings them",
    )


@requirement("D3-05")
@pytest.mark.parametrize("path", DIRECTORIES)
def test_nothing_in_the_directory_is_writable_for_all(
    files: Snapshot, dockerfile: Dockerfile, path: str, expect: Expect
) -> None:
    """Owned by spectral means little where everybody may write."""
    expect.none(
        f"things in {path} that everybody may write",
        [str(one) for one in files.below(path) if one.kind != "link" and one.mode & stat.S_IWOTH],
        look_at=dockerfile.at("COPY", "RUN"),
        mend="set a mode without write permission for others",
    )


@requirement("D3-09")
def test_secret_files_are_closed_to_others(files: Snapshot, dockerfile: Dockerfile, expect: Expect) -> None:
    """Only spectral reads what will lie there."""
    directory = files.get("/etc/spectral")
    if directory is None:
        raise CouldNotVerify("there is no /etc/spectral")
    expect(
        "the rights of others on /etc/spectral",
        oct(directory.mode & stat.S_IRWXO),
        oct(0),
        look_at=dockerfile.at("RUN"),
        mend="install --directory --mode=0750 /etc/spectral",
    )


def unowned_copies(dockerfile: Dockerfile) -> str:
    """Where the final stage copies without saying whose it shall be; "" for nowhere."""
    copies = [one for one in dockerfile.final.instructions if one.keyword in ("COPY", "ADD")]
    return "; ".join(dockerfile.line(one) for one in copies if "chown" not in one.flags)
