"""A claim that fails says what, where and how to mend it; a claim that holds is recorded."""

from collections.abc import Callable
from typing import Any

import pytest

from fixtures.claims import SHOWN, Expect, Violation, requirements_of, subject_of

pytest_plugins = ["pytester"]

AT = {"look_at": "infra/docker/api.Dockerfile:38  USER root", "mend": "set USER spectral"}


@pytest.fixture
def api() -> Expect:
    return Expect("D3-05", "api")


def message(claim: Callable[..., None], *values: Any) -> str:
    with pytest.raises(Violation) as violated:
        claim(*values, **AT)
    return str(violated.value)


# Messages


def test_message_of_a_comparison(api: Expect) -> None:
    assert message(api, "its user", "root", "spectral") == (
        "D3-05 api: its user is root, expected spectral\n"
        "  look at    infra/docker/api.Dockerfile:38  USER root\n"
        "  mend       set USER spectral"
    )


def test_message_of_a_choice(api: Expect) -> None:
    assert message(api.one_of, "its exit status", 137, [0, 143]) == (
        "D3-05 api: its exit status is 137, expected 0 or 143\n"
        "  look at    infra/docker/api.Dockerfile:38  USER root\n"
        "  mend       set USER spectral"
    )


def test_message_of_offenders(api: Expect) -> None:
    assert message(api.none, "files that spectral does not own", ["/app/a", "/app/b"]) == (
        "D3-05 api: there are files that spectral does not own: 2, expected none\n"
        "  observed   /app/a\n"
        "  observed   /app/b\n"
        "  look at    infra/docker/api.Dockerfile:38  USER root\n"
        "  mend       set USER spectral"
    )


@pytest.mark.parametrize(
    ("requirements", "subject", "head"),
    [
        ("D3-05", "api", "D3-05 api: "),
        ("D3-05 D6-02", "retention-run", "D3-05 D6-02 retention-run: "),
        ("D1-01", "", "D1-01 tree: "),
    ],
)
def test_message_begins_with_requirement_and_subject(requirements: str, subject: str, head: str) -> None:
    assert message(Expect(requirements, subject), "x", 1, 2).startswith(f"{head}x is 1, expected 2\n")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("root", "root"),
        ("two words", "two words"),
        ("", "''"),
        (None, "None"),
        (0, "0"),
        (False, "False"),
        ([], "[]"),
        (["a"], "['a']"),
        (("a", 1), "('a', 1)"),
        ("a" * 160, "a" * 160),
        ("a" * 161, "a" * 156 + " ..."),
        (["a" * 200], "['" + "a" * 154 + " ..."),
    ],
)
def test_value_is_shown_as_a_person_reads_it(api: Expect, value: Any, shown: str) -> None:
    """Text bare, but nothing as nothing; a long value is cut."""
    assert message(api, "x", value, "other").partition("\n")[0] == f"D3-05 api: x is {shown}, expected other"


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (SHOWN - 1, SHOWN - 1), (SHOWN, SHOWN)])
def test_few_offenders_are_all_shown(api: Expect, count: int, lines: int) -> None:
    told = message(api.none, "files", [f"/{i}" for i in range(count)])
    assert (told.count("  observed   /"), "more" in told) == (lines, False)


@pytest.mark.parametrize(("count", "more"), [(SHOWN + 1, 1), (SHOWN + 41, 41), (10_000, 10_000 - SHOWN)])
def test_many_offenders_are_cut_and_counted(api: Expect, count: int, more: int) -> None:
    assert message(api.none, "files", (f"/{i}" for i in range(count))).splitlines() == [
        f"D3-05 api: there are files: {count}, expected none",
        *(f"  observed   /{i}" for i in range(SHOWN)),
        f"             (+ {more} more)",
        "  look at    infra/docker/api.Dockerfile:38  USER root",
        "  mend       set USER spectral",
    ]


# Comparisons


@pytest.mark.parametrize(
    ("observed", "expected"),
    [("a", "a"), ("", ""), (None, None), (0, 0), (["a", "b"], ["a", "b"]), ({"a": 1}, {"a": 1})],
)
def test_equal_values_pass(api: Expect, observed: Any, expected: Any) -> None:
    api("x", observed, expected, **AT)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [("a", "A"), ("a ", "a"), ("", None), (None, False), ("7", 7), (["b", "a"], ["a", "b"]), (("a",), ["a"])],
)
def test_values_that_only_resemble_each_other_fail(api: Expect, observed: Any, expected: Any) -> None:
    with pytest.raises(Violation):
        api("x", observed, expected, **AT)


def test_one_of_the_allowed_values_passes(api: Expect) -> None:
    api.one_of("its exit status", 143, [0, 143], **AT)


@pytest.mark.parametrize("nothing", [[], (), set(), iter(()), {}.keys(), filter(None, ["", ""])])
def test_no_offender_passes(api: Expect, nothing: Any) -> None:
    api.none("files", nothing, **AT)


@pytest.mark.parametrize("offenders", [[""], ["a"], iter(["a"]), filter(None, ["", "a"]), {"a"}])
def test_one_offender_fails(api: Expect, offenders: Any) -> None:
    with pytest.raises(Violation, match=r"^D3-05 api: there are files: 1, expected none\n"):
        api.none("files", offenders, **AT)


# What was seen


def test_comparison_that_holds_is_recorded(api: Expect) -> None:
    api("its user", "spectral", "spectral", **AT)
    api.one_of("its exit status", 0, [0, 143], **AT)
    api.none("files", [], **AT)
    assert api.seen == [
        {"what": "its user", "observed": "spectral", "expected": "spectral"},
        {"what": "its exit status", "observed": "0", "expected": "0 or 143"},
        {"what": "files", "observed": "none", "expected": "none"},
    ]


def test_comparison_that_fails_is_recorded(api: Expect) -> None:
    message(api, "its user", "root", "spectral")
    message(api.one_of, "its exit status", 1, [0])
    message(api.none, "files", ["/a"])
    assert api.seen == [
        {"what": "its user", "observed": "root", "expected": "spectral"},
        {"what": "its exit status", "observed": "1", "expected": "0"},
        {"what": "files", "observed": "['/a']", "expected": "none"},
    ]


def test_record_of_a_long_value_is_cut(api: Expect) -> None:
    api("x", "a" * 500, "a" * 500, **AT)
    assert api.seen[0]["observed"] == "a" * 396 + " ..."


def test_records_are_not_shared() -> None:
    Expect("D3-05", "api")("x", 1, 1, **AT)
    assert Expect("D3-05", "api").seen == []


# Markers and parameters

SUITE = """\
import pytest
from types import SimpleNamespace
from fixtures.claims import requirement

pytestmark = requirement("D1-01")
API = SimpleNamespace(name="api")

def test_module(): ...

@requirement("D3-05", "D3-06")
@requirement("D6-02")
def test_stacked(): ...

@pytest.mark.parametrize("image", [API])
def test_image(image): ...

@pytest.mark.parametrize(("count", "image"), [(1, API)])
def test_second_parameter(count, image): ...

@pytest.mark.parametrize("name", ["api"])
def test_plain_parameter(name): ...

@requirement("D3-05")
@pytest.mark.parametrize("image", [API])
def test_fixture(image, expect):
    assert (expect.requirements, expect.subject, expect.seen) == ("D1-01 D3-05", "api", [])
"""
INI = "[pytest]\nmarkers = requirement(id): x\naddopts = -p fixtures.claims -p no:cacheprovider\n"


@pytest.fixture
def items(pytester: pytest.Pytester) -> dict[str, pytest.Item]:
    """The tests of SUITE, by their name without parameters."""
    pytester.makefile(".ini", pytest=INI)
    return {item.name.partition("[")[0]: item for item in pytester.getitems(SUITE)}


@pytest.mark.parametrize(
    ("name", "ids"),
    [("test_module", ("D1-01",)), ("test_stacked", ("D1-01", "D3-05", "D3-06", "D6-02")), ("test_image", ("D1-01",))],
)
def test_requirements_stand_in_the_order_written(
    items: dict[str, pytest.Item], name: str, ids: tuple[str, ...]
) -> None:
    assert requirements_of(items[name]) == ids


@pytest.mark.parametrize(
    ("name", "subject"),
    [("test_image", "api"), ("test_second_parameter", "api"), ("test_plain_parameter", ""), ("test_module", "")],
)
def test_subject_is_the_parameter_that_has_a_name(items: dict[str, pytest.Item], name: str, subject: str) -> None:
    assert subject_of(items[name]) == subject


def test_expectation_knows_its_test(pytester: pytest.Pytester) -> None:
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(SUITE)
    pytester.inline_run("-k", "test_fixture").assertoutcome(passed=1)
