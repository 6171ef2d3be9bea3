"""The filters of the page: what they leave in view, and how they get into the address and out of it."""

from urllib.parse import urlencode

import pytest
from opened import SPOILT, Open
from playwright.sync_api import expect


def meant(decision: str = "", image: str = "", state: str = "", text: str = "") -> tuple[list[str], int]:
    """Requirements that a filter leaves, and the number of their checks, from the data alone."""
    states, text = set(filter(None, state.split(","))), text.lower()
    rows, checks = [], set()
    for id_, one in SPOILT["requirements"].items():
        if decision and not id_.startswith(f"{decision}-"):
            continue
        own = text in f"{id_}\n{one['text']}\n{one['note']}".lower()
        mine = {
            check["id"]
            for check in SPOILT["checks"]
            if id_ in check["requirements"]
            and image in ("", check["image"])
            and (not states or check["state"].replace(" ", "-") in states)
            and (own or text in f"{check['id']}\n{check['message']}".lower())
        }
        cells = {one for name, one in one["cells"].items() if image in ("", name)}
        if mine or (own and any(not states or cell.replace(" ", "-") in states for cell in cells)):
            rows.append(id_)
            checks |= mine
    return rows, len(checks)


FILTERS = [
    {"decision": "D3"},
    {"image": "api"},
    {"image": "tree"},
    {"state": "failed"},
    {"state": "failed,error"},
    {"state": "planned"},
    {"state": "not-selected"},
    {"text": "d3-05"},
    {"text": "dockerfile"},
    {"text": "test_part_7_"},
    {"text": "did not come back"},
    {"image": "workers", "state": "passed", "decision": "D3"},
    {"image": "api", "state": "failed", "text": "spectral"},
    {"text": "there is no such thing"},
]


@pytest.mark.parametrize("fields", FILTERS, ids=urlencode)
def test_link_with_a_filter_shows_what_the_data_says(open_page: Open, fields: dict[str, str]) -> None:
    opened = open_page(fields=fields)
    rows, checks = meant(**fields)
    plural = "" if checks == 1 else "s"
    assert opened.ids() == rows
    expect(opened.page.locator("#count")).to_have_text(
        f"{len(rows)} of {len(SPOILT['requirements'])} requirements, {checks} check{plural}"
    )


def test_decision_that_is_chosen_narrows_the_rows(open_page: Open) -> None:
    opened = open_page()
    opened.page.get_by_label("Decision", exact=True).select_option("D5")
    assert opened.ids() == meant(decision="D5")[0]


def test_image_that_is_chosen_narrows_the_rows(open_page: Open) -> None:
    opened = open_page()
    opened.page.get_by_label("Image", exact=True).select_option("dashboard")
    assert opened.ids() == meant(image="dashboard")[0]


def test_states_that_are_ticked_narrow_the_rows(open_page: Open) -> None:
    opened = open_page()
    opened.page.get_by_role("checkbox", name="failed", exact=True).check()
    opened.page.get_by_role("checkbox", name="waived", exact=True).check()
    assert opened.ids() == meant(state="failed,waived")[0]


def test_text_that_is_typed_narrows_the_rows(open_page: Open) -> None:
    opened = open_page()
    opened.page.get_by_label("Text", exact=True).fill("gil")
    assert opened.ids() == meant(text="gil")[0]


def test_filter_stands_in_the_address(open_page: Open) -> None:
    page = open_page().page
    page.get_by_label("Image", exact=True).select_option("api")
    page.get_by_role("checkbox", name="failed", exact=True).check()
    assert page.url.partition("#")[2] == "image=api&state=failed"


def test_address_sets_the_controls(open_page: Open) -> None:
    page = open_page(fields={"decision": "D2", "state": "failed", "text": "python"}).page
    expect(page.get_by_label("Decision", exact=True)).to_have_value("D2")
    expect(page.get_by_role("checkbox", name="failed", exact=True)).to_be_checked()
    expect(page.get_by_label("Text", exact=True)).to_have_value("python")


def test_reset_brings_all_rows_back(open_page: Open) -> None:
    opened = open_page(fields={"decision": "D2", "text": "python"})
    opened.page.get_by_role("button", name="Reset").click()
    expect(opened.page.locator("#grid th.id")).to_have_count(len(SPOILT["requirements"]))
    assert "#" not in opened.page.url


def test_count_of_failed_checks_leads_to_them(open_page: Open) -> None:
    opened = open_page()
    opened.page.locator('[data-count="checks failed"] a').click()
    expect(opened.page.locator("#count")).to_contain_text(f"{SPOILT['verdict']['checks']['failed']} checks")
