"""What the Python services share: who they are, how they log, and what they are told.

What needs psycopg is in spectral_service.database, and is not imported here.
"""

from spectral_service.identity import (
    Generation,
    Misconfigured,
    Version,
    identity_fields,
    read_generation,
    read_version,
)
from spectral_service.logs import configure_logging
from spectral_service.secret import read_secret
from spectral_service.settings import read_integer

__all__ = [
    "Generation",
    "Misconfigured",
    "Version",
    "configure_logging",
    "identity_fields",
    "read_generation",
    "read_integer",
    "read_secret",
    "read_version",
]
