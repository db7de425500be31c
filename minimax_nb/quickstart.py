"""``minimax-nb quickstart``: the first ten minutes, in a folder of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from minimax_nb.errors import ConfigError

NOTEBOOK = "01_quickstart.ipynb"


def open_lab(folder: str) -> int:
    """Put the quick start into ``folder`` and open JupyterLab on it; returns JupyterLab's exit code."""
    _need("jupyterlab")
    place = prepare(folder)
    print(f"Opening JupyterLab on {place / NOTEBOOK} (Ctrl-C ends it)", flush=True)
    command = [sys.executable, "-m", "jupyterlab", str(place / NOTEBOOK)]
    if (
        hasattr(os, "geteuid") and os.geteuid() == 0
    ):  # in a container one is root, and JupyterLab wants to be told
        command.append("--allow-root")
    return subprocess.call(command)  # noqa: S603


def execute(folder: str) -> int:
    """Run the quick start in ``folder`` without a screen; writes the executed notebook and an HTML report."""
    _need("nbconvert")
    place = prepare(folder)
    print(f"Running {NOTEBOOK} in {place} …", flush=True)
    for arguments in (["--to", "notebook", "--execute", "--inplace"], ["--to", "html"]):
        command = [
            sys.executable,
            "-m",
            "nbconvert",
            *arguments,
            "--log-level",
            "WARN",
            str(place / NOTEBOOK),
        ]
        code = subprocess.call(command, cwd=place)  # noqa: S603
        if code:
            return code
    print(f"Notebook: {place / NOTEBOOK}")
    print(f"Report:   {place / NOTEBOOK.replace('.ipynb', '.html')}")
    return 0


def prepare(folder: str) -> Path:
    """Copy the quick start into ``folder`` without replacing a changed one; returns the folder."""
    place = Path(folder).expanduser().resolve()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder {place}: {error.strerror}", hint="Choose another with --dir"
        ) from None
    if not (place / NOTEBOOK).exists():
        shutil.copyfile(_source(), place / NOTEBOOK)
    return place


def _source() -> Path:
    here = Path(__file__).resolve().parent
    for path in (here / "_notebooks" / NOTEBOOK, here.parent / "notebooks" / NOTEBOOK):
        if path.is_file():
            return path
    raise ConfigError(
        "the quick start notebook is missing from this installation", hint="Install minimax-nb again"
    )


def _need(module: str) -> None:
    missing = [name for name in (module, "starlette", "av") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{' and '.join(missing)} not installed",
            hint='Install the rest: pip install "minimax-nb[lab,sandbox]"',
        )
