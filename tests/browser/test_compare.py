"""Comparing and blind rating as a person does it: looking close, hearing, voting with keys, going on after a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import keep, write
from tests.browser.test_log import theme

pytestmark = pytest.mark.browser

SETUP = "%load_ext minimax_nb\nimport minimax_nb\nlab = minimax_nb.current_lab()"
CONFIG = "%minimax config sandbox=ADDRESS project=FOLDER live=html"
VOICES = """
sweep = lab.sweep("speech", {"voice": ["English_expressive_narrator", "English_Trustworthy_Man"],
    "text": ["Welcome to the harbour.", "The last ferry leaves at nine.", "Mind the gap, please."]})
sweep.wait()
"""
FILMS = """
one, two = (lab.image("A lighthouse at night", seed=seed, aspect_ratio="16:9") for seed in (1, 2))
first, second = (lab.video("A fox runs through snow", model=model)
                 for model in ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02"))
"""


def opened(browser: Browser, server: Server, folder: Path, sandbox: Any, cells: list[str]) -> NotebookPage:
    ready = [CONFIG.replace("ADDRESS", sandbox.url).replace("FOLDER", folder.name)]
    write(folder / "compare.ipynb", [SETUP, *ready, *cells])
    page = NotebookPage(browser, server, f"{folder.name}/compare.ipynb", height=1400)
    page.run_all()
    assert page.problems == []
    return page


def test_side_by_side(browser: Browser, server: Server, folder: Path, sandbox: Any) -> None:
    cells = [
        FILMS,
        VOICES,
        "%minimax compare one two",
        "%minimax compare first second",
        "lab.compare(*list(sweep)[:2])",
    ]
    page = opened(browser, server, folder, sandbox, cells)
    pictures, films, sounds = (
        page.page.locator(f"[data-compare={kind}]") for kind in ("image", "video", "audio")
    )
    keep(page, "compare-light", 2600)

    # A click zooms all pictures to the same place, from their files.
    pictures.locator("[data-stage]").first.click(position={"x": 40, "y": 40})
    shown = pictures.locator("[data-part]").evaluate_all(
        "all => all.map(one => [one.style.transform, one.style.transformOrigin, one.src.slice(0, 5)])"
    )
    assert shown[0] == shown[1]
    assert shown[0][0] == "scale(3)"
    assert shown[0][2] == "http:"
    pictures.get_by_role("button", name="fit").click()
    pictures.get_by_role("button", name="A over B").click()
    pictures.get_by_role("slider").fill("30")
    assert pictures.locator("img").nth(1).evaluate("one => one.style.clipPath") == "inset(0px 0px 0px 30%)"
    pictures.get_by_role("button", name="A over B").click()

    # What is done to one film is done to both.
    films.locator("video").evaluate_all(
        "all => all.forEach(one => { one.loop = true })"
    )  # however slow this machine is
    films.get_by_role("button", name="play").click()
    page.page.wait_for_function(
        "all => [...document.querySelectorAll('[data-compare=video] video')].every(v => !v.paused)"
    )
    films.get_by_role("button", name="pause").click()
    page.page.wait_for_function(
        "all => [...document.querySelectorAll('[data-compare=video] video')].every(v => v.paused)"
    )

    # One sound is heard at a time, at one loudness; the other runs along.
    sounds.get_by_role("button", name="Hear B").or_(sounds.get_by_title("Hear B")).first.click()
    state = sounds.locator("audio").evaluate_all("all => all.map(one => [one.muted, one.volume])")
    assert [muted for muted, _ in state] == [True, False]
    assert max(volume for _, volume in state) == 1
    assert min(volume for _, volume in state) < 1

    theme(page, "Dark")
    keep(page, "compare-dark", 2600)
    theme(page, "Light")
    page.save()
    page.close()
    book = json.loads((folder / "compare.ipynb").read_text("utf-8"))
    assert "widgets" not in book["metadata"]


def test_a_blind_rating_survives_its_kernel(
    browser: Browser, server: Server, folder: Path, sandbox: Any
) -> None:
    rate = "%minimax rate sweep --by voice --name harbour --rater ann --seed 5"
    page = opened(browser, server, folder, sandbox, [VOICES, rate])
    panel = page.page.locator(".minimax-rating")
    expect(panel.get_by_text("Pair 1 of 3")).to_be_visible()
    expect(panel.locator("audio")).to_have_count(2)
    # Nothing on the page tells which voice is which: no name, no address, no caption.
    told = panel.evaluate("one => one.outerHTML")
    assert "narrator" not in told.lower()
    assert "trustworthy" not in told.lower()
    assert panel.locator("audio").evaluate_all("all => all.map(one => one.src.slice(0, 5))") == [
        "blob:",
        "blob:",
    ]
    keep(page, "rating-light", 900)
    theme(page, "Dark")
    keep(page, "rating-dark", 900)
    theme(page, "Light")

    panel.get_by_title("4 of 5 for A").click()
    panel.get_by_role("button", name="A is better").click()
    expect(panel.get_by_text("Pair 2 of 3")).to_be_visible()
    panel.focus()
    page.page.keyboard.press("x")
    expect(panel.get_by_text("Pair 3 of 3")).to_be_visible()
    page.page.keyboard.press("u")
    expect(panel.get_by_text("Pair 2 of 3")).to_be_visible()
    page.page.keyboard.press("b")
    expect(panel.get_by_text("Pair 3 of 3")).to_be_visible()
    # The keys are the rating's: the notebook has no new cell, and none was cut.
    assert page.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length") == 4

    # The kernel is killed half way; the same line goes on with the third pair.
    page.page.evaluate(
        "code => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute("
        "{code, silent: true}) && undefined",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    )
    died = page.page.locator(".jp-Dialog").filter(has_text="appears to have died")
    died.get_by_role("button", name="Ok").click()
    page.run_all()
    expect(panel.get_by_text("Pair 3 of 3")).to_be_visible()
    panel.focus()
    page.page.keyboard.press("a")
    board = page.page.locator(".jp-OutputArea-output").filter(has_text="3 votes of 1 rater")
    expect(board.get_by_text("English_Trustworthy_Man").first).to_be_visible()
    expect(panel).to_have_count(0)
    keep(page, "leaderboard-light", 1100)
    theme(page, "Dark")
    keep(page, "leaderboard-dark", 1100)
    theme(page, "Light")
    page.save()
    page.close()

    # What was saved is the leaderboard itself, and no widget.
    book = json.loads((folder / "compare.ipynb").read_text("utf-8"))
    [output] = book["cells"][-1]["outputs"]
    assert "3 votes of 1 rater" in "".join(output["data"]["text/html"])
    assert "application/vnd.jupyter.widget-view+json" not in output["data"]
