"""Which build this is (version.json, baked in) and which deployment (SPECTRAL_GENERATION, at run time)."""

import json
import os
import re
from dataclasses import dataclass, fields
from pathlib import Path

DEFAULT_VERSION_FILE = "/app/version.json"

#: Up to 15 digits: what the Node services and their readers still hold exactly.
GENERATION = re.compile(r"[0-9]{1,15}")


class Misconfigured(Exception):
    """The service cannot start; the text is fit for a log, so it never repeats a value."""


@dataclass(frozen=True)
class Version:
    """version.json as infra/docker/build-version.sh writes it."""

    sha: str  # commit the image was built from
    short_sha: str  # the same, short: the only part /version shows
    describe: str  # git describe
    built_at: str  # ISO 8601, UTC
    uv_lock_sha: str  # digest of the Python locks
    pnpm_lock_sha: str  # digest of the Node lock


@dataclass(frozen=True)
class Generation:
    """The deployment's number, or why there is none; never a number nobody gave."""

    number: int | None
    problem: str | None = None

    def as_fields(self) -> dict[str, object]:
        """How /version and the log show it."""
        if self.problem is None:
            return {"generation": self.number}
        return {"generation": None, "generation_problem": self.problem}


def read_version() -> Version:
    """Read version.json; an image without a whole one is not fit to run."""
    path = Path(os.environ.get("SPECTRAL_VERSION_FILE") or DEFAULT_VERSION_FILE)
    try:
        content = json.loads(path.read_bytes())
    except OSError as exc:
        raise Misconfigured(f"{path} cannot be read: {exc.strerror}") from None
    except ValueError:  # not UTF-8, or not JSON
        raise Misconfigured(f"{path} is not JSON") from None
    if not isinstance(content, dict):
        raise Misconfigured(f"{path} is not a JSON object")
    names = [field.name for field in fields(Version)]
    bad = [name for name in names if not isinstance(content.get(name), str) or not content[name]]
    if bad:
        raise Misconfigured(f"{path} has no text for {', '.join(bad)}")
    return Version(**{name: content[name] for name in names})


def read_generation() -> Generation:
    """Read SPECTRAL_GENERATION; a bad one is reported, and does not stop the service."""
    value = os.environ.get("SPECTRAL_GENERATION")
    if not value:
        return Generation(None, "SPECTRAL_GENERATION is not set")
    if not GENERATION.fullmatch(value):
        return Generation(None, "SPECTRAL_GENERATION is not an integer")
    return Generation(int(value))


def identity_fields(version: Version, generation: Generation) -> dict[str, object]:
    """What every service's "started" line carries."""
    return {
        "sha": version.sha,
        "short_sha": version.short_sha,
        "describe": version.describe,
        **generation.as_fields(),
    }
