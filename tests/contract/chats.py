"""A text model's questions, and its answers in three forms, for the tests of its wire."""

from __future__ import annotations

import json
from typing import Any

from minimax_nb.kinds import ChatRequest, build
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply
from tests.contract.minimaxes import MINIMAX

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
