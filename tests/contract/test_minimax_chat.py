"""What is asked of MiniMax's text models: three forms of request, and the count of their tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds import build
from minimax_nb.providers.account import CountsTokens
from minimax_nb.wire import Reply
from tests.contract.chats import JSON, POOR, ask, error
from tests.contract.minimaxes import MINIMAX


def test_the_recommended_form_is_anthropics() -> None:
    call = MINIMAX.submit(ask(system="Be brief.", temperature=0.5, top_p=0.9), {})
    assert (call.method, call.path) == ("POST", "/anthropic/v1/messages")
    assert call.headers == {"anthropic-version": "2023-06-01"}
    assert call.body == {
        "model": "MiniMax-M3",
        "max_tokens": 131_072,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hello"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "thinking": {"type": "adaptive"},
        "stream": True,
    }


def test_the_other_form_is_openais() -> None:
    call = MINIMAX.submit(ask(api="openai", system="Be brief.", model="MiniMax-M2.7"), {})
    assert call.path == "/v1/chat/completions"
    assert call.body == {
        "model": "MiniMax-M2.7",
        "max_completion_tokens": 65_536,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_role_play_has_an_endpoint_of_its_own() -> None:
    call = MINIMAX.submit(ask(model="M2-her", stream=False), {})
    assert call.path == "/v1/text/chatcompletion_v2"
    messages = [{"role": "user", "content": "Hello"}]
    assert call.body == {"model": "M2-her", "max_completion_tokens": 2048, "messages": messages}


def test_earlier_turns_and_their_pictures_come_in_their_order() -> None:
    data = b"\x89PNG\r\n\x1a\n" + b"x"
    options = {
        "history": ["Look.", "A cat."],
        "earlier_image": data,
        "earlier_turn": 0,
        "image": "https://x.y/z.png",
    }
    request = build("chat", "And this?", options)
    request = request.model_copy(update={"model": "MiniMax-M3"})
    first, answer, last = (MINIMAX.submit(request, {}).body or {})["messages"]
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgp4"}
    assert first["content"] == [{"type": "image", "source": source}, {"type": "text", "text": "Look."}]
    assert answer == {"role": "assistant", "content": "A cat."}
    assert last["content"][0] == {"type": "image", "source": {"type": "url", "url": "https://x.y/z.png"}}
    other = MINIMAX.submit(request.model_copy(update={"api": "openai"}), {}).body or {}
    urls = [m["content"][0]["image_url"]["url"] for m in (other["messages"][0], other["messages"][2])]
    assert urls == ["data:image/png;base64,iVBORw0KGgp4", "https://x.y/z.png"]


def test_the_newer_form_of_openai() -> None:
    options = {"system": "Be brief.", "thinking": "disabled", "history": ["Look.", "A cat."], "top_p": 0.9}
    call = MINIMAX.submit(ask(api="responses", image="https://x.y/z.png", **options), {})
    assert (call.path, call.headers) == ("/v1/responses", {})
    assert call.body == {
        "model": "MiniMax-M3",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": "A cat."},
            {
                "role": "user",
                "content": [
                    {"type": "input_image", "image_url": "https://x.y/z.png"},
                    {"type": "input_text", "text": "Hello"},
                ],
            },
        ],
        "reasoning": {"effort": "none"},
        "max_output_tokens": 131_072,
        "top_p": 0.9,
        "stream": True,
    }


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, "/anthropic/v1/messages/count_tokens"),
        ({"api": "openai"}, "/v1/responses/input_tokens"),
        ({"api": "responses"}, "/v1/responses/input_tokens"),
        ({"model": "MiniMax-M2.7"}, "/v1/responses/input_tokens"),  # the other counts for M3 alone
        ({"model": "M2-her"}, None),
    ],
)
def test_where_tokens_are_counted(options: dict[str, Any], path: str | None) -> None:
    assert isinstance(MINIMAX, CountsTokens)
    call = MINIMAX.count_call(ask(**options))
    assert (call and call.path) == path
    assert call is None or not {"stream", "max_tokens", "max_output_tokens"} & set(call.body or {})


def test_the_count_of_tokens_is_read() -> None:
    assert isinstance(MINIMAX, CountsTokens)
    assert MINIMAX.parse_count(Reply(200, JSON, b'{"input_tokens": 12}')) == 12
    for body, status, category in (
        (b"{}", 200, "protocol"),
        (b'{"input_tokens": -1}', 200, "protocol"),
        (json.dumps(error("authorized_error", "login fail (1004)")).encode(), 401, "auth"),
        (json.dumps(POOR).encode(), 200, "insufficient_balance"),
    ):
        found = MINIMAX.parse_count(Reply(status, JSON, body))
        assert isinstance(found, ErrorInfo)
        assert found.category == category
