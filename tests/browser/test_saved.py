"""Saved notebooks wherever people open them: Notebook 7, Voila, an HTML export, trusted or not, baked or linked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from minimax_nb.exchange.baking import bake
from tests.browser.labserver import TOKEN, Server
from tests.browser.notebookpage import _MEDIA, NotebookPage
from tests.browser.test_cells import write

pytestmark = pytest.mark.browser

SONG = """%%minimax music --lyrics {words} -o song
Folk, calm"""
CELLS = [
    "%load_ext minimax_nb\nwords = '[verse]\\nThe sea is grey\\nThe boats come home'",
    "%%minimax image fox << --aspect-ratio 16:9 --seed 1\nA red fox",
    "%%minimax image den << --aspect-ratio 16:9 --seed 2\nA red fox",
    "%%minimax video clip <<\nA red fox runs",
    "%%minimax speech hello << --subtitle\nGood evening. The boats come home.",
    SONG,
    "from minimax_nb.widgets.slider import before_after\nbefore_after(fox, den)",
    "%minimax sheet fox den clip hello",
]
#: What the outputs of these cells hold: 2 pictures, 2 waveforms, 2 halves of a pair, a sheet; a clip; two sounds.
EXPECTED = {"img": 7, "video": 1, "audio": 2}
#: No output but ours may be there, and nothing that a front end takes away.
_NEVER = re.compile(
    r"<(script|style|svg|iframe|object|embed|link|form|input|button)\b| on\w+=|var\(--|<source", re.IGNORECASE
)


class Notebook7(NotebookPage):
    """A notebook in Notebook 7."""

    def address(self, name: str) -> str:
        return f"notebooks/{name}"


def check(media: list[dict[str, Any]]) -> None:
    """Every picture has come, every player plays."""
    counts = {tag: len([item for item in media if item["tag"] == tag]) for tag in EXPECTED}
    assert counts == EXPECTED, media
    for item in media:
        assert item["ready"] >= 2, item
        assert item["width"] > 0 or item["tag"] == "audio", item
        assert item["duration"] > 1 or item["tag"] == "img", item


def plays(page: Page) -> None:
    """The first sound is heard for a moment."""
    page.evaluate(
        "() => { const one = document.querySelector('audio'); one.muted = true; return one.play() }"
    )
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")


def keep(page: Page, name: str) -> None:
    """Keep a picture for looking at, when asked to."""
    if place := os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        page.wait_for_timeout(400)
        page.screenshot(path=f"{place}/{name}.png", full_page=True)


@pytest.fixture(scope="module")
def saved(browser: Browser, server: Server) -> Path:
    """A folder with a notebook that was run and saved in Notebook 7, and its media."""
    folder = server.root / "saved"
    folder.mkdir()
    write(folder / "book.ipynb", CELLS)
    page = Notebook7(browser, server, "saved/book.ipynb", height=4200)
    page.run_all()
    check(page.media())
    plays(page.page)
    keep(page.page, "notebook7")
    page.save()
    page.close()
    return folder


def media_of(page: Page, area: str = ".jp-OutputArea") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(_MEDIA.replace(".jp-OutputArea", area))
    return found


def test_a_saved_notebook_keeps_the_rules_of_other_front_ends(saved: Path) -> None:
    """What GitHub, VS Code and Colab do not show is not in it."""
    book = nbformat.read(saved / "book.ipynb", 4)
    nbformat.validate(book)
    assert "widgets" not in book.metadata
    for cell in book.cells:
        for output in cell.outputs:
            assert output.output_type in ("display_data", "execute_result")
            assert set(output.data) <= {"text/plain", "text/html", "image/jpeg"}
            assert len(output.data["text/plain"]) > 10
            assert not _NEVER.search(output.data.get("text/html", ""))
        weight = len(json.dumps(cell.outputs))
        assert weight <= (100_000 if "video" in cell.source else 310_000), cell.source
    html = "".join(output.data.get("text/html", "") for cell in book.cells for output in cell.outputs)
    for tag, src in re.findall(r'<(video|audio)\b[^>]*? src="([^"]*)"', html):
        assert re.fullmatch(r"media/[\w.-]+", src), src
        assert src.endswith({"video": ".mp4", "audio": ".mp3"}[tag])
    assert "H.264" in html
    assert (saved / "book.ipynb").stat().st_size < 800_000


def test_a_video_cell_is_saved_in_less_than_a_hundred_kilobytes(saved: Path) -> None:
    book = nbformat.read(saved / "book.ipynb", 4)
    book.cells = [cell for cell in book.cells if "video" in cell.source]
    assert len(nbformat.writes(book)) <= 100_000
    print(f"a video cell's notebook: {len(nbformat.writes(book)) / 1e3:.0f} kB")


@pytest.mark.parametrize("baked", [False, True], ids=["linked", "baked"])
def test_untrusted_jupyterlab_plays_it(browser: Browser, server: Server, saved: Path, baked: bool) -> None:
    folder = server.root / f"untrusted-{baked}"
    folder.mkdir()
    book = json.loads((saved / "book.ipynb").read_text("utf-8"))
    book["metadata"]["changed"] = baked  # the server's signature no longer fits
    (folder / "book.ipynb").write_text(json.dumps(book), "utf-8")
    shutil.copytree(saved / "media", folder / "media")
    if baked:
        assert bake(folder / "book.ipynb", folder).files == 3
        shutil.rmtree(folder / "media")
    page = NotebookPage(browser, server, f"{folder.name}/book.ipynb", height=4200)
    assert page.page.locator(".jp-RenderedHTML.jp-mod-trusted").count() == 0
    check(page.media())
    plays(page.page)
    page.page.locator("summary", has_text="subtitles").click()
    assert page.page.get_by_text("0:00.0  Good evening.").is_visible()
    page.page.locator("summary", has_text="lyrics").click()
    assert page.page.get_by_text("The sea is grey").last.is_visible()
    pulled(page.page)
    keep(page.page, f"untrusted-{'baked' if baked else 'linked'}")
    page.close()


def pulled(page: Page) -> None:
    """The upper picture of a pair is pulled open by its corner."""
    upper = page.locator("div[style*='resize']").last
    upper.scroll_into_view_if_needed()
    box = upper.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] - 7, box["y"] + box["height"] - 5
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y, steps=4)
    page.mouse.up()
    after = upper.bounding_box()
    assert after is not None
    assert 100 < after["width"] - box["width"] < 140


def test_voila_runs_it_and_shows_its_media(browser: Browser, server: Server) -> None:
    folder = server.root / "voila"
    folder.mkdir()
    write(folder / "app.ipynb", [*CELLS, "%minimax panel image"])
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{server.base}/voila/render/voila/app.ipynb?token={TOKEN}")
    page.locator("audio").nth(1).wait_for()
    page.get_by_label("Prompt", exact=True).wait_for()
    check([item for item in media_of(page, "body") if not item["src"].endswith(".svg")])
    plays(page)
    keep(page, "voila")
    page.get_by_label("Prompt", exact=True).fill("A red fox at dawn")
    page.get_by_role("button", name="Make it: $0.0035").click()
    page.locator("img[alt*='A red fox at dawn']").first.wait_for()
    keep(page, "voila-panel")
    context.close()


def test_an_html_export_shows_everything(browser: Browser, saved: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path)]
    shutil.copy(saved / "book.ipynb", tmp_path / "baked.ipynb")
    shutil.copytree(saved / "media", tmp_path / "media")
    bake(tmp_path / "baked.ipynb", tmp_path)
    books = [str(saved / "book.ipynb"), str(tmp_path / "baked.ipynb")]
    subprocess.run([*command, *books], check=True, capture_output=True)
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.goto((tmp_path / "book.html").as_uri())
    check(media_of(page, "body"))
    plays(page)
    pulled(page)
    keep(page, "export")
    shutil.rmtree(tmp_path / "media")
    page.goto((tmp_path / "baked.html").as_uri())
    check(media_of(page, "body"))
    context.close()
