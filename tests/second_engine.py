"""A second engine beside the first: its own socket, data, bridge and addresses. Needs root."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fixtures.engine import answering
from fixtures.waiting import wait_until

#: Addresses that the first engine does not give; the bridge has the first network of them.
POOL = "10.213.0.0/16"
BRIDGE, BRIDGE_ADDRESS = "conform-second", "10.213.0.1/24"
#: Rules without which containers reach neither each other nor the world. The engine itself may set none: it would
#: clear away those of the first.
RULES = [
    ["-t", "nat", "-A", "POSTROUTING", "-s", POOL, "!", "-d", POOL, "-j", "MASQUERADE"],
    ["-I", "FORWARD", "-s", POOL, "-j", "ACCEPT"],
    ["-I", "FORWARD", "-d", POOL, "-j", "ACCEPT"],
]
START_SECONDS = 60.0


@contextmanager
def second_engine(port: int) -> Iterator[str]:
    """Start one, reached at the address that is yielded, on loopback; end it and forget its data afterwards."""
    host = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        _do("ip", "link", "add", "name", BRIDGE, "type", "bridge")
        stack.callback(_do, "ip", "link", "delete", BRIDGE)
        _do("ip", "address", "add", BRIDGE_ADDRESS, "dev", BRIDGE)
        _do("ip", "link", "set", BRIDGE, "up")
        for rule in RULES:
            _do("iptables", *rule)
            stack.callback(_do, "iptables", *["-D" if word in ("-A", "-I") else word for word in rule])
        log = stack.enter_context((folder / "log").open("wb"))
        engine = subprocess.Popen(
            [
                *("dockerd", "--host", host, "--tls=false", "--iptables=false", "--bridge", BRIDGE),
                *("--default-address-pool", f"base={POOL},size=24"),
                *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
                *("--pidfile", str(folder / "pid")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        stack.callback(_end, engine, folder)
        wait_until(
            lambda: answering(host) is not None or engine.poll() is not None,
            f"an engine at {host}",
            START_SECONDS,
            lambda: (folder / "log").read_text()[-2000:],
        )
        assert engine.poll() is None, (folder / "log").read_text()[-2000:]
        yield host


def copy_images(names: list[str], host: str) -> None:
    """Have the images of the first engine on the second too."""
    saved = subprocess.Popen(["docker", "save", *names], stdout=subprocess.PIPE)
    subprocess.run(["docker", "--host", host, "load"], stdin=saved.stdout, check=True, capture_output=True)
    assert saved.wait() == 0


def _end(engine: "subprocess.Popen[bytes]", folder: Path) -> None:
    engine.send_signal(signal.SIGTERM)
    engine.wait(START_SECONDS)
    shutil.rmtree(folder / "data", ignore_errors=True)


def _do(*command: str) -> None:
    subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    )
