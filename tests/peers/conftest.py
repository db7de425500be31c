"""Other people's clients, in an environment of their own, and a sandbox that answers at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
VENV = HERE.parents[1] / ".venv-peers"


@pytest.fixture(scope="session")
def peers() -> Path:
    """Return the Python of the peers' environment; it is built once, and again when the list changes."""
    wanted = (HERE / "requirements.txt").read_text("utf-8")
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = VENV / "requirements.txt"
    if python.exists() and mark.exists() and mark.read_text("utf-8") == wanted:
        return python
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    install = ["-r", str(HERE / "requirements.txt")]
    if uv:
        steps = [
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)],
            [uv, "pip", "install", "--quiet", "--python", str(python), *install],
        ]
    else:
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            [str(python), "-m", "pip", "install", "--quiet", *install],
        ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
    mark.write_text(wanted, "utf-8")
    return python


@pytest.fixture(scope="module")
def instant() -> Iterator[object]:
    """A sandbox in which all work is done at once: the peers wait for tens of seconds between looks."""
    from minimax_nb.sandbox import child

    running = child.start(speed=1e6)
    yield running
    running.stop()


@pytest.fixture
def do(request: pytest.FixtureRequest, peers: Path, instant: Any) -> Callable[..., dict[str, Any]]:
    """Run one task of the client that the test's file names as ``CLIENT``; return what it tells."""
    client = str(request.module.CLIENT)

    def run(task: str, key: str | None = None) -> dict[str, Any]:
        command = [str(peers), client, instant.minimax, key or instant.key["minimax"], task]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return dict(json.loads(done.stdout))

    return run
