"""A run that is killed leaves nothing behind, and runs side by side leave each other alone."""

import os
import random
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import docker
import pytest

from fixtures.engine import OWNER_LABEL, RUN_LABEL, Engine
from fixtures.leftovers import clear, hold
from fixtures.runs import begin, is_over, owner_of
from fixtures.waiting import wait_until
from verification import Outcome, Verify, wait_for_line

#: Of two images what builds anew, opens, starts and stops: of a run that is killed there is some of each.
KINDS = "process or isolation or canaries or layer_order or directories"
NARROWED = ("--image", "api", "--image", "dashboard", "-n", "2", "-v", "-k", KINDS)
#: Of containers that are no run's; its value says whose they are.
STRANGER_LABEL = "conform-tests.stranger"
#: Everything of a run but its tests.
SET_UP_ONLY = ("--image", "backup-nightly", "-k", "no_test_has_this_name")
#: How soon nothing may be left.
LEFT_SECONDS = 10.0
#: A run is killed after the first line of its output with this text, and so many seconds later at the most.
MOMENTS = {
    "": 1.5,  # from its very beginning
    "engine: ": 1.0,
    "bases: ": 1.5,
    "build: api, ": 1.5,
    "build:  ": 1.0,  # an instruction was carried out
    "build: api: ": 1.5,
    "created: ": 1.0,  # workers
    "PASSED": 1.5,
    "[ 6": 1.5,  # sixty and some percent
    "  reports  ": 0.2,  # only the clearing away is still to come
}
#: To see a run's moments again: its delays come from this.
SEED = os.environ.get("CONFORM_SEED") or str(time.time_ns() % 1_000_000)


@pytest.fixture
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    with engine.client() as client:
        yield client


@pytest.fixture
def image(verify: Verify) -> str:
    """Id of an image of the tree; what is built from the tree later takes its name."""
    return str(verify(*SET_UP_ONLY).report["images"]["backup-nightly"]["id"])


@pytest.fixture
def strangers(engine: Engine, client: docker.DockerClient, image: str) -> Iterator[Callable[[], dict[str, str]]]:
    """Containers that no sweep may touch; tells the state of each."""
    me = str(owner_of(os.getpid()))
    # As no sweep touches them, those of a self-test that was cut off are still there.
    for old in client.containers.list(all=True, filters={"label": STRANGER_LABEL}):
        if is_over(old.labels[STRANGER_LABEL], engine.same_kernel):
            old.remove(force=True)
    labels: dict[str, dict[str, str]] = {
        "looks-like-ours": {"conform": "run", f"{RUN_LABEL}s": "1", f"x.{RUN_LABEL}": "1"},
        "owner-malformed": {RUN_LABEL: "0123456789ab", OWNER_LABEL: "nobody"},
        "owner-missing": {RUN_LABEL: "0123456789ab"},
        "run-alive": {RUN_LABEL: "0123456789ab", OWNER_LABEL: me},
    }
    started = {}
    with ExitStack() as stack:
        for name, its_labels in labels.items():
            started[name] = client.containers.run(
                image,
                ["infinity"],
                entrypoint=["sleep"],
                name=f"conform-{name}-{uuid.uuid4().hex[:12]}",
                labels={STRANGER_LABEL: me, **its_labels},
                detach=True,
            )
            stack.callback(started[name].remove, force=True)

        def states() -> dict[str, str]:
            for container in started.values():
                container.reload()
            return {name: f"{one.status} since {one.attrs['State']['StartedAt']}" for name, one in started.items()}

        yield states


def left_of(client: docker.DockerClient, owner: str) -> list[str]:
    """What there is of the run of that process: asked in another way than the harness asks."""
    labelled = {"label": f"{OWNER_LABEL}={owner}"}
    processes = subprocess.run(["ps", "axeww", "-o", "pid=,args="], capture_output=True, text=True).stdout.splitlines()
    return [
        *(f"container {one['Id']}" for one in client.api.containers(all=True, filters=labelled)),
        *(f"network {one['Name']}" for one in client.api.networks(filters=labelled)),
        *(f"volume {one['Name']}" for one in client.api.volumes(filters=labelled)["Volumes"] or []),
        *(f"image {tag}" for one in client.api.images() for tag in one["RepoTags"] or [] if owner in tag),
        # The watcher has the owner among its arguments, all others in their environment.
        *(f"process {line[:60].strip()}" for line in processes if owner in line),
        *(f"folder {name}" for name in os.listdir(tempfile.gettempdir()) if owner in name),
    ]


def dangling(client: docker.DockerClient) -> set[str]:
    return {one["Id"] for one in client.api.images(filters={"dangling": True})}


@contextmanager
def run_up_to(verify: Verify, text: str, delay: float) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A run that builds something new, ``delay`` seconds after the first line with ``text``; and who owns it."""
    commit = f"{random.getrandbits(160):040x}"
    with verify.running(*NARROWED, environment={"RENDER_GIT_COMMIT": commit}) as process:
        owner = str(owner_of(process.pid))
        if text:
            wait_for_line(process, lambda line: text in line)
        with suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        yield process, owner


def kill_alone(process: "subprocess.Popen[str]", owner: str) -> None:
    process.kill()


def kill_all(process: "subprocess.Popen[str]", owner: str) -> None:
    """All at one blow, the watcher with them."""
    found = subprocess.run(["pgrep", "--full", f"fixtures.watcher .*{owner}"], capture_output=True, text=True).stdout
    with suppress(ProcessLookupError):  # it had ended by itself
        for watcher in found.split():
            os.kill(int(watcher), signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_alone, kill_all])
def test_run_that_is_killed_leaves_nothing_behind(
    verify: Verify,
    client: docker.DockerClient,
    strangers: Callable[[], dict[str, str]],
    image: str,
    kill: Callable[["subprocess.Popen[str]", str], None],
) -> None:
    """At any moment. What outlives it clears away within seconds; if that was killed too, the next run does."""
    delays = random.Random(f"{SEED} {kill.__name__}")
    strangers_before, dangling_before = strangers(), dangling(client)
    for text, at_most in MOMENTS.items():
        delay = delays.uniform(0, at_most)
        with run_up_to(verify, text, delay) as (process, owner):
            there = left_of(client, owner)
            kill(process, owner)
            killed = time.monotonic()
            # Whoever reads the run's output, as CI does, must see its end too.
            process.communicate(timeout=LEFT_SECONDS)
        if kill is kill_all:
            still_there = left_of(client, owner)
            next_run = verify(*SET_UP_ONLY)
            assert ("sweep: removed" in next_run.output) == bool(still_there), f"{still_there}: {next_run.output}"
            assert left_of(client, owner) == []
        wait_until(
            lambda: left_of(client, owner) == [],
            f"nothing to be left of a run that was killed {delay:.3f} s after {text!r} (CONFORM_SEED={SEED})",
            LEFT_SECONDS,
            lambda: ", ".join(left_of(client, owner)),
        )
        seconds = time.monotonic() - killed
        print(f"{kill.__name__} {delay:.2f} s after {text!r}: {len(there)} there, none after {seconds:.1f} s")
    assert strangers() == strangers_before
    assert dangling(client) - dangling_before <= {image}  # which the strangers use


def test_earlier_image_goes_with_the_last_run_that_holds_it(client: docker.DockerClient) -> None:
    """A run has its own image to the end, though another builds anew what bears its name."""
    name = "conform/selftest/built-anew:latest"
    # 10 KiB of zeros are an archive of no files.
    imported = subprocess.run(["docker", "import", "-", name], input=bytes(10240), capture_output=True, check=True)
    earlier = imported.stdout.decode().strip()
    first, second = begin(), begin()
    assert hold(client, name, first, "built/api") is not None
    assert hold(client, name, second, "before/api") is not None
    client.api.remove_image(name)
    assert hold(client, name, second, "before/api") is None
    for run, there in ((second, True), (first, False)):
        clear(client, lambda thing, run=run: thing.run == run)
        assert (earlier in {one["Id"] for one in client.api.images()}) == there


def counts(outcome: Outcome) -> dict[str, int]:
    """How many checks of a run that went well ended in each state."""
    assert outcome.status == 0, outcome.output
    return dict(outcome.counts)


def test_sweep_leaves_a_run_alone_that_goes_on(
    tree: Path, verify: Verify, client: docker.DockerClient, tmp_path: Path
) -> None:
    """Two runs, of which one is killed; the third builds anew what the second still looks at."""
    living, dead, third = (Verify(tree, tmp_path / name) for name in ("living", "dead", "third"))
    with living.running(*NARROWED) as lives, dead.running(*NARROWED) as dies:
        read = wait_for_line(lives, lambda line: "PASSED" in line)
        wait_for_line(dies, lambda line: "PASSED" in line)
        owner = str(owner_of(dies.pid))
        kill_all(dies, owner)
        assert left_of(client, owner) != []
        swept = third(*SET_UP_ONLY, environment={"RENDER_GIT_COMMIT": "f" * 40})
        assert "sweep: removed" in swept.output
        assert left_of(client, owner) == []
        assert lives.poll() is None, "it ended too soon to be disturbed"
        rest, _ = lives.communicate()
    assert counts(living.outcome(lives.returncode, read + rest)) == counts(verify(*NARROWED))


def test_two_runs_at_once_do_not_disturb_each_other(
    tree: Path, other_tree: Path, verify: Verify, tmp_path: Path
) -> None:
    """In one tree or in two, both come to the counts that one comes to alone."""
    alone = counts(verify(*NARROWED))
    first = Verify(tree, tmp_path / "first")
    for its_tree in (tree, other_tree):
        second = Verify(its_tree, tmp_path / "second")
        with first.running(*NARROWED) as one, second.running(*NARROWED) as two:
            said_by_one, said_by_two = (process.communicate()[0] for process in (one, two))
        assert counts(first.outcome(one.returncode, said_by_one)) == alone
        assert counts(second.outcome(two.returncode, said_by_two)) == alone
