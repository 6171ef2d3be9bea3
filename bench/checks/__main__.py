"""`python -m bench.checks WAY IMAGE FACTS`: the facts as ordinary pytest cases; the exit status is pytest's."""

import json
import os
import sys
from pathlib import Path

from bench.checks.ways import WAYS

way, image, file = sys.argv[1:]
opening = WAYS[way](image)

import pytest  # noqa: E402 - the container is on its way meanwhile


class Plugin:
    """Gives the cases what was opened for them, and their facts."""

    facts = json.loads(Path(file).read_text())

    @pytest.fixture(scope="session", name="opening")
    @staticmethod
    def opened() -> object:
        return opening

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        for kind in ("file", "user", "command"):
            if kind in metafunc.fixturenames:
                metafunc.parametrize(kind, self.facts[f"{kind}s"])


os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # no plugin takes part, and looking for them takes time
here = Path(__file__).parent
options = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-c",
    os.devnull,
    f"--rootdir={here}",
    f"--confcutdir={here}",
]
status = pytest.main([*options, str(here / "test_facts.py")], plugins=[Plugin()])
# All is said and removed; clearing up the interpreter takes longer than a dozen checks.
sys.stdout.flush()
os._exit(status)
