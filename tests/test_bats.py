"""The backup's scripts in parts, by bats: tests/bats. Each of its cases is one here, so that it says which failed."""

import re
import shutil
from pathlib import Path

import pytest

from fixtures.commands import Say
from fixtures.documents import HARNESS
from fixtures.engine import Engine
from on_debian import on_debian

BATS = HARNESS / "tests/bats"
SCRIPTS = "tools/ops/backup"
#: bats and age come from Debian, as they do for the image; what else a script calls is a double of the case.
DOCKERFILE = """
FROM debian
RUN apt-get update && apt-get install --yes --no-install-recommends age bats && rm -r /var/lib/apt/lists/*
COPY backup /t/backup
COPY bats /t/bats
CMD ["sleep", "infinity"]
"""
CASES = [
    (file.name, name)
    for file in sorted(BATS.glob("*.bats"))
    for name in re.findall(r'^@test "(.*)" \{$', file.read_text(), re.MULTILINE)
]
RESULT = re.compile(r"^(ok|not ok) \d+ (.*)$")


@pytest.fixture(scope="module")
def said(engine: Engine, say: Say, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What bats says of each case, by file and name: "ok", or its complaint."""
    folder: Path = tmp_path_factory.mktemp("bats")
    shutil.copytree(HARNESS / SCRIPTS, folder / "backup")
    shutil.copytree(BATS, folder / "bats")
    results: dict[str, str] = {}
    with on_debian(engine, say, folder, DOCKERFILE) as container:
        for file in sorted(BATS.glob("*.bats")):
            output = container.exec_run(["bats", "--tap", f"/t/bats/{file.name}"]).output.decode()
            case = ""
            for line in output.splitlines():
                if found := RESULT.match(line):
                    case = f"{file.name}: {found[2]}"
                    results[case] = "ok" if found[1] == "ok" else line
                elif case and results[case] != "ok":
                    results[case] += f"\n{line}"
    return results


@pytest.mark.parametrize(("file", "name"), CASES)
def test_part_does_what_its_case_says(file: str, name: str, said: dict[str, str]) -> None:
    assert said.get(f"{file}: {name}", "bats did not come to it") == "ok"
