"""Which cell an output is in, on both generations of kernels: jobs that go on while later cells run."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Iterator
from typing import Any

import pytest

from minimax_nb.sandbox import child as sandboxes
from tests.kernel.driver import Kernel
from tests.kernel.test_interrupt import OLDER, older_kernel

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.name == "nt", reason="the second environment is laid out for POSIX"),
]

NAMES = ("left", "middle", "right")


@pytest.fixture(scope="module", params=["7", OLDER])
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel of each generation; videos take some seconds."""
    folder = tmp_path_factory.mktemp("outputs")
    sandbox = sandboxes.start(speed=40.0, seed=0)
    made = Kernel(
        folder,
        env={
            "MINIMAX_NB_SANDBOX": sandbox.url,
            "MINIMAX_NB_LIVE": "html",
            "MINIMAX_NB_HOME": str(folder / "home"),
            "IPYTHONDIR": str(folder / "ipython"),
        },
        python=older_kernel() if request.param == OLDER else None,
    )
    try:
        version = made.run("%load_ext minimax_nb\nimport ipykernel; print(ipykernel.__version__)").text
        assert version.startswith(request.param)
        yield made
    finally:
        made.kill()
        sandbox.stop()


def handle_of(message: dict[str, Any]) -> str:
    return str(message["content"].get("transient", {}).get("display_id"))


def test_every_output_is_where_it_belongs(kernel: Kernel) -> None:
    seen: list[dict[str, Any]] = []
    cards: dict[str, str] = {}
    for name in NAMES:
        output = kernel.run(f"%%minimax video {name} << --background\nA {name} fox runs")
        assert output.error is None
        (card,) = [m for m in output.messages if m["msg_type"] == "display_data"]
        assert card["parent_header"]["msg_id"] == output.message
        cards[handle_of(card)] = name
        seen += output.messages
    assert len(cards) == 3
    spoken = []
    for number in range(4):  # cells that run while the three go on
        output = kernel.run(f"import time\nfor _ in range(6): time.sleep(0.05)\nprint('cell {number}')")
        assert output.text == f"cell {number}\n"
        spoken.append(output.message)
        seen += output.messages
    assert [m for m in seen if m["msg_type"] == "update_display_data"]  # they came while later cells ran
    foreground = kernel.run("%%minimax image here <<\nA red fox")
    shown = [m for m in foreground.messages if m["msg_type"] == "display_data"]
    assert [m["parent_header"]["msg_id"] for m in shown] == [foreground.message]
    own = handle_of(shown[0])
    assert own not in cards
    seen += foreground.messages
    done: dict[str, str] = {}
    end = time.monotonic() + 60
    while len(done) < 3 and time.monotonic() < end:
        for message in [*seen, *_more(kernel)]:
            if message["msg_type"] == "update_display_data":
                html = message["content"]["data"]["text/html"]
                assert handle_of(message) in {*cards, own}
                if "<video" in html:
                    done[handle_of(message)] = html
            # Nothing is printed or displayed by a thread, wherever a front end would put it.
            elif message["msg_type"] == "stream":
                assert message["parent_header"]["msg_id"] in spoken
                assert message["content"]["text"].startswith("cell ")
            else:
                assert message["msg_type"] in ("status", "execute_input", "display_data")
        seen = []
    assert {cards[handle] for handle in done} == set(NAMES)
    for handle, html in done.items():
        assert f"A {cards[handle]} fox runs" in html
    widgets = "from ipywidgets.widgets import widget as w\nprint(len(w._instances))"
    assert kernel.run(widgets).text == "0\n"


def _more(kernel: Kernel) -> list[dict[str, Any]]:
    try:
        return [kernel.client.get_iopub_msg(timeout=0.5)]
    except queue.Empty:
        return []
