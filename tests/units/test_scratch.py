"""The folder of a run: what is written to it goes with it, and what only looks like it stays."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from fixtures.runs import begin
from fixtures.scratch import PREFIX, close, folders, open_for


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_temporary_files_lie_in_the_folder_and_go_with_it(temporary: Path) -> None:
    """Those of this process, and of what it starts."""
    folder = open_for(begin())
    of_another = subprocess.run(["mktemp"], capture_output=True, text=True, check=True).stdout.strip()
    assert {Path(tempfile.mkdtemp()).parent, Path(of_another).parent} == {folder}
    close(folder)
    assert list(temporary.iterdir()) == []
    assert Path(tempfile.mkdtemp()).parent == temporary
    assert os.environ["TMPDIR"] == str(temporary)


def test_folder_tells_its_run(temporary: Path) -> None:
    run = begin()
    (temporary / f"{PREFIX}{run}").mkdir()
    assert folders() == {temporary / f"{PREFIX}{run}": run}


def test_run_sees_the_folders_beside_its_own(temporary: Path) -> None:
    """Its sweep looks for those that others have left."""
    left, own = begin(), begin()
    (temporary / f"{PREFIX}{left}").mkdir()
    folder = open_for(own)
    assert folders() == {temporary / f"{PREFIX}{left}": left, folder: own}


def test_neither_a_file_nor_a_link_nor_a_folder_of_another_user_is_one(temporary: Path) -> None:
    (temporary / f"{PREFIX}file").write_text("")
    (temporary / f"{PREFIX}link").symlink_to(temporary)
    others = temporary / f"{PREFIX}others"
    others.mkdir()
    os.chown(others, 12345, 12345)
    assert folders() == {}


def test_what_is_mounted_in_the_folder_is_left_alone(temporary: Path) -> None:
    """As mmdebstrap mounts /dev in the file system that it makes."""
    folder = open_for(begin())
    (folder / "dev").mkdir()
    (folder / "file").write_text("")
    subprocess.run(["mount", "-t", "tmpfs", "none", str(folder / "dev")], check=True)
    try:
        (folder / "dev" / "null").write_text("")
        close(folder)
        assert [path.name for path in folder.rglob("*")] == ["dev", "null"]
    finally:
        subprocess.run(["umount", str(folder / "dev")], check=True)
