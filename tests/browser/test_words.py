"""Results that are words, tables of templates, and videos by a template, as a person sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import keep, write
from tests.unit.samples import picture

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext minimax_nb",
    "%minimax templates",
    "%%minimax lyrics words <<\nA quiet song about the sea",
    "%%minimax music song << --lyrics {words} --model music-2.6\n{words.style}",
    "%%minimax agent clip << --template 'Run for Life' --image pet.jpg\na lion",
    "%%minimax context-ir scene << --duration 5\nA lighthouse at dusk",
]


def test_words_are_read_in_the_cell(browser: Browser, server: Server, folder: Path) -> None:
    (folder / "pet.jpg").write_bytes(picture(640, 400))
    write(folder / "words.ipynb", CELLS)
    page = NotebookPage(browser, server, f"{folder.name}/words.ipynb")
    page.run_all()
    keep(page, "words", 4200)
    page.save()
    page.close()
    cells = json.loads((folder / "words.ipynb").read_text("utf-8"))["cells"]
    html = ["".join(cell["outputs"][-1]["data"]["text/html"]) for cell in cells[1:]]
    assert "Run for Life" in html[0]
    assert "[Chorus]" in html[1]
    assert "<video" in html[3]
    assert "Scene: A lighthouse" in html[4]
