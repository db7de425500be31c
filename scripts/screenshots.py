"""Makes the pictures of cards, boards and tables in docs/images/, light and dark, in a real JupyterLab.

    python scripts/screenshots.py            all
    python scripts/screenshots.py NAME …     only these

Needs Chromium and the extra ``test``. Those of panels and the tray come from tests/browser/test_panels.py with
MINIMAX_NB_SCREENSHOTS set.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from minimax_nb.sandbox import child as sandboxes  # noqa: E402
from tests.browser.conftest import FLAGS  # noqa: E402
from tests.browser.labserver import lab_server  # noqa: E402
from tests.browser.notebookpage import NotebookPage  # noqa: E402
from tests.browser.test_cells import write  # noqa: E402
from tests.engine.conftest import Control  # noqa: E402

IMAGES = ROOT / "docs" / "images"
LARGEST = 120_000  #: bytes of one picture
TRAIL = "A red fox on a forest trail in first snow, low sun"
LYRICS = "[Verse]\\nThe fox went out at early light\\nThe snow lay deep, the frost was white"
#: Picture → the cell whose output it shows.
CELLS = {
    "image": f"%%minimax image fox << --aspect-ratio 16:9 --seed 7\n{TRAIL}",
    "images": "%%minimax image four << -n 4 --seed 3\nA lighthouse above a quiet sea, {weather}",
    "video": "%%minimax video clip << --duration 6\nThe fox trots along the trail, the camera follows",
    "speech": "%%minimax speech evening << --subtitle\nGood evening. Here is what the forest heard today.",
    "music": f'%%minimax music song << --lyrics "{LYRICS}"\nFolk ballad, fiddle and guitar, unhurried',
    "voice": '%%minimax voice-design narrator << --preview "Hello, and welcome."\nA warm, calm storyteller',
    "lyrics": "%%minimax lyrics words <<\nA song about a lighthouse keeper",
    "chat": "%%minimax chat\nWhat makes a good prompt for a picture? Answer in a list.",
    "sweep": "%%minimax image grid << --vary weather=storm,calm --vary seed=1..3 --aspect-ratio 16:9\n"
    "A lighthouse, {weather}",
    "before-after": "from minimax_nb.widgets.slider import before_after\nbefore_after(four[0], four[1])",
    "sheet": "%minimax sheet grid --columns 3",
    "dry-run": f"%%minimax video --dry-run --resolution 1080P\n{TRAIL}",
    "error": "%%minimax video --duration 10 --resolution 1080P\nA dancer in the rain",
    "refused": "%%minimax image\nA fox with forbidden-content",
    "status": "%minimax",
    "jobs": "%minimax jobs",
    "log": "%minimax log 6",
    "cost": "%minimax cost",
    "doctor": "%minimax doctor",
    "config": "%minimax config",
}
#: The same on a sandbox as slow as life, taken while the jobs run.
LIVE = {
    "board": "%%minimax video --vary animal=fox,hare,deer,wolf --yes\nA {animal} runs through snow",
    "live": "%%minimax video\nA red fox runs through snow",
    "background": "%%minimax video --background\nA red fox runs through snow",
}
SLOW = """%load_ext minimax_nb
import os
os.environ["MINIMAX_NB_SANDBOX"] = "{url}"
os.environ["MINIMAX_NB_LIVE"] = "{live}\""""


def take(page: NotebookPage, cell: int, name: str) -> None:
    """Keep the output of a cell in both themes."""
    for theme in ("Light", "Dark"):
        page.page.evaluate(
            "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})",
            f"JupyterLab {theme}",
        )
        page.page.wait_for_timeout(500)
        area = page.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-Cell-outputWrapper")
        picture = Image.open(io.BytesIO(area.screenshot())).convert("RGB")
        target = IMAGES / f"{name}-{theme.lower()}.jpg"
        for quality in (85, 75, 65, 50):
            picture.save(target, "JPEG", quality=quality, optimize=True)
            if target.stat().st_size <= LARGEST:
                break
        print(f"{target.name}: {picture.width} × {picture.height}, {target.stat().st_size / 1e3:.0f} kB")


def main(names: list[str]) -> None:
    """Take the named pictures, or all."""
    wanted = [name for name in (*CELLS, *LIVE) if not names or name in names]
    fast, slow = sandboxes.start(speed=200.0, seed=0), sandboxes.start(speed=1.0, seed=0)
    Control(fast.url).lift_limits()
    try:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            env = {
                "MINIMAX_NB_SANDBOX": fast.url,
                "MINIMAX_NB_HOME": f"{place}/home",
                "MINIMAX_NB_LIVE": "html",
            }
            with lab_server(Path(place) / "lab", env) as server:
                (server.root / "forest").mkdir()
                if set(wanted) & set(CELLS):
                    head = "%load_ext minimax_nb\nweather = 'after the storm'"
                    write(
                        server.root / "forest/cards.ipynb", [head, *CELLS.values()], tags=["raises-exception"]
                    )
                    page = NotebookPage(browser, server, "forest/cards.ipynb", height=9000)
                    page.command("application:toggle-left-area")
                    page.run_all()
                    page.media()
                    for number, name in enumerate(CELLS, 1):
                        if name in wanted:
                            take(page, number, name)
                    page.close()
                for name in [name for name in LIVE if name in wanted]:
                    live = "auto" if name == "background" else "html"
                    write(
                        server.root / f"forest/{name}.ipynb",
                        [SLOW.format(url=slow.url, live=live), LIVE[name]],
                    )
                    page = NotebookPage(browser, server, f"forest/{name}.ipynb", height=1200)
                    page.command("application:toggle-left-area")
                    page.page.evaluate(
                        "() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }"
                    )
                    page.page.locator(".jp-OutputArea-output", has_text="MiniMax-Hailuo").last.wait_for()
                    page.page.wait_for_timeout(6000)
                    take(page, 1, name)
                    page.close()
            browser.close()
    finally:
        fast.stop()
        slow.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
