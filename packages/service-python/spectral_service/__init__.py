"""What the Python services share: who they are, and how they log."""

from spectral_service.identity import (
    Generation,
    Misconfigured,
    Version,
    identity_fields,
    read_generation,
    read_version,
)
from spectral_service.logs import configure_logging

__all__ = [
    "Generation",
    "Misconfigured",
    "Version",
    "configure_logging",
    "identity_fields",
    "read_generation",
    "read_version",
]
