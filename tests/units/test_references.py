"""Image references are split as a registry reads them."""

import pytest

from fixtures.references import parse_reference

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("python", "python", "", ""),
        ("python:3.14", "python", "3.14", ""),
        (f"python@{DIGEST}", "python", "", DIGEST),
        (f"python:3.14@{DIGEST}", "python", "3.14", DIGEST),
        ("library/python:3.14", "library/python", "3.14", ""),
        ("registry.example/team/uv:1", "registry.example/team/uv", "1", ""),
        ("registry.example:5000/team/uv:1", "registry.example:5000/team/uv", "1", ""),
        (f"registry.example:5000/team/uv:1@{DIGEST}", "registry.example:5000/team/uv", "1", DIGEST),
        (f"registry.example:5000/team/uv@{DIGEST}", "registry.example:5000/team/uv", "", DIGEST),
    ],
)
def test_reference_is_split(text: str, repository: str, tag: str, digest: str) -> None:
    read = parse_reference(text)
    assert (read.text, read.repository, read.tag, read.digest) == (text, repository, tag, digest)


@pytest.mark.parametrize("text", ["registry.example:5000/uv", "localhost:5000/team/uv"])
def test_port_of_a_registry_is_no_tag(text: str) -> None:
    assert parse_reference(text).tag == ""


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("python:3.14", "python"),
        ("registry.example:5000/team/uv:1", "uv"),
        (f"team/node@{DIGEST}", "node"),
    ],
)
def test_family_is_the_last_part_of_the_repository(text: str, family: str) -> None:
    assert parse_reference(text).family == family


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("python:3.14-slim-trixie", "3.14"),
        ("node:24", "24"),
        ("debian:trixie-slim", "trixie"),
        ("debian", ""),
    ],
)
def test_series_ends_at_the_first_dash(text: str, series: str) -> None:
    assert parse_reference(text).series == series
