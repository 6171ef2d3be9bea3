"""Small trees under git, made with git itself, the same on every machine."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

#: When every commit and every annotated tag is made.
MADE_AT = "2026-01-02T03:04:05+02:00"

#: All that git gets to know of the machine. What else begins with GIT_ would lead it astray, as in a hook.
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_AUTHOR_DATE": MADE_AT,
    "GIT_COMMITTER_NAME": "Committer",
    "GIT_COMMITTER_EMAIL": "committer@example.org",
    "GIT_COMMITTER_DATE": MADE_AT,
}

LOCKS = {
    "apps/api/requirements.txt": "fastapi==1\n",
    "apps/workers/requirements.txt": "procrastinate==2\n",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
}


@dataclass(frozen=True)
class Repository:
    """A work tree with locks in it."""

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def do(self, *lines: str) -> None:
        """Each line is a git command, without "git"."""
        for line in lines:
            self.git(*line.split())

    def commit(self) -> str:
        """Commit, though nothing changed; return the commit's id."""
        self.git("commit", "--quiet", "--allow-empty", "--message", "Why")
        return self.git("rev-parse", "HEAD")


def new_tree(root: Path, locks: dict[str, str] = LOCKS) -> Path:
    """A tree with locks in it, and without git."""
    for name, text in locks.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def new_repository(root: Path, locks: dict[str, str] = LOCKS) -> Repository:
    """A tree whose locks are committed on the branch main, in the older of two commits."""
    repository = Repository(new_tree(root, locks))
    repository.do("init --quiet --initial-branch=main", "add --all")
    repository.commit()
    repository.commit()
    return repository


def shut_out_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the git that the harness runs know no more of the machine than the one of these tests."""
    for name in os.environ:
        if name.startswith(("GIT_", "LC_", "LANG")):
            monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
