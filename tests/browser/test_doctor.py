"""The doctor's table and completion, as a person sees them in JupyterLab."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write

pytestmark = pytest.mark.browser

#: A key of the other region: what a person meets on the first day.
WRONG = """import os
os.environ["MINIMAX_API_KEY"] = "sk-api-of-the-other-region"
os.environ["MINIMAX_API_HOST"] = minimax_nb.current_lab()._connections.open("minimax").host
os.environ["MINIMAX_NB_SANDBOX"] = "off"
minimax_nb.lab.lab._current = minimax_nb.Lab()"""


def keep(page: NotebookPage, name: str, width: int = 1280, height: int = 1300) -> None:
    """Keep a picture for looking at, when asked to."""
    if place := os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.wait_for_timeout(300)
        page.screenshot(f"{place}/{name}.png")


def test_the_doctors_table(browser: Browser, server: Server, folder: Path) -> None:
    cells = ["%load_ext minimax_nb\nimport minimax_nb.lab.lab", "%minimax doctor", WRONG, "%minimax doctor"]
    write(folder / "doctor.ipynb", cells)
    page = NotebookPage(browser, server, f"{folder.name}/doctor.ipynb", height=1300)
    page.run_all()
    tables = page.page.locator(".jp-OutputArea-output table")
    assert tables.count() == 2
    fine, wrong = (tables.nth(index).inner_text() for index in range(2))
    assert "problem" not in fine
    assert "the other region" in wrong.split("\n")[1]
    assert "sk-api-of-the-other-region" not in wrong
    keep(page, "doctor")
    page.command("application:toggle-left-area")
    keep(page, "doctor-800", 800, 1700)
    page.close()


def test_completion_in_a_cell(browser: Browser, server: Server, folder: Path) -> None:
    write(folder / "complete.ipynb", ["%load_ext minimax_nb", "0"])
    page = NotebookPage(browser, server, f"{folder.name}/complete.ipynb", height=700)
    page.run_all()
    editor = page.page.locator(".jp-CodeCell .cm-content").nth(1)
    editor.click()
    page.page.keyboard.press("Control+A")
    page.page.keyboard.type("%%minimax speech --emotion ")
    page.page.keyboard.press("Tab")
    # JupyterLab offers words of the notebook at once; the kernel's answers come above them.
    items = page.page.locator(".jp-Completer-item")
    items.filter(has_text="happy").wait_for(timeout=20_000)
    shown = [text.strip() for text in page.page.locator(".jp-Completer-match").all_inner_texts()]
    keep(page, "completion", height=700)
    assert shown[:2] == ["happy", "sad"]
    assert "abs" not in shown  # Jedi is silent
    page.page.keyboard.type("sad")
    page.page.keyboard.press("Enter")
    expect(editor).to_have_text("%%minimax speech --emotion sad", timeout=20_000)
    # Ids with blanks come in quotes, and in two steps where they share a parenthesis.
    page.page.keyboard.type(" --voice warm")
    page.page.keyboard.press("Tab")
    items.filter(has_text="Chinese (Mandarin)_Warm").wait_for(timeout=20_000)
    page.page.keyboard.press("Enter")
    page.page.keyboard.type("_B")
    page.page.keyboard.press("Tab")
    items.filter(has_text="Mandarin)_Warm_Bestie").wait_for(timeout=20_000)
    page.page.keyboard.press("Enter")
    expect(editor).to_have_text(
        '%%minimax speech --emotion sad --voice "Chinese (Mandarin)_Warm_Bestie"', timeout=20_000
    )
    keep(page, "completion-done", height=700)
    page.close()
