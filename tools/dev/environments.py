"""The Python programs' own virtual environments, from their own locks, as the images have them."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from settings import ROOT, refuse

#: That of the images; another is taken where it is missing, and that is said.
PYTHON = "python3.14"
LEAST = (3, 11)


def prepare(folder: str) -> Path:
    """The Python of ``folder``'s .venv, made anew where its requirements.txt has changed. Ends where that fails."""
    venv, lock = ROOT / folder / ".venv", ROOT / folder / "requirements.txt"
    python = venv / "bin" / "python"
    stamp = venv / "made-from"
    base = shutil.which(PYTHON) or sys.executable
    made_from = hashlib.sha256(lock.read_bytes() + base.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == made_from:
        return python
    if base == sys.executable and sys.version_info < LEAST:
        refuse(f"pnpm dev needs {PYTHON}, or Python {LEAST[0]}.{LEAST[1]} at least.")
    print(f"dev: making {folder}/.venv with {base}", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        subprocess.run([base, "-m", "venv", str(venv)], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", lock],
            check=True,
            env=quiet,
        )
    except (OSError, subprocess.CalledProcessError) as problem:
        refuse(f"{folder}/.venv could not be made: {problem}")
    stamp.write_text(made_from)
    return python
