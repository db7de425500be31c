"""100 finished jobs on one page: how large the saved notebook is, and whether the page scrolls.

Run from the repository's root, with Chromium installed::

    python -m benchmarks.page [--jobs 100]

A real sweep of images in a real JupyterLab on a fast sandbox, saved and opened again. Scrolling is timed by
the browser's own frames while the page goes from its top to its end in 60 steps.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from minimax_nb.sandbox import child as sandboxes
from tests.browser.conftest import FLAGS
from tests.browser.labserver import lab_server
from tests.browser.notebookpage import NotebookPage
from tests.browser.test_cells import write
from tests.engine.conftest import Control

_SCROLL = """async () => {
  const box = document.querySelector('.jp-WindowedPanel-outer'), frames = [];
  const next = () => new Promise(done => requestAnimationFrame(done));
  let before = await next();
  for (let step = 0; step <= 60; step++) {
    box.scrollTop = box.scrollHeight * step / 60;
    const now = await next(); frames.push(now - before); before = now;
  }
  return {frames, end: box.scrollTop + box.clientHeight >= box.scrollHeight - 2, height: box.scrollHeight};
}"""


def measured(jobs: int) -> dict[str, Any]:
    """Make the jobs, save, open again and scroll."""
    running = sandboxes.start(speed=400.0, seed=0)
    chromium = "/usr/bin/chromium"
    try:
        Control(running.url).lift_limits()
        with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
            env = {
                "MINIMAX_NB_SANDBOX": running.url,
                "MINIMAX_NB_HOME": f"{place}/home",
                "MINIMAX_NB_LIVE": "html",
            }
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            with lab_server(Path(place) / "lab", env) as server:
                cell = f"%%minimax image all << --vary seed=1..{jobs} --yes\nA red fox at dawn"
                write(server.root / "page.ipynb", ["%load_ext minimax_nb", cell])
                page = NotebookPage(browser, server, "page.ipynb", height=1000)
                page.run_all(timeout=400)
                page.save()
                page.close()
                size = (server.root / "page.ipynb").stat().st_size
                again = NotebookPage(browser, server, "page.ipynb", height=1000)
                pictures = again.media()
                told = again.page.evaluate(_SCROLL)
                again.close()
            browser.close()
    finally:
        running.stop()
    return {"size": size, "shown": sum(item["ready"] >= 2 for item in pictures), **told}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=100)
    options = parser.parse_args()
    told = measured(options.jobs)
    frames = told["frames"]
    print(
        f"{options.jobs} jobs: {told['size'] / 1e6:.2f} MB saved, {told['shown']} pictures shown, "
        f"page {told['height']:,} px, scrolled to its end: {told['end']}; "
        f"a frame takes {statistics.median(frames):.0f} ms (median), {max(frames):.0f} ms (worst)"
    )


if __name__ == "__main__":
    main()
