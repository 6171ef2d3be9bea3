"""The tools that check the same facts, each as its own documentation has it, from nothing to nothing left."""

import json
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.checks.ways import docker, label_options
from bench.facts import PROPERTIES, Facts
from fixtures.commands import CouldNotVerify, run
from fixtures.documents import HARNESS
from fixtures.packages import add_suite, apt_get, need_root, os_release

PRIVATE = HARNESS / ".conform"
VENV = PRIVATE / "bench-venv"
GOSS = PRIVATE / "goss"
RUN_SECONDS = 600


@dataclass(frozen=True)
class Verdict:
    """What a tool said."""

    checked: int  #: how many checks it counts itself
    passed: bool
    said: str  #: the end of its output


@dataclass(frozen=True)
class Peer:
    name: str
    obtain: Callable[[], str]  #: have it at hand; its version. Raises CouldNotVerify with why it is missing
    write: Callable[[Facts, Path], Any]  #: put the facts into a folder, in its own form
    check: Callable[[str, Path], Verdict]  #: check an image, by id, against that folder
    checks_of: Callable[[Facts], int]  #: how many checks it counts for these facts


def environment() -> None:
    """Make the virtual environment of what only the measurements need. Raises CouldNotVerify."""
    lock = HARNESS / "bench" / "requirements.txt"
    stamp = VENV / "made-from"
    if stamp.is_file() and stamp.read_text() == lock.read_text():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)], purpose="making the environment of the peers", seconds=120)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
    run(pip, purpose="installing the peers", seconds=RUN_SECONDS)
    stamp.write_text(lock.read_text())


# pytest-testinfra and this harness: the same cases


def _cases(way: str) -> Callable[[str, Path], Verdict]:
    def check(image: str, folder: Path) -> Verdict:
        done = _run([sys.executable, "-m", "bench.checks", way, image, str(folder / "facts.json")])
        counts = dict(re.findall(r"(\d+) (passed|failed|error)", done.stdout.splitlines()[-1] if done.stdout else ""))
        return Verdict(sum(map(int, counts)), done.returncode == 0, (done.stdout + done.stderr)[-600:])

    return check


def _write_cases(facts: Facts, folder: Path) -> None:
    (folder / "facts.json").write_text(json.dumps(facts.as_json()))


def _testinfra_version() -> str:
    from importlib.metadata import version

    return version("pytest-testinfra")


# goss, in the container, as dgoss puts it there


def _obtain_goss() -> str:
    if not GOSS.with_suffix(".version").is_file():
        need_root("goss is taken from a package of Debian trixie")
        if os_release().get("ID") != "debian":
            raise CouldNotVerify("goss is taken from a package of Debian trixie, and this is no Debian")
        add_suite("trixie")
        apt_get("update")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)  # apt downloads as somebody else
            subprocess.run(["apt-get", "-q", "download", "goss/trixie"], cwd=folder, check=True, capture_output=True)
            (package,) = Path(folder).glob("goss_*.deb")
            GOSS.with_suffix(".version").write_text(package.name.split("_")[1])  # it does not tell its own
            run(["dpkg-deb", "--extract", str(package), folder], purpose="unpacking goss", seconds=60)
            shutil.copy(Path(folder) / "usr/bin/goss", GOSS)
    return GOSS.with_suffix(".version").read_text()


def _write_goss(facts: Facts, folder: Path) -> None:
    users: dict[str, dict[str, Any]] = {}
    for one in facts.users:
        value = int(one.value) if one.what in ("uid", "gid") else one.value
        users.setdefault(one.name, {"exists": True})[one.what] = value
    tests = {
        "file": {one.path: {"exists": True, "mode": f"{one.mode:04o}"} for one in facts.files},
        "user": users,
        "command": {one.command: {"exit-status": 0, "stdout": [one.stdout]} for one in facts.commands},
    }
    (folder / "goss.yaml").write_text(yaml.safe_dump(tests))


def _check_goss(image: str, folder: Path) -> Verdict:
    container = docker("create", *label_options(), "--entrypoint", "sleep", image, "infinity")
    try:
        docker("cp", "--quiet", str(GOSS), f"{container}:/goss")
        docker("cp", "--quiet", str(folder / "goss.yaml"), f"{container}:/goss.yaml")
        docker("start", container)
        done = _run(["docker", "exec", "--user", "0", container, "/goss", "-g", "/goss.yaml", "validate", "--no-color"])
    finally:
        docker("rm", "--force", container)
    counted = re.search(r"Count: (\d+), Failed: (\d+)", done.stdout)
    return Verdict(int(counted[1]) if counted else 0, done.returncode == 0, done.stdout[-600:])


def _goss_counts(facts: Facts) -> int:
    """It counts each attribute, existence and exit status too."""
    users = len({one.name for one in facts.users}) + len(facts.users)
    return 2 * len(facts.files) + users + 2 * len(facts.commands)


# container-structure-test


def _obtain_structure_test() -> str:
    environment()
    version = run([str(VENV / "bin" / "container-structure-test"), "version"], purpose="asking it", seconds=20)
    return version.decode().strip()


def _write_structure_test(facts: Facts, folder: Path) -> None:
    fields = {"uid": 2, "gid": 3, "home": 5, "shell": 6}
    assert set(fields) == set(PROPERTIES)
    commands = [
        {"name": f"{one.name} {one.what}", "command": "getent", "args": ["passwd", one.name],
         "expectedOutput": [f"^([^:]*:){{{fields[one.what]}}}{re.escape(one.value)}(:|\n)"]}
        for one in facts.users
    ]  # fmt: skip
    commands += [
        {"name": one.command, "command": one.command.split()[0], "args": one.command.split()[1:],
         "expectedOutput": [f"^{re.escape(one.stdout)}\n$"]}
        for one in facts.commands
    ]  # fmt: skip
    files = [
        {"name": one.path, "path": one.path, "shouldExist": True, "permissions": _permissions(one.mode)}
        for one in facts.files
    ]
    tests = {"schemaVersion": "2.0.0", "fileExistenceTests": files, "commandTests": commands}
    (folder / "tests.yaml").write_text(yaml.safe_dump(tests))


def _permissions(mode: int) -> str:
    """As Go writes a mode: setuid, setgid and sticky stand in front, in the place of the dash."""
    special = "".join(
        letter for bit, letter in ((stat.S_ISUID, "u"), (stat.S_ISGID, "g"), (stat.S_ISVTX, "t")) if mode & bit
    )
    return (special or "-") + stat.filemode(mode & 0o777)[1:]


def _check_structure_test(image: str, folder: Path) -> Verdict:
    tool = str(VENV / "bin" / "container-structure-test")
    done = _run([tool, "test", "--image", image, "--config", str(folder / "tests.yaml"), "--no-color"])
    counts = {name: int(number) for name, number in re.findall(r"(Passes|Failures): +(\d+)", done.stdout)}
    return Verdict(sum(counts.values()), done.returncode == 0, (done.stdout + done.stderr)[-600:])


def _run(argv: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(argv, cwd=HARNESS, capture_output=True, text=True, timeout=RUN_SECONDS)


OURS = "this harness"
PEERS = [
    Peer(OURS, lambda: "this commit", _write_cases, _cases("conform"), len),
    Peer("goss", _obtain_goss, _write_goss, _check_goss, _goss_counts),
    Peer("pytest-testinfra", _testinfra_version, _write_cases, _cases("testinfra"), len),
    Peer("container-structure-test", _obtain_structure_test, _write_structure_test, _check_structure_test, len),
]


@contextmanager
def written(peer: Peer, facts: Facts) -> Iterator[Path]:
    """A folder with the facts in the peer's own form."""
    with tempfile.TemporaryDirectory() as folder:
        peer.write(facts, Path(folder))
        yield Path(folder)
