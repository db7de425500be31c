"""Speech that plays while it comes, and a saved notebook that knows nothing of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write
from tests.engine.conftest import Control

pytestmark = pytest.mark.browser

TEXT = "Good evening. Here is what the harbour heard today, before the tide turned and the boats came home."
PLAYS = """() => { const sound = document.querySelector('.jp-OutputArea audio[src^="http://127.0.0.1"]');
  return !!sound && !sound.paused && sound.currentTime > 0.3; }"""


def test_a_stream_plays_while_it_comes_and_leaves_its_file(
    browser: Browser, server: Server, folder: Path, sandbox: Any
) -> None:
    control = Control(sandbox.url)
    control.fault("trickle:1.5", path="/v1/t2a_v2")  # 0.15 s between pieces of half a second
    write(folder / "speak.ipynb", ["%load_ext minimax_nb", f"%%minimax speech hello << --stream\n{TEXT}"])
    page = NotebookPage(browser, server, f"{folder.name}/speak.ipynb")
    page.page.set_viewport_size({"width": 1280, "height": 620})
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.page.wait_for_function(PLAYS, timeout=30_000)
    assert page.page.locator(".jp-OutputArea audio[src*='files/']").count() == 0
    if place := os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        page.screenshot(f"{place}/speaking.png")
    page.page.locator(".jp-OutputArea audio[src*='files/']").wait_for(timeout=30_000)
    if place:
        page.screenshot(f"{place}/spoken.png")
    (sound,) = [item for item in page.media() if item["tag"] == "audio"]
    assert sound["duration"] > 4
    page.save()
    page.close()
    saved = (folder / "speak.ipynb").read_text("utf-8")
    assert "127.0.0.1" not in saved
    (output,) = json.loads(saved)["cells"][1]["outputs"]
    assert "autoplay" not in "".join(output["data"]["text/html"])
    assert (control.posts, control.charges) == (1, 1)
