"""The quick start as a person sees it: run in JupyterLab, saved, closed, opened again."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage

pytestmark = pytest.mark.browser
NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01_quickstart.ipynb"
#: Media elements of the quick start: three pictures and the waveforms of three sounds; a clip; the sounds.
#: One picture stands twice: in its own card, and small as the first frame that the video began with.
EXPECTED = {"img": 7, "video": 1, "audio": 3}


def fresh(folder: Path) -> str:
    """Put the quick start without outputs into the server's folder; returns its path there."""
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    # The last cells show a mistake on purpose; Run All would stop there.
    notebook["cells"] = [
        cell for cell in notebook["cells"] if "raises-exception" not in cell["metadata"].get("tags", [])
    ]
    (folder / "quickstart.ipynb").write_text(json.dumps(notebook), "utf-8")
    return f"{folder.name}/quickstart.ipynb"


def check(media: list[dict]) -> None:
    """Every element has loaded, with the right size and length."""
    counts = {tag: len([item for item in media if item["tag"] == tag]) for tag in EXPECTED}
    assert counts == EXPECTED, media
    for item in media:
        assert item["ready"] >= 2, item
        if item["tag"] == "img":
            assert item["width"] > 0, item
        elif item["tag"] == "video":
            assert (item["width"], item["height"]) == (1366, 768), item
            assert abs(item["duration"] - 6) < 0.1, item
        else:
            assert item["duration"] > 1, item


def keep(page: NotebookPage, name: str) -> None:
    """Keep a picture for looking at, when asked to."""
    if folder := os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        height = page.page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight")
        page.page.set_viewport_size({"width": 1280, "height": min(int(height) + 200, 9000)})
        page.command("application:toggle-left-area")
        page.page.evaluate("() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0 }")
        page.page.wait_for_timeout(300)
        page.screenshot(f"{folder}/{name}.png")


def test_quickstart_runs_and_its_media_stay(browser: Browser, server: Server, folder: Path) -> None:
    name = fresh(folder)
    page = NotebookPage(browser, server, name)
    page.run_all()
    check(page.media())
    assert page.problems == []
    keep(page, "quickstart")
    page.save()
    page.close()

    saved = json.loads((folder / "quickstart.ipynb").read_text("utf-8"))
    assert "widgets" not in saved["metadata"]
    assert (folder / "quickstart.ipynb").stat().st_size < 800_000

    again = NotebookPage(browser, server, name)
    check(again.media())
    again.close()

    # A notebook that JupyterLab does not trust: somebody else's, with the folder of its media beside it.
    text = (
        (folder / "quickstart.ipynb")
        .read_text("utf-8")
        .replace("%load_ext minimax_nb", "%load_ext  minimax_nb")
    )
    (folder / "foreign.ipynb").write_text(text, "utf-8")
    foreign = NotebookPage(browser, server, f"{folder.name}/foreign.ipynb")
    check(foreign.media())
    foreign.close()
    shutil.rmtree(folder, ignore_errors=True)
