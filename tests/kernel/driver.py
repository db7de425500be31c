"""Drives a real ipykernel process and keeps what it says, cell by cell."""

from __future__ import annotations

import os
import queue
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager


class Kernel:
    """One kernel process. ``run`` executes a cell and returns what came out of it.

    ``python`` is an interpreter with another ipykernel.
    """

    def __init__(self, cwd: Path, env: dict[str, str] | None = None, python: Path | None = None) -> None:
        self.manager = KernelManager()
        if python is not None:
            own = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            self.manager.kernel_spec.argv = own
        # Not under test: a card is live for a user, and static in a test run.
        user = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.manager.start_kernel(cwd=str(cwd), env={**user, **(env or {})})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def send(self, code: str) -> str:
        """Start a cell; returns its message id."""
        return str(self.client.execute(code))

    def run(self, code: str, timeout: float = 60) -> Output:
        """Run a cell to its end."""
        return self.collect(self.send(code), timeout)

    def collect(self, message: str, timeout: float = 60) -> Output:
        """Gather iopub messages until the cell ``message`` is idle."""
        output = Output(message)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                got = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            output.messages.append(got)
            idle = got["msg_type"] == "status" and got["content"]["execution_state"] == "idle"
            if idle and got["parent_header"].get("msg_id") == message:
                output.ended = time.monotonic()
                return output
        raise TimeoutError(f"the cell did not end in {timeout} s")

    def wait_for(self, kind: str, timeout: float = 30) -> dict[str, Any]:
        """Return the next iopub message of one kind."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                got: dict[str, Any] = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            if got["msg_type"] == kind:
                return got
        raise TimeoutError(f"no {kind} in {timeout} s")

    def interrupt(self) -> float:
        """Send the interrupt; returns the time it was sent."""
        self.manager.interrupt_kernel()
        return time.monotonic()

    def kill(self) -> None:
        """End the process with SIGKILL, as a crash would."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def close(self) -> None:
        """End the process in an orderly way."""
        self.client.stop_channels()
        self.manager.shutdown_kernel()


class Output:
    """What one cell put out."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.messages: list[dict[str, Any]] = []
        self.ended = 0.0

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The contents of this cell's messages of one kind."""
        return [
            item["content"]
            for item in self.messages
            if item["msg_type"] == kind and item["parent_header"].get("msg_id") == self.message
        ]

    @property
    def text(self) -> str:
        """All stream text of the cell."""
        return "".join(item["text"] for item in self.of("stream"))

    @property
    def error(self) -> list[str] | None:
        """The error lines the cell shows, or ``None``."""
        errors = self.of("error")
        return list(errors[0]["traceback"]) if errors else None

    @property
    def html(self) -> str:
        """The HTML of the last display or update."""
        shown = [*self.of("display_data"), *self.of("update_display_data")]
        return str(shown[-1]["data"].get("text/html", "")) if shown else ""
