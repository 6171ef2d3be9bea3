"""reports/kill-matrix.json and .html: which change of the tree was seen by which requirement.

A plugin: it collects what the tests of mutants and near-misses recorded, on xdist's controller too.
"""

import html
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalogue import Case, read
from fixtures.documents import HARNESS
from fixtures.register import Register, read_register
from fixtures.source import read_state

FOLDER = HARNESS / "reports"
PAGE = Path(__file__).parent / "kill_matrix.html"
#: Of a mutant, of a near-miss, and what each state means for who reads the page.
STATES = {
    "killed": "seen by the requirements it violates, and by no other",
    "survived": "seen by none",
    "killed by another": "seen by other requirements than those it violates",
    "red elsewhere": "seen by the right requirements, and something else could not be looked at",
    "passed": "left alone",
    "accused": "an innocent change that a requirement took for a violation",
    "not looked at": "left alone, but a requirement that it seems to violate looked at nothing",
    "not run": "this run was told to leave it out",
}
GOOD = {"killed", "passed"}


@dataclass
class Recorded:
    """What the test of a case recorded."""

    passed: bool
    accused: list[str] = field(default_factory=list)  #: requirements that were seen violated
    beside: list[str] = field(default_factory=list)  #: keys of the other cases in the same tree


def state_of(case: Case, recorded: Recorded | None) -> str:
    """One of STATES."""
    if recorded is None:
        return "not run"
    if recorded.passed:
        return "killed" if case.is_mutant else "passed"
    if not case.is_mutant:
        return "accused" if recorded.accused else "not looked at"
    if not recorded.accused:
        return "survived"
    return "killed by another" if set(recorded.accused) != set(case.requirements) else "red elsewhere"


def matrix(cases: list[Case], recorded: Mapping[str, Recorded], register: Register) -> dict[str, Any]:
    """All of it, as JSON holds it. ``recorded`` is by the case's id, with its kind in front: "mutants/user-dropped"."""

    def entry(case: Case) -> dict[str, Any]:
        its = recorded.get(key(case))
        return {
            "id": case.id,
            "group": case.group,
            "images": list(case.images),
            "breaks" if case.is_mutant else "spares": list(case.requirements),
            "accused": its.accused if its else [],
            "beside": its.beside if its else [],
            "state": state_of(case, its),
        }

    def of(id_: str, is_mutant: bool) -> dict[str, str]:
        return {
            case.id: state_of(case, recorded.get(key(case)))
            for case in cases
            if case.is_mutant == is_mutant and id_ in case.requirements
        }

    trees = {frozenset({its_key, *its.beside}) for its_key, its in recorded.items()}
    commit, changed = read_state(HARNESS)
    return {
        "version": 1,
        "commit": commit,
        "changed": changed,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "trees": len(trees),
        "requirements": {
            id_: {"text": one.text, "level": one.level, "mutants": of(id_, True), "near_misses": of(id_, False)}
            for id_, one in register.requirements.items()
            if one.state == "implemented"
        },
        "mutants": [entry(case) for case in cases if case.is_mutant],
        "near_misses": [entry(case) for case in cases if not case.is_mutant],
    }


def key(case: Case) -> str:
    return f"{case.group.partition('/')[0]}/{case.id}"


def page(made: Mapping[str, Any]) -> str:
    """The matrix for people: complete in itself, without a script."""
    rows = "".join(
        f"<tr><th scope=row id={id_}>{id_}</th><td>{html.escape(one['text'])}</td>"
        f"<td>{_cases(one['mutants'])}</td><td>{_cases(one['near_misses'])}</td></tr>"
        for id_, one in made["requirements"].items()
    )
    counted = {kind: [one["state"] for one in made[kind]] for kind in ("mutants", "near_misses")}
    bad = [one for kind in counted for one in made[kind] if one["state"] not in GOOD]
    listed = "".join(
        f"<li><b>{html.escape(one['id'])}</b>: {one['state']}, {STATES[one['state']]}; meant "
        f"{', '.join(one.get('breaks') or one['spares'])}, seen violated {', '.join(one['accused']) or 'none'}</li>"
        for one in bad
        if one["state"] != "not run"
    )
    return string.Template(PAGE.read_text()).substitute(
        commit=html.escape(f"{made['commit'] or 'no commit'}"[:12] + (", changed" if made["changed"] else "")),
        when=made["when"],
        trees=made["trees"],
        mutants=f"{counted['mutants'].count('killed')} of {len(counted['mutants'])}",
        near_misses=f"{counted['near_misses'].count('passed')} of {len(counted['near_misses'])}",
        wrong=f"<h2>Wrong</h2><ul>{listed}</ul>" if listed else "",
        rows=rows,
    )


def _cases(states: Mapping[str, str]) -> str:
    good = [id_ for id_, state in states.items() if state in GOOD]
    bad = [f"{id_}: {state}" for id_, state in states.items() if state not in GOOD]
    items = [f'<li class="bad">{html.escape(one)}</li>' for one in bad] + [
        f"<li>{html.escape(one)}</li>" for one in good
    ]
    return f"<details><summary>{len(good)} of {len(states)}</summary><ul>{''.join(items)}</ul></details>"


class KillMatrix:
    """Writes both at the end of a run that looked at any case."""

    def __init__(self) -> None:
        self.recorded: dict[str, Recorded] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        if report.when == "call" and "case" in properties:
            accused, beside = (list(properties.get(name, [])) for name in ("accused", "beside"))
            self.recorded[str(properties["case"])] = Recorded(report.passed, accused, beside)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.recorded or hasattr(session.config, "workerinput"):
            return
        made = matrix([*read("mutants"), *read("near-misses")], self.recorded, read_register())
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / "kill-matrix.json").write_text(json.dumps(made, indent=1) + "\n")
        (FOLDER / "kill-matrix.html").write_text(page(made))
