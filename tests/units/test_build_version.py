"""build-version.sh says which commit a tree is from, or nothing at all."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fixtures.documents import HARNESS, read_json
from fixtures.source import read_source
from repositories import LOCKS, Repository, new_repository, new_tree, shut_out_the_machine

SCRIPT = HARNESS / "infra/docker/build-version.sh"
#: It runs under the sh of whatever base an image has.
SHELLS = ["sh", *filter(shutil.which, ("dash", "bash"))]
PYTHON_LOCKS = sorted(name for name in LOCKS if name.startswith("apps/"))
OTHER_COMMIT = "0123456789abcdef0123456789abcdef01234567"
NO_COMMIT = (
    "build-version.sh: no commit: RENDER_GIT_COMMIT is not set and the build context has no .git/HEAD"
    ' that names one.\nPass it: --build-arg RENDER_GIT_COMMIT="$(git rev-parse HEAD)"\n'
)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "tree")


def run(shell: str, *arguments: Path | str, cwd: Path | None = None, **environment: str) -> Any:
    return subprocess.run(
        [shell, str(SCRIPT), *map(str, arguments)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


def version(shell: str, *arguments: Path | str, cwd: Path | None = None, **environment: str) -> dict[str, str]:
    done = run(shell, *arguments, cwd=cwd, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def refusal(shell: str, tree: Path, **environment: str) -> str:
    done = run(shell, tree, **environment)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def digest(*texts: str) -> str:
    return hashlib.sha256("".join(texts).encode()).hexdigest()


# The commit


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["pack-refs --all"],
        ["pack-refs --all", "commit --quiet --allow-empty --message why"],
        ["switch --quiet --create a/b"],
        ["switch --quiet --create a/b", "pack-refs --all"],
        ["switch --quiet --detach"],
        ["switch --quiet --detach", "pack-refs --all"],
        ["switch --quiet --detach HEAD~1"],
        ["branch a/main HEAD~1", "branch main-2 HEAD~1", "branch mai HEAD~1", "tag main HEAD~1"],
        ["branch a/main HEAD~1", "branch main-2 HEAD~1", "branch mai HEAD~1", "tag main HEAD~1", "pack-refs --all"],
        ["gc --quiet"],
    ],
    ids=[
        *("branch", "packed-branch", "packed-branch-that-went-on", "nested-branch", "packed-nested-branch"),
        *("detached", "detached-and-packed", "detached-at-an-older-one", "namesakes", "packed-namesakes", "gc"),
    ],
)
def test_commit_is_the_one_checked_out(repository: Repository, shell: str, lines: list[str]) -> None:
    repository.do(*lines)
    assert version(shell, repository.root)["sha"] == repository.git("rev-parse", "HEAD")


def test_commit_that_is_given_wins_over_the_one_checked_out(repository: Repository, shell: str) -> None:
    assert version(shell, repository.root, RENDER_GIT_COMMIT=OTHER_COMMIT)["sha"] == OTHER_COMMIT


def test_commit_that_is_given_needs_no_git_folder(tmp_path: Path, shell: str) -> None:
    assert version(shell, new_tree(tmp_path), RENDER_GIT_COMMIT=OTHER_COMMIT)["sha"] == OTHER_COMMIT


def test_commit_that_is_given_as_nothing_is_not_given(repository: Repository, shell: str) -> None:
    """A build argument without a value reaches the build as an empty variable."""
    assert version(shell, repository.root, RENDER_GIT_COMMIT="")["sha"] == repository.git("rev-parse", "HEAD")


def test_short_commit_is_its_first_twelve_digits(tmp_path: Path, shell: str) -> None:
    assert version(shell, new_tree(tmp_path), RENDER_GIT_COMMIT=OTHER_COMMIT)["short_sha"] == "0123456789ab"


def test_tree_is_the_current_folder_when_none_is_named(repository: Repository, shell: str) -> None:
    assert version(shell, cwd=repository.root)["sha"] == repository.git("rev-parse", "HEAD")


def test_tree_without_git_has_no_commit(tmp_path: Path, shell: str) -> None:
    assert refusal(shell, new_tree(tmp_path)) == NO_COMMIT


def test_branch_without_a_commit_has_none(tmp_path: Path, shell: str) -> None:
    Repository(new_tree(tmp_path)).do("init --quiet")
    assert refusal(shell, tmp_path) == NO_COMMIT


def test_branch_that_is_not_among_the_packed_ones_has_no_commit(repository: Repository, shell: str) -> None:
    repository.do("pack-refs --all", "symbolic-ref HEAD refs/heads/mai")
    assert refusal(shell, repository.root) == NO_COMMIT


def test_worktree_has_no_commit_of_its_own(repository: Repository, shell: str) -> None:
    """Its .git is a file that names a folder outside, which no build gets to see."""
    repository.do("worktree add --quiet ../beside")
    assert refusal(shell, repository.root.parent / "beside") == NO_COMMIT


@pytest.mark.parametrize(
    "text",
    [
        OTHER_COMMIT[:12],
        OTHER_COMMIT[:-1],
        OTHER_COMMIT + "0",
        OTHER_COMMIT.upper(),
        OTHER_COMMIT[:-1] + "g",
        OTHER_COMMIT[:-1] + "é",
        OTHER_COMMIT[:-1] + " ",
        OTHER_COMMIT[:-1] + "\n",
        OTHER_COMMIT + "\n",
        f" {OTHER_COMMIT}",
        OTHER_COMMIT[:-1] + '"',
        digest(),
        "HEAD",
        "main",
        "unknown",
        "-",
        "*" * 40,
    ],
)
def test_what_is_no_commit_is_refused(repository: Repository, shell: str, text: str) -> None:
    assert refusal(shell, repository.root, RENDER_GIT_COMMIT=text) == (
        f"build-version.sh: not a commit: '{text}'. Expected the 40 hexadecimal digits of a full commit id.\n"
    )


def test_git_folder_that_names_no_commit_is_refused(repository: Repository, shell: str) -> None:
    (repository.root / ".git/HEAD").write_text("nothing of git's\n")
    assert refusal(shell, repository.root) == (
        "build-version.sh: not a commit: 'nothing of git's'. Expected the 40 hexadecimal digits of a full commit id.\n"
    )


# The tags


PACK = "pack-refs --all"


@pytest.mark.parametrize(
    ("lines", "tag"),
    [
        (["tag v1"], "v1"),
        (["tag v1", PACK], "v1"),
        (["tag -m why v1", PACK], "v1"),
        (["tag a/b"], "a/b"),
        (["tag a/b", PACK], "a/b"),
        (["tag v1+2_3.4-5"], "v1+2_3.4-5"),
        (["tag prod-9", "tag prod-10"], "prod-10"),
        (["tag prod-10", "tag prod-9"], "prod-10"),
        (["tag prod-9", "tag prod-10", PACK], "prod-10"),
        (["tag prod-10", PACK, "tag prod-9"], "prod-10"),
        (["tag -m why prod-10", PACK, "tag prod-9"], "prod-10"),
        (["tag v1.10.0", "tag v1.9.0"], "v1.10.0"),
        (["tag prod-1", "tag prod-2 HEAD~1"], "prod-1"),
        (["tag prod-1", "tag prod-2 HEAD~1", PACK], "prod-1"),
        (["tag -m why prod-1", "tag -m why prod-2 HEAD~1", PACK], "prod-1"),
        (["tag v1 HEAD~1", PACK, "tag --force v1"], "v1"),
        (["tag v1", "tag -m why v2"], "v1"),
        (["tag v1", "tag unknown"], "v1"),
        ([], None),
        (["tag v1 HEAD~1"], None),
        (["tag v1 HEAD~1", PACK], None),
        (["tag -m why v1 HEAD~1", PACK], None),
        (["tag v1", PACK, "tag --force v1 HEAD~1"], None),
        (["tag v1", PACK, "tag --delete v1"], None),
        (["tag v1", "commit --quiet --allow-empty --message why"], None),
        (["branch v1"], None),
        (["branch tags/v1", PACK], None),
        (["update-ref refs/remotes/origin/v1 HEAD", PACK], None),
        (["tag -m why v2", "update-ref refs/other/v2 v2", "tag --delete v2", "tag v1 HEAD~1", PACK], None),
        (["tag -m why v2", "update-ref refs/zother/v2 v2", "tag --delete v2", "tag v1 HEAD~1", PACK], None),
        (["tag v1 HEAD^{tree}", PACK], None),
        (["tag unknown"], None),
        (["tag unknown", PACK], None),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, list) else None,
)
def test_description_is_the_highest_tag_at_the_commit(
    repository: Repository, shell: str, lines: list[str], tag: str | None
) -> None:
    repository.do(*lines)
    assert version(shell, repository.root)["describe"] == (tag or repository.git("rev-parse", "--short=12", "HEAD"))


def test_annotated_tag_that_is_not_packed_is_passed_over(repository: Repository, shell: str) -> None:
    """Its object is compressed, so it takes git to read it."""
    repository.do("tag -m why v1")
    assert version(shell, repository.root)["describe"] == repository.git("rev-parse", "--short=12", "HEAD")


def test_tags_are_those_of_the_commit_that_is_given(repository: Repository, shell: str) -> None:
    repository.do("tag older HEAD~1", "tag tip")
    given = repository.git("rev-parse", "HEAD~1")
    assert version(shell, repository.root, RENDER_GIT_COMMIT=given)["describe"] == "older"


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "packed"])
@pytest.mark.parametrize(
    "tag",
    [
        *('a"b', '"', 'a","b","c', "a'b", "$(id)", "a`id`", "${a}", "a;b", "a&b", "a|b", "a<b>", "a(b)", "a%sb"),
        *("a{b", "a,b", "a=b", "a@b", "#a", "!a", "é", "日本", "a\u2028b"),
    ],
)
def test_tag_with_odd_characters_is_passed_over(repository: Repository, tag: str, packed: bool) -> None:
    repository.git("tag", tag)
    repository.do(*[PACK] if packed else [])
    assert version("sh", repository.root)["describe"] == repository.git("rev-parse", "--short=12", "HEAD")


# The digests


def test_digest_of_the_python_locks_is_that_of_all_joined(repository: Repository, shell: str) -> None:
    assert version(shell, repository.root)["uv_lock_sha"] == digest(*(LOCKS[name] for name in PYTHON_LOCKS))


def test_digest_of_the_node_lock_is_that_of_the_file(repository: Repository, shell: str) -> None:
    assert version(shell, repository.root)["pnpm_lock_sha"] == digest(LOCKS["pnpm-lock.yaml"])


def test_python_locks_are_joined_in_byte_order_of_their_paths(tmp_path: Path, shell: str) -> None:
    names = ["apps/B", "apps/a-b", "apps/a.b", "apps/a", "apps/a0", "apps/é"]
    tree = new_tree(tmp_path, {**{f"{name}/requirements.txt": name for name in names}, "pnpm-lock.yaml": ""})
    assert version(shell, tree, RENDER_GIT_COMMIT=OTHER_COMMIT)["uv_lock_sha"] == digest(*names)


@pytest.mark.parametrize("name", ["apps/dashboard/package.json", "apps/a/b/requirements.txt", "apps/requirements.txt"])
def test_other_files_do_not_count(repository: Repository, shell: str, name: str) -> None:
    new_tree(repository.root, {name: "something"})
    assert version(shell, repository.root)["uv_lock_sha"] == digest(*(LOCKS[name] for name in PYTHON_LOCKS))


def test_missing_node_lock_is_named(repository: Repository, shell: str) -> None:
    (repository.root / "pnpm-lock.yaml").unlink()
    assert refusal(shell, repository.root) == f"build-version.sh: no lock file: {repository.root}/pnpm-lock.yaml\n"


def test_missing_python_locks_are_named(repository: Repository, shell: str) -> None:
    for name in PYTHON_LOCKS:
        (repository.root / name).unlink()
    assert refusal(shell, repository.root) == (
        f"build-version.sh: no lock file: {repository.root}/apps/*/requirements.txt\n"
    )


@pytest.mark.parametrize("name", LOCKS)
def test_folder_in_place_of_a_lock_is_named(repository: Repository, shell: str, name: str) -> None:
    (repository.root / name).unlink()
    (repository.root / name).mkdir()
    assert refusal(shell, repository.root) == f"build-version.sh: no lock file: {repository.root}/{name}\n"


@pytest.mark.parametrize("missing", ["sha256sum", "date"])
def test_without_a_program_it_needs_it_writes_nothing(
    repository: Repository, tmp_path: Path, shell: str, missing: str
) -> None:
    """A digest of nothing would look like one."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in {"awk", "cat", "cut", "date", "find", "grep", "sed", "sha256sum", "sort", "tail", shell} - {missing}:
        (programs / name).symlink_to(str(shutil.which(name)))
    done = run(shell, repository.root, PATH=str(programs))
    assert (done.returncode != 0, done.stdout) == (True, "")


# The time


@pytest.mark.parametrize("zone", ["UTC0", "XXX-14", "XXX+12"])
def test_time_is_now_in_utc(repository: Repository, shell: str, zone: str) -> None:
    built_at = datetime.fromisoformat(version(shell, repository.root, TZ=zone)["built_at"])
    assert timedelta(0) <= datetime.now(UTC) - built_at < timedelta(minutes=1)


# The document


@pytest.mark.parametrize("lines", [[], ["tag v1"], ["tag unknown"], ['tag a"b', PACK], ["switch --quiet --detach"]])
def test_document_fits_its_schema(repository: Repository, shell: str, lines: list[str]) -> None:
    repository.do(*lines)
    document = read_json(run(shell, repository.root).stdout, "version.json")
    assert document.problems("infra/docker/version.schema.json") == []


def test_each_field_stands_on_a_line_of_its_own(repository: Repository, shell: str) -> None:
    """backup-nightly.sh reads it with sed."""
    lines = run(shell, repository.root).stdout.splitlines()
    fields = [re.fullmatch(r'  "(\w+)": "[^"]*",?', line) for line in lines[1:-1]]
    assert [field and field[1] for field in fields] == [
        *("sha", "short_sha", "describe", "built_at", "uv_lock_sha", "pnpm_lock_sha")
    ]


@pytest.mark.parametrize("given", ["", OTHER_COMMIT, "unknown"])
@pytest.mark.parametrize(
    "lines", [[], ["tag unknown"], ["tag -m why unknown", PACK], ["symbolic-ref HEAD refs/heads/x"]]
)
def test_nothing_is_ever_unknown(repository: Repository, shell: str, lines: list[str], given: str) -> None:
    repository.do(*lines)
    assert "unknown" not in run(shell, repository.root, RENDER_GIT_COMMIT=given).stdout


@pytest.mark.parametrize("name", ["a b", "a*", "[a]", "$a", "a'b", "é", "a\\b"])
def test_tree_may_have_any_name(tmp_path: Path, shell: str, name: str) -> None:
    tree = new_repository(tmp_path / name)
    assert version(shell, tree.root)["sha"] == tree.git("rev-parse", "HEAD")


def test_tree_is_only_read(repository: Repository, shell: str) -> None:
    """A build mounts it read-only."""

    def state() -> list[tuple[Path, int, int]]:
        return [(path, path.stat().st_mtime_ns, path.stat().st_mode) for path in everything]

    repository.do("tag v1", "branch a/b", PACK)
    everything = sorted((repository.root, *repository.root.rglob("*")))
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    before = state()
    assert version(shell, repository.root)["describe"] == "v1"
    assert (state(), sorted((repository.root, *repository.root.rglob("*")))) == (before, everything)


# Held against what the harness reads of the same tree


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [PACK],
        ["tag v1"],
        ["tag -m why v1", PACK],
        ["tag prod-9", "tag prod-10"],
        ["tag prod-9", "tag prod-10 HEAD~1", PACK],
        ["switch --quiet --detach HEAD~1", "tag v1"],
        ["switch --quiet --create a/b", PACK],
    ],
    ids=", ".join,
)
def test_harness_reads_the_same(tmp_path: Path, shell: str, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shut_out_the_machine(monkeypatch)
    repository = new_repository(tmp_path / "tree", {**LOCKS, "apps/api-2/requirements.txt": "fastapi==2\n"})
    repository.do(*lines)
    written, source = version(shell, repository.root), read_source(repository.root)
    assert (written["sha"], written["describe"] in (source.tags or [written["short_sha"]])) == (source.commit, True)
    assert {name: written[name] for name in source.lock_digests} == source.lock_digests
