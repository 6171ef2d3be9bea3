"""A secret comes from its file, or from its variable, and shows up nowhere else."""

import os
from pathlib import Path

import pytest

from spectral_service import Misconfigured, read_secret, secret

DIRECTORY = secret.DIRECTORY
NAME, VARIABLE = "version-detail-token", "VERSION_DETAIL_TOKEN"


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Secret Files are looked for; there is none yet, nor a variable."""
    monkeypatch.setattr(secret, "DIRECTORY", tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path


def complaint() -> str:
    with pytest.raises(Misconfigured) as refused:
        read_secret(NAME)
    return str(refused.value)


def test_secret_that_nobody_gave_is_none() -> None:
    assert read_secret(NAME) is None


def test_secret_files_are_where_the_images_have_them() -> None:
    assert Path("/etc/spectral") == DIRECTORY


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("hunter2", "hunter2"),
        ("hunter2\n", "hunter2"),
        ("hunter2\r\n", "hunter2"),
        ("hunter2\n\n", "hunter2\n"),
        (" hunter2 ", " hunter2 "),
        ("one\ntwo", "one\ntwo"),
        ("pässword", "pässword"),
        ("", None),
        ("\n", None),
        (" \t\n\n ", None),
    ],
)
def test_file_is_read_without_the_newline_at_its_end(directory: Path, content: str, value: str | None) -> None:
    (directory / NAME).write_bytes(content.encode())
    assert read_secret(NAME) == value


@pytest.mark.parametrize(
    ("content", "value"),
    [("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\n\n", "hunter2\n"), ("", None), (" \n", None)],
)
def test_variable_is_read_like_the_file(monkeypatch: pytest.MonkeyPatch, content: str, value: str | None) -> None:
    monkeypatch.setenv(VARIABLE, content)
    assert read_secret(NAME) == value


@pytest.mark.parametrize(("content", "value"), [("from the file", "from the file"), ("", None), ("\n", None)])
def test_file_that_is_there_decides(
    directory: Path, monkeypatch: pytest.MonkeyPatch, content: str, value: str | None
) -> None:
    (directory / NAME).write_text(content)
    monkeypatch.setenv(VARIABLE, "from the variable")
    assert read_secret(NAME) == value


def test_link_that_leads_nowhere_is_no_file(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The images link to where Render puts Secret Files, if it has any."""
    (directory / NAME).symlink_to(directory / "nowhere")
    monkeypatch.setenv(VARIABLE, "hunter2")
    assert read_secret(NAME) == "hunter2"


def test_only_its_own_variable_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "hunter2")
    monkeypatch.setenv("VERSION-DETAIL-TOKEN", "hunter2")
    assert read_secret(NAME) is None


def test_folder_in_place_of_the_file_is_named(directory: Path) -> None:
    (directory / NAME).mkdir()
    assert complaint() == f"{directory / NAME} cannot be read: Is a directory"


def test_file_that_may_not_be_read_is_named(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read all, so the refusal is made up."""

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, os.strerror(13), "hunter2")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setenv(VARIABLE, "hunter2")
    assert complaint() == f"{directory / NAME} cannot be read: Permission denied"


def test_content_of_a_file_is_not_repeated(directory: Path) -> None:
    (directory / NAME).write_bytes(b"hunter2\xff")
    assert complaint() == f"{directory / NAME} is not UTF-8"
