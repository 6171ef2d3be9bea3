"""The tables as Markdown."""

from typing import Any

from bench.measure import Table


def markdown(tables: list[Table], conditions: dict[str, Any], missing: list[str]) -> str:
    """What was measured, and where; what could not be measured stands first."""
    lines = ["# Measured side by side", ""]
    lines += [f"- **{one}**" for one in missing]
    lines += [", ".join(f"{name} {value}" for name, value in conditions.items()) + "."]
    lines += ["Figures are medians, with the least and the greatest value in brackets."]
    for table in tables:
        lines += ["", f"## {table.title}", "", _row(table.columns), _row(["---"] * len(table.columns))]
        lines += [_row(row) for row in table.rows]
        lines += ["", *(f"- {note}" for note in table.notes)]
    return "\n".join(lines) + "\n"


def _row(cells: Any) -> str:
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"
