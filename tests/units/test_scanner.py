"""The scanner reads what stands in a tree and in an image, tells the same of it everywhere, and not of packages."""

import hashlib
import io
import tarfile
from typing import Any

import pytest

from fixtures.documents import HARNESS
from fixtures.layers import ImageContent, Layer
from fixtures.scanner import Baseline, commits_of, read_baseline, scan, text_of_file, texts_of_image
from fixtures.texts import MOST_BYTES, Texts

VALUE = "kX3vPq8LmZ2wRt7u"
LINE = f'QUEUE_PASSWORD = "{VALUE}"\n'
COMMIT = hashlib.sha1(b"a commit").hexdigest()
COMMIT_ARG = f"RENDER_GIT_COMMIT={COMMIT}"
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
    return texts.not_of_packages()


def image(**what: Any) -> ImageContent:
    """One that adds ``what`` to its base: texts in its only layer, environment, labels, a command."""
    history = [{"created_by": what.get("command", "RUN true")}]
    layer = Layer("sha256:aa", "COPY app /app", (), what.get("texts", {}))
    return ImageContent({}, what.get("environment", {}), what.get("labels", {}), (*history,), (layer,), "")


def test_text_is_read_and_a_program_is_not() -> None:
    files = {"app/a.py": LINE, "app/program": b"\x7fELF\0\0" + LINE.encode(), "app/empty": "", "app/latin": b"\xe4\n"}
    files["app/wide"] = LINE.encode("utf-16")
    assert read(files) == {"/app/a.py": LINE, "/app/latin": "\N{REPLACEMENT CHARACTER}\n", "/app/wide": LINE}


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


@pytest.mark.parametrize("name", ["app/.venv/settings", "app/node_modules/.cache/a.js"])
def test_file_beside_packages_is_read(name: str) -> None:
    assert read({name: LINE}) == {f"/{name}": LINE}


def test_record_of_packages_that_is_broken_tells_of_none() -> None:
    broken = {**dict.fromkeys(DPKG, b"\xff\n /word\n/\n"), "usr/lib/Packed.pm": PERL}
    assert {*read({**broken})} == {f"/{name}" for name in broken}


def test_file_of_a_package_of_another_layer_is_read() -> None:
    """A layer that has it and no record of dpkg's has changed it."""
    assert read({"usr/lib/Packed.pm": PERL}) == {"/usr/lib/Packed.pm": PERL}


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ({"texts": {"/app/a.py": LINE}}, "/app/a.py:1"),
        ({"texts": {"/app/dist/a.js.map": LINE}}, "/app/dist/a.js.map:1"),
        ({"texts": {f"/app/{'long' * 60}.py": LINE}}, f"/app/{'long' * 60}.py:1"),
        ({"environment": {"QUEUE_PASSWORD": VALUE}}, "config.Env.QUEUE_PASSWORD:1"),
        ({"environment": {"BUILT_WITH": "q2Zt8Xw1Lk5Vn9Rb3Mc7Yd4Hs6Gf"}}, "config.Env.BUILT_WITH:1"),
        ({"labels": {"org.example.note": f"https://deploy:{VALUE}@example.org"}}, "config.Labels.org.example.note:1"),
        ({"labels": {"settings": f'{{"password": "{VALUE}"}}'}}, "config.Labels.settings:1"),
        ({"command": f"RUN /bin/sh -c QUEUE_PASSWORD={VALUE} make"}, "history[0].created_by:1"),
        ({"command": f"RUN |1 {COMMIT_ARG} /bin/sh -c QUEUE_PASSWORD={VALUE} make"}, "history[0].created_by:1"),
        ({"command": f"RUN make --with A=b && QUEUE_PASSWORD={VALUE} make"}, "history[0].created_by:1"),
        ({"command": f'RUN test x=f(1) && QUEUE_PASSWORD="{VALUE}" make'}, "history[0].created_by:1"),
        ({"command": f"RUN |1 NOTE=https://a:{VALUE}@b.example /bin/sh -c make"}, "history[0].created_by:1"),
        ({"command": "RUN make A=b BUILT_WITH=q2Zt8Xw1Lk5Vn9Rb3Mc7Yd4Hs6Gf"}, "history[0].created_by:1"),
    ],
)
def test_value_is_found_wherever_it_stands_in_an_image(what: dict[str, Any], place: str, baseline: Baseline) -> None:
    made = image(**what)
    found = [one for one in scan(texts_of_image(made), baseline) if one.digest not in commits_of(made)]
    assert {str(one).partition("  ")[0] for one in found} == {place}


def test_finding_does_not_tell_its_value(baseline: Baseline) -> None:
    """It ends in reports. Where it comes from is told by the line of the Dockerfile."""
    (found,) = scan(texts_of_image(image(texts={"/app/a.py": LINE})), baseline)
    assert VALUE not in f"{found} {found!r}"
    assert found.instruction == "COPY app /app"


@pytest.mark.parametrize(
    "what",
    [
        {"labels": {"org.opencontainers.image.revision": COMMIT}},
        {"command": f"LABEL org.opencontainers.image.revision={COMMIT}"},
        {"command": f"ARG RENDER_GIT_COMMIT={COMMIT}"},
        {"command": f"RUN |1 {COMMIT_ARG} /bin/sh -c make"},
    ],
)
def test_commit_of_an_image_is_known(what: dict[str, Any], baseline: Baseline) -> None:
    assert {one.digest for one in scan(texts_of_image(image(**what)), baseline)} == commits_of(image(**what)) != set()


def test_only_a_commit_is_known_as_one() -> None:
    assert commits_of(image(labels={"org.opencontainers.image.revision": VALUE, "a": COMMIT})) == set()


def test_what_the_baseline_leaves_out_is_not_scanned(baseline: Baseline) -> None:
    assert scan([text_of_file("/app/version.json", f'{{"sha": "{COMMIT}"}}')], baseline) == []
    assert scan([text_of_file("/app/other.json", f'{{"sha": "{COMMIT}"}}')], baseline) != []


def test_finding_keeps_its_digest_where_it_moves(baseline: Baseline) -> None:
    (one,) = scan([text_of_file("a.py", LINE)], baseline)
    (two,) = scan([text_of_file("/app/b.py", "\n\n" + LINE)], baseline)
    assert (one.line, two.line, one.digest) == (1, 3, two.digest)


def test_text_that_is_too_large_is_a_finding(baseline: Baseline) -> None:
    assert [one.line for one in scan([text_of_file("a.txt", "a\n" * 40_000)], baseline)] == [1]


def test_yaml_that_would_not_end_is_read_as_text(baseline: Baseline) -> None:
    """The scanner would follow its aliases."""
    bomb = "\n".join(["a: &a [x, x]", *(f"{n}: &{n} [{', '.join(['*a'] * 9)}]" for n in "bcdefgh")])
    assert [one.kind for one in scan([text_of_file("a.yaml", f"{bomb}\n{LINE.replace(' =', ':')}")], baseline)] == [
        "Secret Keyword"
    ]
