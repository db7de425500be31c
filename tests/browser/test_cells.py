"""Cells as a person sees them: mistakes, a job while it runs, buttons, tables."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.browser.labserver import Server
from tests.browser.notebookpage import NotebookPage

pytestmark = pytest.mark.browser

MISTAKES = [
    "%%minimax imge\nA fox",
    "%%minimax image --aspect-ration 16:9\nA fox",
    "%%minimax image --model image-1\nA fox",
    "%%minimax image -n 12\nA fox",
    "%%minimax video --duration 7\nA fox",
    "%%minimax speech --voice 'English narrator\nHello",
    "%%minimax image --seed seven\nA fox",
    "%minimax image",
    "%%minimax video --first-frame nowhere.png\nA fox",
    "%%minimax image --provider pixaso\nA fox",
    "%%minimax image --strict\nA {colour} fox",
    "%%minimax image\nA fox, forbidden-content",
    "%minimax config colour=red",
    "%minimax wait 01NOSUCHJOB",
]


def write(path: Path, cells: list[str], tags: list[str] = ()) -> None:
    """Write a notebook of code cells."""
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell, metadata={"tags": list(tags)}) for cell in cells]
    )
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)


def keep(page: NotebookPage, name: str, height: int = 1600) -> None:
    """Keep a picture for looking at, when asked to."""
    if place := os.environ.get("MINIMAX_NB_SCREENSHOTS"):
        page.page.set_viewport_size({"width": 1280, "height": height})
        page.page.evaluate("() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0 }")
        page.page.wait_for_timeout(300)
        page.screenshot(f"{place}/{name}.png")


def test_mistakes_are_one_to_three_lines_and_fail_the_cell(
    browser: Browser, server: Server, folder: Path
) -> None:
    write(folder / "mistakes.ipynb", ["%load_ext minimax_nb", *MISTAKES], tags=["raises-exception"])
    page = NotebookPage(browser, server, f"{folder.name}/mistakes.ipynb")
    page.run_all()
    keep(page, "mistakes", 2400)
    page.save()
    page.close()
    cells = json.loads((folder / "mistakes.ipynb").read_text("utf-8"))["cells"][1:]
    for cell in cells:
        source = "".join(cell["source"])
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        assert len(errors) == 1, source
        lines = errors[0]["traceback"]
        assert 1 <= len(lines) <= 3, (source, lines)
        assert all("Traceback" not in line and "\n" not in line for line in lines), (source, lines)
        assert not [output for output in cell["outputs"] if output["output_type"] == "stream"], source


def test_a_running_job_shows_its_stages(browser: Browser, server: Server, folder: Path) -> None:
    write(
        folder / "live.ipynb",
        ["%load_ext minimax_nb", "%%minimax video clip <<\nA red fox runs through snow"],
    )
    page = NotebookPage(browser, server, f"{folder.name}/live.ipynb")
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    board = page.page.locator(
        ".jp-OutputArea-output progress, .jp-OutputArea-output :text('MiniMax-Hailuo-2.3')"
    ).first
    board.wait_for(timeout=30_000)
    keep(page, "live", 700)
    page.page.locator(".jp-OutputArea-output video").wait_for(timeout=60_000)
    assert page.media()[0]["height"] == 768
    page.close()


def test_tables_and_status(browser: Browser, server: Server, folder: Path) -> None:
    cells = [
        "%load_ext minimax_nb",
        "%%minimax image fox <<\nA red fox",
        "%minimax",
        "%minimax jobs",
        "%minimax models video",
        "%minimax voices German",
        "%minimax config",
        "%minimax help image",
        "%minimax cost",
    ]
    write(folder / "tables.ipynb", cells)
    page = NotebookPage(browser, server, f"{folder.name}/tables.ipynb")
    page.run_all()
    keep(page, "tables", 5200)
    page.save()
    page.close()
    saved: list[dict[str, Any]] = json.loads((folder / "tables.ipynb").read_text("utf-8"))["cells"]
    assert all(
        output["output_type"] in ("display_data", "execute_result")
        for cell in saved
        for output in cell["outputs"]
    )
    assert all(cell["outputs"] for cell in saved[1:])
