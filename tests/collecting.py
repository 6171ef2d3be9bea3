"""Ask pytest which tests a tree has, and which requirements they name: ``python collecting.py TREE``.

A program of its own, because pytest is running already where that is asked. Writes JSON to standard output.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def collect(tree: Path) -> dict[str, list[str]]:
    """Requirements by test, "suites/d2_base_image/test_base.py::test_python_is_3_14", for the suites in ``tree``.

    Raises AssertionError with pytest's own words when it cannot collect.
    """
    done = subprocess.run(
        [sys.executable, __file__, str(tree)],
        cwd=tree,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)},
    )
    assert done.returncode == 0, f"the suites cannot be collected:\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])


class _Plugin:
    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    # First, because a test that the inventory has no image for is dropped in the same hook.
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from fixtures.claims import requirements_of

        for item in items:
            self.found[item.nodeid.partition("[")[0]] = list(requirements_of(item))


if __name__ == "__main__":
    plugin = _Plugin()
    status = pytest.main(
        ["--collect-only", "-qq", "--rootdir", sys.argv[1], "-c", f"{sys.argv[1]}/pyproject.toml"],
        plugins=[plugin],
    )
    print(f"\n{json.dumps(plugin.found)}")
    sys.exit(status)
