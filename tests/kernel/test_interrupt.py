"""The interrupt drill: a cell that watches a job is idle again at once, and the job goes on."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.sandbox import child as sandboxes
from tests.engine.conftest import Control
from tests.kernel.driver import Kernel, Output

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
OLDER = "6.31"
TIMES = 20
MEDIAN, WORST = 0.3, 0.5  #: seconds from the interrupt to an idle kernel


def older_kernel() -> Path:
    """Return the interpreter of a second environment, with the older ipykernel; made once, kept beside .venv."""
    python = ROOT / ".venv-k6" / "bin" / "python"
    ask = [str(python), "-c", "import ipykernel, minimax_nb, sniffio; print(ipykernel.__version__)"]
    made = python.exists() and subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    if not made or not made.startswith(OLDER):
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "-q", "--clear", "--python", sys.executable, str(ROOT / ".venv-k6")], check=True
        )
        wanted = [f"ipykernel=={OLDER}.*", "-e", str(ROOT)]
        subprocess.run([*uv, "pip", "install", "-q", "--python", str(python), *wanted], check=True)
    return python


@pytest.fixture(params=["7", OLDER])
def drilled(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Iterator[tuple[Kernel, Control]]:
    """A kernel of each generation on a sandbox whose videos take long enough."""
    sandbox = sandboxes.start(speed=4.0, seed=0)
    kernel = Kernel(
        tmp_path / "work",
        env={
            "MINIMAX_NB_SANDBOX": sandbox.url,
            "MINIMAX_NB_LIVE": "html",
            "MINIMAX_NB_HOME": str(home),
            "IPYTHONDIR": str(tmp_path / "ipython"),
        },
        python=older_kernel() if request.param == OLDER else None,
    )
    try:
        version = kernel.run("import ipykernel; print(ipykernel.__version__)").text
        assert version.startswith(request.param)
        yield kernel, Control(sandbox.url)
    finally:
        kernel.close()
        sandbox.stop()


@pytest.mark.timeout(240)
@pytest.mark.skipif(os.name == "nt", reason="the second environment is laid out for POSIX")
def test_an_interrupt_is_answered_at_once_and_the_job_goes_on(drilled: tuple[Kernel, Control]) -> None:
    kernel, control = drilled
    assert kernel.run("%load_ext minimax_nb").error is None
    took, said = [], []
    code = "%%minimax video\nA red fox runs"
    for _ in range(TIMES):
        cell = kernel.send(code)
        kernel.wait_for("display_data")
        sent = kernel.interrupt()
        output = kernel.collect(cell)
        took.append(output.ended - sent)
        said.append(_all_of(output))
        job = re.search(r"wait (\w{26})", said[0])
        assert job, said[0]
        code = f"%minimax wait {job[1]}"
    assert statistics.median(took) <= MEDIAN
    assert max(took) <= WORST
    assert len([item for item in control.requests("POST") if "video_generation" in item["path"]]) == 1

    control.advance(600)
    began = time.monotonic()
    done = kernel.run(code, timeout=90)
    assert done.error is None
    assert "<video" in done.html
    print(
        f"interrupt to idle: median {statistics.median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms"
        f" of {TIMES}; the video was there {time.monotonic() - began:.0f} s later"
    )


def _all_of(output: Output) -> str:
    shown: list[dict[str, Any]] = [
        *output.of("display_data"),
        *output.of("update_display_data"),
    ]
    plain = " ".join(str(item["data"].get("text/plain", "")) for item in shown)
    return f"{output.text} {' '.join(output.error or [])} {plain}"
