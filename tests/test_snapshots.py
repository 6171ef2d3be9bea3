"""The snapshot of an image is what one finds in it; an image that lies open is one container, and stays as it is."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.images import Image

from fixtures import cache
from fixtures.commands import Say
from fixtures.containers import Containers
from fixtures.engine import Engine
from fixtures.entries import Entry
from fixtures.layers import read_image
from fixtures.leftovers import clear
from fixtures.references import parse_reference
from fixtures.runs import Run, begin
from fixtures.snapshots import Snapshot, read_snapshot, snapshot_above
from fixtures.stand_ins import Workshop
from on_debian import on_debian

#: CAP_NET_BIND_SERVICE, permitted and effective: struct vfs_cap_data of linux/capability.h, revision 2.
BIND_SERVICE = bytes.fromhex("0100000200040000000000000000000000000000")

FIND = r"find / -xdev -mindepth 1 -printf '%y %m %U:%G %s %p -> %l\n'"
#: What the engine mounts over files of the image in a container that runs.
MOUNTED = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.dockerenv", "/proc", "/sys", "/dev", "/etc/mtab")


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    with engine.client() as client:
        yield client


@pytest.fixture(scope="module")
def run(client: docker.DockerClient) -> Iterator[Run]:
    run = begin()
    yield run
    clear(client, lambda thing: thing.run.owner == run.owner)


@pytest.fixture(scope="module")
def containers(engine: Engine, client: docker.DockerClient, run: Run) -> Containers:
    return Containers(engine, client, run)


@pytest.fixture(scope="module")
def debian(client: docker.DockerClient, say: Say, run: Run) -> str:
    """Id of an image with a whole Debian in it."""
    return str(client.images.get(Workshop(client, say, run).make(parse_reference("debian:trixie-slim"))).id)


#: Layers that take away, and turn round, what lower ones have.
LAYERED = """\
FROM debian
RUN mkdir -p /gone/a/b /anew/old /file/in /link/in && touch /gone/a/b/1 /anew/2 /anew/old/3 /file/in/4 /link/in/5 /6
RUN rm -r /gone/a && rm -r /anew && mkdir /anew && touch /anew/7 && rm -r /file && touch /file
RUN rm -r /link && ln -s /anew /link && ln /6 /six && chmod 4755 /6 && rm -r /usr/share/doc && mkdir -m 700 /gone/a
RUN rm /file && mkdir /file && touch /file/8 && rm /link && mkdir /link && touch /link/9 && rm /six
COPY --chown=7:8 --chmod=2711 <<PASSWD /etc/passwd
PASSWD
CMD ["true"]
"""


@pytest.fixture
def layered(engine: Engine, say: Say, tmp_path: Path) -> Iterator[Image]:
    with on_debian(engine, say, tmp_path, LAYERED) as container:
        yield container.image


@pytest.fixture
def made(client: docker.DockerClient, run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Id of an image of a few files that are easily read wrong."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as layer:
        for name, kind, mode, more in (
            ("bin", tarfile.DIRTYPE, 0o1777, {}),
            ("bin/su", tarfile.REGTYPE, 0o4755, {"uid": 1000, "gid": 7}),
            ("bin/ping", tarfile.REGTYPE, 0o755, {"pax_headers": {
                "SCHILY.xattr.security.capability": BIND_SERVICE.decode("utf-8", "surrogateescape")
            }}),
            ("bin/sg", tarfile.REGTYPE, 0o2755, {}),
            ("bin/twin", tarfile.LNKTYPE, 0o4755, {"linkname": "bin/su", "uid": 1000, "gid": 7}),
            ("bin/far", tarfile.SYMTYPE, 0o777, {"linkname": "../no/such"}),
            ("bin/pipe", tarfile.FIFOTYPE, 0o600, {}),
            ("bin/é ☃", tarfile.REGTYPE, 0o600, {}),
        ):  # fmt: skip
            member = tarfile.TarInfo(name)
            member.type, member.mode = kind, mode
            for attribute, value in more.items():
                setattr(member, attribute, value)
            member.size = 3 if kind == tarfile.REGTYPE else 0
            layer.addfile(member, io.BytesIO(b"abc"))
    repository, _, tag = run.image("made").rpartition(":")
    file = tmp_path_factory.mktemp("made") / "image.tar"
    file.write_bytes(archive.getvalue())
    client.api.import_image_from_file(str(file), repository, tag)
    return str(client.images.get(f"{repository}:{tag}").id)


def test_snapshot_is_what_find_finds(containers: Containers, debian: str) -> None:
    files = read_snapshot(debian, containers.exported(debian))
    kinds = {"f": "file", "d": "directory", "l": "link", "c": "device", "b": "device", "p": "fifo"}
    found = {}
    for line in containers.opened(debian).root.check_output(FIND).splitlines():
        kind, mode, owner, size, rest = line.split(" ", 4)
        path, _, target = rest.partition(" -> ")
        found[path] = (kinds[kind], int(mode, 8), owner, int(size) if kind == "f" else 0, target)
    seen = {one.path: (one.kind, one.mode, f"{one.uid}:{one.gid}", one.size, one.target) for one in files}
    assert len(found) > 3000
    assert {path: what for path, what in seen.items() if not path.startswith(MOUNTED)} == {
        path: what for path, what in found.items() if not path.startswith(MOUNTED)
    }


def test_snapshot_has_what_is_easily_missed(containers: Containers, made: str) -> None:
    files = read_snapshot(made, containers.exported(made))
    assert [one for one in files.below("/bin") if one.path != "/bin"] == [
        Entry("/bin/far", "link", 0o777, 0, 0, 0, "../no/such", ""),
        Entry("/bin/ping", "file", 0o755, 0, 0, 3, "", BIND_SERVICE.hex()),
        Entry("/bin/pipe", "fifo", 0o600, 0, 0, 0, "", ""),
        Entry("/bin/sg", "file", 0o2755, 0, 0, 3, "", ""),
        Entry("/bin/su", "file", 0o4755, 1000, 7, 3, "", ""),
        Entry("/bin/twin", "file", 0o4755, 1000, 7, 3, "", ""),
        Entry("/bin/é ☃", "file", 0o600, 0, 0, 3, "", ""),
    ]
    assert files.get("/bin") == Entry("/bin", "directory", 0o1777, 0, 0, 0, "", "")


def test_snapshot_is_read_once(containers: Containers, made: str) -> None:
    def unread() -> Iterator[bytes]:
        raise AssertionError("it was read before")
        yield b""

    first = read_snapshot(made, containers.exported(made))
    assert list(read_snapshot(made, unread())) == list(first)


def test_layers_add_up_to_what_the_engine_starts(
    client: docker.DockerClient, containers: Containers, debian: str, layered: Image
) -> None:
    content = read_image(layered, client.images.get(debian))
    below = read_snapshot(debian, containers.exported(debian))
    files = snapshot_above(below, [layer.entries for layer in content.layers])
    assert list(files) == list(read_snapshot(layered.id, containers.exported(layered.id)))
    assert [one.path for path in ("/gone", "/anew", "/file", "/link") for one in files.below(path)] == [
        *("/gone", "/gone/a", "/anew", "/anew/7", "/file", "/file/8", "/link", "/link/9")
    ]


def test_image_without_its_base_is_all_of_its_layers(
    client: docker.DockerClient, containers: Containers, debian: str, layered: Image
) -> None:
    content = read_image(layered, None)
    assert content.base == ""
    files = snapshot_above(Snapshot([]), [layer.entries for layer in content.layers])
    exported = read_snapshot(layered.id, containers.exported(layered.id))
    assert [one for one in files if not one.path.startswith(MOUNTED)] == [
        one for one in exported if not one.path.startswith(MOUNTED)
    ]


def test_archive_that_breaks_off_is_no_snapshot(containers: Containers, made: str, run: Run) -> None:
    """Half a file system has no setuid programs."""
    half = b"".join(containers.exported(made))[:2048]
    for _ in range(2):
        with pytest.raises(tarfile.ReadError):
            read_snapshot(f"sha256:half{run.id}", [half])


def test_below_is_no_matter_of_names() -> None:
    rows = [Entry(path, "file", 0o644, 0, 0, 0, "", "") for path in ("/app", "/app/x", "/apple", "/ap")]
    assert [one.path for one in Snapshot(rows).below("/app")] == ["/app", "/app/x"]
    assert [one.path for one in Snapshot(rows).below("/")] == ["/ap", "/app", "/app/x", "/apple"]


def test_entry_reads_like_a_line_of_ls() -> None:
    assert str(Entry("/x", "file", 0o4755, 1, 2, 3, "", "")) == "-rwsr-xr-x 1:2 /x"
    assert str(Entry("/x", "directory", 0o1777, 1, 2, 3, "", "")) == "drwxrwxrwt 1:2 /x"
    assert str(Entry("/x", "link", 0o777, 1, 2, 3, "y", "")) == "lrwxrwxrwx 1:2 /x"


def test_cache_makes_again_what_cannot_be_read(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CACHE", tmp_path)
    assert cache.cached("a", lambda: {"n": (1, 2)}) == {"n": [1, 2]}
    assert cache.cached("a", lambda: "never") == {"n": [1, 2]}
    (entry,) = tmp_path.glob("a.json*")
    entry.write_bytes(entry.read_bytes()[:-3])
    assert cache.cached("a", lambda: "again") == "again"


def test_image_lies_open_once(engine: Engine, client: docker.DockerClient, run: Run, debian: str) -> None:
    """For two workers, which know nothing of each other."""
    one, two = (Containers(engine, client, run).opened(debian) for _ in range(2))
    assert one.id == two.id
    assert Containers(engine, client, begin()).opened(debian).id != one.id


@pytest.mark.parametrize("change", ["touch /new", "touch /tmp/new", "rm /etc/passwd", "chmod 777 /etc/passwd"])
def test_image_that_lies_open_cannot_be_changed(containers: Containers, debian: str, change: str) -> None:
    """What a check sees is the image, not what another check left there."""
    done = containers.opened(debian).root.run(change)
    assert done.rc == 1
    assert "Read-only file system" in done.stderr
