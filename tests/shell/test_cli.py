"""The ``minimax-nb`` command, as a process."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest

from minimax_nb import Lab, __version__


def run(
    *arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "minimax_nb", *arguments],
        capture_output=True, text=True, timeout=120, cwd=cwd, check=False, env={**os.environ, **(env or {})},
    )  # fmt: skip


def test_version() -> None:
    assert run("--version").stdout == f"minimax-nb {__version__}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    done = run("paint")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_sandbox_prints_one_line_when_ready_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-m", "minimax_nb", "sandbox", "--port", "0", "--print-url"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready) == {"url", "minimax", "pixazo", "apixo", "key"}
        assert set(ready["key"]) == {"minimax", "pixazo", "apixo"}
        assert len({ready[name] for name in ("url", "minimax", "pixazo", "apixo")}) == 4
        request = urllib.request.Request(f"{ready['minimax']}/v1/get_voice", data=b'{"voice_type": "system"}')
        request.add_header("Authorization", f"Bearer {ready['key']['minimax']}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert len(json.load(reply)["system_voice"]) > 300
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
    assert rest == ""


def test_log_in_three_forms(lab: Lab, home: Path) -> None:
    assert run("log").stdout == "The ledger is empty.\n"
    made = lab.image("A red fox, at dawn", seed=7)
    (row,) = csv.DictReader(io.StringIO(run("log", "--format", "csv").stdout))
    assert (row["job"], row["prompt"], row["cost"]) == (made.job_id, "A red fox, at dawn", "0.0035")
    (entry,) = json.loads(run("log", "--format", "json").stdout)
    assert (entry["job"], entry["seed"]) == (made.job_id, 7)
    assert "A red fox, at dawn" in run("log").stdout


def test_resume_with_nothing_open(lab: Lab) -> None:
    assert run("resume").stdout == "No open jobs.\n"


def test_a_bad_setting_is_one_line(home: Path) -> None:
    done = run("log", env={"MINIMAX_NB_LEDGER": str(home.parent)})
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) <= 2
    assert "Traceback" not in done.stderr


def test_quickstart_executes_without_a_screen(home: Path, sandbox: Any, tmp_path: Path) -> None:
    environ = {"MINIMAX_NB_SANDBOX": sandbox.url, "PYTEST_VERSION": "", "PYTEST_CURRENT_TEST": ""}
    done = run("quickstart", "--execute", "--dir", str(tmp_path / "quick"), env=environ)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(tmp_path / "quick" / "01_quickstart.ipynb", as_version=4)
    errors = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert [error.ename for error in errors] == ["RequestInvalidError"]
    report = (tmp_path / "quick" / "01_quickstart.html").read_text("utf-8")
    assert report.count("<video") == 1
    assert report.count("<audio") == 3
    media = sorted(path.suffix for path in (tmp_path / "quick" / "media").iterdir())
    assert media == [".jpg", ".jpg", ".mp3", ".mp3", ".mp3", ".mp4", ".png"]


def test_quickstart_does_not_replace_ones_own_work(home: Path, tmp_path: Path) -> None:
    from minimax_nb.quickstart import NOTEBOOK, prepare

    place = prepare(str(tmp_path / "quick"))
    (place / NOTEBOOK).write_text("mine")
    assert prepare(str(tmp_path / "quick")) == place
    assert (place / NOTEBOOK).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("quickstart", "--execute", "--dir", str(tmp_path / "file" / "below"))
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 2)
    assert done.stderr.startswith("Config: cannot make the folder")


@pytest.mark.parametrize("ports", ["80000", "many"])
def test_a_bad_port_is_refused(ports: str) -> None:
    done = run("sandbox", "--port", ports)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
