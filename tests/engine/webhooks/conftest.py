"""A sandbox that sends webhooks, a receiver that takes them, and a lab that polls hardly ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from minimax_nb import Lab
from minimax_nb.engine import webhook
from minimax_nb.webhooks.receiver import Receiver
from minimax_nb.webhooks.server import PATH, App
from tests.engine.webhooks.hooked import HARDLY_EVER


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that looks for deliveries often, and waits out a lost reply for a second."""
    monkeypatch.setattr(webhook, "LOOK", 0.05)
    monkeypatch.setattr(webhook, "AGAIN", 0.5)
    monkeypatch.setattr(webhook, "HOLD", 100.0)
    monkeypatch.setattr(webhook, "SHORTEST_HOLD", 1.0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    """A sandbox at the pace of life, moved by its clock, that may send to this machine."""
    from minimax_nb.sandbox import child

    running = child.start(speed=1, seed=0, allow_http_webhooks=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def fast() -> Iterator[Any]:
    """A sandbox so fast that whole jobs take a second."""
    from minimax_nb.sandbox import child

    running = child.start(speed=200, seed=0, allow_http_webhooks=True)
    yield running
    running.stop()


@pytest.fixture
def receiver(home: Path) -> Iterator[str]:
    """The receiver's application on a socket and a ledger of its own; its address without a token."""
    # As a process of its own it is tested in tests/unit/test_webhooks_server.py; that takes a second to start.
    keeper = Receiver(home / "ledger.db", ())
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(App(keeper, PATH), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}{PATH.rstrip('/')}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def lab(sandbox: Any, receiver: str) -> Iterator[Lab]:
    """A lab whose jobs carry webhooks."""
    with Lab(sandbox=sandbox.url, webhook_url=receiver, poll_floor=HARDLY_EVER) as made:
        yield made
