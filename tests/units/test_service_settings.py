"""A number of the environment is taken as it is, or refused; nothing is guessed."""

import pytest

from spectral_service import Misconfigured, read_integer


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("60", 60), ("07", 7), (None, 20)])
def test_number_in_its_bounds_is_taken(monkeypatch: pytest.MonkeyPatch, value: str | None, number: int) -> None:
    monkeypatch.delenv("LIMIT", raising=False)
    if value is not None:
        monkeypatch.setenv("LIMIT", value)
    assert read_integer("LIMIT", 20, 60) == number


@pytest.mark.parametrize(
    "value", ["", "0", "61", "007", "-1", "+1", "1.0", "1e1", " 1", "1 ", "1\n", "soon", "\u0661", "hunter2"]
)
def test_anything_else_is_refused_without_its_value(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LIMIT", value)
    with pytest.raises(Misconfigured) as refused:
        read_integer("LIMIT", 20, 60)
    assert str(refused.value) == "LIMIT is not an integer from 1 to 60"
