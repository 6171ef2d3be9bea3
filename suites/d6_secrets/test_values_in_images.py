"""The net below the canaries, which tell of what lay around a build: the scanner reads what stands in the image."""

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.scanner import BASELINE, Baseline, Finding


def new(findings: tuple[Finding, ...], baseline: Baseline, where: str) -> list[Finding]:
    """Those in places that begin so, and that nobody has reviewed in whatever file of the tree they come from."""
    known = {digest for _, digest in baseline.known}
    return [one for one in findings if one.place.startswith(where) and one.digest not in known]


@requirement("D6-05")
def test_scanner_finds_nothing_in_the_layers(
    findings_in_image: tuple[Finding, ...], baseline: Baseline, dockerfile: Dockerfile, expect: Expect
) -> None:
    """What people wrote and commands made; also what a later layer deletes."""
    found = new(findings_in_image, baseline, "/")
    expect.none(
        "findings of the secret scanner in files that no package brought",
        map(str, found),
        look_at=lines_of(found, dockerfile),
        mend=f"take the value out, and change it: docs/secrets.md; what opens nothing: {BASELINE}, by its source",
    )


@requirement("D6-02")
def test_scanner_finds_nothing_in_variables_and_labels(
    findings_in_image: tuple[Finding, ...], baseline: Baseline, dockerfile: Dockerfile, expect: Expect
) -> None:
    """By their values too: a password does not have to be called one."""
    expect.none(
        "findings of the secret scanner in variables and labels",
        map(str, new(findings_in_image, baseline, "config.")),
        look_at=dockerfile.name,
        mend="take the value out, and change it: docs/secrets.md",
    )


@requirement("D6-04")
def test_scanner_finds_nothing_in_the_history(
    findings_in_image: tuple[Finding, ...], baseline: Baseline, dockerfile: Dockerfile, expect: Expect
) -> None:
    """Commands as they were carried out, with the arguments that the build was given."""
    found = new(findings_in_image, baseline, "history[")
    expect.none(
        "findings of the secret scanner in the history",
        map(str, found),
        look_at=lines_of(found, dockerfile),
        mend="take the value out of the command, and change it: docs/secrets.md",
    )


def lines_of(found: list[Finding], dockerfile: Dockerfile) -> str:
    """Where the instructions stand, without what is in them."""
    return "; ".join(dict.fromkeys(dockerfile.made_at(one.instruction) for one in found)) or dockerfile.name
