"""A sweep as a person sees it: the board while it runs, then the grid, in light and dark."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write

pytestmark = pytest.mark.browser

IMAGES = (
    "%%minimax image g << --vary model=image-01,image-01-live --vary seed=1..3\nA red fox at dawn, {mood}"
)
SPEECH = "%%minimax speech --each lines --voice {voice} --vary speed=0.8,1.2\nHello, my name is {name}."


def keep(page: NotebookPage, name: str, height: int = 1500) -> None:
    """Keep a picture for looking at, when asked to."""
    if place := os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        page.page.set_viewport_size({"width": 1280, "height": height})
        page.page.wait_for_timeout(300)
        page.screenshot(f"{place}/{name}.png")


def test_a_sweep_runs_and_ends_as_a_grid(browser: Browser, server: Server, folder: Path) -> None:
    lines = (
        "%load_ext minimax_nb\n%minimax config project=sweeps\nmood = 'misty'\n"
        "lines = [{'name': 'Anna', 'voice': 'English_expressive_narrator'},"
        " {'name': 'Ben', 'voice': 'English_Trustworthy_Man'}]"
    )
    write(folder / "sweeps.ipynb", [lines, IMAGES, SPEECH])
    page = NotebookPage(browser, server, f"{folder.name}/sweeps.ipynb", height=1500)
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    if os.environ.get("MINIMAX_NB_SCREENSHOTS"):  # it may be over before anybody looks
        page.page.locator(".jp-OutputArea-output :text('seed=3')").first.wait_for(timeout=30_000)
        keep(page, "sweep-running", 700)
    page.page.locator(".jp-OutputArea-output audio").nth(3).wait_for(timeout=60_000)
    page.run_all()
    media = page.media()
    assert [item["tag"] for item in media].count("audio") == 4
    assert all(item["ready"] >= 2 for item in media), media
    keep(page, "sweep-grid", 2300)
    cells = page.page.locator(".jp-OutputArea-output td img")
    assert cells.count() == 6 + 4
    page.page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    keep(page, "sweep-grid-dark", 2300)
    page.command("application:toggle-left-area")
    if os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        page.page.set_viewport_size({"width": 800, "height": 1500})
        page.page.wait_for_timeout(300)
        page.screenshot(f"{os.environ['MINIMAX_NB_SCREENSHOTS']}/sweep-grid-800.png")
    page.save()
    page.close()
    saved = json.loads((folder / "sweeps.ipynb").read_text("utf-8"))
    shown = "".join("".join(output["data"]["text/plain"]) for output in saved["cells"][1]["outputs"])
    assert "6 jobs (model × seed)" in shown
    assert "6 of 6 already done" in shown  # run twice, paid once
    html = json.dumps(saved["cells"][1]["outputs"])
    assert "<script" not in html
    assert "<style" not in html
