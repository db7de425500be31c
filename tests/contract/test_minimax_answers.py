"""What MiniMax's text models answer, in three forms: whole, streamed and broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minimax_nb.providers.base import Streams
from minimax_nb.providers.minimax_answer import Thoughts
from tests.contract.chats import (
    COUNTED,
    JSON,
    POOR,
    USAGE,
    anthropic,
    ask,
    error,
    openai,
    read,
    responses,
    said,
)
from tests.contract.minimaxes import MINIMAX


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
