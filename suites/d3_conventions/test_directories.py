"""Where an image keeps its program and its Secret Files, and whose they are."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.containers import Open, Running
from fixtures.dockerfiles import Dockerfile
from fixtures.processes import process_one

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
def test_directory_is_there(opened: Open, dockerfile: Dockerfile, path: str, expect: Expect) -> None:
    """The program's place, and the place for Secret Files."""
    expect(
        f"{path} is a directory",
        opened.root.file(path).is_directory,
        True,
        look_at=dockerfile.at("RUN"),
        mend=f"install --directory --owner=spectral --group=spectral {path}",
    )


@requirement("D3-05")
@pytest.mark.parametrize("path", DIRECTORIES)
def test_all_in_the_directory_belongs_to_spectral(
    opened: Open, dockerfile: Dockerfile, path: str, expect: Expect
) -> None:
    """One file of root's is one file that the service cannot replace, and a sign of a COPY without --chown."""
    strangers = opened.root.check_output(
        r"find %s \( ! -user 1000 -o ! -group 1000 \) -printf '%%M %%U:%%G %%p\n'", path
    )
    expect.none(
        f"things in {path} that are not spectral's (1000:1000)",
        strangers.splitlines(),
        look_at=unowned_copies(dockerfile) or dockerfile.at("COPY", "RUN"),
        mend="add --chown=spectral:spectral to the COPY that brings them",
    )


@requirement("D3-05")
@pytest.mark.parametrize("path", DIRECTORIES)
def test_nothing_in_the_directory_is_writable_for_all(
    opened: Open, dockerfile: Dockerfile, path: str, expect: Expect
) -> None:
    """Owned by spectral means little where everybody may write."""
    open_to_all = opened.root.check_output(r"find %s ! -type l -perm /o+w -printf '%%M %%p\n'", path)
    expect.none(
        f"things in {path} that everybody may write",
        open_to_all.splitlines(),
        look_at=dockerfile.at("COPY", "RUN"),
        mend="set a mode without write permission for others",
    )


@requirement("D3-09")
def test_secret_files_are_closed_to_others(opened: Open, dockerfile: Dockerfile, expect: Expect) -> None:
    """Only spectral reads what will lie there."""
    expect(
        "the rights of others on /etc/spectral",
        oct(opened.root.file("/etc/spectral").mode & 0o007),
        oct(0),
        look_at=dockerfile.at("RUN"),
        mend="install --directory --mode=0750 /etc/spectral",
    )


def unowned_copies(dockerfile: Dockerfile) -> str:
    """Where the final stage copies without saying whose it shall be; "" for nowhere."""
    copies = [one for one in dockerfile.final.instructions if one.keyword in ("COPY", "ADD")]
    return "; ".join(dockerfile.line(one) for one in copies if "chown" not in one.flags)
