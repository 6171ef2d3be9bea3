"""Settings of a service that are numbers."""

import os
import re

from spectral_service.identity import Misconfigured


def read_integer(name: str, default: int, most: int) -> int:
    """The variable of that name, from 1 to ``most``, written without more digits than that has."""
    value = os.environ.get(name, str(default))
    if not re.fullmatch(rf"[0-9]{{1,{len(str(most))}}}", value) or not 1 <= int(value) <= most:
        raise Misconfigured(f"{name} is not an integer from 1 to {most}")
    return int(value)
