"""Panels, the tray and the board on real kernels: what goes over the wire when a page touches them."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.driver import Kernel
from tests.kernel.test_interrupt import OLDER, older_kernel

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.name == "nt", reason="the second environment is laid out for POSIX"),
]

COUNT = (
    "from ipywidgets.widgets import widget as _w\n"
    "import threading, minimax_nb.widgets.panel as _p, minimax_nb.widgets.tray as _t\n"
    "for _ in [*_p._open.values(), *_t._open]: _.close()\n"
    "for _ in threading.enumerate():\n"
    "    if _.name in ('minimax-panel', 'minimax-tray'): _.join(5)\n"
    "print(len(_w._instances), [_.name for _ in threading.enumerate() if _.name in ('minimax-panel', 'minimax-tray')])"
)


class Page:
    """A front end without a screen: keeps the state of every widget, types and clicks."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.models: dict[str, dict[str, Any]] = {}
        self.strange: list[dict[str, Any]] = []  #: messages that no widget may cause
        self.updates = 0

    def take(self, message: dict[str, Any]) -> None:
        """Keep what one message says."""
        content, kind = message["content"], message["msg_type"]
        if kind == "comm_open":
            self.models[content["comm_id"]] = dict(content["data"]["state"])
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            self.updates += 1
            self.models.setdefault(content["comm_id"], {}).update(content["data"]["state"])
        elif kind == "comm_close":
            self.models.pop(content["comm_id"], None)
        elif kind in ("stream", "error", "display_data"):
            self.strange.append(message)

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell; return what it displayed."""
        output = self.kernel.run(code)
        shown = []
        for message in output.messages:
            if message["msg_type"] == "display_data":
                shown.append(message["content"])
            else:
                self.take(message)
        return shown

    def until(self, found: Callable[[], Any], timeout: float = 20) -> Any:
        """Take messages until something is there, and return it."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if value := found():
                return value
            try:
                self.take(self.kernel.client.get_iopub_msg(timeout=0.2))
            except queue.Empty:
                continue
        raise TimeoutError("it did not come")

    def named(self, description: str) -> str:
        """Return the id of the widget with this label."""
        [found] = [key for key, state in self.models.items() if state.get("description") == description]
        return found

    def set(self, comm: str, **state: Any) -> None:
        """Change traits, as typing does."""
        self._send(comm, {"method": "update", "state": state, "buffer_paths": []})

    def click(self, comm: str) -> None:
        """Press a button."""
        self._send(comm, {"method": "custom", "content": {"event": "click"}})

    def _send(self, comm: str, data: dict[str, Any]) -> None:
        session = self.kernel.client.session
        message = session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.kernel.client.shell_channel.send(message)

    def html(self, text: str) -> str | None:
        """Return the first widget text that holds ``text``."""
        values = (state.get("value") for state in self.models.values())
        return next((value for value in values if isinstance(value, str) and text in value), None)

    def cards(self) -> list[str]:
        """Return the cards in output widgets."""
        return [
            item["data"]["text/html"]
            for state in self.models.values()
            for item in state.get("outputs") or ()
            if "text/html" in item["data"]
        ]


@pytest.fixture(scope="module")
def user(sandbox: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder and an environment that the kernels share, as those of one user do."""
    folder = tmp_path_factory.mktemp("widgets")
    env = {
        "MINIMAX_NB_SANDBOX": sandbox.url,
        "MINIMAX_NB_HOME": str(folder / "home"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    return folder, env


@pytest.fixture(scope="module", params=["7", OLDER])
def kernel(request: pytest.FixtureRequest, user: tuple[Path, dict[str, str]]) -> Iterator[Kernel]:
    made = Kernel(*user, python=older_kernel() if request.param == OLDER else None)
    try:
        assert made.run("%load_ext minimax_nb\nimport minimax_nb").error is None
        yield made
    finally:
        made.kill()


@pytest.fixture
def page(kernel: Kernel) -> Iterator[Page]:
    """A page on the kernel; afterwards nothing of it is left there."""
    yield Page(kernel)
    assert kernel.run(COUNT).text == "0 []\n"


def test_a_panel_from_form_to_result_and_back_to_nothing(page: Page) -> None:
    [shown] = page.run("%minimax panel image")
    assert set(shown["data"]) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "text/plain",
    }
    assert "%minimax panel image" in shown["data"]["text/html"]
    send = page.named("Make it")
    assert page.models[send]["disabled"]
    page.set(page.named("Prompt"), value="A red fox")
    page.until(lambda: page.models[send]["description"] == "Make it: $0.0035")
    ratio = page.named("Aspect ratio")
    page.set(ratio, index=page.models[ratio]["_options_labels"].index("16:9"))
    page.until(lambda: page.html("--aspect-ratio 16:9"))
    page.set(page.named("Store as"), value="fox")
    page.until(lambda: page.html("-o fox"))
    page.click(send)
    page.click(send)  # a double click
    [card] = page.until(page.cards)
    assert "<img" in card
    assert "A red fox" in card
    assert page.strange == []
    code = "print(fox[0].kind, len([job for job in minimax_nb.current_lab().jobs() if job.record.session_id == _s]))"
    told = page.kernel.run(f"from minimax_nb.engine.session import session_id\n_s = session_id()\n{code}")
    assert told.text == "image 1\n"
    # The same kind again closes the one before.
    before = len(page.models)
    page.run("%minimax panel image")
    assert len(page.models) < 1.2 * before


def test_a_voice_is_heard_twice_and_paid_once(page: Page) -> None:
    page.run("%minimax panel speech")
    # The kernels share the ledger: each hears a voice that the other has not heard.
    major = int(page.kernel.run("import ipykernel; print(ipykernel.version_info[0])").text)
    page.set(page.named("Voices"), index=major)
    page.until(lambda: [s for s in page.models.values() if s.get("description") == "Hear it: free (sandbox)"])
    hear = page.named("Hear it: free (sandbox)")
    for _ in range(2):
        page.until(lambda: not page.models[hear]["disabled"])
        page.click(hear)
        page.until(lambda: page.models[hear]["disabled"])
        page.until(lambda: not page.models[hear]["disabled"] and page.cards())
    code = "print([job.record.cost_source for job in minimax_nb.current_lab().jobs()[:2]])"
    assert page.kernel.run(code).text == "['cached', 'sandbox']\n"
    assert page.strange == []


def test_a_tray_looks_only_while_it_is_seen(page: Page, user: tuple[Path, dict[str, str]]) -> None:
    [shown] = page.run("tray = minimax_nb.current_lab().board()\ndisplay(tray)")
    assert "%minimax board" in shown["data"]["text/html"]
    assert not page.html("seen from elsewhere")
    box = shown["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    page.set(box, _view_count=1)
    other = Kernel(*user)
    try:
        code = (
            "import minimax_nb\nlab = minimax_nb.current_lab()\n"
            "job = lab.submit(minimax_nb.VideoRequest(prompt='seen from elsewhere'))"
        )
        assert other.run(code).error is None
        page.until(lambda: page.html("seen from elsewhere"))
        assert other.run("job.result(60)").error is None
    finally:
        other.kill()
    page.set(box, _view_count=0)
    assert page.kernel.run("print(tray.watching)").text == "False\n"


def test_a_background_job_has_buttons_and_leaves_no_widget(page: Page) -> None:
    [shown] = page.run("%%minimax video clip << --background\nA fox runs")
    assert set(shown["data"]) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert page.named("Cancel")
    assert page.named("Detach")
    handle = shown["transient"]["display_id"]

    def ended() -> Any:
        return not page.models

    last: list[dict[str, Any]] = []
    take = page.take

    def also(message: dict[str, Any]) -> None:
        if message["msg_type"] == "update_display_data":
            last.append(message["content"])
        take(message)

    page.take = also  # type: ignore[method-assign]
    page.until(ended)
    assert page.strange == []
    assert last[-1]["transient"]["display_id"] == handle
    assert "<video" in last[-1]["data"]["text/html"]
    assert set(last[-1]["data"]) == {"text/html", "text/plain"}


def test_detach_in_the_background_prints_nothing(page: Page) -> None:
    page.run("%%minimax video clip << --background\nA fox runs")
    detach = page.named("Detach")
    page.click(detach)
    page.until(lambda: not page.models)
    assert page.strange == []
    assert page.kernel.run("print(clip.result(30)[0].kind)").text == "video\n"
