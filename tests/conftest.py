"""Shared by all layers: a home of one's own, one real sandbox, and labs on it."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything of ours is imported: never the user's own ledger or keys.
for _name in ("MINIMAX", "PIXAZO", "APIXO"):
    os.environ.pop(f"{_name}_API_KEY", None)
    os.environ.pop(f"{_name}_API_HOST", None)

# A job that a shell script started in the background ignores interrupts, and so would the kernels it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SPEED = 200.0


@pytest.fixture(scope="session")
def sandbox() -> Iterator[object]:
    """A real sandbox process, 200 times faster than life."""
    from minimax_nb.sandbox import child

    running = child.start(speed=SPEED, seed=0)
    for provider, key in child.DEFAULT_KEYS.items():
        # Each test has a home and so a limiter of its own; together they would pass one account's limit.
        body = json.dumps({"provider": provider, "key": key, "rpm": 0}).encode()
        urllib.request.urlopen(f"{running.url}/__sandbox__/accounts", data=body, timeout=10).close()
    yield running
    running.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home, as environment and working folder."""
    monkeypatch.setenv("MINIMAX_NB_HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return tmp_path / "home"


@pytest.fixture
def lab(home: Path, sandbox: object) -> Iterator[object]:
    """A lab with a fresh home on the shared sandbox."""
    from minimax_nb import Lab

    with Lab(sandbox=sandbox.url) as made:
        yield made
