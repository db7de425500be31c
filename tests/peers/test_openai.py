"""OpenAI's SDK, from its registry and unchanged: create, stream, tools, responses, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]
CLIENT = Path(__file__).with_name("openai_client.py")
Do = Callable[..., dict[str, Any]]


def test_create(do: Do) -> None:
    got = do("create")
    assert (got["text"], got["finish"]) == ("hello to the sea", "stop")
    assert "hello" in got["thoughts"]
    assert min(got["tokens"]) > 0


def test_stream(do: Do) -> None:
    got = do("stream")
    assert got["text"] == "hello to the sea"
    assert got["pieces"] >= 1
    assert min(got["tokens"]) > 0


def test_tools(do: Do) -> None:
    got = do("tools")
    assert json.loads(got["arguments"]) == {"city": "Lisbon"}
    assert "clear" in got["text"]


def test_models(do: Do) -> None:
    assert "MiniMax-M2.7" in do("models")["models"]


def test_responses(do: Do) -> None:
    got = do("responses")
    assert got["texts"] == ["hello", "hello"]
    assert got["pieces"] >= 1
    assert got["tokens"][0] == got["tokens"][1] > 0


def test_errors(do: Do) -> None:
    got = do("error")
    assert (got["error"], got["status"]) == ("BadRequestError", 400)
    assert "unknown model 'gpt-4o' (2013)" in got["text"]
    assert do("error", key="wrong")["error"] == "AuthenticationError"
