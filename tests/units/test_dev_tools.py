"""What pnpm dev and compose are told, and how they say who is in the way."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from fixtures.documents import HARNESS

sys.path.append(str(HARNESS / "tools" / "dev"))
import ports
import settings

COMPOSE_YML = HARNESS / "infra/local/compose.yml"


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    """A server on loopback that gives that answer to everything; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def only_port(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(ports, "ports", lambda _: {"api": port})


def test_both_flows_have_the_same_ports_by_default() -> None:
    published = re.findall(r'"127\.0\.0\.1:\$\{(\w+):-(\d+)\}:10000"', COMPOSE_YML.read_text())
    assert sorted(int(default) for _, default in published) == sorted(ports.ports({}).values())
    chosen = {name: str(number) for number, (name, _) in enumerate(published, 1)}
    assert sorted(ports.ports(chosen).values()) == [1, 2, 3]


def test_free_port_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    only_port(monkeypatch, port)
    ports.make_sure(ports.COMPOSE, ["api"], {})


@pytest.mark.parametrize(
    ("body", "holder"),
    [
        (json.dumps({"short_sha": "dev"}).encode(), "`pnpm dev`"),
        (json.dumps({"short_sha": "0123456789ab"}).encode(), "another program"),
        (b"[]", "another program"),
        (b"\xff", "another program"),
    ],
)
def test_holder_of_a_port_is_named(
    body: bytes, holder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(body) as port:
        only_port(monkeypatch, port)
        with pytest.raises(SystemExit) as ending:
            ports.make_sure(ports.COMPOSE, ["api"], {})
    assert ending.value.code == 1
    assert capsys.readouterr().err.startswith(f"Port {port} (api) is held by {holder}")


def test_port_that_is_not_needed_may_be_anothers_but_not_the_other_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"{}") as port:
        only_port(monkeypatch, port)
        ports.make_sure(ports.COMPOSE, ["workers"], {})
    with answering(json.dumps({"short_sha": "dev"}).encode()) as port:
        only_port(monkeypatch, port)
        with pytest.raises(SystemExit):
            ports.make_sure(ports.COMPOSE, ["workers"], {})


@pytest.mark.parametrize("container", [True, False], ids=["same tree", "another tree"])
def test_compose_of_this_tree_may_go_on_and_that_of_another_is_in_the_way(
    container: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = HARNESS if container else Path("/other")
    monkeypatch.setattr(ports, "_publisher", lambda _: ("spectral-api-1", f"{tree}/infra/local"))
    only_port(monkeypatch, 1)
    if container:
        ports.make_sure(ports.COMPOSE, ["api"], {})
    with pytest.raises(SystemExit):
        ports.make_sure(ports.DEV if container else ports.COMPOSE, ["api"], {})


def test_values_of_the_example_are_all_empty() -> None:
    values = settings.values(settings.EXAMPLE.read_text())
    assert set(values.values()) == {""}
    assert set(settings.PASSWORDS.values()) <= values.keys()


def test_values_are_read_as_compose_reads_them() -> None:
    text = "# A=1\nB=2 # two\nC='a b'\nD=\"#\"\nB=3\nE=\n"
    assert settings.values(text) == {"B": "3", "C": "a b", "D": "#", "E": ""}


@pytest.mark.parametrize("script", ["dev.py", "compose.py up"])
def test_nothing_starts_without_settings(script: str, tmp_path: Path) -> None:
    for name in ("tools/dev", "infra/local"):
        (tmp_path / name).mkdir(parents=True)
        for file in (HARNESS / name).glob("*.*"):
            if file.is_file() and file.name not in (".env", "compose.override.yml"):
                (tmp_path / name / file.name).write_bytes(file.read_bytes())
    program, *arguments = script.split()
    done = subprocess.run(
        [sys.executable, tmp_path / "tools/dev" / program, *arguments], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("There is no infra/local/.env. `pnpm db:prepare` makes it")
