"""Every encoding of a canary is found wherever it stands, and tells which canary it is."""

import gzip
import io
import random
import tracemalloc
import zipfile

import pytest

from fixtures import unpacking
from fixtures.canaries import Canaries
from fixtures.commands import CouldNotVerify
from fixtures.needles import needles
from fixtures.unpacking import CHUNK_BYTES, Search
from leaks.encoded import FORMS, in_tar, zipped


@pytest.fixture
def canaries() -> Canaries:
    canaries = Canaries()
    for number in range(50):
        canaries.mint(f"place {number}")
    return canaries


def search(canaries: Canaries, *chunks: bytes) -> set[str]:
    """The places of the canaries that are found in a stream."""
    found: set[str] = set()
    Search(needles(canaries), lambda how, digits: found.add(canaries.place(digits))).all_of(chunks)
    return found


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"edge", "end"}))
@pytest.mark.parametrize("before", [0, 1, 2, 3, 4, 5, 37, 38, 39, 63])
def test_canary_is_found_in_every_form_and_place(canaries: Canaries, form: str, before: int) -> None:
    canary = canaries.mint("here").encode()
    assert search(canaries, FORMS[form](b"-" * before + canary + b" and more")) == {"here"}
    assert search(canaries, FORMS[form](b"-" * before + canary)) == {"here"}


@pytest.mark.parametrize("size", [1, 7, 100, 511, 512, 513, 4096])
@pytest.mark.parametrize("form", ["base64-1", "hex", "utf-16-le", "gzip", "zip-zip", "tar-gzip", "base64-gzip"])
def test_chunks_can_be_of_any_size(canaries: Canaries, form: str, size: int) -> None:
    stream = FORMS[form](b"-" * 1000 + canaries.mint("here").encode() + b"-" * 1000)
    assert search(canaries, *(stream[at : at + size] for at in range(0, len(stream), size))) == {"here"}


def test_each_is_told_once_and_by_its_name(canaries: Canaries) -> None:
    values = [canaries.mint(f"value {number}") for number in range(200)]
    found: list[bytes] = []
    stream = "\n".join(values).encode()
    Search(needles(canaries), lambda how, digits: found.append(digits)).all_of([stream[:3001], stream[3001:]])
    assert len(found) == 2 * len(values)  # what tells it stands in each twice
    assert {canaries.place(digits) for digits in found} == {f"value {number}" for number in range(200)}


def test_nothing_is_found_in_noise(canaries: Canaries) -> None:
    noise = random.Random(7).randbytes(4 << 20)
    assert search(canaries, noise, noise.hex().encode(), Canaries().mint("of another flock").encode()) == set()


def test_half_a_canary_is_one_of_them(canaries: Canaries) -> None:
    assert search(canaries, canaries.prefix.encode()) == {"one of the canaries"}
    assert search(canaries, canaries.prefix.encode() + b"zzzz") == {"one of the canaries"}


@pytest.mark.parametrize("pack", [gzip.compress, zipped, lambda plain: in_tar("x", plain)], ids=["gzip", "zip", "tar"])
def test_memory_is_bounded(canaries: Canaries, pack) -> None:
    packed = pack(b"\0" * (48 << 20) + canaries.mint("end").encode())
    sizes = range(0, len(packed), CHUNK_BYTES)
    found: list[str] = []
    tracemalloc.start()
    try:
        Search(needles(canaries), lambda how, digits: found.append(canaries.place(digits))).all_of(
            packed[at : at + CHUNK_BYTES] for at in sizes
        )
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    assert {*found} == {"end"}


@pytest.mark.parametrize("form", ["gzip", "xz", "bzip2", "zlib"])
def test_what_grows_without_end_is_an_error(canaries: Canaries, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not looked at is never a pass."""
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 1 << 20)
    with pytest.raises(CouldNotVerify):
        search(canaries, FORMS[form](b"\0" * (8 << 20)))


@pytest.mark.parametrize("form", ["gzip", "xz", "bzip2", "zlib", "zip-zip", "tar-gzip"])
def test_half_an_archive_is_searched_as_far_as_it_goes(canaries: Canaries, form: str) -> None:
    packed = FORMS[form](random.Random(7).randbytes(4000))
    assert search(canaries, packed[: len(packed) // 2]) == set()


def test_damaged_member_hides_none_of_the_others(canaries: Canaries) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first", random.Random(7).randbytes(4000))
        archive.writestr("second", canaries.mint("here"))
        archive.writestr("third", random.Random(8).randbytes(4000))
        archive.writestr("fourth", canaries.mint("there"))
    data = bytearray(held.getvalue())
    data[100:200] = b"\xff" * 100  # of what is in the first
    data[data.index(b"third") - 30 : data.index(b"third")] = bytes(30)  # by which the third is found
    assert search(canaries, bytes(data)) == {"here", "there"}
