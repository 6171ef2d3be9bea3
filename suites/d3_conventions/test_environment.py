"""What the interpreter is told."""

import pytest

from fixtures.claims import Expect, requirement
from fixtures.dockerfiles import Dockerfile
from fixtures.processes import process_one
from fixtures.running import Running


@requirement("D3-15")
@pytest.mark.images(family="python")
@pytest.mark.parametrize("variable", ["PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"])
def test_python_is_told(running: Running, dockerfile: Dockerfile, variable: str, expect: Expect) -> None:
    """Read from the running process. No bytecode beside the source; no line of the log lost in a buffer."""
    expect(
        f"{variable} of process 1",
        process_one(running.host).environment.get(variable),
        "1",
        look_at=dockerfile.at("ENV"),
        mend=f"ENV {variable}=1 in the final stage",
    )
