"""200 live jobs on one board: how long a key press takes to show, and how many messages the page gets.

Run from the repository's root, with Chromium installed::

    python -m benchmarks.board [--jobs 200] [--keys 60]

A real kernel watches real jobs of a sandbox as slow as life, in a real JupyterLab; meanwhile keys are typed
into another cell. The latency is the browser's own (Event Timing: from the key press to the next painting, in
steps of 8 ms; presses under 16 ms are not told one by one).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from minimax_nb.sandbox import child as sandboxes
from tests.browser.conftest import FLAGS
from tests.browser.labserver import Server, lab_server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write

#: What is shown, by the cell that shows it.
SURFACES = {
    "nothing": "0",
    "html board": "%minimax config live=html\n%minimax wait",
    "widget board": "%minimax config live=widget\n%minimax wait",
    "tray": "%minimax board",
}
BEGIN = """import minimax_nb
lab = minimax_nb.current_lab()
jobs = [lab.submit(minimax_nb.VideoRequest(prompt=f"A red fox runs through snow, number {{n}}")) for n in range({n})]"""
_WATCH = """() => {
  window.__keys = []; window.__long = 0; window.__messages = {};
  new PerformanceObserver(list => { for (const e of list.getEntries())
    if (e.name === 'keydown') window.__keys.push(e.duration); }).observe({type: 'event', durationThreshold: 16});
  new PerformanceObserver(list => { for (const e of list.getEntries())
    window.__long = Math.max(window.__long, e.duration); }).observe({type: 'longtask'});
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  kernel.iopubMessage.connect((_, m) => {
    const t = m.header.msg_type; window.__messages[t] = (window.__messages[t] || 0) + 1; });
  window.__since = performance.now();
}"""
_TOLD = """() => ({keys: window.__keys, long: window.__long, messages: window.__messages,
                   seconds: (performance.now() - window.__since) / 1000})"""
_SHOWS = ("update_display_data", "comm_msg", "display_data")


def measured(browser: Browser, server: Server, surface: str, jobs: int, keys: int) -> dict[str, Any]:
    """Type into a cell below a surface that shows the jobs, and return what the browser says of it."""
    (server.root / surface).mkdir()
    cells = ["%load_ext minimax_nb", BEGIN.format(n=jobs), SURFACES[surface], "# "]
    write(server.root / surface / "b.ipynb", cells)
    page = NotebookPage(browser, server, f"{surface}/b.ipynb", height=1000)
    cell = "index => { const n = window.jupyterapp.shell.currentWidget.content; n.activeCellIndex = index; }"
    for index in range(3):
        page.page.evaluate(cell, index)
        page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell') }")
    if surface != "nothing":
        page.page.locator(".jp-OutputArea-output", has_text="number 0").last.wait_for(timeout=120_000)
    else:
        page.page.locator(".jp-OutputArea-output", has_text="0").last.wait_for(timeout=120_000)
    page.page.wait_for_timeout(3000)
    page.page.locator(".jp-CodeCell .cm-content").nth(3).click()
    page.page.evaluate(_WATCH)
    page.page.keyboard.type("x" * keys, delay=150)
    page.page.wait_for_timeout(500)
    told: dict[str, Any] = page.page.evaluate(_TOLD)
    page.close()
    return told


def row(surface: str, told: dict[str, Any], keys: int) -> str:
    """Return one line of the table."""
    slow = sorted(told["keys"])[-keys:]
    times = sorted([8.0] * max(0, keys - len(slow)) + slow)
    shown = sum(told["messages"].get(kind, 0) for kind in _SHOWS)
    p95 = times[int(len(times) * 0.95) - 1]
    return (
        f"| {surface} | {statistics.median(times):.0f} ms | {p95:.0f} ms | {times[-1]:.0f} ms"
        f" | {told['long']:.0f} ms | {shown / told['seconds']:.1f}/s |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--keys", type=int, default=60)
    given = parser.parse_args()
    print(f"{given.jobs} live jobs, {given.keys} key presses")
    print("| surface | median | p95 | worst | longest task | messages |\n|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=True, args=FLAGS)
        for surface in SURFACES:
            sandbox = sandboxes.start(speed=1.0, seed=0)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
                folder = Path(name)
                env = {"MINIMAX_NB_SANDBOX": sandbox.url, "MINIMAX_NB_HOME": str(folder / "home")}
                with lab_server(folder, env) as server:
                    told = measured(browser, server, surface, given.jobs, given.keys)
                print(row(surface, told, given.keys), flush=True)
            sandbox.stop()


if __name__ == "__main__":
    main()
