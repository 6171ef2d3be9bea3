"""What git says of a tree is read as it is; where git says nothing, nothing is claimed."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.commands import CouldNotVerify
from fixtures.source import read_source, read_state
from repositories import LOCKS, Repository, new_repository, new_tree, shut_out_the_machine


@pytest.fixture(autouse=True)
def nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    shut_out_the_machine(monkeypatch)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "tree")


def digest(*texts: str) -> str:
    return hashlib.sha256("".join(texts).encode()).hexdigest()


# The state


def test_state_is_the_commit_and_whether_it_is_all(repository: Repository) -> None:
    head = repository.git("rev-parse", "HEAD")
    assert read_state(repository.root) == (head, False)
    (repository.root / "new").write_text("")
    assert read_state(repository.root) == (head, True)


def test_state_of_what_git_does_not_know_is_not_claimed(tmp_path: Path) -> None:
    assert read_state(tmp_path) == (None, None)


# The commit


@pytest.mark.parametrize(
    "line",
    [
        "status",
        "pack-refs --all",
        "switch --quiet --create a/b",
        "switch --quiet --detach HEAD~1",
        "branch a/main HEAD~1",
        "tag main HEAD~1",
        "update-ref refs/heads/HEAD HEAD~1",
        "worktree add --quiet ../beside HEAD~1",
    ],
)
def test_commit_is_the_one_checked_out(repository: Repository, line: str) -> None:
    repository.git(*line.split())
    head = (repository.root / ".git/HEAD").read_text().strip().removeprefix("ref: ")
    assert read_source(repository.root).commit == repository.git("rev-parse", head)


def test_commit_of_a_worktree_is_its_own(repository: Repository) -> None:
    repository.do("worktree add --quiet --detach ../beside HEAD~1")
    assert read_source(repository.root.parent / "beside").commit == repository.git("rev-parse", "HEAD~1")


def test_commit_is_whole_though_git_is_set_to_abbreviate(repository: Repository) -> None:
    repository.do("config core.abbrev 7", "config log.abbrevCommit true")
    assert len(read_source(repository.root).commit) == 40


def test_change_that_is_not_committed_leaves_the_commit(repository: Repository) -> None:
    before = read_source(repository.root).commit
    new_tree(repository.root, {"pnpm-lock.yaml": "changed", "new": "new"})
    assert read_source(repository.root).commit == before


@pytest.mark.parametrize("setting", ["log.date relative", "log.showSignature true", "format.pretty oneline"])
def test_time_of_the_commit_is_the_same_in_any_setting(repository: Repository, setting: str) -> None:
    repository.git("config", *setting.split())
    assert read_source(repository.root).committed_at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_time_of_the_commit_keeps_its_zone(repository: Repository) -> None:
    assert read_source(repository.root).committed_at.utcoffset() == timedelta(hours=2)


# The tags


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        ([], ()),
        (["tag v1"], ("v1",)),
        (["tag -m why v1"], ("v1",)),
        (["tag -m why v1", "pack-refs --all"], ("v1",)),
        (["tag a/b"], ("a/b",)),
        (["tag v2", "tag v1"], ("v1", "v2")),
        (['tag a"b'], ('a"b',)),
        (["tag é"], ("é",)),
        (["tag v1", "tag v2 HEAD~1"], ("v1",)),
        (["tag v1 HEAD~1"], ()),
        (["tag -m why v1 HEAD~1"], ()),
        (["tag v1", "pack-refs --all", "tag --force v1 HEAD~1"], ()),
        (["tag v1", "tag --delete v1"], ()),
        (["tag v1 HEAD^{tree}"], ()),
        (["branch v1"], ()),
        (["update-ref refs/remotes/origin/v1 HEAD"], ()),
    ],
    ids=lambda value: ", ".join(value) or "none",
)
def test_tags_are_those_at_the_commit(repository: Repository, lines: list[str], tags: tuple[str, ...]) -> None:
    repository.do(*lines)
    assert read_source(repository.root).tags == tags


# The locks


def test_digest_of_the_python_locks_is_that_of_all_joined(repository: Repository) -> None:
    assert read_source(repository.root).lock_digests["uv_lock_sha"] == digest(
        LOCKS["apps/api/requirements.txt"], LOCKS["apps/workers/requirements.txt"]
    )


def test_digest_of_the_node_lock_is_that_of_the_file(repository: Repository) -> None:
    assert read_source(repository.root).lock_digests["pnpm_lock_sha"] == digest(LOCKS["pnpm-lock.yaml"])


def test_lock_is_read_as_it_lies_there(repository: Repository) -> None:
    """A build takes it from there too, committed or not."""
    new_tree(repository.root, {"pnpm-lock.yaml": "changed"})
    assert read_source(repository.root).lock_digests["pnpm_lock_sha"] == digest("changed")


def test_python_locks_are_joined_in_byte_order_of_their_paths(tmp_path: Path) -> None:
    names = ["apps/B", "apps/a-b", "apps/a.b", "apps/a", "apps/a0", "apps/é"]
    locks = {f"{name}/requirements.txt": name for name in names}
    repository = new_repository(tmp_path, {**locks, "pnpm-lock.yaml": ""})
    assert read_source(repository.root).lock_digests["uv_lock_sha"] == digest(*names)


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "apps/requirements.txt",
        "apps/api/requirements.in",
        "apps/a/b/requirements.txt",
        "apps/.hidden/requirements.txt",
        "packages/a/requirements.txt",
        "apps/a/pnpm-lock.yaml",
    ],
)
def test_other_files_do_not_count(repository: Repository, name: str) -> None:
    before = read_source(repository.root).lock_digests
    new_tree(repository.root, {name: "something"})
    assert read_source(repository.root).lock_digests == before


def test_missing_lock_is_named(repository: Repository) -> None:
    lock = repository.root / "pnpm-lock.yaml"
    lock.unlink()
    with pytest.raises(CouldNotVerify) as refused:
        read_source(repository.root)
    assert str(refused.value) == f"a lock cannot be read: [Errno 2] No such file or directory: '{lock}'"


@pytest.mark.parametrize("name", LOCKS)
def test_folder_in_place_of_a_lock_is_named(repository: Repository, name: str) -> None:
    lock = repository.root / name
    lock.unlink()
    lock.mkdir()
    with pytest.raises(CouldNotVerify) as refused:
        read_source(repository.root)
    assert str(refused.value) == f"a lock cannot be read: [Errno 21] Is a directory: '{lock}'"


# Where git says nothing


COMPLAINT = r"^git cannot tell the version of the tree under test: fatal: "


def test_tree_without_git_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify, match=f"{COMPLAINT}not a git repository"):
        read_source(new_tree(tmp_path))


def test_missing_tree_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(CouldNotVerify, match=f"{COMPLAINT}cannot change to '{tmp_path}/missing'"):
        read_source(tmp_path / "missing")


def test_file_in_place_of_the_tree_cannot_be_verified(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CouldNotVerify, match=f"{COMPLAINT}cannot change to '{tmp_path}/file'"):
        read_source(tmp_path / "file")


def test_branch_without_a_commit_cannot_be_verified(tmp_path: Path) -> None:
    Repository(new_tree(tmp_path)).do("init --quiet")
    with pytest.raises(CouldNotVerify, match=f"{COMPLAINT}ambiguous argument 'HEAD'"):
        read_source(tmp_path)


def test_worktree_whose_repository_is_gone_cannot_be_verified(repository: Repository) -> None:
    repository.do("worktree add --quiet ../beside")
    (repository.root / ".git").rename(repository.root / "gone")
    with pytest.raises(CouldNotVerify, match=f"{COMPLAINT}not a git repository: {repository.root}/.git"):
        read_source(repository.root.parent / "beside")


def test_tree_of_somebody_else_is_read(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert read_source(repository.root).commit == repository.git("rev-parse", "HEAD")
