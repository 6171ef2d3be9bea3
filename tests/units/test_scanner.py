"""The scanner reads what stands in a tree and in an image, tells the same of it everywhere, and not of packages."""

import hashlib
import io
import tarfile
from typing import Any

import pytest

from fixtures.documents import HARNESS
from fixtures.layers import ImageContent, Layer
from fixtures.scanner import Baseline, Text, commits_of, read_baseline, scan, texts_of_image
from fixtures.texts import MOST_BYTES, Texts

LINE = 'QUEUE_PASSWORD = "kX3vPq8LmZ2wRt7u"\n'
COMMIT = hashlib.sha1(b"a commit").hexdigest()
PERL = "package Packed;\n1;\n"
SSL = "input_password = yes, but which?\n"


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return read_baseline(HARNESS)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


#: What dpkg says of two files that packages brought, one of them a setting.
DPKG = {
    "var/lib/dpkg/info/perl.list": "/usr\n/usr/lib\n/usr/lib/Packed.pm\n",
    "var/lib/dpkg/info/perl.md5sums": f"{md5(PERL)}  usr/lib/Packed.pm\n",
    "var/lib/dpkg/status": f"Package: openssl\nConffiles:\n /etc/ssl/openssl.cnf {md5(SSL)}\nVersion: 1\n",
}


def read(files: dict[str, str | bytes]) -> dict[str, str]:
    """The texts of a layer with these files."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name, content in files.items():
            member, held = tarfile.TarInfo(name), content if isinstance(content, bytes) else content.encode()
            member.size = len(held)
            tar.addfile(member, io.BytesIO(held))
    written.seek(0)
    texts = Texts()
    with tarfile.open(fileobj=written, mode="r|") as layer:
        assert [member.name for member in texts.reading(layer)] == list(files)
    return texts.written()


def image(**what: Any) -> ImageContent:
    """One that adds ``what`` to its base: texts in its only layer, environment, labels, a command."""
    history = [{"created_by": what.get("command", "RUN true")}]
    layer = Layer("sha256:aa", "COPY app /app", (), what.get("texts", {}))
    return ImageContent({}, what.get("environment", {}), what.get("labels", {}), (*history,), (layer,), "")


def test_text_is_read_and_a_program_is_not() -> None:
    files = {"app/a.py": LINE, "app/program": b"\x7fELF\0\0" + LINE.encode(), "app/empty": "", "app/latin": b"\xe4\n"}
    assert read(files) == {"/app/a.py": LINE, "/app/latin": "\N{REPLACEMENT CHARACTER}\n"}


def test_large_text_is_cut() -> None:
    assert len(read({"app/large.txt": "a\n" * MOST_BYTES})["/app/large.txt"]) == MOST_BYTES + 1


def test_files_of_packages_are_passed_over() -> None:
    files = {
        "usr/lib/Packed.pm": PERL,
        "etc/ssl/openssl.cnf": SSL,
        "app/.venv/lib/a.py": "",
        "app/node_modules/a.js": "",
    }
    assert {*read({**files, **DPKG})} == {f"/{name}" for name in DPKG}


@pytest.mark.parametrize(("name", "text"), [("usr/lib/Packed.pm", PERL), ("etc/ssl/openssl.cnf", SSL)])
def test_file_of_a_package_that_was_changed_is_read(name: str, text: str) -> None:
    assert read({name: text + LINE, **DPKG})[f"/{name}"] == text + LINE


def test_file_of_a_package_of_another_layer_is_read() -> None:
    """A layer that has it and no record of dpkg's has changed it."""
    assert read({"usr/lib/Packed.pm": PERL}) == {"/usr/lib/Packed.pm": PERL}


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ({"texts": {"/app/a.py": LINE}}, "/app/a.py:1"),
        ({"environment": {"PORT": "1", "QUEUE_PASSWORD": "kX3vPq8LmZ2wRt7u"}}, "config/variables.json:3"),
        ({"environment": {"PORT": "1", "BUILT_WITH": "q2Zt8Xw1Lk5Vn9Rb3Mc7Yd4Hs6Gf"}}, "config/variables.json:3"),
        ({"labels": {"org.example.note": "https://deploy:kX3vPq8LmZ2wRt7u@example.org"}}, "config/labels.json:2"),
        ({"command": "RUN /bin/sh -c QUEUE_PASSWORD=kX3vPq8LmZ2wRt7u make"}, "config/history/0.sh:1"),
        ({"command": "RUN |1 NOTE=https://a:kX3vPq8LmZ2wRt7u@b.example /bin/sh -c make"}, "config/history/0.sh:1"),
    ],
)
def test_value_is_found_wherever_it_stands_in_an_image(what: dict[str, Any], place: str, baseline: Baseline) -> None:
    assert {str(one).partition("  ")[0] for one in scan(texts_of_image(image(**what)), baseline)} == {place}


def test_finding_in_an_image_tells_what_made_it(baseline: Baseline) -> None:
    (found,) = scan(texts_of_image(image(texts={"/app/a.py": LINE})), baseline)
    assert str(found).endswith("made by: COPY app /app")


def test_commit_of_an_image_is_known_by_its_label(baseline: Baseline) -> None:
    labelled = image(labels={"org.opencontainers.image.revision": COMMIT})
    assert {one.digest for one in scan(texts_of_image(labelled), baseline)} == commits_of(labelled)
    assert commits_of(image(labels={"org.opencontainers.image.revision": "kX3vPq8LmZ2wRt7u", "a": COMMIT})) == set()


def test_what_the_baseline_leaves_out_is_not_scanned(baseline: Baseline) -> None:
    assert scan([Text("/app/version.json", f'{{"sha": "{COMMIT}"}}'.encode())], baseline) == []
    assert scan([Text("/app/other.json", f'{{"sha": "{COMMIT}"}}'.encode())], baseline) != []


def test_finding_keeps_its_digest_where_it_moves(baseline: Baseline) -> None:
    (one,) = scan([Text("a.py", LINE.encode())], baseline)
    (two,) = scan([Text("/app/b.py", b"\n\n" + LINE.encode())], baseline)
    assert (one.line, two.line, one.digest) == (1, 3, two.digest)


def test_text_that_is_too_large_is_a_finding(baseline: Baseline) -> None:
    assert [one.line for one in scan([Text("a.txt", b"a\n" * 40_000)], baseline)] == [1]


def test_yaml_that_would_not_end_is_read_as_text(baseline: Baseline) -> None:
    """The scanner would follow its aliases."""
    bomb = "\n".join(["a: &a [x, x]", *(f"{n}: &{n} [{', '.join(['*a'] * 9)}]" for n in "bcdefgh")])
    assert [one.kind for one in scan([Text("a.yaml", f"{bomb}\n{LINE.replace(' =', ':')}".encode())], baseline)] == [
        "Secret Keyword"
    ]
