"""A waiver that cannot be understood lets nothing through."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fixtures.commands import CouldNotVerify
from fixtures.waivers import WAIVERS, Waiver, read_waivers

ENTRY = {
    "requirement": "D3-05",
    "image": "api",
    "owner": "maintainers",
    "reason": "the upstream package writes there",
    "expires": '"2027-03-31"',
    "link": "issue 12",
}


def read(root: Path, *entries: dict[str, str]) -> tuple[Waiver, ...]:
    listed = "".join(
        "  - {" + ", ".join(f"{key}: {value}" for key, value in entry.items()) + "}\n" for entry in entries
    )
    return read_text(root, f"version: 1\nwaivers:\n{listed}" if entries else "version: 1\nwaivers: []\n")


def read_text(root: Path, text: str) -> tuple[Waiver, ...]:
    (root / "infra").mkdir(exist_ok=True)
    (root / WAIVERS).write_text(text)
    return read_waivers(root, {"D3-05", "D3-06"}, ["api", "workers", "tree"])


def test_no_waivers_are_no_trouble(tmp_path: Path) -> None:
    assert read(tmp_path) == ()


def test_waiver_is_read_with_its_place(tmp_path: Path) -> None:
    assert read(tmp_path, ENTRY) == (
        Waiver(
            requirement="D3-05",
            image="api",
            owner="maintainers",
            reason="the upstream package writes there",
            expires=date(2027, 3, 31),
            link="issue 12",
            place=f"{WAIVERS}:3",
        ),
    )


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"requirement": "D3-99"}, f"there is no requirement D3-99 ({WAIVERS}:3)"),
        ({"image": "apy"}, f"there is no image 'apy'; it can be api, workers, tree ({WAIVERS}:3)"),
        ({"image": "retention-run"}, "there is no image 'retention-run'"),
        ({"expires": "2027-03-31"}, "waivers.0.expires: "),
        ({"expires": '"2027-02-30"'}, "'2027-02-30' is not a 'date'"),
        ({"expires": '"never"'}, "waivers.0.expires: 'never'"),
        ({"owner": '""'}, "waivers.0.owner: "),
        ({"reason": "because"}, "waivers.0.reason: "),
        ({"requirement": "all"}, "waivers.0.requirement: "),
        ({"until": "later"}, "'until' was unexpected"),
    ],
)
def test_waiver_that_does_not_hold_is_refused(tmp_path: Path, changed: dict[str, str], complaint: str) -> None:
    with pytest.raises(CouldNotVerify) as refused:
        read(tmp_path, {**ENTRY, **changed})
    assert str(refused.value).startswith("the waivers do not hold:")
    assert complaint in str(refused.value)


@pytest.mark.parametrize("field", ENTRY)
def test_waiver_that_lacks_a_field_is_refused(tmp_path: Path, field: str) -> None:
    with pytest.raises(CouldNotVerify, match=f"'{field}' is a required property"):
        read(tmp_path, {key: value for key, value in ENTRY.items() if key != field})


def test_waiver_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify, match="D3-05 is waived twice for api"):
        read(tmp_path, ENTRY, {**ENTRY, "owner": "somebody else"})


def test_same_requirement_on_two_images_is_two_waivers(tmp_path: Path) -> None:
    assert len(read(tmp_path, ENTRY, {**ENTRY, "image": "workers"})) == 2


@pytest.mark.parametrize("text", ["", "waivers: [", "- a\n", "version: 2\nwaivers: []\n"])
def test_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CouldNotVerify, match="the waivers"):
        read_text(tmp_path, text)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify, match=f"^the waivers cannot be read: {WAIVERS}: "):
        read_waivers(tmp_path, [], [])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Midway"])
def test_last_day_is_no_matter_of_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Both are more than half a day from Greenwich."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    (waiver,) = read(tmp_path, ENTRY)
    moments = (datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC))
    assert [waiver.expired_at(moment.timestamp()) for moment in moments] == [False, True]
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "expired"),
    [
        (datetime(2027, 3, 30, 12, tzinfo=UTC), False),
        (datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2027, 4, 1, 0, 0, 0, tzinfo=UTC), True),
        (datetime(2028, 1, 1, tzinfo=UTC), True),
    ],
)
def test_waiver_holds_through_its_last_day(tmp_path: Path, moment: datetime, expired: bool) -> None:
    (waiver,) = read(tmp_path, ENTRY)
    assert waiver.expired_at(moment.timestamp()) is expired
