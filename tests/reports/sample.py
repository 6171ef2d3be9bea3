"""conformance.json of runs that never were: every state, the register's own words, as many checks as wanted."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from fixtures.documents import HARNESS
from fixtures.evidence import STATES, gravest
from fixtures.inventory import read_inventory
from fixtures.register import Register, Requirement, read_register

STARTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
UNREACHED = "no registry in reach: dial tcp: lookup registry.example on 192.0.2.53:53: no such host"
#: The states that checks of a spoilt run take in turn; a prime number of them, so that no column has one alone.
SPOILT = ("passed",) * 7 + ("failed", "passed", "unverified", "passed", "waived", "error")
ENDS = {
    "failed": "  look at    infra/docker/{subject}.Dockerfile:38  COPY --from=builder /app /app\n"
    "  mend       add --chown=spectral:spectral to that COPY",
    "error": "  look at    the engine: it went away while the check was running, and did not come back in 30 s",
    "unverified": f"  because    {UNREACHED}",
    "waived": "  look at    infra/docker/{subject}.Dockerfile:12\n"
    "  waived     until 2026-06-30 by Platform team: the vendor ships the mended package in May",
}


def sample(checks: int = 60, *, spoilt: bool = True, characters: int = 300) -> dict[str, Any]:
    """A run of ``checks`` checks.

    Spoilt: in all five states, narrowed so that some requirements were not selected, with messages of about so
    many ``characters``. Else a whole run in which all passed.
    """
    register, inventory = read_register(), read_inventory(HARNESS)
    images = {name: _image(name, image.family.base, spoilt) for name, image in inventory.images.items()}
    implemented = [one for one in register.requirements.values() if one.state == "implemented"]
    selected = implemented[:-3] if spoilt else implemented
    # Column by column, so that few checks make few cells rather than few rows.
    pairs: list[tuple[Requirement, str]] = sorted(
        ((one, subject) for one in selected for subject in one.subjects(inventory)),
        key=lambda pair: pair[0].subjects(inventory).index(pair[1]),
    )
    states = cycle(SPOILT if spoilt else ("passed",))
    made = [
        _check(number, one, subject, state, images, characters)
        for number, (one, subject), state in zip(range(checks), cycle(pairs), states, strict=False)
    ]
    requirements = {
        one.id: _requirement(one, one.subjects(inventory), made, spoilt) for one in register.requirements.values()
    }
    counts = Counter(check["state"] for check in made)
    return {
        "format": 1,
        "verdict": {
            "word": "not conformant" if counts["failed"] else "conformant",
            "status": 1 if counts["failed"] else 0,
            "reasons": _reasons(made, spoilt),
            "checks": {state: counts[state] for state in reversed(STATES)},
        },
        "run": {
            "id": "5f1c0a9be2d4",
            "started": _written(STARTED),
            "seconds": 187.25,
            "arguments": ["-k", "not dependencies"] if spoilt else [],
            "narrowed": spoilt,
            "strict": not spoilt,
            "static": False,
            "ended": "by itself",
        },
        "tree": {"commit": "4be1d7c09a35f2e8816b7d0c3a9e5f4120d86b73", "dirty": spoilt},
        "register": _register(register),
        "engine": "27.3.1",
        "images": images,
        "requirements": requirements,
        "checks": made,
        "waivers": _waivers(made) if spoilt else [],
    }


def _image(name: str, base: str, spoilt: bool) -> dict[str, Any]:
    reference = f"{base}@sha256:{_digest(base)}"
    built = name != "operations" or not spoilt
    return {
        "outcome": "built" if built else "failed",
        "id": f"sha256:{_digest(name)}" if built else "",
        "base": reference,
        "origin": "stand-in" if spoilt and name != "backup-nightly" else "registry",
        "origin_reason": UNREACHED if spoilt and name != "backup-nightly" else "",
        "stand_ins": [f"ghcr.example/uv:0.9@sha256:{_digest('uv')}", reference] if spoilt and name == "api" else [],
        "problem": "" if built else "step 7 of 12: RUN pnpm install --frozen-lockfile\nERR_PNPM_OUTDATED_LOCKFILE",
    }


def _check(
    number: int, one: Requirement, subject: str, state: str, images: dict[str, Any], characters: int
) -> dict[str, Any]:
    image = images.get(subject)
    message = ""
    if state != "passed":
        head = f"{one.id} {subject}: /app/part_{number} is owned by root:root, expected spectral:spectral (1000:1000)"
        end = ENDS[state].format(subject=subject)
        seen = f"  observed   drwxr-xr-x root root /app/part_{number}/"
        message = f"{head}\n{seen}{'x' * max(0, characters - len(head + seen + end) - 2)}\n{end}"
    return {
        "id": f"suites/{one.decision.lower()}/test_sample.py::test_part_{number}_is_as_{one.id}_asks[{subject}]",
        "requirements": [one.id],
        "subject": "retention-run" if subject == "workers" and number % 3 == 0 else subject,
        "image": subject,
        "state": state,
        "message": message,
        "observations": [
            {
                "what": f"owner of /app/part_{number}",
                "observed": "root:root" if message else "spectral:spectral",
                "expected": "spectral:spectral",
            },
            {"what": f"mode of /app/part_{number}", "observed": "0755", "expected": "0755"},
        ],
        "evidence": image and {"image": image["id"], "base": image["base"], "origin": image["origin"]},
        "started": None if state == "error" else _written(STARTED + timedelta(seconds=number)),
        "seconds": 0.0 if state == "error" else number % 7 / 4 + 0.0015,
    }


def _requirement(
    one: Requirement, subjects: tuple[str, ...], checks: list[dict[str, Any]], spoilt: bool
) -> dict[str, Any]:
    unseen = "not selected" if spoilt and one.state == "implemented" else one.state
    unseen = "error" if unseen == "implemented" else unseen
    cells = {
        subject: gravest(
            check["state"] for check in checks if one.id in check["requirements"] and check["image"] == subject
        )
        or unseen
        for subject in subjects
    }
    others = sorted(set(cells.values()) - {"passed"})
    state = gravest(others) or next(iter(others), "passed")
    fields = {"text": one.text, "level": one.level, "verify": one.verify, "since": one.since}
    return {**fields, "state": state, "note": one.note, "cells": cells}


def _reasons(checks: list[dict[str, Any]], spoilt: bool) -> list[str]:
    words = {"failed": "is violated", "error": "could not be looked at", "unverified": "cannot be verified here"}
    found: dict[tuple[str, str], list[str]] = {}
    for state in words:
        for check in checks:
            if check["state"] == state:
                found.setdefault((state, check["requirements"][0]), []).append(check["subject"])
    reasons = [f"{id_} {words[state]}: {', '.join(dict.fromkeys(names))}" for (state, id_), names in found.items()]
    return [*reasons, "The run was narrowed: it says nothing of what it left out."] if spoilt else reasons


def _waivers(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    waived = [(check["requirements"][0], check["image"], "in use") for check in checks if check["state"] == "waived"]
    others = [("D2-01", "dashboard", "unneeded"), ("D3-06", "api", "expired"), ("D6-02", "workers", "not consulted")]
    return [
        {
            "requirement": requirement,
            "image": image,
            "owner": "Platform team",
            "reason": "The vendor ships the mended package in May; until then the old one stays.",
            "expires": "2026-02-01" if use == "expired" else "2026-06-30",
            "link": "https://tracker.example/PLAT-417",
            "use": use,
        }
        for requirement, image, use in [*list(dict.fromkeys(waived))[:2], *others]
    ]


def _register(register: Register) -> dict[str, Any]:
    return {
        "version": register.version,
        "document": register.source,
        "sha256": register.source_digest,
        "decisions": dict(register.decisions),
    }


def poisoned(value: Any, poison: str, *, spare: tuple[str, ...] = (), within: str = "") -> Any:
    """``value`` with ``poison`` behind every string in it, except under the keys in ``spare``.

    The keys that are names of images are strings of it too.
    """
    if isinstance(value, dict):
        tail = poison if within in ("images", "cells") else ""
        return {
            key + tail: one if key in spare or within in spare else poisoned(one, poison, spare=spare, within=key)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [poisoned(one, poison, spare=spare) for one in value]
    return value + poison if isinstance(value, str) else value


def _written(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
