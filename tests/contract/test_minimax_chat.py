"""The wire of MiniMax's text models: three forms of request, and of answers, whole, streamed and broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds import ChatRequest, build
from minimax_nb.providers import provider
from minimax_nb.providers.account import CountsTokens
from minimax_nb.providers.base import Outcome, Streams
from minimax_nb.providers.minimax_answer import Thoughts
from minimax_nb.wire import Reply

MINIMAX = provider("minimax")
EVENTS = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}
USAGE = {
    "input_tokens": 10,
    "output_tokens": 7,
    "cache_read_input_tokens": 4,
    "cache_creation_input_tokens": 1,
}
POOR = {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}
COUNTED = {
    "prompt_tokens": 15, "input_tokens": 10, "cache_read_tokens": 4, "cache_write_tokens": 1, "output_tokens": 7,
}  # fmt: skip


def ask(text: str = "Hello", **options: Any) -> ChatRequest:
    request = build("chat", text, options).resolve("minimax")
    MINIMAX.check(request)
    assert isinstance(request, ChatRequest)
    return request


def body(**options: Any) -> dict[str, Any]:
    found = MINIMAX.submit(ask(**options), {}).body
    assert found is not None
    return found


def anthropic(*, stop: str = "end_turn", end: bool = True) -> bytes:
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m1", "usage": {**USAGE, "output_tokens": 0}}},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "thinking_delta", "thinking": "Let me "},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "see."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "ab"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hel"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "lo, 世界"}},
        {"type": "content_block_stop", "index": 1},
    ]
    if end:
        events.append({"type": "message_delta", "delta": {"stop_reason": stop}, "usage": USAGE})
        events.append({"type": "message_stop"})
    return b"".join(
        f"event: {e['type']}\ndata: {json.dumps(e, ensure_ascii=False)}\n\n".encode() for e in events
    )


def openai(
    contents: list[str], *, finish: str | None = "stop", done: bool = True, split: bool = False
) -> bytes:
    chunks: list[Any] = [
        {
            "id": "c1",
            "object": "chat.completion.chunk",
            "usage": None,
            "choices": [{"delta": {"content": text}}],
        }
        for text in contents
    ]
    if split:
        chunks.insert(0, {"choices": [{"delta": {"content": "", "reasoning_content": "Let me see."}}]})
    if finish:
        chunks.append({"choices": [{"delta": {"content": ""}, "finish_reason": finish}]})
        usage = {"prompt_tokens": 15, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 4}}
        chunks.append({"choices": [], "usage": usage, "base_resp": {"status_code": 0, "status_msg": ""}})
    lines = [json.dumps(chunk) for chunk in chunks] + (["[DONE]"] if done else [])
    return b"".join(f"data: {line}\n\n".encode() for line in lines)


def responses(*, end: str | None = "response.completed", pieces: bool = True) -> bytes:
    """Return a stream of OpenAI's newer form."""
    item = {"type": "message", "content": [{"type": "output_text", "text": "Hello, 世界"}]}
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Let me see."}]}
    usage = {"input_tokens": 15, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 7}
    whole = {
        "id": "r1",
        "object": "response",
        "status": "completed",
        "output": [thought, item],
        "usage": usage,
    }
    if end == "response.incomplete":
        whole |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {**whole, "output": []}}]
    if pieces:
        events += [
            {"type": "response.reasoning_summary_text.delta", "delta": text} for text in ("Let me ", "see.")
        ]
        events += [{"type": "response.output_text.delta", "delta": text} for text in ("Hel", "lo, 世界")]
        events.append({"type": "response.output_text.done", "text": "Hello, 世界"})
    if end:
        events.append({"type": end, "response": whole})
    return b"".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events)


def read(content: Any, headers: dict[str, str] = EVENTS, status: int = 200, **options: Any) -> Outcome:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return MINIMAX.parse_submit(ask(**options), Reply(status, headers, data))


def error(name: str, message: str, **more: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": name, "message": message, **more}}


def said(outcome: Outcome) -> dict[str, str]:
    return {output.role: (output.data or b"").decode() for output in outcome.outputs}


# --- requests ---------------------------------------------------------------------------------------


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


# --- answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", ["anthropic", "openai", "openai-split", "responses", "responses-end"])
def test_a_streamed_answer(api: str) -> None:
    thought = ["<thi", "nk>\nLet me ", "see.\n</th", "ink>\n\nHel", "lo, 世界"]
    streams = {
        "anthropic": anthropic(),
        "openai": openai(thought),
        "openai-split": openai(["Hel", "lo, 世界"], split=True),
        "responses": responses(),
        "responses-end": responses(pieces=False),
    }
    outcome = read(streams[api])
    assert (outcome.state, outcome.charge, outcome.warnings) == ("succeeded", "charged", ())
    assert said(outcome) == {"output": "Hello, 世界", "thinking": "Let me see."}
    assert {output.mime for output in outcome.outputs} == {"text/markdown"}
    assert outcome.usage is not None
    counted = COUNTED if api == "anthropic" else {**COUNTED, "input_tokens": 11, "cache_write_tokens": 0}
    assert dict(outcome.usage.facts) == counted
    told = {
        key: outcome.facts[key]
        for key in ("finish_reason", "prompt_tokens", "cached_tokens", "output_tokens")
    }
    assert told == {"finish_reason": "stop", "prompt_tokens": 15, "cached_tokens": 4, "output_tokens": 7}


@pytest.mark.parametrize("size", [1, 3, 7, 64, 10_000])
@pytest.mark.parametrize(
    "content", [anthropic(), openai(["<think>Let me see.</think>", "Hello, 世界"]), responses()]
)
def test_pieces_are_the_same_however_the_bytes_are_cut(size: int, content: bytes) -> None:
    assert isinstance(MINIMAX, Streams)
    reader = MINIMAX.piece_reader(ask())
    assert reader is not None
    pieces = [piece for at in range(0, len(content), size) for piece in reader.feed(content[at : at + size])]
    for kind, text in (("thinking", "Let me see."), ("text", "Hello, 世界")):
        assert "".join(piece.text for piece in pieces if piece.kind == kind) == text
    kinds = [piece.kind for piece in pieces]
    assert kinds == sorted(kinds, reverse=True)  # thinking first
    assert MINIMAX.piece_reader(ask(stream=False)) is None


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>a</think>b", "a", "b"),
        ("\n<think>\na\n</think>\n\nb", "a\n", "b"),
        ("no thought", "", "no thought"),
        ("a <think> in the text</think>", "", "a <think> in the text</think>"),
        ("<thinker", "", "<thinker"),
        ("<th", "", "<th"),
        ("<think>never closed </thi", "never closed </thi", ""),
        ("<think>a</think>", "a", ""),
        ("<think></think>b", "", "b"),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_thoughts_in_the_text_are_told_apart(text: str, thinking: str, answer: str, size: int) -> None:
    thoughts = Thoughts()
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    pieces = [piece for part in parts for piece in thoughts.push(part)] + list(thoughts.push("", last=True))
    for kind, wanted in (("thinking", thinking), ("text", answer)):
        assert "".join(piece.text for piece in pieces if piece.kind == kind) == wanted


def test_the_native_stream_ends_with_a_whole_answer_that_is_not_played_twice() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    whole = {
        "object": "chat.completion",
        "choices": [{"finish_reason": "stop", "message": {"content": "Hello"}}],
    }
    events = [
        {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "Hel"}}]},
        {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "lo"}}]},
        {**whole, "usage": usage, "base_resp": {"status_code": 0}},
    ]
    outcome = read(b"".join(f"data: {json.dumps(e)}\n\n".encode() for e in events), model="M2-her")
    assert (outcome.state, said(outcome), outcome.facts["output_tokens"]) == (
        "succeeded",
        {"output": "Hello"},
        3,
    )


@pytest.mark.parametrize(
    "reply",
    [
        {"id": "m", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hi"}],
         "stop_reason": "end_turn", "usage": USAGE, "base_resp": {"status_code": 0, "status_msg": ""}},
        {"id": "m", "choices": [{"finish_reason": "stop", "message": {"content": "<think>\nHm.\n</think>\n\nHi"}}],
         "usage": {"prompt_tokens": 15, "completion_tokens": 7}},
        {"id": "m", "choices": [{"finish_reason": "stop", "message": {"content": "Hi", "reasoning_content": "Hm."}}],
         "usage": {"prompt_tokens": 15, "completion_tokens": 7}},
    ],
)  # fmt: skip
def test_an_answer_in_one_piece(reply: dict[str, Any]) -> None:
    outcome = read(reply, JSON, stream=False)
    assert (outcome.state, said(outcome)) == ("succeeded", {"output": "Hi", "thinking": "Hm."})
    assert (outcome.facts["prompt_tokens"], outcome.facts["output_tokens"]) == (15, 7)


def test_an_answer_that_reached_its_length_says_so() -> None:
    outcome = read(anthropic(stop="max_tokens"), max_tokens=7)
    assert outcome.facts["finish_reason"] == "length"
    assert outcome.warnings == ("the answer is cut off: it reached --max-tokens 7",)


def test_without_a_count_the_cost_is_the_most_it_can_be() -> None:
    outcome = read({"content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"}, JSON)
    assert (outcome.state, outcome.usage) == ("succeeded", None)
    assert "the cost is the most it can be" in outcome.warnings[0]


# --- what goes wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [anthropic(end=False), openai(["Hel", "lo, 世界"], finish=None, done=False)]
)
def test_an_answer_that_breaks_off_is_unknown_and_kept(content: bytes) -> None:
    outcome = read(content)
    assert (outcome.state, outcome.charge, said(outcome)["output"]) == ("unknown", "unknown", "Hello, 世界")


@pytest.mark.parametrize(
    ("event", "state", "code", "category"),
    [
        (error("overloaded_error", "busy (1002)"), "retry", "1002", "rate_limited"),
        (POOR, "rejected", "1008", "insufficient_balance"),
        (error("api_error", "oh"), "unknown", None, "provider_error"),
    ],
)  # fmt: skip
def test_an_error_as_the_first_event(
    event: dict[str, Any], state: str, code: str | None, category: str
) -> None:
    outcome = read(f"data: {json.dumps(event)}\n\n".encode())
    assert outcome.error is not None
    assert (outcome.state, outcome.error.code, outcome.error.category) == (state, code, category)
    assert outcome.outputs == ()


@pytest.mark.parametrize("code", [1002, 1013, 1027, 1008])
def test_an_error_after_words_came_is_a_failure_that_may_have_cost(code: int) -> None:
    last = {"base_resp": {"status_code": code, "status_msg": "no more"}}
    outcome = read(anthropic(end=False) + f"data: {json.dumps(last)}\n\n".encode())
    assert (outcome.state, outcome.charge, said(outcome)["output"]) == ("failed", "unknown", "Hello, 世界")
    assert outcome.error is not None
    assert outcome.error.code == str(code)


@pytest.mark.parametrize(
    ("status", "reply", "state", "category"),
    [
        (200, {"choices": None, **POOR}, "rejected", "insufficient_balance"),
        (401, error("authentication_error", "login fail"), "rejected", "auth"),
        (401, error("authorized_error", "login fail (1004)", http_code="401"), "rejected", "auth"),
        (400, error("invalid_request_error", "invalid params (2013)"), "rejected", "invalid_request"),
        (422, error("unprocessable_entity_error", "sensitive (1026)"), "rejected", "content_rejected"),
        (429, error("rate_limit_error", "slow down (1002)"), "retry", "rate_limited"),
        (500, error("api_error", "plan not support model (2061)"), "rejected", "quota"),
        (529, error("overloaded_error", "overloaded"), "unknown", "provider_error"),
        (408, error("api_error", "timed out"), "unknown", "timeout"),
        (200, {"id": "m"}, "unknown", "protocol"),
        (200, {"choices": []}, "unknown", "protocol"),
    ],
)  # fmt: skip
def test_an_error_in_place_of_an_answer(
    status: int, reply: dict[str, Any], state: str, category: str
) -> None:
    outcome = read(reply, JSON, status)
    assert outcome.error is not None
    assert (outcome.state, outcome.outputs) == (state, ())
    if category != "quota":
        assert outcome.error.category == category


@pytest.mark.parametrize(
    "junk", [b"data: {", b"data: 7\n\n", b"data: {}\n\n", b"data: [1]\n\n", b"event: x\n\n", b"\xff\xfe"]
)
def test_junk_is_unknown_and_nothing_raises(junk: bytes) -> None:
    assert read(junk).state == "unknown"


def test_the_newer_form_cut_off_broken_off_and_refused() -> None:
    cut = read(responses(end="response.incomplete"))
    assert (cut.state, cut.facts["finish_reason"]) == ("succeeded", "length")
    lost = read(responses(end=None))
    assert (lost.state, lost.charge, said(lost)["output"]) == ("unknown", "unknown", "Hello, 世界")
    for event in (
        {
            "type": "response.failed",
            "response": {"status": "failed", "error": {"code": "server_error", "message": "x"}},
        },
        {"type": "error", "code": "server_error", "message": "x"},
        error("server_error", "x (1013)", http_code="500"),
    ):
        line = f"data: {json.dumps(event)}\n\n".encode()
        broken = read(responses(end=None) + line)
        assert (broken.state, broken.charge) == ("failed", "unknown")
        assert read(line).state == "unknown"
    limited = {
        "type": "response.failed",
        "response": {"error": {"code": "rate_limit_exceeded", "message": "slow"}},
    }
    assert read(f"data: {json.dumps(limited)}\n\n".encode()).state == "retry"
