"""./conform as people use it: its exit status, and one paragraph where something is amiss."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.documents import HARNESS
from fixtures.engine import Engine
from verification import LAUNCHER, Verify

#: Nothing listens there.
NOWHERE = "unix:///nowhere/docker.sock"
INVENTORY, BLUEPRINT = "infra/inventory.yaml", "infra/render/render.yaml"


@pytest.fixture
def no_engine(tmp_path: Path) -> dict[str, str]:
    """An environment in which Docker has neither an engine nor a program.

    Python in it is the one that runs here: for another, the launcher would make the virtual environment anew,
    under the feet of this very test.
    """
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    (programs / "git").symlink_to(str(shutil.which("git")))
    return {"DOCKER_HOST": NOWHERE, "PATH": str(programs)}


def test_help_says_what_there_is() -> None:
    done = subprocess.run([str(LAUNCHER), "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    for word in (
        "selftest",
        "down",
        "--root",
        "--image",
        "--static",
        "--strict",
        "--reports",
        "--bases",
        "exit status",
    ):
        assert word in done.stdout


def test_static_needs_no_engine(verify: Verify, no_engine: dict[str, str]) -> None:
    outcome = verify("--static", environment=no_engine)
    assert (outcome.status, set(outcome.counts)) == (0, {"passed"}), outcome.output
    assert outcome.report["engine"] is None


def test_static_tests_an_image_alone(verify: Verify, no_engine: dict[str, str]) -> None:
    outcome = verify("--static", "--image", "api", environment=no_engine)
    assert outcome.status == 0
    assert {check["image"] for check in outcome.checks} == {"api", "tree"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--image", "apy"],
        ["--no-such-option"],
        ["--root", "/no/such/directory"],
        ["--bases", "elsewhere"],
        ["suites/no_such_test.py"],
    ],
)
def test_wrong_usage_is_status_4(verify: Verify, arguments: list[str]) -> None:
    outcome = verify("--static", *arguments)
    assert outcome.status == 4
    assert "Traceback" not in outcome.output


def test_unknown_image_is_told_which_there_are(verify: Verify) -> None:
    output = verify("--static", "--image", "apy").output
    assert f"--image apy: not in {INVENTORY}, which has api, workers, dashboard, operations, backup-nightly" in output


def test_nothing_that_ran_is_no_pass(verify: Verify) -> None:
    outcome = verify("--static", "-k", "no_such_test")
    assert (outcome.status, outcome.report["verdict"]["reasons"][0]) == (2, "Nothing was verified.")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (INVENTORY, "version: 1\nimages: {", f"the inventory cannot be read: {INVENTORY}:"),
        (INVENTORY, "version: 1\n", "the inventory does not hold, so there is no telling what to verify:"),
        (INVENTORY, b"version: \xff\n", f"{INVENTORY}:1: not UTF-8"),
        ("infra/waivers.yaml", "waivers: x\n", "the waivers do not hold:"),
    ],
)
def test_tree_that_cannot_be_understood_is_status_2(
    tree: Path, verify: Verify, file: str, text: str | bytes, said: str
) -> None:
    (tree / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    outcome = verify("--static")
    assert outcome.status == 2
    assert said in outcome.output
    assert "Traceback" not in outcome.output
    assert (outcome.passed, outcome.report["verdict"]["word"]) == (0, "not verified")


def test_missing_inventory_is_status_2(tree: Path, verify: Verify) -> None:
    (tree / INVENTORY).unlink()
    outcome = verify("--static")
    assert outcome.status == 2
    assert f"{INVENTORY}: No such file" in outcome.output or f"{INVENTORY}: there is no such file" in outcome.output


def test_blueprint_that_is_no_yaml_violates_a_requirement(tree: Path, verify: Verify) -> None:
    (tree / BLUEPRINT).write_text("services: [\n")
    outcome = verify("--static")
    assert (outcome.status, outcome.violated) == (1, {"D1-01"}), outcome.output
    assert f"{BLUEPRINT}:2: not YAML" in outcome.violations[0]["message"]
    assert "Traceback" not in outcome.output


def test_missing_dockerfile_violates_a_requirement(tree: Path, verify: Verify) -> None:
    (tree / "infra/docker/api.Dockerfile").unlink()
    outcome = verify("--static")
    assert (outcome.status, outcome.violated, outcome.red) == (1, {"D3-01"}, {"api"}), outcome.output
    assert "Traceback" not in outcome.output


def test_engine_that_does_not_answer_is_status_2(verify: Verify) -> None:
    outcome = verify(environment={"DOCKER_HOST": NOWHERE})
    assert outcome.status == 2
    assert "the container engine at unix:///nowhere/docker.sock does not answer." in outcome.output
    assert "Traceback" not in outcome.output
    assert outcome.states == {"conform::set-up": "error"}


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--strict"], 2)])
def test_strict_takes_unverified_for_no_pass(verify: Verify, engine: Engine, arguments: list[str], status: int) -> None:
    outcome = verify("--image", "backup-nightly", "--bases", "stand-in", "-k", "digest", *arguments)
    assert (outcome.status, outcome.counts["unverified"], outcome.red) == (status, 1, set()), outcome.output
    (check,) = [one for one in outcome.checks if one["state"] == "unverified"]
    assert "D2-12 backup-nightly: cannot be verified here: 1 of its bases are stand-ins" in check["message"]


def test_old_python_is_told_what_is_needed() -> None:
    """Only read, by the grammar of an older Python: none is at hand to start it with."""
    import ast

    ast.parse(LAUNCHER.read_text(), feature_version=(3, 7))


def test_launcher_needs_nothing_that_has_to_be_installed() -> None:
    done = subprocess.run([sys.executable, "-S", "-I", str(LAUNCHER), "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_readme_commands_are_those_of_the_gate() -> None:
    gate = (HARNESS / ".ci/run").read_text().splitlines()
    readme = (HARNESS / "README.md").read_text()
    commands = [line for line in gate if line.startswith("./conform")]
    assert commands == ["./conform", "./conform selftest"]
    assert all(f"    {command}" in readme for command in commands)
