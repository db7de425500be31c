"""Panels and the tray as a person uses them: with the mouse, with the keyboard, in light and in dark."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from minimax_nb.sandbox import child as sandboxes
from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write
from tests.engine.conftest import Control

pytestmark = pytest.mark.browser

#: What a screen reader has no name for: visible controls of the outputs.
_NAMELESS = """() => [...document.querySelectorAll(
    '.jp-OutputArea-output :is(input:not([type=file]), select, textarea, button)')]
  .filter(e => e.offsetParent !== null)
  .filter(e => !(e.labels && [...e.labels].some(l => l.textContent.trim()))
               && !e.title && !e.getAttribute('aria-label') && !e.textContent.trim())
  .map(e => e.outerHTML.slice(0, 120))"""
#: Texts that do not fit where they stand, and boxes that scroll.
_CUT = """() => [...document.querySelectorAll('.jp-OutputArea-output *')]
  .filter(e => e.clientWidth > 24 && !['TEXTAREA', 'SELECT', 'INPUT', 'OPTION'].includes(e.tagName)
               && getComputedStyle(e).textOverflow !== 'ellipsis'
               && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.className + ': ' + e.textContent.slice(0, 40))"""


def opened(
    browser: Browser, server: Server, folder: Path, cells: list[str], height: int = 1400
) -> NotebookPage:
    """Open a notebook of these cells and run it."""
    write(folder / "panel.ipynb", ["%load_ext minimax_nb", *cells])
    page = NotebookPage(browser, server, f"{folder.name}/panel.ipynb", height=height)
    page.command("application:toggle-left-area")
    page.run_all()
    return page


def outputs(page: NotebookPage) -> Locator:
    return page.page.locator(".jp-OutputArea-output")


def keep(page: NotebookPage, name: str) -> None:
    """Keep pictures in both themes and two widths for looking at, when asked to."""
    place = os.environ.get("MINIMAX_NB_SCREENSHOTS")
    for theme in ("Dark", "Light") if place else ():
        page.page.evaluate(
            "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})",
            f"JupyterLab {theme}",
        )
        for width in (800, 1280):
            page.page.set_viewport_size({"width": width, "height": 1400})
            page.page.wait_for_timeout(700)
            page.screenshot(f"{place}/{name}-{width}-{theme.lower()}.png")


def test_the_image_panel_from_form_to_picture(browser: Browser, server: Server, folder: Path) -> None:
    page = opened(browser, server, folder, ["%minimax panel image"])
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.base)
    panel = outputs(page)
    send = panel.get_by_role("button", name=re.compile("^Make it"))
    expect(send).to_be_disabled()
    expect(panel.get_by_text("To fill in: prompt")).to_be_visible()
    prompt = panel.get_by_label("Prompt", exact=True)
    prompt.fill("A red fox at dawn")
    expect(send).to_have_text("Make it: $0.0035")
    panel.get_by_label("Aspect ratio").select_option("16:9")
    cell = panel.locator("pre")
    expect(cell).to_have_text("%%minimax image --aspect-ratio 16:9\nA red fox at dawn")
    panel.get_by_label("Seed").fill("seven")
    expect(panel.get_by_role("alert").filter(has_text="whole number")).to_be_visible()
    expect(send).to_be_disabled()
    panel.get_by_label("Seed").fill("7")
    panel.get_by_label("Number of images").fill("2")
    page.page.keyboard.press("Tab")
    expect(send).to_have_text("Make it: $0.007")
    expect(cell).to_have_text("%%minimax image --aspect-ratio 16:9 -n 2 --seed 7\nA red fox at dawn")
    Image.new("RGB", (640, 480), "teal").save(folder / "face.png")
    with page.page.expect_file_chooser() as choosing:
        panel.get_by_role("button", name="Choose file").click()
    choosing.value.set_files(folder / "face.png")
    expect(panel.get_by_text("640 × 480 px")).to_be_visible()
    expect(cell).to_contain_text("--subject-reference {subject_reference[0]}")
    panel.get_by_role("button", name="Clear").click()
    expect(cell).not_to_contain_text("--subject-reference")
    panel.get_by_role("button", name="Copy").click()
    copied = page.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == "%%minimax image --aspect-ratio 16:9 -n 2 --seed 7\nA red fox at dawn"
    send.dblclick()
    panel.locator("img").nth(1).wait_for()
    assert [(item["width"] > item["height"], item["ready"]) for item in page.media()] == [(True, 4)] * 2
    assert page.page.evaluate(_NAMELESS) == []
    assert page.page.evaluate(_CUT) == []
    keep(page, "panel-image-done")
    assert page.problems == []
    page.close()


def test_the_panel_is_filled_in_with_the_keyboard(browser: Browser, server: Server, folder: Path) -> None:
    page = opened(browser, server, folder, ["%minimax panel image"])
    outputs(page).get_by_label("Provider").focus()
    names = []
    for _ in range(6):
        page.page.keyboard.press("Tab")
        names.append(
            page.page.evaluate(
                "() => { const e = document.activeElement;"
                " return (e.labels && e.labels[0] && e.labels[0].textContent) || e.title || e.className }"
            )
        )
    assert names[:2] == ["Model", "Prompt"]
    assert "Aspect ratio" in names
    keyboard = page.page.keyboard
    outputs(page).get_by_label("Prompt", exact=True).focus()
    keyboard.type("A red fox")
    send = outputs(page).get_by_role("button", name="Make it: $0.0035")
    send.focus()
    keyboard.press("Enter")
    outputs(page).locator("img").first.wait_for()
    page.close()


def test_a_voice_is_found_and_heard(browser: Browser, server: Server, folder: Path) -> None:
    page = opened(browser, server, folder, ["%minimax panel speech"])
    panel = outputs(page)
    panel.get_by_label("Text", exact=True).fill("Welcome to the laboratory.")
    panel.get_by_label("Find a voice").fill("graceful")
    voices = panel.get_by_label("Voices")
    expect(voices.locator("option")).to_have_count(1)
    voices.select_option(index=0)
    expect(panel.get_by_label("Voice", exact=True)).to_have_value("English_Graceful_Lady")
    expect(panel.locator("pre")).to_contain_text("--voice English_Graceful_Lady")
    panel.get_by_role("button", name="Hear it: free (sandbox)").click()
    panel.locator("audio").wait_for()
    [sound] = [item for item in page.media() if item["tag"] == "audio"]
    assert sound["ready"] >= 2
    assert sound["duration"] > 0.5
    assert page.page.evaluate(_NAMELESS) == []
    keep(page, "panel-speech")
    page.close()


@pytest.mark.skipif("MINIMAX_NB_SCREENSHOTS" not in os.environ, reason="only makes pictures to look at")
@pytest.mark.parametrize("kind", ["video", "music", "voice-clone", "chat"])
def test_pictures_of_the_other_panels(browser: Browser, server: Server, folder: Path, kind: str) -> None:
    page = opened(browser, server, folder, [f"%minimax panel {kind}"])
    outputs(page).locator("textarea").first.fill("A red fox runs through snow")
    page.page.wait_for_timeout(800)
    keep(page, f"panel-{kind}")
    page.close()


@pytest.fixture
def slow() -> Iterator[sandboxes.Running]:
    """A sandbox as slow as life, on which the eleventh image of a minute waits."""
    running = sandboxes.start(speed=1.0, seed=0)
    yield running
    running.stop()


MANY = """import os
os.environ["MINIMAX_NB_SANDBOX"] = "{url}"
import minimax_nb
lab = minimax_nb.current_lab()
jobs = [lab.submit(minimax_nb.ImageRequest(prompt=f"fox {{number}}")) for number in range(13)]"""


def test_cancel_in_the_tray(browser: Browser, server: Server, folder: Path, slow: sandboxes.Running) -> None:
    control = Control(slow.url)
    page = opened(browser, server, folder, [MANY.format(url=slow.url), "%minimax board", "0"], height=1000)
    tray = outputs(page)
    waiting = tray.locator("[data-job]").filter(has_text="waiting for the")
    expect(waiting).to_have_count(3, timeout=30_000)
    keep(page, "tray")
    first = waiting.first.get_attribute("data-job")
    assert first
    tray.get_by_title(f"Cancel image {first[-6:]}, while it is not sent").click()
    expect(tray.locator(f"[data-job='{first}']")).to_contain_text("cancelled")
    tray.get_by_title(f"Show image {first[-6:]}").click()
    # The row and the card below the board; the card's folded facts say so too, where nobody sees it.
    expect(tray.get_by_text("not charged").filter(visible=True)).to_have_count(2)
    sent = [item for item in control.requests("POST") if "image_generation" in item["path"]]
    assert len(sent) == 10
    assert page.page.evaluate(_NAMELESS) == []
    page.close()
