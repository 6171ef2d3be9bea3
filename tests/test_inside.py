"""testinfra over a resident shell behaves like testinfra's own docker backend: one list of claims for both."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest
import testinfra
from docker.models.containers import Container
from testinfra.host import Host

from fixtures.commands import CouldNotVerify, Say
from fixtures.engine import Engine
from fixtures.inside import inside
from fixtures.references import parse_reference
from fixtures.runs import begin
from fixtures.shell import NO_PROGRAM, TooLong
from fixtures.stand_ins import Workshop
from fixtures.waiting import wait_until

#: A backend, the program behind /bin/sh, and a user; None is the image's own, which is root here.
WAYS = [
    pytest.param((backend, shell, user), id=f"{backend}-{shell}-{user or 'image'}")
    for backend in ("testinfra", "resident")
    for shell, user in (("dash", None), ("dash", "daemon"), ("bash", None), ("bash", "daemon"))
]
MIB = 1 << 20


@dataclass(frozen=True)
class Sleeping:
    """Containers that only sleep, by the program behind /bin/sh; "" has none."""

    containers: dict[str, Container]

    def host(self, backend: str, shell: str, user: str | None) -> Host:
        container = str(self.containers[shell].id)
        if backend == "resident":
            return inside(container, user)
        return testinfra.get_host(f"docker://{user}@{container}" if user else f"docker://{container}")


@pytest.fixture(scope="module")
def sleeping(engine: Engine, say: Say) -> Iterator[Sleeping]:
    made: dict[str, Container] = {}
    with engine.client() as client:
        image = Workshop(client, say).make(parse_reference("debian:trixie-slim"))
        try:
            for shell, change in (("dash", "true"), ("bash", "ln -sf bash /bin/sh"), ("", "rm /bin/sh")):
                options = {"detach": True, "labels": begin().labels, "init": True}
                made[shell] = client.containers.run(image, ["sleep", "infinity"], **options)
                assert made[shell].exec_run(["bash", "-c", change]).exit_code == 0
            yield Sleeping(made)
        finally:
            for container in made.values():
                container.remove(force=True)


@pytest.fixture(params=WAYS)
def host(request: pytest.FixtureRequest, sleeping: Sleeping) -> Iterator[Host]:
    """Each way in turn."""
    host = sleeping.host(*request.param)
    yield host
    close(host)


@pytest.fixture(params=["dash", "bash"])
def resident(request: pytest.FixtureRequest, sleeping: Sleeping) -> Iterator[Host]:
    """Only ours, for what the other does not have."""
    host = sleeping.host("resident", request.param, None)
    yield host
    close(host)


def close(host: Host) -> None:
    if hasattr(host.backend, "close"):
        host.backend.close()


# What both do


@pytest.mark.parametrize("statuses", [range(256)], ids=["0-255"])
def test_exit_status_is_the_commands_own(resident: Host, statuses: range) -> None:
    assert [resident.run(f"exit {status}").rc for status in statuses] == list(statuses)


@pytest.mark.parametrize("status", [0, 1, 2, 3, 64, 125, 126, 127, 128, 137, 143, 254, 255])
def test_exit_status_is_the_same_as_elsewhere(host: Host, status: int) -> None:
    assert host.run(f"exit {status}").rc == status


def test_streams_are_kept_apart(host: Host) -> None:
    done = host.run("printf out; printf err >&2; exit 3")
    assert (done.rc, done.stdout, done.stderr) == (3, "out", "err")


def test_command_may_say_nothing_but_errors(host: Host) -> None:
    done = host.run("printf 'a\\nb' >&2")
    assert (done.rc, done.stdout, done.stderr) == (0, "", "a\nb")


@pytest.mark.parametrize(
    "text", ["", "a", "a\n", "\n", "\n\n", "a\r\n", "é☃𝄞", "'\"$HOME`x`\\", "  a  b ", "x" * 100_000]
)
def test_output_comes_as_it_is(host: Host, text: str) -> None:
    done = host.run("printf %%s %s", text)
    assert (done.stdout_bytes, done.rc) == (text.encode(), 0)


def test_output_is_binary_safe(host: Host) -> None:
    """Every byte there is, NUL among them, on both streams."""
    wanted = bytes(range(256))
    octal = "".join(f"\\{byte:03o}" for byte in wanted)
    done = host.run("printf %s; printf %s >&2", octal, octal)
    assert (done.stdout_bytes, done.stderr_bytes) == (wanted, wanted)


def test_a_mebibyte_comes_whole(host: Host) -> None:
    done = host.run(f"head -c {MIB} /dev/zero; head -c {MIB} /dev/zero | tr '\\0' x >&2; exit 7")
    assert (done.rc, done.stdout_bytes == bytes(MIB), done.stderr_bytes == b"x" * MIB) == (7, True, True)


@pytest.mark.parametrize(
    "text",
    ["a b", "it's", 'say "x"', "$HOME", "`id`", "a\\b", "a\nb", "*", "~", "-n", "", "a;b", "a&b", "#", "é☃", "%s", "!"],
)
def test_arguments_are_quoted(host: Host, text: str) -> None:
    assert host.run("printf '<%%s>' %s", text).stdout == f"<{text}>"


@pytest.mark.parametrize(
    "command",
    [
        "echo 'unfinished",
        "if true",
        "( echo",
        "echo a )",
        "cat <<E\nbody\nE",
        "cat <<E\nno end",
        "no-such-program",
        "/etc/passwd",
        "exec no-such-program",
        "false | true",
        "true | false",
        "set -e; false; echo never",
        "exec >&-; echo lost",
        "exec >&- 2>&-; exit 9",
        "exec 2>&-; echo kept",
        "return 4",
        "trap 'echo bye' EXIT; exit 6",
        "cd /no/such/place",
        'read -r line; echo "got:$line:$?"',
        "cat",
        "kill -KILL $$",
        "kill -TERM $$",
        "kill -TERM 0",
        "echo $0",
        "for i in 1 2 3; do echo $i; done",
        "# only a comment",
        "",
        "\n",
        "echo a\necho b",
        "test -t 0 || echo no terminal",
        "echo first; sleep 0.01; echo second >&2; echo third",
    ],
)
def test_shell_language_is_understood_alike(sleeping: Sleeping, command: str) -> None:
    """Not what it should do, but that both do the same: syntax errors, signals, here-documents."""
    for shell in ("dash", "bash"):
        plain, ours = (sleeping.host(backend, shell, None).run(command) for backend in ("testinfra", "resident"))
        # A shell may name its line, or itself, in a complaint: what it does has to be the same, and where it says so.
        assert (ours.rc, ours.stdout, bool(ours.stderr)) == (plain.rc, plain.stdout, bool(plain.stderr)), shell


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("user", [None, "daemon"])
@pytest.mark.parametrize(
    "asked",
    [
        "env | sort",
        "pwd",
        "umask",
        "ulimit -a",
        "id",
        "grep -E '^(Cap|SigI|SigB|SigC|NoNew|Uid|Gid)' /proc/self/status",
    ],
)
def test_command_finds_the_same_surroundings(sleeping: Sleeping, shell: str, user: str | None, asked: str) -> None:
    plain, ours = (sleeping.host(backend, shell, user).check_output(asked) for backend in ("testinfra", "resident"))
    assert ours == plain


def test_child_in_the_background_is_not_waited_for(host: Host) -> None:
    """Nor does it die with the command: somebody may have started it to look at it."""
    mark = "86401"
    done = host.run("sleep %s >/dev/null 2>&1 & echo started", mark)
    assert (done.rc, done.stdout) == (0, "started\n")
    assert host.run(
        "pkill -f %s || kill $(grep -ls %s /proc/[0-9]*/cmdline | cut -d/ -f3 | sort -n | head -1)", mark, mark
    )


def test_file_and_user_are_found(host: Host) -> None:
    """The idioms of testinfra's modules."""
    passwd = host.file("/etc/passwd")
    assert (passwd.exists, passwd.is_file, passwd.user, passwd.mode, passwd.uid) == (True, True, "root", 0o644, 0)
    assert (host.user("daemon").uid, host.group("daemon").gid, host.user("nobody").shell) == (1, 1, "/usr/sbin/nologin")
    assert not host.file("/no/such/file").exists
    assert host.exists("cat")
    assert not host.exists("no-such-program")


# What only ours does


def test_testinfras_own_backend_waits_for_ever() -> None:
    """Why ours has a deadline."""
    program = "import testinfra; testinfra.get_host('local://').run('sleep 86400')"
    with subprocess.Popen([sys.executable, "-c", program], start_new_session=True) as waiting:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(3)
        finally:
            os.killpg(waiting.pid, signal.SIGKILL)


def test_command_that_never_ends_is_killed_and_the_shell_is_not(resident: Host) -> None:
    shell = resident.check_output("echo $PPID")
    with pytest.raises(TooLong, match=r"`sleep 86402` in container .* did not end by its deadline; it was killed"):
        resident.run("sleep 86402", seconds=0.2)
    assert resident.check_output("echo $PPID") == shell
    assert "86402" not in running(resident)


@pytest.mark.parametrize(
    "command",
    [
        "trap '' TERM INT HUP; sleep 86403; sleep 86403",
        "sleep 86403 | cat",
        "sleep 86403 & wait",
        "( ( sleep 86403; echo ) & wait ) & wait",
        "setsid sleep 86403",
        "exec sleep 86403",
        "exec >&- 2>&-; sleep 86403",
        "kill -STOP $$; sleep 86403",
        "while :; do sleep 0.001 & sleep 0.001; done # 86403",
    ],
)
def test_all_that_a_late_command_started_is_killed(resident: Host, command: str) -> None:
    with pytest.raises(TooLong):
        resident.run(command, seconds=0.3)
    assert resident.check_output("echo still here") == "still here"
    wait_until(lambda: "86403" not in running(resident), "its end", 5, lambda: running(resident))


def test_command_that_says_too_much_is_killed(resident: Host) -> None:
    with pytest.raises(TooLong, match="said more than 64 MiB"):
        resident.run("yes 86404", seconds=60)
    assert resident.check_output("echo still here") == "still here"
    assert "86404" not in running(resident)


def test_child_that_holds_the_output_does_not_speak_for_the_next_command(resident: Host) -> None:
    """It goes on speaking to nobody, as under an exec that has ended."""
    talking = "( while sleep 0.01; do echo noise; echo noise >&2; done ) & echo 86405"
    assert resident.check_output(talking).splitlines()[-1] in ("86405", "noise")
    for _ in range(50):
        done = resident.run("echo out; echo err >&2")
        assert (done.rc, done.stdout, done.stderr) == (0, "out\n", "err\n")


@pytest.mark.parametrize(
    "holder", ["exec 3>&1; sleep 86406 >&3 &", "exec 4>&2; sleep 86406 1>&4 2>/dev/null &", "setsid sleep 86406 &"]
)
def test_holder_of_another_number_is_seen_too(resident: Host, holder: str) -> None:
    shell = resident.check_output("echo $PPID")
    assert resident.run(holder).rc == 0
    assert resident.check_output("echo $PPID") != shell


@pytest.mark.parametrize(
    "first",
    [
        "cd /tmp", "export LEFT=1", "LEFT=1", "umask 077", "ulimit -n 10", "set -e", "set -f", "exec 5>/tmp/left",
        "left() { :; }", "trap 'echo left' EXIT", "exec >&-", "set -- left", "alias cat=left", "unset PATH", "hash -r",
        "readonly LEFT=1", "exit 1", "exec true", "set -x", "set -n",
    ],
)  # fmt: skip
def test_nothing_leaks_into_the_next_command(resident: Host, first: str) -> None:
    asked = "pwd; umask; ulimit -n; set -o; env; type left; alias; trap; echo $# ${LEFT-unset}; ls /proc/self/fd"
    before = resident.run(asked)
    resident.run(first)
    after = resident.run(asked)
    assert (after.rc, after.stdout) == (before.rc, before.stdout)


def test_input_is_closed(resident: Host) -> None:
    """Otherwise a command would read what is meant for the shell."""
    assert resident.check_output("readlink /proc/self/fd/0") == "/dev/null"
    assert resident.run("cat; echo end").stdout == "end\n"


def test_threads_get_each_their_own_answer(resident: Host) -> None:
    def ask(number: int) -> bool:
        done = resident.run(f"echo {number}; echo {number} >&2; exit {number % 200}")
        return (done.rc, done.stdout, done.stderr) == (number % 200, f"{number}\n", f"{number}\n")

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))


def test_a_fork_has_a_shell_of_its_own(resident: Host) -> None:
    shell = resident.check_output("echo $PPID")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.write(writer, resident.check_output("echo $PPID").encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    other = os.read(reader, 100).decode()
    os.close(reader)
    assert other.isdigit()
    assert other != shell == resident.check_output("echo $PPID")


def test_shell_that_dies_in_a_command_is_an_error_and_then_another(resident: Host) -> None:
    shell = resident.check_output("echo $PPID")
    with pytest.raises(CouldNotVerify, match="its shell ended before the command did"):
        resident.run("kill -KILL $PPID; sleep 86407")
    assert resident.check_output("echo $PPID") != shell


def test_shell_that_died_meanwhile_is_replaced_unseen(
    resident: Host, sleeping: Sleeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixtures.shell.IDLE_SECONDS", 0)
    shell = resident.check_output("echo $PPID")
    container = sleeping.containers["dash" if "dash" in resident.check_output("readlink /bin/sh") else "bash"]
    container.exec_run(["sh", "-c", f"kill -KILL {shell}"])
    wait_until(lambda: shell not in container.exec_run(["ls", "/proc"]).output.decode().split(), "its end", 5, str)
    assert resident.check_output("echo there") == "there"


def test_container_that_starts_again_is_looked_at_again(engine: Engine, sleeping: Sleeping) -> None:
    with engine.client() as client:
        container = client.containers.run(
            sleeping.containers["dash"].image.id, ["sleep", "infinity"], detach=True, labels=begin().labels
        )
        try:
            host = inside(str(container.id))
            assert host.check_output("echo first") == "first"
            container.kill()
            with pytest.raises(CouldNotVerify, match=f"in container {str(container.id)[:12]}"):
                host.run("test -f /no/such/file")
            container.start()
            assert host.check_output("echo second") == "second"
        finally:
            container.remove(force=True)


def test_image_without_a_shell_is_looked_at_word_by_word(sleeping: Sleeping) -> None:
    host = sleeping.host("resident", "", None)
    with pytest.warns(UserWarning, match="no shell .* Each command is an exec of its own, split into words"):
        assert host.file("/etc/passwd").mode == 0o644
    done = host.run("printf '%%s' %s", "a b")
    assert (done.rc, done.stdout) == (0, "a b")
    assert not host.file("/no/such/file").exists
    assert host.run("no-such-program").rc in NO_PROGRAM
    with pytest.raises(CouldNotVerify, match=r"`sleep 86408` did not end within 0.2 s"):
        host.run("sleep 86408", seconds=0.2)


@pytest.mark.parametrize("gone", ["no-such-container", "0" * 64])
def test_absent_container_is_no_absent_file(engine: Engine, gone: str) -> None:
    with pytest.raises(CouldNotVerify, match=f"no shell could be opened in container {gone[:12]}.*No such container"):
        inside(gone).file("/no/such/file").exists  # noqa: B018


def test_unreachable_engine_is_no_absent_file(sleeping: Sleeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(CouldNotVerify, match=r"unix:///nowhere/docker\.sock does not answer"):
        inside(str(sleeping.containers["dash"].id)).exists("no-such-program")


def test_no_command_holds_a_nul(resident: Host) -> None:
    with pytest.raises(ValueError, match="NUL"):
        resident.run("echo \0")


def running(host: Host) -> str:
    """Command lines of all processes that are no zombies, as the container sees them."""
    return host.run("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '").stdout
