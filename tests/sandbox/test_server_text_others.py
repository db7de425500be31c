"""The Responses API, and the native text endpoint for role play."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.catalog import catalog
from minimax_nb.sandbox import child

NATIVE = "/v1/text/chatcompletion_v2"
RESPONSES = "/v1/responses"
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def events(reply: Any) -> list[dict[str, Any]]:
    assert reply.status_code == 200, reply.text
    return [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: ")]


def test_a_response_has_the_documented_form(box: Any) -> None:
    body = {"model": "MiniMax-M3", "input": "Say hi", "instructions": "Be brief."}
    got = box.call("minimax", "POST", RESPONSES, body).json()
    assert (got["object"], got["status"]) == ("response", "completed")
    assert [item["type"] for item in got["output"]] == ["reasoning", "message"]
    assert got["output"][1]["content"][0] == {"type": "output_text", "text": "hi", "annotations": []}
    usage = got["usage"]
    assert box.charged() == 300 * usage["input_tokens"] + 1200 * usage["output_tokens"]
    counted = box.call("minimax", "POST", f"{RESPONSES}/input_tokens", body).json()
    assert counted["input_tokens"] == usage["input_tokens"]
    quiet = box.call("minimax", "POST", RESPONSES, {**body, "reasoning": {"effort": "none"}}).json()
    assert [item["type"] for item in quiet["output"]] == ["message"]


def test_a_streamed_response(box: Any) -> None:
    body = {"model": "MiniMax-M2.7", "input": [{"role": "user", "content": "Say hello"}], "stream": True}
    got = events(box.call("minimax", "POST", RESPONSES, body))
    assert (got[0]["type"], got[-1]["type"]) == ("response.created", "response.completed")
    assert [event["sequence_number"] for event in got] == list(range(len(got)))
    text = "".join(event["delta"] for event in got if event["type"] == "response.output_text.delta")
    assert text == "hello" == got[-1]["response"]["output"][1]["content"][0]["text"]


def test_a_response_calls_a_tool_and_uses_its_result(box: Any) -> None:
    ask = {"role": "user", "content": "What is the weather in Lisbon?"}
    body = {"model": "MiniMax-M2.7", "input": [ask], "tools": [TOOL]}
    made = box.call("minimax", "POST", RESPONSES, body).json()["output"][-1]
    assert (made["type"], json.loads(made["arguments"])) == ("function_call", {"city": "Lisbon"})
    told = {"type": "function_call_output", "call_id": made["call_id"], "output": '{"sky": "clear"}'}
    got = box.call("minimax", "POST", RESPONSES, {**body, "input": [ask, made, told]}).json()
    assert "clear" in got["output"][-1]["content"][0]["text"]


@pytest.mark.parametrize(
    "changes",
    [
        {"previous_response_id": "x"},
        {"store": True},
        {"input": 3},
        {"reasoning": {"effort": "max"}},
        {"model": "x"},
    ],
)
def test_what_responses_refuse(box: Any, changes: dict[str, Any]) -> None:
    body = {"model": "MiniMax-M2.7", "input": "a", **changes}
    assert box.call("minimax", "POST", RESPONSES, body).status_code == 400


def role_play(*extra: dict[str, Any], **changes: Any) -> dict[str, Any]:
    system = {"role": "system", "name": "Captain", "content": "An old sailor."}
    return {
        "model": "M2-her",
        "messages": [system, *extra, {"role": "user", "content": "Tell of the storm"}],
        **changes,
    }


def test_the_native_endpoint_stays_in_its_role(box: Any) -> None:
    sample = {"role": "sample_message_ai", "content": "Arr."}
    got = box.minimax(NATIVE, role_play(sample))
    message = got["choices"][0]["message"]
    assert (message["name"], got["base_resp"]["status_code"]) == ("Captain", 0)
    assert message["content"]
    assert "<think>" not in message["content"]


def test_a_native_stream_ends_with_the_whole_again(box: Any) -> None:
    got = events(box.call("minimax", "POST", NATIVE, role_play(stream=True)))
    assert all(event["object"] == "chat.completion.chunk" for event in got[:-1])
    text = "".join(event["choices"][0]["delta"]["content"] for event in got[:-1])
    assert got[-1]["object"] == "chat.completion"
    assert got[-1]["choices"][0]["message"]["content"] == text
    assert got[-1]["base_resp"]["status_code"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"model": "MiniMax-M2.7"}, 2013),
        ({"max_completion_tokens": 2049}, 2013),
        ({"temperature": 0}, 2013),
        ({"messages": [{"role": "system", "content": "a"}]}, 2013),
        ({"messages": [{"role": "user", "content": "forbidden-output"}]}, 1027),
    ],
)
def test_the_native_endpoint_refuses_by_code(box: Any, changes: dict[str, Any], code: int) -> None:
    assert box.code(NATIVE, role_play(**changes)) == code


# --- vectors, and tokens a minute -------------------------------------------------------------------


def test_vectors_of_texts_are_near_where_words_are_shared(box: Any) -> None:
    texts = ["a lighthouse by the sea", "the sea and a lighthouse", "quarterly tax return"]
    got = box.minimax("/v1/embeddings", {"model": "embo-01", "type": "db", "texts": texts})
    assert [len(vector) for vector in got["vectors"]] == [1536] * 3
    assert got["total_tokens"] > 0

    def near(one: int, other: int) -> float:
        return sum(a * b for a, b in zip(got["vectors"][one], got["vectors"][other], strict=True))

    assert near(0, 0) == pytest.approx(1, abs=1e-4)
    assert near(0, 1) > 0.5 > abs(near(0, 2))
    for change in ({"texts": []}, {"texts": [1]}, {"type": "word"}, {"model": None}):
        assert (
            box.code("/v1/embeddings", {"model": "embo-01", "type": "db", "texts": texts, **change}) == 2013
        )


def test_tokens_a_minute_are_limited_where_that_is_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_box: Any
) -> None:
    assert catalog().limit("minimax", "text-m3").tpm == 10_000_000
    (tmp_path / "limits.toml").write_text('[[limit]]\nprovider = "minimax"\nname = "text-m3"\ntpm = 10\n')
    monkeypatch.setenv("MINIMAX_NB_CATALOG", str(tmp_path))
    running = child.start(speed=20)
    box = new_box(running)
    body = {"model": "MiniMax-M3", "input": "Say hello to the sea"}
    assert box.call("minimax", "POST", RESPONSES, body).status_code == 200
    refused = box.call("minimax", "POST", RESPONSES, body)
    assert refused.status_code == 429
    assert refused.json()["error"]["message"].endswith("(1039)")
    assert box.call("minimax", "POST", RESPONSES, {**body, "model": "MiniMax-M2.7"}).status_code == 200
    box.advance(60)
    assert box.call("minimax", "POST", RESPONSES, body).status_code == 200
    running.stop()
