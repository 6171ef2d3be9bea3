"""The page in a real browser: what a person sees, clicks and types."""

from collections import Counter
from pathlib import Path

import pytest
from opened import SPOILT, Open
from playwright.sync_api import expect
from sample import poisoned

FAILED = next(check for check in SPOILT["checks"] if check["state"] == "failed" and check["image"] == "api")
POISON = "</script><img src=x onerror=\"window.broken='out'\"><!--\"'"
#: What the page takes as words of its own; the rest may be anything.
WORDS = ("state", "word", "verify", "level", "outcome", "origin", "use", "started", "commit", "cells")


# Opening


def test_page_asks_for_nothing_but_itself(open_page: Open, tmp_path: Path) -> None:
    opened = open_page()
    opened.cell(FAILED["requirements"][0], "api").click()
    assert opened.requests == [(tmp_path / "conformance.html").as_uri()]


def test_browser_has_nothing_to_say_of_the_page(open_page: Open) -> None:
    opened = open_page()
    opened.cell(FAILED["requirements"][0], "api").click()
    opened.page.keyboard.press("Escape")
    opened.page.emulate_media(media="print")
    assert opened.problems == []


def test_policy_keeps_a_foreign_script_from_running(open_page: Open) -> None:
    opened = open_page()
    opened.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'broken = 1'}))")
    assert opened.page.evaluate("typeof broken") == "undefined"


# What is seen


def test_counts_of_checks_are_those_of_the_data(open_page: Open) -> None:
    page = open_page().page
    seen = {
        state: page.locator(f'[data-count="checks {state}"] b').inner_text() for state in SPOILT["verdict"]["checks"]
    }
    assert seen == {state: str(count) for state, count in SPOILT["verdict"]["checks"].items()}


def test_counts_of_requirements_are_those_of_the_data(open_page: Open) -> None:
    page = open_page().page
    counts = Counter(one["state"] for one in SPOILT["requirements"].values())
    seen = {state: page.locator(f'[data-count="requirements {state}"] b').inner_text() for state in counts}
    assert seen == {state: str(count) for state, count in counts.items()}


def test_every_cell_shows_its_state(open_page: Open) -> None:
    cells = (
        open_page()
        .page.locator("#grid button.cell")
        .evaluate_all("all => all.map(one => [one.dataset.row, one.dataset.column, one.childNodes[1].textContent])")
    )
    expected = [(id_, *cell) for id_, one in SPOILT["requirements"].items() for cell in one["cells"].items()]
    assert sorted(map(tuple, cells)) == sorted(expected)


def test_columns_are_the_images_in_their_order_then_the_tree(open_page: Open) -> None:
    heads = open_page().page.locator("#grid thead th").all_text_contents()
    assert heads[2:] == [*SPOILT["images"], "tree"]


def test_no_part_of_a_check_is_lost(open_page: Open) -> None:
    """What repeats is packed to keep the page small."""
    kept = open_page().page.evaluate("report.checks")
    for check in kept:
        del check["hay"]
        seen, evidence = check["observations"], check["evidence"]
        check["observations"] = [{"what": what, "observed": have, "expected": want} for what, have, want in seen]
        check["evidence"] = evidence and dict(zip(("image", "base", "origin"), evidence, strict=True))
        check["started"] = check["started"] or None
    assert kept == SPOILT["checks"]


def test_check_that_names_no_requirement_has_a_row(open_page: Open) -> None:
    stray = {**FAILED, "id": "suites/test_broken.py", "requirements": [], "image": "tree", "message": "no such module"}
    opened = open_page({**SPOILT, "checks": [*SPOILT["checks"], stray]})
    opened.cell("other", "tree").click()
    expect(opened.page.locator("#evidence-body pre")).to_have_text("no such module")


def test_run_without_images_has_a_matrix(open_page: Open) -> None:
    requirements = {id_: {**one, "cells": {}} for id_, one in SPOILT["requirements"].items()}
    opened = open_page({**SPOILT, "images": {}, "checks": [], "requirements": requirements})
    assert opened.ids() == list(requirements)


# Evidence


def test_failed_cell_opens_its_evidence(open_page: Open) -> None:
    opened = open_page()
    opened.cell(FAILED["requirements"][0], "api").click()
    article = opened.page.locator("#evidence article").filter(has_text=FAILED["id"])
    assert article.locator("pre").inner_text() == FAILED["message"]
    rows = [tuple(row.locator("td").all_text_contents()) for row in article.locator("tbody tr").all()]
    assert rows == [tuple(one.values()) for one in FAILED["observations"]]


def test_evidence_names_image_base_and_origin(open_page: Open) -> None:
    opened = open_page()
    opened.cell(FAILED["requirements"][0], "api").click()
    words = opened.page.locator("#evidence article").filter(has_text=FAILED["id"]).inner_text()
    assert [value for value in FAILED["evidence"].values() if value not in words] == []


def test_planned_cell_opens_its_note(open_page: Open) -> None:
    id_, planned = next(item for item in SPOILT["requirements"].items() if item[1]["state"] == "planned")
    opened = open_page()
    opened.cell(id_, next(iter(planned["cells"]))).click()
    expect(opened.page.locator("#evidence-body")).to_contain_text(planned["note"])


def test_link_to_evidence_opens_it(open_page: Open) -> None:
    opened = open_page(fields={"open": f"{FAILED['requirements'][0]}/api"})
    expect(opened.page.locator("#evidence")).to_contain_text(FAILED["id"])


def test_escape_closes_the_evidence_and_gives_the_focus_back(open_page: Open) -> None:
    opened = open_page()
    opened.cell(FAILED["requirements"][0], "api").focus()
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("#evidence")).to_be_visible()
    opened.page.keyboard.press("Escape")
    expect(opened.page.locator("#evidence")).to_be_hidden()
    assert opened.focused() == f"{FAILED['requirements'][0]} api"


# Keyboard


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["ArrowDown"], "D1-02"),
        (["ArrowDown", "ArrowUp"], "D1-01"),
        (["ArrowRight", "ArrowRight"], "D1-01 api"),
        (["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"], "D1-01 api"),
        (["End"], "D1-01 tree"),
        (["End", "Home"], "D1-01"),
        (["Control+End"], [*SPOILT["requirements"]][-1] + " tree"),
        (["PageDown"], "D1-11"),
        (["ArrowUp"], "D1-01"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_arrow_keys_move_in_the_matrix(open_page: Open, keys: list[str], place: str) -> None:
    opened = open_page()
    opened.page.locator("#grid [tabindex='0']").focus()
    for key in keys:
        opened.page.keyboard.press(key)
    assert opened.focused() == place


def test_matrix_is_one_stop_for_the_tab_key(open_page: Open) -> None:
    opened = open_page()
    opened.page.locator("#grid [tabindex='0']").focus()
    opened.page.keyboard.press("ArrowDown")
    assert opened.page.locator("#grid [tabindex='0']").count() == 1
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.closest('#grid')") is None


# Screens, schemes and paper


def test_narrow_screen_does_not_scroll_sideways(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_long_words_do_not_make_a_narrow_screen_scroll_sideways(open_page: Open) -> None:
    long = poisoned(SPOILT, "m" * 400, spare=WORDS)
    page = open_page(long, viewport={"width": 360, "height": 740}).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_evidence_fits_a_narrow_screen(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, fields={"open": f"{FAILED['requirements'][0]}/api"}).page
    assert page.evaluate("byId('evidence').scrollWidth <= innerWidth")


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_background_follows_the_scheme(open_page: Open, scheme: str, dark: bool) -> None:
    page = open_page(color_scheme=scheme).page
    channels = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(channels[:3]) < 3 * 64) == dark


def test_paper_is_white_in_the_dark_scheme(open_page: Open) -> None:
    page = open_page(color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_paper_has_no_filters(open_page: Open) -> None:
    page = open_page().page
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()


def test_paper_has_the_evidence_of_what_did_not_pass(open_page: Open) -> None:
    page = open_page().page
    page.emulate_media(media="print")
    expect(page.locator("#findings article").first).to_be_visible()
    messages = page.locator("#findings pre").all_text_contents()
    assert sorted(messages) == sorted(check["message"] for check in SPOILT["checks"] if check["state"] != "passed")


def test_screen_does_not_have_the_evidence_for_paper(open_page: Open) -> None:
    page = open_page().page
    page.emulate_media(media="print")
    page.emulate_media(media="screen")
    expect(page.locator("#findings")).to_be_hidden()


# Without a script, and against one


def test_failures_are_seen_without_a_script(open_page: Open) -> None:
    page = open_page(java_script_enabled=False).page
    expect(page.locator("noscript li").filter(has_text=FAILED["message"].partition("\n")[0])).to_be_visible()


def test_matrix_is_not_seen_without_a_script(open_page: Open) -> None:
    expect(open_page(java_script_enabled=False).page.locator("#matrix")).to_be_hidden()


@pytest.mark.parametrize("spare", [(), WORDS], ids=["every string", "every string that is no word of ours"])
def test_string_runs_nothing(open_page: Open, spare: tuple[str, ...]) -> None:
    opened = open_page(poisoned(SPOILT, POISON, spare=spare))
    opened.page.emulate_media(media="print")
    assert opened.page.evaluate("window.broken") is None
    assert opened.page.locator("img").count() == 0
    assert len(opened.requests) == 1


def test_string_is_shown_as_it_is(open_page: Open) -> None:
    opened = open_page(poisoned(SPOILT, POISON, spare=(*WORDS, "requirements", "image", "images")))
    opened.page.locator("#grid button.cell.s-failed").first.click()
    expect(opened.page.locator("#evidence article pre").first).to_contain_text(POISON)
