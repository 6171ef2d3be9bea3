"""Measured values, and where they go: medians with their spread."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing, in its unit."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        """ "0.45 (0.43 to 0.48)"."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:.3g} ({low:.3g} to {high:.3g})" if len(self.values) > 1 else f"{self.median:.3g}"


@dataclass(frozen=True)
class Table:
    """A part of the report. The rows are text already; ratios stand in the first column behind the names."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: tuple[str, ...] = ()


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes, by the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
