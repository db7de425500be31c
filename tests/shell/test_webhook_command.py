"""``minimax-nb webhook`` at the prompt: help, and errors of one line."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *python, "-m", "minimax_nb", "webhook", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_help_says_what_it_does_and_the_defaults() -> None:
    said = run("--help").stdout
    assert all(
        word in said for word in ("--host", "127.0.0.1", "--port", "8790", "--path", "/minimax-nb/webhook")
    )


def test_a_port_in_use_is_one_line(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "cannot listen on 127.0.0.1" in done.stderr


def test_a_missing_extra_is_named(home: Path) -> None:
    code = "import sys; sys.modules['uvicorn'] = None; from minimax_nb.cli import main; sys.exit(main(['webhook']))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert 'pip install "minimax-nb[webhook]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_wheel_enables_the_route_of_a_jupyter_server() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    (source,) = [
        name
        for name, target in wheel["shared-data"].items()
        if target == "etc/jupyter/jupyter_server_config.d/minimax_nb.json"
    ]
    (module,) = json.loads((ROOT / source).read_text())["ServerApp"]["jpserver_extensions"]
    (point,) = import_module(module)._jupyter_server_extension_points()
    assert callable(import_module(point["module"])._load_jupyter_server_extension)
