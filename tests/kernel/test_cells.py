"""What only a real kernel shows: live updates, the interrupt, the failing cell, the saved notebook."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.kernel

TIMEOUT = 30


class Kernel:
    """A running kernel with the extension loaded, and the messages of each cell."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def start(self, code: str) -> str:
        """Send a cell; returns the id its messages carry."""
        return str(self.client.execute(code, store_history=False))

    def message(self) -> dict[str, Any]:
        """Return the next message of the display channel."""
        found: dict[str, Any] = self.client.get_iopub_msg(timeout=TIMEOUT)
        return found

    def until_idle(self, cell: str) -> list[dict[str, Any]]:
        """Return a cell's messages up to its end."""
        seen: list[dict[str, Any]] = []
        while True:
            message = self.message()
            if message["parent_header"].get("msg_id") != cell:
                continue
            seen.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return seen

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell and return what it displayed."""
        return [
            found
            for found in self.until_idle(self.start(code))
            if found["msg_type"] not in ("status", "execute_input")
        ]


@pytest.fixture(scope="module")
def started(sandbox: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How a user's kernel is started: not under test, on the sandbox, in a folder of its own."""
    folder = tmp_path_factory.mktemp("kernel")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environ |= {
        "MINIMAX_NB_HOME": str(folder / "home"),
        "MINIMAX_NB_SANDBOX": sandbox.url,
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    return {"env": environ, "cwd": str(folder)}


@pytest.fixture(scope="module")
def running(started: dict[str, Any]) -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(**started)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        made = Kernel(manager, client)
        assert made.run("%load_ext minimax_nb") == []
        yield made
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(running: Kernel) -> Kernel:
    """The kernel, with a fresh lab and no variables."""
    running.run(
        "%reset -f\nimport minimax_nb.lab.lab\nfrom minimax_nb import Lab\nminimax_nb.lab.lab._current = Lab()"
    )
    return running


def test_a_live_card_an_interrupt_and_the_way_back(kernel: Kernel) -> None:
    cell = kernel.start("%%minimax video clip <<\nA fox runs")
    while (first := kernel.message())["msg_type"] != "display_data":
        pass
    began = time.monotonic()
    kernel.manager.interrupt_kernel()
    rest = kernel.until_idle(cell)
    assert time.monotonic() - began < 3
    [error] = [message["content"] for message in rest if message["msg_type"] == "error"]
    assert error["ename"] == "Detached"
    [line] = error["traceback"]
    assert line.startswith("Detached: job 01")
    job_id = line.split()[2]
    assert line.endswith(f"get it with %minimax wait {job_id}")
    updates = [message for message in rest if message["msg_type"] == "update_display_data"]
    assert {message["content"]["transient"]["display_id"] for message in updates} == {
        first["content"]["transient"]["display_id"]
    }
    assert "%minimax wait" in updates[-1]["content"]["data"]["text/html"]
    shown = kernel.run(f"%minimax wait {job_id}\nprint(clip[0].kind)")
    assert [message["msg_type"] for message in shown if message["msg_type"] in ("error", "display_data")] == [
        "display_data"
    ]
    assert [message["content"]["text"] for message in shown if message["msg_type"] == "stream"] == ["video\n"]


def test_a_background_card_goes_on_after_its_cell(kernel: Kernel) -> None:
    shown = kernel.run("%%minimax video clip << --background\nA fox runs")
    [first] = [message for message in shown if message["msg_type"] == "display_data"]
    while True:
        message = kernel.message()
        assert message["msg_type"] not in ("error", "stream", "display_data")
        if (
            message["msg_type"] == "update_display_data"
            and "<video" in message["content"]["data"]["text/html"]
        ):
            break
    assert message["content"]["transient"] == first["content"]["transient"]
    after = kernel.run("assert clip.done and clip.result()[0].kind == 'video'")
    assert {message["msg_type"] for message in after} <= {"comm_close"}  # the buttons of the board


def test_a_key_is_asked_for_and_never_shown(kernel: Kernel) -> None:
    cell = str(kernel.client.execute("%minimax config minimax_api_key", allow_stdin=True))
    question = kernel.client.get_stdin_msg(timeout=TIMEOUT)
    assert question["content"]["password"] is True
    kernel.client.input("sk-secret-value")
    shown = kernel.until_idle(cell)
    [table] = [message["content"]["data"] for message in shown if message["msg_type"] == "display_data"]
    assert "minimax_api_key  set    %minimax config           key for MiniMax" in table["text/plain"]
    assert "sk-secret-value" not in str(shown)
    [stream] = kernel.run(
        "import minimax_nb\nprint(minimax_nb.current_lab().settings.value('minimax_api_key').reveal())"
    )
    assert stream["content"]["text"] == "sk-secret-value\n"


def test_a_key_cannot_be_asked_for_where_nobody_answers(kernel: Kernel) -> None:
    cell = str(kernel.client.execute("%minimax config minimax_api_key", allow_stdin=False))
    [error] = [message["content"] for message in kernel.until_idle(cell) if message["msg_type"] == "error"]
    assert error["traceback"] == [
        "Config: minimax_api_key cannot be asked for here: nobody can type an answer",
        "Set MINIMAX_API_KEY",
    ]


def test_a_mistake_stops_the_notebook_and_is_saved_as_its_lines(started: dict[str, Any]) -> None:
    cells = [
        "%load_ext minimax_nb",
        "%%minimax image hero <<\nA fox",
        "%%minimax image --sede 7\nA fox",
        "1 / 0",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(book, timeout=TIMEOUT, kernel_name="python3")
    with pytest.raises(CellExecutionError, match="image has no option --sede"):
        client.execute(**started)
    load, card, mistake, never = book.cells
    assert load.outputs == never.outputs == []
    [shown] = card.outputs
    assert shown.output_type == "display_data"
    assert "job 01" in shown.data["text/plain"]  # the live form: the static one names no job
    assert "prompt: A fox" in shown.data["text/plain"]
    assert "<img" in shown.data["text/html"]
    [error] = mistake.outputs
    assert error.traceback == [
        "Grammar: image has no option --sede; did you mean '--seed'?",
        "  %%minimax image --sede 7",
        "                  ^",
    ]
    assert "widgets" not in book.metadata
