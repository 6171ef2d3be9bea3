"""The linters have nothing to say of the tree."""

import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
PYTHON = ("fixtures", "suites", "tests", "conftest.py", "conform", "apps", "packages", "tools")
SHELLS = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env sh", "#!/usr/bin/env bash")
MOST_LINES = 400


def said(program: str | Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [program, *arguments], cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    return done.returncode, done.stdout


def committed() -> dict[str, bytes]:
    """The files that git knows and that are there; a link is none."""
    # A tree that belongs to somebody else is still only read.
    status, names = said("git", "-c", f"safe.directory={TREE}", "ls-files", "-z")
    assert status == 0, names
    paths = {name: TREE / name for name in names.split("\0") if name}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file() and not path.is_symlink()}


COMMITTED = committed()
DOCKERFILES = [
    str(path.relative_to(TREE))
    for folder in ("infra/docker", "fixtures/stand_ins")
    for path in sorted((TREE / folder).glob("*.Dockerfile"))
]
SCRIPTS = [
    name
    for name, content in COMMITTED.items()
    if name.endswith((".sh", ".bash")) or content.partition(b"\n")[0].decode(errors="replace").startswith(SHELLS)
]
REQUIREMENTS = [name for name in COMMITTED if Path(name).name == "requirements.txt"]


def test_ruff_has_nothing_to_say() -> None:
    status, output = said(PROGRAMS / "ruff", "check", "--no-cache", *PYTHON)
    assert status == 0, output


def test_python_is_formatted() -> None:
    status, output = said(PROGRAMS / "ruff", "format", "--no-cache", "--diff", *PYTHON)
    assert status == 0, output


def test_types_are_right() -> None:
    status, output = said(PROGRAMS / "mypy", "--cache-dir=.conform/mypy-cache")
    assert status == 0, output


@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_has_nothing_to_say(script: str) -> None:
    status, output = said(PROGRAMS / "shellcheck", "--external-sources", "--color=never", script)
    assert status == 0, output


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_hadolint_has_nothing_to_say(dockerfile: str) -> None:
    status, output = said(PROGRAMS / "hadolint", "--no-color", dockerfile)
    assert status == 0, output


def test_no_file_is_too_long_to_read() -> None:
    text = {name: content for name, content in COMMITTED.items() if b"\0" not in content}
    written = {name: content for name, content in text.items() if name not in (*REQUIREMENTS, "pnpm-lock.yaml")}
    long = {name: lines for name, content in written.items() if (lines := len(content.splitlines())) > MOST_LINES}
    assert long == {}


@pytest.mark.parametrize("lock", REQUIREMENTS)
def test_python_lock_names_no_host(lock: str) -> None:
    """Whoever installs decides where from."""
    assert [line for line in COMMITTED[lock].decode().splitlines() if "://" in line] == []


def test_node_lock_names_no_host() -> None:
    """Whoever installs decides where from."""
    lines = COMMITTED["pnpm-lock.yaml"].decode().splitlines()
    assert [line for line in lines if "tarball:" in line or "://" in line] == []
