"""A plugin that says what failed when it fails: a run that is cut off never comes to its summary."""

import pytest

#: Of each message the end, where pytest has what was asserted.
LINES = 40


class AtOnce:
    """The same thing is said once, however many tests it keeps from running."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal
        self._said: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.longreprtext not in self._said:
            self._said.add(report.longreprtext)
            end = report.longreprtext.splitlines()[-LINES:]
            self._terminal.write_line("\n" + "\n".join([f"{report.nodeid} ({report.when}):", *end]))
