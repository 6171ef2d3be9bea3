"""Ordinary pytest cases with testinfra, one a fact; the same for both ways."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # see bench/checks/ways.py: one thread alone imports testinfra
    from testinfra.host import Host


def test_mode(host: "Host", file: dict[str, Any]) -> None:
    assert host.file(file["path"]).mode == file["mode"]


def test_user(host: "Host", user: dict[str, Any]) -> None:
    assert str(getattr(host.user(user["name"]), user["what"])) == user["value"]


def test_command(host: "Host", command: dict[str, Any]) -> None:
    assert host.check_output(command["command"]) == command["stdout"]
