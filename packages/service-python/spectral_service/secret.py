"""Secrets, from a file or from the environment."""

import os
from pathlib import Path

from spectral_service.identity import Misconfigured

#: Where Secret Files are (ADR-049 D6).
DIRECTORY = Path("/etc/spectral")


def read_secret(name: str) -> str | None:
    """The Secret File of that name ("version-detail-token"), else the variable (VERSION_DETAIL_TOKEN), else None.

    A file that is there decides, an empty one too: a secret that was taken away does not live on in a variable.
    """
    path = DIRECTORY / name
    try:
        value = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        value = os.environ.get(name.upper().replace("-", "_"), "")
    except UnicodeDecodeError:  # its text would repeat the content
        raise Misconfigured(f"{path} is not UTF-8") from None
    except OSError as exc:
        raise Misconfigured(f"{path} cannot be read: {exc.strerror}") from None
    value = value.removesuffix("\n")  # an editor leaves one behind
    return value if value.strip() else None
