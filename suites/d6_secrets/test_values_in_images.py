"""The net below the canaries, which tell of what lay around a build: the scanner reads what stands in the image."""

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.scanner import Baseline, Finding


@requirement("D6-05")
def test_scanner_finds_nothing_in_the_layers(
    findings_in_image: tuple[Finding, ...], baseline: Baseline, dockerfile: Dockerfile, expect: Expect
) -> None:
    """What people wrote and commands made; also what a later layer deletes."""
    check(expect, [one for one in new(findings_in_image, baseline) if one.text.name.startswith("/")], dockerfile)


@requirement("D6-02")
def test_scanner_finds_nothing_in_variables_and_labels(
    findings_in_image: tuple[Finding, ...], baseline: Baseline, dockerfile: Dockerfile, expect: Expect
) -> None:
    """By their values too: a password does not have to be called one."""
    found = [one for one in new(findings_in_image, baseline) if one.text.name in VARIABLES_AND_LABELS]
    check(expect, found, dockerfile)


@requirement("D6-04")
def test_scanner_finds_nothing_in_the_history(
    findings_in_image: tuple[Finding, ...], baseline: Baseline, dockerfile: Dockerfile, expect: Expect
) -> None:
    """Commands as they were carried out, with the arguments that the build was given."""
    found = [one for one in new(findings_in_image, baseline) if one.text.name.startswith("config/history/")]
    check(expect, found, dockerfile)


VARIABLES_AND_LABELS = ("config/variables.json", "config/labels.json")


def new(findings: tuple[Finding, ...], baseline: Baseline) -> list[Finding]:
    """Those that nobody has reviewed. A file lies elsewhere in the image than in the tree, so its digest tells."""
    known = {digest for _, digest in baseline.known}
    return [one for one in findings if one.digest not in known]


def check(expect: Expect, found: list[Finding], dockerfile: Dockerfile) -> None:
    expect.none(
        "findings of the secret scanner",
        map(str, found),
        look_at="; ".join(dict.fromkeys(dockerfile.made(one.text.instruction) for one in found)) or dockerfile.name,
        mend="take the value out, and change it: docs/secrets.md",
    )
