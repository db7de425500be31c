"""Text compatible with OpenAI's: form, sense, rules, errors and prices."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

CHAT = "/v1/chat/completions"
ASK = [{"role": "user", "content": "Describe the old lighthouse."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def body(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"model": "MiniMax-M2.7", "messages": [*messages] or ASK, **changes}


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def post(box: Any, request: dict[str, Any], path: str = CHAT, **options: Any) -> Any:
    return box.call("minimax", "POST", path, request, **options)


def complete(box: Any, request: dict[str, Any], **options: Any) -> dict[str, Any]:
    reply = post(box, request, **options)
    assert reply.status_code == 200, reply.text
    return reply.json()


def said(box: Any, *messages: dict[str, Any], **changes: Any) -> str:
    changes = {"reasoning_split": True, **changes}
    return complete(box, body(*messages, **changes))["choices"][0]["message"]["content"]


def chunks(box: Any, request: dict[str, Any], path: str = CHAT) -> list[Any]:
    reply = post(box, {**request, "stream": True}, path)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


# --- form --------------------------------------------------------------------------------------------


def test_a_reply_has_the_documented_form(box: Any) -> None:
    got = complete(box, body())
    assert got["object"] == "chat.completion"
    assert got["base_resp"] == {"status_code": 0, "status_msg": "success"}
    assert (got["input_sensitive"], got["output_sensitive"]) == (False, False)
    (choice,) = got["choices"]
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    message = choice["message"]
    assert (message["role"], message["name"], message["audio_content"]) == ("assistant", "MiniMax AI", "")
    assert message["content"].startswith("<think>\n")
    assert "</think>" in message["content"]
    assert "lighthouse" in message["content"]
    usage = got["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] == 4 + -(-len(ASK[0]["content"]) // 4)


def test_reasoning_split_moves_the_thoughts(box: Any) -> None:
    message = complete(box, body(reasoning_split=True))["choices"][0]["message"]
    assert "<think>" not in message["content"]
    (detail,) = message["reasoning_details"]
    assert detail["type"] == "reasoning.text"
    assert detail["text"] == message["reasoning_content"]


@pytest.mark.parametrize(
    ("model", "thinking", "thinks"),
    [
        ("MiniMax-M3", None, True),
        ("MiniMax-M3", "disabled", False),
        ("MiniMax-M3", "adaptive", True),
        ("MiniMax-M2.1", "disabled", True),
        ("MiniMax-M2.1-lightning", None, True),
    ],
)
def test_only_m3_can_be_told_not_to_think(box: Any, model: str, thinking: str | None, thinks: bool) -> None:
    request = body(model=model, **({"thinking": {"type": thinking}} if thinking else {}))
    assert ("<think>" in complete(box, request)["choices"][0]["message"]["content"]) == thinks


def test_a_stream_says_what_the_whole_would(box: Any) -> None:
    request = body(user("Say hello to the sea"), stream_options={"include_usage": True})
    whole = complete(box, request)
    got = chunks(box, request)
    assert got[-1] == "[DONE]"
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in got[:-2])
    assert text == whole["choices"][0]["message"]["content"]
    assert got[-3]["choices"][0]["finish_reason"] == "stop"
    assert all(c["object"] == "chat.completion.chunk" for c in got[:-1])
    assert all(c["usage"] is None for c in got[:-2])
    assert (got[-2]["choices"], got[-2]["usage"]) == ([], whole["usage"])
    assert len(got) > 5


def test_a_stream_without_usage_has_none(box: Any) -> None:
    got = chunks(box, body(reasoning_split=True))
    assert all(c["usage"] is None and c["choices"] for c in got[:-1])
    assert "".join(c["choices"][0]["delta"].get("reasoning_content", "") for c in got[:-1])


def test_a_cut_stream_ends_early_and_is_paid(box: Any) -> None:
    with pytest.raises(Exception, match="peer closed|incomplete|disconnected"):
        post(box, body(stream=True), fault="truncate:700")
    (entry,) = box.journal()
    assert entry["sent_bytes"] <= 700
    assert box.charged() > 0


# --- sense -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Reply with exactly: PONG", "PONG"),
        ("What is 17 * 3?", "17 × 3 = **51**"),
        ("Answer with just 'yes'", "yes"),
    ],
)
def test_simple_answers(box: Any, prompt: str, answer: str) -> None:
    assert said(box, user(prompt)) == answer


def test_it_remembers_the_conversation(box: Any) -> None:
    history = [user("My name is Ada."), {"role": "assistant", "content": "Hello."}]
    assert said(box, *history, user("What is my name?")) == "Your name is Ada."


def test_a_list_has_as_many_points_as_asked(box: Any) -> None:
    assert len(said(box, user("Give me 4 ideas for a film about rain")).splitlines()) == 4


def test_a_repeat_differs_and_another_account_starts_over(box: Any) -> None:
    first, second = said(box), said(box)
    assert first != second
    box.account("minimax")
    assert said(box) == first


def test_the_answer_is_cut_at_the_tokens_allowed(box: Any) -> None:
    got = complete(box, body(max_completion_tokens=10))
    assert got["choices"][0]["finish_reason"] == "length"
    assert got["usage"]["completion_tokens"] <= 10


def test_a_tool_is_called_when_the_prompt_asks_for_it(box: Any) -> None:
    ask = user("What is the weather in Lisbon?")
    choice = complete(box, body(ask, tools=[WEATHER]))["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    (made,) = choice["message"]["tool_calls"]
    assert (made["type"], made["function"]["name"]) == ("function", "get_weather")
    assert json.loads(made["function"]["arguments"]) == {"city": "Lisbon"}
    told = {"role": "tool", "tool_call_id": made["id"], "content": '{"sky": "clear"}'}
    assert "**sky**: clear" in said(box, ask, choice["message"], told, tools=[WEATHER])
    assert said(box, ask, tools=[WEATHER], tool_choice="none")
    assert said(box, user("Tell me about trains"), tools=[WEATHER])
    lost = post(box, body(ask, {**told, "tool_call_id": "call_x"}))
    assert lost.status_code == 400
    assert "tool result's tool id(call_x) not found (2013)" in lost.json()["error"]["message"]


def test_a_streamed_tool_call(box: Any) -> None:
    got = chunks(box, body(user("Weather in Lisbon please"), tools=[WEATHER]))
    deltas = [c["choices"][0]["delta"] for c in got[:-1] if "tool_calls" in c["choices"][0]["delta"]]
    assert deltas[0]["tool_calls"][0]["function"]["name"] == "get_weather"
    text = "".join(delta["tool_calls"][0]["function"]["arguments"] for delta in deltas)
    assert json.loads(text) == {"city": "Lisbon"}


# --- rules and errors --------------------------------------------------------------------------------


def image(url: str = "") -> dict[str, Any]:
    return user(
        [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": url or picture()}},
        ]
    )


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (body(model="gpt-4o"), "unknown model"),
        (body(model="M2-her"), "unknown model"),
        ({"model": "MiniMax-M3"}, "messages: required"),
        (body(messages=[]), "must not be empty"),
        (body({"role": "system", "content": "a"}), "message of the user"),
        (body({"role": "wizard", "content": "a"}), "messages[0].role"),
        (body({"role": "user"}), "messages[0].content: required"),
        (body(n=2), "n: must be one of 1"),
        (body(temperature=2.1), "temperature"),
        (body(top_p=1.1), "top_p"),
        (body(max_completion_tokens=204_801), "max_completion_tokens"),
        (body(model="MiniMax-M3", max_tokens=524_289), "max_tokens"),
        (body(tools=[{"type": "web"}]), "tools[0].type"),
        (body(thinking={"type": "maybe"}), "thinking.type"),
        (body(image()), "image input is not supported by MiniMax-M2.7"),
        (body(image("data:image/bmp;base64,Qk0="), model="MiniMax-M3"), "must be jpeg, png, gif or webp"),
        (body(user("a" * 820_000)), "context window exceeds limit"),
    ],
)  # fmt: skip
def test_bad_requests_are_400(box: Any, request_: dict[str, Any], word: str) -> None:
    reply = post(box, request_)
    assert reply.status_code == 400, reply.text
    error = reply.json()["error"]
    assert (error["type"], error["http_code"]) == ("bad_request_error", "400")
    assert word in error["message"]
    assert box.charged() == 0


@pytest.mark.parametrize(
    ("options", "status", "name"),
    [
        ({"key": None}, 401, "authorized_error"),
        ({"key": "wrong"}, 401, "authorized_error"),
        ({"fault": "sensitive"}, 422, "unprocessable_entity_error"),
        ({"fault": "balance"}, 402, "insufficient_balance_error"),
        ({"fault": "code:1039"}, 429, "rate_limit_error"),
        ({"fault": "model-disabled"}, 500, "api_error"),
        ({"fault": "before-529"}, 529, "overloaded_error"),
    ],
)
def test_errors_have_statuses(box: Any, options: dict[str, Any], status: int, name: str) -> None:
    reply = post(box, body(), **options)
    assert (reply.status_code, reply.json()["error"]["type"]) == (status, name)


def test_a_code_inside_a_200(box: Any) -> None:
    got = complete(box, body(), fault="after-code:1008")
    assert (got["choices"], got["base_resp"]["status_code"]) == (None, 1008)
    got = complete(box, body(user("forbidden-output")))
    assert got["choices"][0]["finish_reason"] == "content_filter"
    assert (got["output_sensitive"], got["base_resp"]["status_code"]) == (True, 1027)


def test_the_rate_is_counted_by_class_of_model(slow_box: Any) -> None:
    slow_box.account("minimax", rpm=1)
    ask = user("Say ok")
    models = ("MiniMax-M2.7", "MiniMax-M2.5", "MiniMax-M3")
    assert [post(slow_box, body(ask, model=model)).status_code for model in models] == [200, 429, 200]


def test_parameters_nothing_reads_are_noted(box: Any) -> None:
    complete(box, body(presence_penalty=1, stop=["x"]))
    assert box.journal()[-1]["ignored"] == ["presence_penalty", "stop"]


# --- pictures and money ------------------------------------------------------------------------------


def test_m3_looks_at_pictures(box: Any) -> None:
    got = complete(box, body(image(), model="MiniMax-M3", reasoning_split=True))
    assert "1 image" in got["choices"][0]["message"]["content"]
    assert got["usage"]["prompt_tokens"] > 1000


@pytest.mark.parametrize(
    ("model", "paid_in", "paid_out"),
    [("MiniMax-M2.7", 300, 1200), ("MiniMax-M2.5-highspeed", 600, 2400), ("MiniMax-M3", 300, 1200)],
)
def test_prices_by_token(box: Any, model: str, paid_in: int, paid_out: int) -> None:
    usage = complete(box, body(model=model))["usage"]
    cost = paid_in * usage["prompt_tokens"] + paid_out * usage["completion_tokens"]
    assert box.charged() == cost
    usage = complete(box, body(model=model, service_tier="priority"))["usage"]
    more = paid_in * usage["prompt_tokens"] + paid_out * usage["completion_tokens"]
    assert box.charged() == cost + more * 3 // 2


def test_a_long_beginning_is_read_from_the_cache(box: Any) -> None:
    long = user("The sea and the wind. " * 100)
    first = complete(box, body(long))["usage"]
    second = complete(box, body(long, {"role": "assistant", "content": "Yes."}, user("Go on")))["usage"]
    cached = second["prompt_tokens_details"]["cached_tokens"]
    assert first["prompt_tokens_details"]["cached_tokens"] == 0
    assert cached == first["prompt_tokens"]
    paid = box.journal()[-1]["charged_nano"]
    assert paid == 300 * (second["prompt_tokens"] - cached) + 60 * cached + 1200 * second["completion_tokens"]


def test_the_flash_preview_is_for_plans(box: Any) -> None:
    request = body(model="MiniMax-M3.1-Flash-Preview")
    assert post(box, request).json()["error"]["message"].endswith("(2061)")
    box.account("minimax", kind="plan")
    assert complete(box, request)["base_resp"]["status_code"] == 0


def test_the_models(box: Any) -> None:
    got = box.call("minimax", "GET", "/v1/models").json()
    names = [row["id"] for row in got["data"]]
    assert (got["object"], names[0]) == ("list", "MiniMax-M3")
    assert "M2-her" not in names
    assert box.call("minimax", "GET", "/v1/models/MiniMax-M2.7").json()["owned_by"] == "minimax"
    assert box.call("minimax", "GET", "/v1/models/gpt-4o").status_code == 400
