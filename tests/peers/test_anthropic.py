"""Anthropic's SDK, from its registry and unchanged: create, stream, tools, count, errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]
CLIENT = Path(__file__).with_name("anthropic_client.py")
Do = Callable[..., dict[str, Any]]


def test_create(do: Do) -> None:
    got = do("create")
    assert (got["text"], got["stop"]) == ("hello to the sea", "end_turn")
    assert got["kinds"] == ["thinking", "text"]
    assert min(got["tokens"]) > 0


def test_stream(do: Do) -> None:
    got = do("stream")
    assert got["text"] == got["joined"] == "hello to the sea"
    assert got["kinds"] == ["thinking", "text"]
    assert got["pieces"] >= 1
    assert min(got["tokens"]) > 0


def test_tools(do: Do) -> None:
    got = do("tools")
    assert got["input"] == {"city": "Lisbon"}
    assert "clear" in got["text"]


def test_count_and_models(do: Do) -> None:
    got = do("count")
    assert got["tokens"] > 0
    assert "MiniMax-M3" in got["models"]


def test_errors(do: Do) -> None:
    got = do("error")
    assert (got["error"], got["status"]) == ("BadRequestError", 400)
    assert "unknown model 'claude-x' (2013)" in got["text"]
    assert do("error", key="wrong")["error"] == "AuthenticationError"
