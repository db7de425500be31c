"""The log and the costs as a person sees them: sorted and filtered, saved, in another's hands, in the dark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import keep, write

pytestmark = pytest.mark.browser

JOBS = """
for number, word in enumerate(("A fox at dawn", "A paper boat in the rain", "An old lighthouse")):
    result = lab.image(f"{word}", seed=number, aspect_ratio="16:9")
lab.image("A copper moth", n=3)
voice = lab.speech("Hello, and welcome to the harbour.")
clip = lab.video("A red fox runs through snow")
voice.star()
voice.tag(round=2, who="ada")
voice.note("The warmest of the three; too fast at the end.")
"""
CELLS = [
    "%load_ext minimax_nb\nimport minimax_nb\nlab = minimax_nb.current_lab()",
    "%minimax config sandbox=ADDRESS project=harbour",
    JOBS,
    "%minimax log --project harbour",
    "%minimax log 40 --grid --project harbour",
    "%minimax cost --by model --plot",
    "%minimax cost --by day --plot",
]


def theme(page: NotebookPage, name: str) -> None:
    """Change JupyterLab's theme."""
    change = (
        "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`})"
    )
    page.page.evaluate(change, name)
    page.page.wait_for_selector(f"body[data-jp-theme-name='JupyterLab {name}']", state="attached")


def test_the_log_and_the_costs(browser: Browser, server: Server, folder: Path, sandbox: Any) -> None:
    write(folder / "log.ipynb", [cell.replace("ADDRESS", sandbox.url) for cell in CELLS])
    page = NotebookPage(browser, server, f"{folder.name}/log.ipynb", height=1400)
    page.run_all()
    assert page.problems == []
    table = page.page.locator(".jp-OutputArea-output table").filter(has_text="prompt").first
    rows = table.locator("tbody tr")
    assert rows.count() == 6
    # A click on a heading sorts, a second one turns it round; the dearest job is the video.
    table.locator("th", has_text="cost").click()
    table.locator("th", has_text="cost").click()
    assert "video" in rows.first.inner_text()
    field = page.page.locator(".jp-OutputArea-output input[type=search]").first
    field.fill("image dawn")
    assert [row.is_visible() for row in rows.all()].count(True) == 1
    keep(page, "log-filtered", 2400)
    field.fill("")
    keep(page, "log-light", 3000)
    theme(page, "Dark")
    keep(page, "log-dark", 3000)
    theme(page, "Light")
    page.save()
    page.close()

    book = json.loads((folder / "log.ipynb").read_text("utf-8"))
    [log] = book["cells"][3]["outputs"]
    assert len("".join(log["data"]["text/html"])) < 120_000
    assert "lighthouse" in "".join(log["data"]["text/plain"])
    assert "image/png" in book["cells"][5]["outputs"][0]["data"]

    # Somebody else's notebook: no script runs, and the same rows, pictures and players are there.
    text = json.dumps(book).replace("%load_ext minimax_nb", "%load_ext  minimax_nb")
    (folder / "foreign.ipynb").write_text(text, "utf-8")
    foreign = NotebookPage(browser, server, f"{folder.name}/foreign.ipynb", height=1400)
    assert foreign.page.locator(".jp-OutputArea-output input[type=search]").count() == 0
    shown = foreign.page.locator(".jp-OutputArea-output table").filter(has_text="prompt").first
    assert shown.locator("tr").count() == 7
    media = foreign.media()
    assert {item["tag"] for item in media} == {"img", "audio", "video"}
    assert all(item["ready"] >= 2 for item in media), media
    keep(foreign, "log-untrusted", 3000)
    foreign.close()
