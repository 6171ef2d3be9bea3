"""Archives of layers are read as they are: what they add, take away and link, and which of them are passed over."""

import io
import json
import tarfile
from collections.abc import Iterator

import pytest

from fixtures.entries import Entry, open_stream, pile, read_entries
from fixtures.layers import read_saved


def archive(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    """Members without content, and files with it."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for one in members:
            if isinstance(one, tuple):
                file = tarfile.TarInfo(one[0])
                file.size = len(one[1])
                tar.addfile(file, io.BytesIO(one[1]))
            else:
                tar.addfile(one)
    return written.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, linkname: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, linkname
    return made


def in_pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 700):
        yield content[start : start + 700]


def entry(path: str, kind: str = "file", target: str = "") -> Entry:
    return Entry(path, kind, 0o644, 0, 0, 0, target, "")


@pytest.mark.parametrize(
    ("name", "path", "kind"),
    [
        ("a/b", "/a/b", "file"),
        ("./a/b", "/a/b", "file"),
        ("/a/b", "/a/b", "file"),
        ("./", "/", "file"),
        ("a/.wh.b", "/a/b", "whiteout"),
        (".wh.b", "/b", "whiteout"),
        ("a/.wh..wh..opq", "/a/", "whiteout"),
        (".wh..wh..opq", "/", "whiteout"),
        ("a/.whb", "/a/.whb", "file"),
    ],
)
def test_name_becomes_a_path(name: str, path: str, kind: str) -> None:
    with open_stream(in_pieces(archive(member(name)))) as tar:
        assert [(one.path, one.kind) for one in read_entries(tar)] == [(path, kind)]


LOWER = [entry("/a", "directory"), entry("/a/1"), entry("/a/b", "directory"), entry("/a/b/2"), entry("/ab")]


@pytest.mark.parametrize(
    ("upper", "paths"),
    [
        ([], ["/a", "/a/1", "/a/b", "/a/b/2", "/ab"]),
        ([entry("/a", "whiteout")], ["/ab"]),
        ([entry("/a/", "whiteout")], ["/a", "/ab"]),
        ([entry("/a/", "whiteout"), entry("/a/b", "directory")], ["/a", "/a/b", "/ab"]),
        ([entry("/a/b", "directory"), entry("/a/", "whiteout")], ["/a", "/a/b", "/ab"]),
        ([entry("/a/b/2", "whiteout")], ["/a", "/a/1", "/a/b", "/ab"]),
        ([entry("/a/b")], ["/a", "/a/1", "/a/b", "/ab"]),
        ([entry("/a/b", "link", "/ab")], ["/a", "/a/1", "/a/b", "/ab"]),
        ([entry("/", "whiteout"), entry("/c")], ["/c"]),
        ([entry("/", "directory"), entry("/no", "whiteout")], ["/a", "/a/1", "/a/b", "/a/b/2", "/ab"]),
    ],
)
def test_layers_lie_upon_each_other(upper: list[Entry], paths: list[str]) -> None:
    assert sorted(pile([LOWER, upper])) == paths


def test_hard_link_is_what_it_is_linked_to() -> None:
    setuid = Entry("/su", "file", 0o4755, 1, 2, 3, "", "")
    below = pile([[setuid], [entry("/twin", "hard link", "/su")]])
    beside = pile([[setuid, entry("/twin", "hard link", "/su")]])
    assert below == beside == {"/su": setuid, "/twin": Entry("/twin", "file", 0o4755, 1, 2, 3, "", "")}


LAYER = archive(member("etc/passwd"))


def test_saved_layers_are_entries_and_known_ones_are_passed_over() -> None:
    manifest = json.dumps([{"Layers": []}]).encode()
    layers = [("blobs/sha256/aa", LAYER), ("blobs/sha256/bb", LAYER), ("blobs/sha256/cc", archive())]
    assert read_saved(in_pieces(archive(*layers, ("manifest.json", manifest))), {"sha256:aa"}) == {
        "blobs/sha256/bb": (entry("/etc/passwd"),),
        "blobs/sha256/cc": (),
        "manifest.json": manifest,
    }


def test_layer_that_is_saved_once_has_two_names() -> None:
    """As engines before 25 write it."""
    saved = archive(("aa/layer.tar", LAYER), member("bb/layer.tar", tarfile.SYMTYPE, "../aa/layer.tar"))
    read = read_saved(in_pieces(saved), set())
    assert read["bb/layer.tar"] == read["aa/layer.tar"] == (entry("/etc/passwd"),)
