"""Runs the committed notebooks on a fresh sandbox, in static mode, and keeps their outputs.

    python scripts/notebooks.py            all of notebooks/
    python scripts/notebooks.py NAME …     only these

Static mode shows each result once, without clock times and ids, so that the outputs can be compared
by nbval. The media themselves are not kept: the cards carry small previews, and running makes the rest.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
#: What belongs to one run only.
NOISE = ("execution",)


def run(path: Path) -> None:
    """Run one notebook in a folder of its own, named as the real one, and copy it back with its media."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary) / FOLDER.name
        work.mkdir()
        os.environ |= {
            "MINIMAX_NB_HOME": str(Path(temporary) / "home"),
            "MINIMAX_NB_LIVE": "off",
            "MINIMAX_NB_SANDBOX_SPEED": "1000",
            "IPYTHONDIR": str(Path(temporary) / "ipython"),
        }
        for name in [name for name in os.environ if name.endswith(("_API_KEY", "_API_HOST"))]:
            del os.environ[name]  # with no key, as a new user has it
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(work)}}).execute()
        for cell in notebook.cells:
            for key in NOISE:
                cell.metadata.pop(key, None)
        notebook.metadata.pop("widgets", None)
        notebook.metadata["language_info"] = {"name": "python"}
        _tidy(notebook, temporary)
        nbformat.write(notebook, path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def _tidy(notebook: nbformat.NotebookNode, temporary: str) -> None:
    """Leave out what lives in a running kernel only, and the folder of this run."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            for kind in ("text/plain", "text/html"):
                if kind in data:
                    data[kind] = data[kind].replace(f"{temporary}/home", "~/minimax_nb")


def main(names: list[str]) -> None:
    """Run the named notebooks, or all."""
    paths = [FOLDER / name for name in names] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        run(path)


if __name__ == "__main__":
    main(sys.argv[1:])
