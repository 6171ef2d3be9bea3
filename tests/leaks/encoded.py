"""What lies around the leaky builds: canaries in all encodings, beside those of fixtures/planting.py."""

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from fixtures.canaries import Canaries
from fixtures.planting import plant_files
from fixtures.unpacking import CHUNK_BYTES

#: Something before and after, as in a real file; its length is a multiple of the groups of base64 and base32.
BEFORE, AFTER = b"password for everybody: " + b"-" * 6, b" and not a word more\n"


def zipped(content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", content)
    return held.getvalue()


def in_tar(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return held.getvalue()


def in_lines(text: bytes, length: int) -> bytes:
    return b"\n".join(text[at : at + length] for at in range(0, len(text), length)) + b"\n"


def percents(content: bytes) -> str:
    return "".join(f"%{byte:02x}" for byte in content)


#: By the name of the file; each is given a canary between BEFORE and AFTER.
FORMS: dict[str, Callable[[bytes], bytes]] = {
    **{f"base64-{n}": lambda plain, n=n: base64.b64encode(b"x" * n + plain) for n in range(3)},
    "base64-lines-64": lambda plain: in_lines(base64.b64encode(plain), 64),
    "base64-lines-76": lambda plain: in_lines(base64.b64encode(plain), 76),
    "base64-url": lambda plain: base64.urlsafe_b64encode(b"\xfb\xff\xbe" + plain),
    "base64-utf-16": lambda plain: base64.b64encode(plain.decode().encode("utf-16")),
    "base32": lambda plain: base64.b32encode(b"xy" + plain),
    "hex": lambda plain: plain.hex().encode(),
    "hex-capitals": lambda plain: plain.hex().upper().encode(),
    "percent": lambda plain: percents(plain).encode(),
    "percent-capitals": lambda plain: percents(plain).upper().encode(),
    "utf-16-le": lambda plain: plain.decode().encode("utf-16-le"),
    "utf-16-be": lambda plain: plain.decode().encode("utf-16-be"),
    "gzip": gzip.compress,
    "gzip-second-member": lambda plain: gzip.compress(b"nothing\n") + gzip.compress(plain),
    "gzip-base64": lambda plain: gzip.compress(base64.b64encode(plain)),
    "base64-gzip": lambda plain: in_lines(base64.b64encode(gzip.compress(plain)), 76),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zlib": zlib.compress,
    "zip-zip": lambda plain: zipped(zipped(plain)),
    "zip-behind-a-script": lambda plain: b"#!/usr/bin/env python3\n" + zipped(plain),
    "tar-gzip": lambda plain: gzip.compress(in_tar("inside.gz", gzip.compress(plain))),
    "edge": lambda plain: b"\0" * (CHUNK_BYTES - len(BEFORE) - 7) + plain,
    "end": lambda plain: b"\0" * (3 * CHUNK_BYTES) + plain.removesuffix(AFTER),
}


def surroundings(folder: Path, canaries: Canaries) -> None:
    """Make the context of the leaky builds in ``folder``, which is there."""
    (folder / "app").mkdir()
    (folder / "app" / "main.py").write_text("print()\n")
    (folder / ".env.example").write_text("DATABASE_URL=\n")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[core]\n")
    plant_files(folder, canaries)
    encoded = folder / "encoded"
    encoded.mkdir()
    for name, form in FORMS.items():
        (encoded / name).write_bytes(form(BEFORE + canaries.mint(f"encoded/{name}").encode() + AFTER))
    inside = BEFORE + canaries.mint("bundle.tar.gz").encode()
    (folder / "bundle.tar.gz").write_bytes(gzip.compress(in_tar("home/.env", inside)))
    broken = encoded / "broken"
    broken.mkdir()
    for name, head in {"gzip": b"\x1f\x8b\x08", "xz": b"\xfd7zXZ\0", "zip": b"PK\x03\x04", "zlib": b"x\x9c"}.items():
        (broken / name).write_bytes(head + b"\xff\0" * 400)
    (broken / "tar").write_bytes(in_tar("x", b"x" * 900)[:1000])
    (broken / "base64").write_bytes(b"H4sIAAAAAAAAA///")
