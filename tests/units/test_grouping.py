"""Cases are looked at together where they can be told apart, and what is seen of them is told apart."""

from pathlib import Path

import pytest

from catalogue import Case
from editing import Edit
from grouping import grouped
from teeth import Seen
from verification import Outcome

FILE = "infra/docker/api.Dockerfile"
TEXT = "FROM debian\nUSER 1000:1000\nEXPOSE 10000\nCMD true\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(TEXT)
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps/main.js").write_text("start()\n")
    return tmp_path


def mutant(id_: str, *edits: Edit, image: str = "api", breaks: str = "D3-06", alone: bool = False) -> Case:
    return Case(id_, "mutants/images/user", edits, (image,), (breaks,), alone=alone)


def near_miss(id_: str, *edits: Edit, image: str = "api", spares: str = "D3-06") -> Case:
    return Case(id_, "near-misses/images/user", edits, (image,), (spares,))


def without_engine(id_: str, *edits: Edit, breaks: str = "D3-06", alone: bool = False) -> Case:
    return Case(id_, "mutants/engine-free/user", edits, ("api",), (breaks,), alone=alone)


DROPPED = mutant("dropped", Edit(FILE, replace="USER 1000:1000\n"))
DEBIAN = Edit(FILE, replace="FROM debian", by="FROM ubuntu")
LAYER = Edit(FILE, replace="USER 1000:1000", by="RUN true\nUSER 1000:1000")
WRITTEN = Edit(FILE, write="FROM scratch\n")
ONLY = Edit("apps/main.js", append="stop()\n", only_in="api")


@pytest.mark.parametrize(
    ("other", "together"),
    [
        (mutant("of-another-requirement", DEBIAN, breaks="D2-01"), True),
        (mutant("of-another-image", DEBIAN, image="workers"), True),
        (mutant("of-the-same-requirement", DEBIAN), False),
        (mutant("of-the-same-line", LAYER, breaks="D2-01"), False),
        (mutant("file-made-anew", WRITTEN, breaks="D2-01"), False),
        (mutant("file-deleted", Edit(FILE, delete=True), breaks="D2-01"), False),
        (mutant("file-renamed", Edit("apps/main.js", rename=FILE), breaks="D2-01"), False),
        (mutant("of-another-file", Edit("apps/main.js", write="stop()"), breaks="D2-01"), True),
        (mutant("alone", DEBIAN, breaks="D2-01", alone=True), False),
        (mutant("alone-of-another-image", DEBIAN, image="workers", alone=True), True),
        (without_engine("without-engine", DEBIAN, breaks="D2-01"), False),
        (near_miss("near-miss", DEBIAN, spares="D2-01"), True),
        (near_miss("near-miss-of-another-image", DEBIAN, image="workers"), True),
        (near_miss("near-miss-of-the-same-requirement", DEBIAN), False),
    ],
    ids=lambda value: str(getattr(value, "id", value)),
)
@pytest.mark.parametrize("turned", [False, True])
def test_those_that_can_be_told_apart_are_together(root: Path, other: Case, together: bool, turned: bool) -> None:
    cases = [other, DROPPED] if turned else [DROPPED, other]
    assert grouped(cases, root) == ([cases] if together else [[case] for case in cases])


def test_line_may_be_inserted_twice_in_one_place(root: Path) -> None:
    twice = [mutant("one", LAYER), mutant("two", LAYER, breaks="D2-01")]
    assert grouped(twice, root) == [twice]


def test_copy_for_one_image_is_made_once(root: Path) -> None:
    """The second would be made of the first file, not of the first copy."""
    twice = [mutant("one", ONLY), mutant("two", ONLY, breaks="D2-01")]
    assert grouped(twice, root) == [[one] for one in twice]


def test_near_misses_may_seem_to_violate_the_same(root: Path) -> None:
    near = [near_miss("one", LAYER), near_miss("two", LAYER)]
    assert grouped(near, root) == [near]


def test_without_an_engine_what_is_alone_hides_all_images(root: Path) -> None:
    """What cannot be read keeps the whole tree from being looked at."""
    two = [without_engine("alone", DEBIAN, alone=True), without_engine("other", LAYER, breaks="D2-01")]
    assert grouped(two, root) == [[one] for one in two]


def test_case_goes_where_its_image_is_looked_at_already(root: Path) -> None:
    """Of each image in a group there is one more to verify."""
    workers, api = mutant("workers", DEBIAN, image="workers"), mutant("api", WRITTEN)
    last = mutant("last", Edit("apps/main.js", append="stop()\n"), breaks="D2-01")
    assert grouped([workers, api, last], root) == [[workers], [api, last]]


def test_few_of_an_image_are_together(root: Path) -> None:
    cases = [mutant(str(number), LAYER, breaks=f"D2-{number:02}") for number in range(24)]
    assert [len(group) for group in grouped(cases, root)] == [20, 4]


def seen(*cases: Case, **states: list[tuple[str, str]]) -> Seen:
    """``failed=[("api", "D3-06")]``"""
    checks = [
        {"image": image, "requirements": [id_], "state": state} for state, of in states.items() for image, id_ in of
    ]
    return Seen(cases, (Outcome(1, "", {"checks": checks}),))


A = mutant("a", breaks="D3-06")
B = mutant("b", breaks="D2-01")
C = mutant("c", image="workers", breaks="D3-06")
A_SEEN, B_SEEN, C_SEEN = ("api", "D3-06"), ("api", "D2-01"), ("workers", "D3-06")


def test_each_is_told_from_the_others() -> None:
    all_seen = seen(A, B, C, failed=[A_SEEN, B_SEEN, C_SEEN])
    assert [(all_seen.violated(case), all_seen.red(case)) for case in (A, B, C)] == [
        ({"D3-06"}, {"api"}),
        ({"D2-01"}, {"api"}),
        ({"D3-06"}, {"workers"}),
    ]
    assert all_seen.as_told


@pytest.mark.parametrize("failed", [[A_SEEN, C_SEEN], [B_SEEN, C_SEEN], [A_SEEN, B_SEEN], []])
def test_one_that_survives_is_not_as_told(failed: list[tuple[str, str]]) -> None:
    assert not seen(A, B, C, failed=failed).as_told


@pytest.mark.parametrize("more", [("api", "D3-07"), ("workers", "D2-01"), ("tree", "D3-06"), ("dashboard", "D3-06")])
def test_what_none_of_them_violates_is_not_as_told(more: tuple[str, str]) -> None:
    found = seen(A, B, C, failed=[A_SEEN, B_SEEN, C_SEEN, more])
    assert not found.as_told
    assert more[1] in found.violated(A) | found.violated(B)


def test_what_could_not_be_looked_at_elsewhere_is_not_as_told() -> None:
    assert not seen(A, B, C, failed=[A_SEEN, B_SEEN, C_SEEN], error=[("dashboard", "D3-07")]).as_told


NEAR = [near_miss("n", spares="D3-06"), near_miss("o", spares="D2-01")]


def test_near_misses_that_are_left_alone_are_as_told() -> None:
    assert seen(*NEAR, passed=[A_SEEN, B_SEEN]).as_told


@pytest.mark.parametrize("accused", [A_SEEN, B_SEEN, ("tree", "D3-06"), ("workers", "D1-01")])
def test_near_misses_of_which_one_is_accused_are_not_as_told(accused: tuple[str, str]) -> None:
    found = seen(*NEAR, passed=[A_SEEN, B_SEEN], failed=[accused])
    assert not found.as_told
    assert all(found.red(case) == {accused[0]} for case in NEAR)


def test_near_misses_that_were_not_looked_at_are_not_as_told() -> None:
    assert not seen(*NEAR, passed=[A_SEEN]).as_told


BESIDE = near_miss("beside", spares="D2-01")


def test_near_miss_beside_a_mutant_is_told_from_it() -> None:
    both = seen(A, BESIDE, failed=[A_SEEN], passed=[B_SEEN], error=[A_SEEN])
    assert (both.violated(BESIDE), both.red(BESIDE)) == (set(), set())
    assert both.as_told


@pytest.mark.parametrize(
    "states",
    [
        {"failed": [A_SEEN]},
        {"failed": [A_SEEN, B_SEEN], "passed": [B_SEEN]},
        {"failed": [A_SEEN, ("api", "D3-07")], "passed": [B_SEEN]},
        {"failed": [A_SEEN], "passed": [B_SEEN], "error": [("api", "D3-07")]},
        {"failed": [A_SEEN], "passed": [B_SEEN], "error": [("workers", "D3-07")]},
        {"failed": [], "passed": [B_SEEN]},
    ],
    ids=["not looked at", "accused", "accused of something else", "not all verified", "elsewhere", "mutant survived"],
)
def test_near_miss_beside_a_mutant_has_to_be_left_alone(states: dict[str, list[tuple[str, str]]]) -> None:
    assert not seen(A, BESIDE, **states).as_told
