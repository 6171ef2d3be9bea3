"""The page as text: complete in itself, small, and safe to open whatever a message says."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from sample import poisoned, sample

from fixtures.documents import HARNESS
from fixtures.reports.page import page

POISON = "</script><img src=x onerror=alert(1)><!--\"'&\u2028"
MOST_BYTES = 1_000_000
#: Attributes that make a browser fetch or follow something.
ADDRESSES = ("src", "href", "xlink:href", "action", "formaction", "srcset", "poster", "data", "background", "ping")


class Elements(HTMLParser):
    """Start tags with their attributes, and the text of elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag = self.tags[-1][0] if self.tags else ""
        self.text[tag] = self.text.get(tag, "") + data


@pytest.fixture(scope="module")
def spoilt() -> str:
    return page(sample())


def without_script(text: str) -> str:
    return text.partition("<noscript>")[2].partition("</noscript>")[0]


def bare() -> dict[str, Any]:
    """A run that was broken off before it knew anything."""
    run = sample(0)
    run |= {"images": {}, "engine": None, "waivers": [], "tree": {"commit": None, "dirty": None}}
    run["run"]["ended"] = "the inventory cannot be read"
    run["verdict"] |= {"word": "not verified", "status": 2, "reasons": ["The run was broken off."]}
    for one in run["requirements"].values():
        one["cells"] = {}
    return run


# It fetches nothing


def test_no_address_leads_out_of_the_page(spoilt: str) -> None:
    addresses = [
        attributes[name] for _, attributes in Elements(spoilt).tags for name in ADDRESSES if name in attributes
    ]
    assert [one for one in addresses if one is None or not one.startswith(("#", "data:"))] == []


def test_style_fetches_nothing(spoilt: str) -> None:
    style = spoilt.partition("<style>")[2].partition("</style>")[0]
    assert re.findall(r"url\(|@import|image-set", style) == []


def test_policy_allows_nothing_but_what_stands_in_the_page(spoilt: str) -> None:
    (policy,) = (one["content"] for tag, one in Elements(spoilt).tags if one.get("http-equiv"))
    sources = r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; img-src data:; "
    assert policy is not None
    assert re.fullmatch(sources + "base-uri 'none'; form-action 'none'", policy)


def test_no_element_has_a_style_of_its_own(spoilt: str) -> None:
    """The policy would not let it through."""
    assert [tag for tag, attributes in Elements(spoilt).tags if "style" in attributes] == []


# Nothing breaks out


def test_no_string_becomes_markup() -> None:
    assert "<img" not in page(poisoned(sample(), POISON))


def test_no_string_ends_the_data() -> None:
    embedded = page(poisoned(sample(), POISON)).partition('id="data">')[2].partition("</script>")[0]
    assert "\u2028" not in embedded
    assert any(POISON in text for text in json.loads(embedded)["strings"])


def test_place_to_fill_in_a_string_stays_as_it_is() -> None:
    run = sample()
    run["verdict"]["reasons"] = ["{{script}}"]
    assert "<li>{{script}}</li>" in page(run)


def test_control_characters_are_shown() -> None:
    run = sample()
    run["verdict"]["reasons"] = ["\x1b[31mred\x00"]
    assert "<li>␛[31mred␀</li>" in page(run)


# It is small


def test_thousand_checks_fit_in_a_megabyte() -> None:
    assert len(page(sample(1000)).encode()) <= MOST_BYTES


def test_thousand_failures_fit_in_a_megabyte() -> None:
    run = sample(1000, characters=300)
    failure = next(check for check in run["checks"] if check["state"] == "failed")
    for number, check in enumerate(run["checks"]):
        check |= {"state": "failed", "message": f"{number} {failure['message']}"}
    assert len(page(run).encode()) <= MOST_BYTES


# Without a script


def test_verdict_stands_in_the_page() -> None:
    assert "<h1>Not conformant</h1>" in page(sample())


@pytest.mark.parametrize("state", ["passed", "failed", "error", "unverified", "waived"])
def test_count_of_checks_stands_in_the_page(spoilt: str, state: str) -> None:
    item = re.search(f'data-count="checks {state}".*?<b>(\\d+)</b>', spoilt)
    assert item is not None
    assert int(item[1]) == sample()["verdict"]["checks"][state]


def test_every_check_that_did_not_pass_is_listed_without_a_script(spoilt: str) -> None:
    grave = [check for check in sample()["checks"] if check["state"] != "passed"]
    heads = [check["message"].partition("\n")[0] for check in grave]
    assert [head for head in heads if head not in without_script(spoilt)] == []


def test_no_check_that_passed_is_listed_without_a_script(spoilt: str) -> None:
    grave = [check for check in sample()["checks"] if check["state"] != "passed"]
    assert without_script(spoilt).count("<li>") == len(grave)


# What must not be missed


def test_narrowed_run_says_that_it_did_not_look_at_everything() -> None:
    assert "This run did not look at everything" in page(sample())


def test_whole_run_does_not_say_that_it_looked_at_less() -> None:
    assert "did not look at everything" not in page(sample(400, spoilt=False))


def test_run_that_was_broken_off_says_so_with_its_reason() -> None:
    run = sample(400, spoilt=False)
    run["run"]["ended"] = "interrupted"
    assert "It was broken off: interrupted." in page(run)


def test_stand_in_is_marked_with_its_reason() -> None:
    run = sample()
    row = page(run).partition("<b>workers</b>")[2].partition("</tr>")[0]
    assert "stand-in</span>" in row
    assert run["images"]["workers"]["origin_reason"] in row


def test_base_from_the_registry_has_no_stand_in_mark() -> None:
    row = page(sample()).partition("<b>backup-nightly</b>")[2].partition("</tr>")[0]
    assert "stand-in" not in row


def test_image_that_was_not_built_shows_why() -> None:
    assert "ERR_PNPM_OUTDATED_LOCKFILE" in page(sample())


def test_uncommitted_changes_are_named() -> None:
    assert "with uncommitted changes" in page(sample())


def test_waiver_has_owner_reason_expiry_and_use() -> None:
    (waiver,) = (one for one in sample()["waivers"] if one["use"] == "expired")
    row = page({**sample(), "waivers": [waiver]}).partition("<h2>Waivers</h2>")[2].partition("</section>")[0]
    assert [key for key in ("owner", "reason", "expires", "use", "link") if waiver[key] not in row] == []


def test_run_that_knows_nothing_has_a_page() -> None:
    assert "<h1>Not verified</h1>" in page(bare())


# Colours


def colours(style: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", style))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


STATE_COLOURS = ("passed", "failed", "error", "unverified", "waived", "muted")
PAIRS = [
    *((text, ground) for text in ("ink", "soft", "link", *STATE_COLOURS) for ground in ("page", "sheet", "hover")),
    *(("on-strong", state) for state in STATE_COLOURS),
    *((state, f"{state}-tint") for state in ("passed", "unverified", "waived")),
    ("ink", "unverified-tint"),
]


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    """WCAG 2 AA."""
    folder = HARNESS / "fixtures" / "reports"
    light, dark = (folder / "page.css").read_text().split("@media (prefers-color-scheme: dark)", 1)
    paper = (folder / "page_print.css").read_text()
    palette = colours({"light": light, "dark": dark, "paper": paper}[scheme])
    faint = {pair: contrast(*(palette[name] for name in pair)) for pair in PAIRS}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < 4.5} == {}
