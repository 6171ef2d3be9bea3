"""Ctrl-C is reported wherever it comes, at an instruction that belongs to no line too."""

import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pytest

from fixtures.recorder import Recorder


def of_no_line() -> TracebackType:
    """Of an instruction that CPython puts at the end of a with; and above it of one that stands in a line."""

    def cleaning_up():
        with suppress(ValueError):
            pass
        return sys._getframe()

    frame = cleaning_up()
    instruction = next(begin for begin, _, line in frame.f_code.co_lines() if line is None)
    lowest = TracebackType(None, frame, instruction, -1)
    assert lowest.tb_lineno is None
    here = sys._getframe()
    return TracebackType(lowest, here, here.f_lasti, here.f_lineno)


def test_interruption_at_no_line_is_shown(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    error, traceback = KeyboardInterrupt(), of_no_line()
    excinfo = pytest.ExceptionInfo.from_exc_info((KeyboardInterrupt, error, traceback))
    with pytest.raises(TypeError):
        excinfo.getrepr(funcargs=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pytestconfig.option, "reports", tmp_path, raising=False)
        Recorder(pytestconfig).pytest_keyboard_interrupt(excinfo)
    shown = excinfo.getrepr(funcargs=True)
    assert shown.reprcrash is not None
    assert shown.reprcrash.message == "KeyboardInterrupt"
    assert Path(shown.reprcrash.path).name == Path(__file__).name
