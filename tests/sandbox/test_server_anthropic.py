"""Text compatible with Anthropic's: keys, blocks, events, errors, the cache."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

MESSAGES = "/anthropic/v1/messages"
COUNT = "/anthropic/v1/messages/count_tokens"
TOOL = {
    "name": "get_weather",
    "description": "Get the weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def body(text: Any = "Say hello", **changes: Any) -> dict[str, Any]:
    base = {"model": "MiniMax-M2.7", "max_tokens": 1000}
    return {**base, "messages": [{"role": "user", "content": text}], **changes}


def post(box: Any, request: dict[str, Any], path: str = MESSAGES, **options: Any) -> Any:
    return box.call("minimax", "POST", path, request, **options)


def send(box: Any, request: dict[str, Any]) -> dict[str, Any]:
    reply = post(box, request)
    assert reply.status_code == 200, reply.text
    return reply.json()


def picture() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def test_a_message_has_the_documented_form(box: Any) -> None:
    got = send(box, body(system="Be kind."))
    assert (got["type"], got["role"], got["model"]) == ("message", "assistant", "MiniMax-M2.7")
    thinking, text = got["content"]
    assert (thinking["type"], bool(thinking["thinking"]), bool(thinking["signature"])) == (
        "thinking",
        True,
        True,
    )
    assert text == {"type": "text", "text": "hello"}
    assert (got["stop_reason"], got["stop_sequence"]) == ("end_turn", None)
    assert set(got["usage"]) == {
        "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
    }  # fmt: skip
    usage = got["usage"]
    assert box.charged() == 300 * usage["input_tokens"] + 1200 * usage["output_tokens"]


@pytest.mark.parametrize(
    ("model", "thinking", "thinks"),
    [
        ("MiniMax-M3", None, False),
        ("MiniMax-M3", "adaptive", True),
        ("MiniMax-M3", "enabled", True),
        ("MiniMax-M2.5", "disabled", True),
    ],
)
def test_here_m3_thinks_only_when_told(box: Any, model: str, thinking: str | None, thinks: bool) -> None:
    request = body(model=model, **({"thinking": {"type": thinking}} if thinking else {}))
    assert [block["type"] for block in send(box, request)["content"]] == ["thinking"] * thinks + ["text"]


def test_both_headers_carry_the_key_and_bearer_wins(box: Any) -> None:
    key = {"x-api-key": box.keys["minimax"]}
    assert post(box, body(), key=None, headers=key).status_code == 200
    assert post(box, body(), headers={"x-api-key": "wrong"}).status_code == 200
    refused = post(box, body(), key="wrong", headers=key)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")


def test_a_stream_has_the_events_in_order(box: Any) -> None:
    request = body("Say hello to the sea", stream=True)
    reply = post(box, request)
    assert reply.headers["content-type"].startswith("text/event-stream")
    blocks = [block.splitlines() for block in reply.text.strip().split("\n\n")]
    events = [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks
    ]
    assert all(name == data["type"] for name, data in events)
    order = [name for name, _ in events if name not in {"content_block_delta", "ping"}]
    block = ["content_block_start", "content_block_stop"]
    assert order == ["message_start", *block, *block, "message_delta", "message_stop"]
    deltas = [data["delta"] for name, data in events if name == "content_block_delta"]
    assert "".join(delta.get("text", "") for delta in deltas) == "hello to the sea"
    assert [delta["type"] for delta in deltas if delta["type"] == "signature_delta"] == ["signature_delta"]
    last = next(data for name, data in events if name == "message_delta")
    assert last["delta"]["stop_reason"] == "end_turn"
    assert last["usage"]["output_tokens"] > 0


def test_a_tool_is_used_and_its_result_told(box: Any) -> None:
    ask = "What is the weather in Lisbon?"
    got = send(box, body(ask, tools=[TOOL]))
    used = got["content"][-1]
    assert (got["stop_reason"], used["type"]) == ("tool_use", "tool_use")
    assert (used["name"], used["input"]) == ("get_weather", {"city": "Lisbon"})
    result = {"type": "tool_result", "tool_use_id": used["id"], "content": '{"sky": "clear"}'}
    history = [{"role": "user", "content": ask}, {"role": "assistant", "content": got["content"]}]
    told = send(box, body(messages=[*history, {"role": "user", "content": [result]}], tools=[TOOL]))
    assert "**sky**: clear" in told["content"][-1]["text"]
    lost = post(box, body([{**result, "tool_use_id": "x"}]))
    assert lost.status_code == 400
    assert lost.json()["error"]["message"].endswith("tool result's tool id(x) not found (2013)")


def test_a_streamed_tool_use(box: Any) -> None:
    reply = post(box, body("Weather in Lisbon please", tools=[TOOL], stream=True))
    lines = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: ")]
    parts = [line["delta"]["partial_json"] for line in lines if "partial_json" in line.get("delta", {})]
    assert json.loads("".join(parts)) == {"city": "Lisbon"}


def test_pictures_are_for_m3(box: Any) -> None:
    content = [picture(), {"type": "text", "text": "What is this about?"}]
    assert post(box, body(content)).status_code == 400
    assert "1 image" in send(box, body(content, model="MiniMax-M3"))["content"][0]["text"]


def test_tokens_are_counted_before(box: Any) -> None:
    request = body("Count this, please.", model="MiniMax-M3", system="Be exact.")
    counted = post(box, request, COUNT).json()
    assert counted == {"input_tokens": send(box, request)["usage"]["input_tokens"]}
    assert post(box, body(), COUNT).status_code == 400


def test_what_is_marked_is_written_to_the_cache_and_read(box: Any) -> None:
    system = [{"type": "text", "text": "The sea. " * 200, "cache_control": {"type": "ephemeral"}}]
    first = send(box, body("Say one", system=system))["usage"]
    second = send(box, body("Say two", system=system))["usage"]
    assert first["cache_creation_input_tokens"] > 256
    assert second["cache_read_input_tokens"] == first["cache_creation_input_tokens"]
    assert second["cache_creation_input_tokens"] == 0
    paid = [entry["charged_nano"] for entry in box.journal()]
    for usage, cost in zip((first, second), paid, strict=True):
        assert cost == (
            300 * usage["input_tokens"] + 1200 * usage["output_tokens"]
            + 375 * usage["cache_creation_input_tokens"] + 60 * usage["cache_read_input_tokens"]
        )  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (body(model="claude-x"), "unknown model"),
        (body(messages=[]), "must not be empty"),
        (body(messages=[{"role": "system", "content": "a"}]), "messages[0].role"),
        (body([{"type": "poem"}]), "messages[0].content[0].type"),
        (body(temperature=3), "temperature"),
        (body(max_tokens=0), "max_tokens"),
        (body(tool_choice={"type": "maybe"}), "tool_choice.type"),
        (body("forbidden-content"), "(1026)"),
        (body("forbidden-output"), "(1027)"),
    ],
)
def test_bad_requests_are_400(box: Any, request_: dict[str, Any], word: str) -> None:
    reply = post(box, request_)
    assert reply.status_code == 400, reply.text
    got = reply.json()
    assert set(got) == {"type", "error", "request_id"}
    assert (got["type"], got["error"]["type"]) == ("error", "invalid_request_error")
    assert word in got["error"]["message"]
    assert "http_code" not in got["error"]


@pytest.mark.parametrize(
    ("options", "status", "name", "word"),
    [
        ({"key": None}, 401, "authentication_error", "'X-Api-Key'"),
        ({"key": "wrong"}, 401, "authentication_error", "(2049)"),
        ({"fault": "balance"}, 500, "api_error", "insufficient balance (1008)"),
        ({"fault": "code:1002"}, 429, "rate_limit_error", "(1002)"),
        ({"fault": "before-429"}, 429, "rate_limit_error", "(1002)"),
        ({"fault": "before-529"}, 529, "overloaded_error", "(1001)"),
        ({"fault": "after-500"}, 500, "api_error", "(1000)"),
    ],
)
def test_errors_have_statuses(box: Any, options: dict[str, Any], status: int, name: str, word: str) -> None:
    reply = post(box, body(), **options)
    assert (reply.status_code, reply.json()["error"]["type"]) == (status, name)
    assert word in reply.json()["error"]["message"]


def test_the_models(box: Any) -> None:
    got = box.call("minimax", "GET", "/anthropic/v1/models").json()
    assert got["data"][0] == {
        "type": "model", "id": "MiniMax-M3", "display_name": "MiniMax-M3", "created_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    assert (got["first_id"], got["has_more"]) == ("MiniMax-M3", False)
    assert box.call("minimax", "GET", "/anthropic/v1/models/MiniMax-M2").json()["id"] == "MiniMax-M2"
    lost = box.call("minimax", "GET", "/anthropic/v1/models/x")
    assert (lost.status_code, lost.json()["error"]["type"]) == (404, "not_found_error")
