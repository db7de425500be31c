"""A bundle made in one virtual environment replays in another: no key, no network, the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from minimax_nb import Lab

ROOT = Path(__file__).resolve().parents[2]
CELLS = (
    "%load_ext minimax_nb",
    "%%minimax image hero << --seed 7 -n 2\nA red fox in snow",
    "%%minimax speech line << --voice English_expressive_narrator\nThe fox waits.",
    "print('SAME', [item.sha256 for item in (*hero, *line)])",
)
#: Whatever opens a connection fails, and says so.
OFFLINE = """
import socket

def refuse(self, address):
    if self.family != socket.AF_UNIX:
        raise OSError(f"ASKED THE NETWORK: {address}")
    return connect(self, address)

connect, socket.socket.connect, socket.socket.connect_ex = socket.socket.connect, refuse, refuse
"""


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another environment with the package installed as a user would, and no way out."""
    place = tmp_path_factory.mktemp("other") / "venv"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, place], check=True)
    python = place / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--python", python, ROOT, "nbformat"], check=True)
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    Path(site.strip(), "sitecustomize.py").write_text(OFFLINE)
    return python


TAKE = "import sys, minimax_nb; print(minimax_nb.Lab().import_bundle(sys.argv[1]))"


def run_notebook(python: Path, notebook: Path, **settings: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINIMAX")}
    made = subprocess.run(
        [python, "-m", "IPython", "--no-banner", "--colors=NoColor", notebook.name],
        cwd=notebook.parent,
        env={**kept, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    lines = [line for line in made.stdout.splitlines() if line.startswith("SAME")]
    assert len(lines) == 1, made.stdout + made.stderr
    (line,) = lines
    return line


def test_the_same_outputs_without_a_request(
    lab: Lab, control: Any, sandbox: Any, home: Path, tmp_path: Path, other_python: Path
) -> None:
    notebook = Path("fox.ipynb").absolute()
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbformat.write(book, notebook)
    here = run_notebook(
        Path(sys.executable), notebook, MINIMAX_NB_HOME=str(home), MINIMAX_NB_SANDBOX=sandbox.url
    )
    assert len(json.loads(here.removeprefix("SAME ").replace("'", '"'))) == 3
    lab.export(tmp_path / "fox.zip", files=[notebook])
    asked = len(control.requests())
    assert asked > 0

    there = tmp_path / "there"
    there.mkdir()
    settings = {"MINIMAX_NB_HOME": str(there / "home"), "MINIMAX_NB_REPLAY": "on"}
    taken = subprocess.run(
        [
            other_python,
            "-c",
            f"import minimax_nb; print(minimax_nb.Lab().import_bundle({str(tmp_path / 'fox.zip')!r}))",
        ],
        cwd=there,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.stdout.startswith("imported 2 jobs"), taken.stderr
    assert run_notebook(other_python, there / "fox.ipynb", **settings) == here
    assert len(control.requests()) == asked


def test_the_other_place_is_really_offline(other_python: Path) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    tried = subprocess.run([other_python, "-c", code], capture_output=True, text=True, check=False)
    assert "ASKED THE NETWORK" in tried.stderr
