"""One notebook open in JupyterLab, in a real Chromium."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.labserver import TOKEN, Server

_IDLE = """() => {
  const widget = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  const context = widget && (widget.sessionContext || (widget.context && widget.context.sessionContext));
  return !!(context && context.isReady && context.session && context.session.kernel
            && context.session.kernel.status === 'idle');
}"""

#: Between two cells the kernel is idle too, so every code cell must have been run.
_ALL_RUN = """() => window.jupyterapp.shell.currentWidget.content.widgets.every(cell =>
  cell.model.type !== 'code' || (cell.model.executionCount !== null && cell.model.executionState !== 'running'))"""

#: State of every media element on the page, waiting for metadata to arrive first.
_MEDIA = """async () => {
  const wait = element => new Promise(done => {
    const ready = () => element.tagName === 'IMG'
      ? element.complete && element.naturalWidth > 0 : element.readyState >= 2;
    if (element.tagName !== 'IMG') { element.preload = 'auto'; if (element.readyState < 2) element.load(); }
    const started = performance.now();
    const look = () => ready() || performance.now() - started > 15000 ? done() : setTimeout(look, 50);
    look();
  });
  const elements = [...document.querySelectorAll('.jp-OutputArea img, .jp-OutputArea audio, .jp-OutputArea video')];
  await Promise.all(elements.map(wait));
  return elements.map(element => ({
    tag: element.tagName.toLowerCase(), src: (element.currentSrc || element.src).slice(0, 160),
    width: element.naturalWidth || element.videoWidth || 0, height: element.naturalHeight || element.videoHeight || 0,
    ready: element.tagName === 'IMG' ? (element.complete ? 4 : 0) : element.readyState,
    duration: element.duration || 0,
  }));
}"""


class NotebookPage:
    """A notebook in its own JupyterLab workspace."""

    def __init__(
        self, browser: Browser, server: Server, name: str, *, width: int = 1280, height: int = 1600
    ) -> None:
        self.server = server
        context = browser.new_context(viewport={"width": width, "height": height})
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{server.base}/{self.address(name)}?token={TOKEN}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(_IDLE, timeout=60_000)

    def address(self, name: str) -> str:
        """Return where the server shows a notebook."""
        return f"lab/workspaces/w{time.monotonic_ns()}/tree/{name}"

    def command(self, name: str, timeout: float = 120.0) -> None:
        """Run a JupyterLab command to its end."""
        self.page.evaluate(
            """name => { window.__run = 0; window.jupyterapp.commands.execute(name).then(
                 () => { window.__run = 1 }, error => { window.__run = String(error) }); }""",
            name,
        )
        self.page.wait_for_function("() => window.__run !== 0", timeout=timeout * 1000)
        outcome = self.page.evaluate("() => window.__run")
        if outcome != 1:
            raise RuntimeError(f"{name}: {outcome}")

    def run_all(self, timeout: float = 180.0) -> None:
        """Run every cell and wait until the kernel is idle again."""
        self.command("notebook:run-all-cells", timeout)
        self.wait_run(timeout)

    def wait_run(self, timeout: float = 180.0) -> None:
        """Wait until every cell has run and the kernel is idle."""
        self.page.wait_for_function(_ALL_RUN, timeout=timeout * 1000)
        self.page.wait_for_function(_IDLE, timeout=timeout * 1000)

    def save(self) -> None:
        """Save the notebook."""
        self.command("docmanager:save")

    def media(self) -> list[dict[str, Any]]:
        """State of all images, audio and video elements in the outputs."""
        found: list[dict[str, Any]] = self.page.evaluate(_MEDIA)
        return found

    def screenshot(self, path: str, selector: str | None = None) -> None:
        """Take a picture of the page or of one element."""
        if selector:
            self.page.locator(selector).first.screenshot(path=path)
        else:
            self.page.screenshot(path=path)

    def close(self) -> None:
        """Close the page."""
        self.page.context.close()
