"""Voices, files and balance of an account, as a person sees them in JupyterLab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write
from tests.browser.test_doctor import keep
from tests.contract.wires import wav

pytestmark = pytest.mark.browser


def test_the_tables_of_an_account(browser: Browser, server: Server, folder: Path) -> None:
    (folder / "sample.wav").write_bytes(wav(12))
    cells = [
        "%load_ext minimax_nb",
        "%minimax voice-design --voice-id narrator-01 --preview Welcome. --quiet A warm old narrator",
        "%minimax voices --mine",
        "%minimax",
        "%minimax files upload sample.wav --purpose voice_clone",
        "%minimax files",
        "%minimax balance",
        '%minimax speech --format wav -o spoken --quiet "Good evening. The river is quiet."',
        "%minimax transcribe {spoken}",
    ]
    write(folder / "account.ipynb", cells)
    page = NotebookPage(browser, server, f"{folder.name}/account.ipynb", height=1500)
    page.run_all()
    text = "\n".join(page.page.locator(".jp-OutputArea-output").all_inner_texts())
    for words in (
        "7 days left to use it",
        "unused voices",
        "sample.wav",
        "can be spent",
        "Good evening. The river is quiet.",
        "A warm old narrator",
    ):
        assert words in text
    keep(page, "account", height=2200)
    page.close()
