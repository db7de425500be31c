"""A conversation as a person sees it: the answer grows in the cell, and stays when the notebook is saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from minimax_nb.sandbox import child
from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import keep, write

pytestmark = pytest.mark.browser

#: What a model may say to do harm, and what must stay words.
HOSTILE = (
    "%%minimax chat --raw\n"
    "Say: <script>document.title='owned'</script> <img src=x onerror=\"document.title='owned'\"> "
    "[link](javascript:document.title='owned') **bold** $a_1 + b_2$ and $5 to $10 ![p](http://127.0.0.1:9/x.png)"
)


@pytest.fixture(scope="module")
def slow() -> Iterator[Any]:
    """A sandbox that writes slowly enough to be watched."""
    running = child.start(speed=2.0, seed=0)
    yield running
    running.stop()


def test_an_answer_grows_in_the_cell_and_stays(
    browser: Browser, server: Server, folder: Path, slow: Any
) -> None:
    cells = [
        f"%load_ext minimax_nb\n%minimax config sandbox={slow.url}",
        "%%minimax chat talk << --thread trip --new-thread\nGive me 20 reasons to see Lisbon by **tram**",
        "%%minimax chat --thread trip\nWhat did I say?",
        "%%minimax chat\nA short Python function that reverses a text",
        HOSTILE,
        "%minimax thread trip",
        "%minimax thread",
    ]
    write(folder / "chat.ipynb", cells)
    page = NotebookPage(browser, server, f"{folder.name}/chat.ipynb")
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    answer = page.page.locator(".jp-OutputArea-output ol li")
    answer.nth(2).wait_for(timeout=30_000)
    grown = answer.count()
    assert grown < 20
    keep(page, "chat-streaming", 700)
    page.wait_run()
    page.page.set_viewport_size({"width": 1280, "height": 3000})  # a notebook keeps only what is in view
    page.page.locator(".jp-OutputArea mjx-container").first.wait_for()
    assert page.page.title() != "owned"
    body = page.page.locator(".jp-OutputArea").all_inner_texts()
    assert any("<script>document.title='owned'</script>" in text for text in body)
    assert page.page.locator(".jp-OutputArea img, .jp-OutputArea a[href^=javascript]").count() == 0
    keep(page, "chat", 2600)
    keep(page, "chat", 2600)
    assert page.page.locator(".jp-OutputArea mjx-container").count() == 1  # the prompt's is left as typed
    page.save()
    assert page.problems == []
    page.close()
    saved = json.loads((folder / "chat.ipynb").read_text("utf-8"))["cells"]
    assert "metadata" in saved[1]
    assert [len(cell["outputs"]) for cell in saved[1:]] == [1, 1, 1, 1, 1, 1]
    book = json.loads((folder / "chat.ipynb").read_text("utf-8"))
    book["metadata"]["changed"] = True  # the server's signature no longer fits, so nothing in it is trusted
    (folder / "untrusted.ipynb").write_text(json.dumps(book), "utf-8")
    again = NotebookPage(browser, server, f"{folder.name}/untrusted.ipynb", height=3000)
    again.page.locator(".jp-OutputArea-output ol li").first.wait_for()
    assert again.page.locator(".jp-OutputArea-output ol li").count() >= 20
    thoughts = again.page.locator("summary", has_text="thinking").first
    thoughts.click()
    assert again.page.get_by_text("The user asks").first.is_visible()
    again.page.locator(".jp-OutputArea mjx-container").first.wait_for()
    assert again.page.locator(".jp-RenderedHTML.jp-mod-trusted").count() == 0
    assert again.page.locator(".jp-OutputArea-output pre code").first.is_visible()
    keep(again, "chat-untrusted", 2600)
    again.close()
