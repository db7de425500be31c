"""``POST /v1/chat/completions`` and ``GET /v1/models``: compatible with OpenAI's.

Parameters: MiniMax docs, api-reference/text-chat-openai.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response

from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import talk as talking
from minimax_nb.sandbox.minimax.envelope import Refused, base_resp
from minimax_nb.sandbox.minimax.talk import Answer, Talk
from minimax_nb.sandbox.minimax.tooling import Tool, ToolCall
from minimax_nb.sandbox.minimax.writer import Turn
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.wire import REFUSED_OUTPUT, Call, Json, json_reply

_ROLES = ("system", "user", "assistant", "tool")
_NAME = "MiniMax AI"
_CREATED = 1_767_225_600


async def complete(call: Call) -> Response:
    """Answer a conversation, in one piece or streamed."""
    fields = talking.body_of(call)
    talk = Talk(talking.model_of(call, fields))
    await _messages(call, fields, talk)
    talk.most = fields.integer("max_completion_tokens", low=1, high=talk.model.limits["output_max"])
    if talk.most is None:
        talk.most = fields.integer("max_tokens", low=1, high=talk.model.limits["output_max"])
    fields.integer("n", choices=(1,))
    fields.number("temperature", 0, 2)
    fields.number("top_p", 0, 1)
    talk.thinking = thinks(fields, talk, default=True)
    split = fields.flag("reasoning_split")
    talk.tools = _tools(fields)
    tier = fields.choice("service_tier", ("standard", "priority"))
    stream = fields.flag("stream")
    usage = fields.child("stream_options").flag("include_usage")
    call.entry.ignored = fields.unknown()
    head: Json = {"id": call.world.next_rng("chat").randbytes(16).hex(), "model": talk.model.name}
    head["created"] = int(call.world.clock.now())
    if any(REFUSED_OUTPUT in turn.text for turn in talk.turns):
        return json_reply(_withheld(head))
    found = talking.answer(call, talk, fields.data, tier)
    if stream:
        return events(_stream(call, talk, found, head, split, usage))
    await talking.wait(call, found, talk.model)
    choice = {"index": 0, "finish_reason": found.finish, "message": _message(found, split)}
    return json_reply(
        {
            **head,
            "object": "chat.completion",
            "choices": [choice],
            "usage": _usage(talk, found),
            **_flags(),
            **base_resp(),
        }
    )


def _flags() -> Json:
    return {
        "input_sensitive": False,
        "output_sensitive": False,
        "input_sensitive_type": 0,
        "output_sensitive_type": 0,
        "output_sensitive_int": 0,
    }


def _withheld(head: Json) -> Json:
    """Return the reply whose text a filter took: HTTP 200 with a code."""
    message = {"role": "assistant", "content": "", "name": _NAME, "audio_content": ""}
    choice = {"index": 0, "finish_reason": "content_filter", "message": message}
    told = {**_flags(), "output_sensitive": True, "output_sensitive_type": 7, "output_sensitive_int": 1}
    return {
        **head,
        "object": "chat.completion",
        "choices": [choice],
        "usage": None,
        **told,
        **base_resp(1027),
    }


def thinks(fields: Fields, talk: Talk, *, default: bool) -> bool:
    """Return whether the model thinks; only some may be told not to.

    Parameters
    ----------
    default
        What no word of it means to a model that can be told.
    """
    asked = fields.child("thinking").choice("type", ("adaptive", "disabled", "enabled"))
    if talk.model.limits["thinking"] == "always":
        return True
    return default if asked is None else asked != "disabled"


def _tools(fields: Fields) -> list[Tool]:
    tools = []
    for index, raw in enumerate(fields.items("tools")):
        item = Fields(raw if isinstance(raw, dict) else {}, f"tools[{index}].")
        item.choice("type", ("function",), required=True)
        tools.append(talking.tool_of(item.child("function", required=True), "parameters"))
    choice = fields.get("tool_choice")
    return [] if choice == "none" else tools


async def _messages(call: Call, fields: Fields, talk: Talk) -> None:
    items = fields.items("messages", required=True)
    if not items:
        raise fields.fail("messages", "must not be empty")
    asked: set[str] = set()
    for index, raw in enumerate(items):
        if not isinstance(raw, dict):
            raise fields.fail(f"messages[{index}]", "must be an object")
        message = Fields(raw, f"messages[{index}].")
        role = message.choice("role", _ROLES, required=True) or ""
        for number, each in enumerate(message.items("tool_calls")):
            one = Fields(each if isinstance(each, dict) else {}, f"{message.prefix}tool_calls[{number}].")
            asked.add(one.text("id", required=True) or "")
        if role == "tool":
            told = message.text("tool_call_id", required=True) or ""
            if told not in asked:
                raise talking.no_such_tool(told)
        talk.turns.append(await _turn(call, message, role, talk))
    if all(turn.role == "system" for turn in talk.turns):
        raise fields.fail("messages", "must have a message of the user")


async def _turn(call: Call, message: Fields, role: str, talk: Talk) -> Turn:
    content = message.get("content", required=not message.has("tool_calls"))
    if content is None or isinstance(content, str):
        return Turn(role, content or "")
    if not isinstance(content, list):
        raise message.fail("content", "must be a string or an array")
    texts, counts = [], {"image": 0, "video": 0}
    for index, raw in enumerate(content):
        part = Fields(raw if isinstance(raw, dict) else {}, f"{message.prefix}content[{index}].")
        form = part.choice("type", ("text", "image_url", "video_url"), required=True)
        if form == "text":
            texts.append(part.text("text", required=True) or "")
            continue
        kind = "image" if form == "image_url" else "video"
        place = part.child(f"{kind}_url", required=True)
        place.choice("detail", ("low", "default", "high", "auto"))
        url = place.text("url", required=True, low=1) or ""
        await talking.check_medium(call, place, "url", url, kind, talk.model)
        counts[kind] += 1
    return Turn(role, talking.text_of(texts), counts["image"], counts["video"])


def _message(found: Answer, split: bool) -> Json:
    message: Json = {"role": "assistant", "name": _NAME, "audio_content": ""}
    message["content"] = found.text if split else _thought(found.thinking) + found.text
    if split and found.thinking:
        message["reasoning_content"] = found.thinking
        message["reasoning_details"] = [_detail(found.thinking)]
    if found.calls:
        message["tool_calls"] = [_call(each, index=None) for each in found.calls]
    return message


def _thought(text: str) -> str:
    return f"<think>\n{text}\n</think>\n\n" if text else ""


def _detail(text: str) -> Json:
    return {
        "type": "reasoning.text",
        "id": "reasoning-text-1",
        "format": "MiniMax-response-v1",
        "index": 0,
        "text": text,
    }


def _call(made: ToolCall, *, index: int | None) -> Json:
    function = {"name": made.name, "arguments": json.dumps(made.arguments, ensure_ascii=False)}
    body: Json = {"id": made.id, "type": "function", "function": function}
    return body if index is None else {"index": index, **body}


def _usage(talk: Talk, found: Answer) -> Json:
    return {
        "total_tokens": found.prompt_tokens + found.completion_tokens,
        "total_characters": 0,
        "prompt_tokens": found.prompt_tokens,
        "completion_tokens": found.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": found.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": found.thinking_tokens},
    }


async def _stream(
    call: Call, talk: Talk, found: Answer, head: Json, split: bool, usage: bool
) -> AsyncIterator[bytes]:
    """Yield the chunks; the usage comes with a last one that has no choices."""

    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choice: Json = {
            "index": 0,
            "delta": {"role": "assistant", "name": _NAME, "audio_content": "", **delta},
        }
        if finish:
            choice["finish_reason"] = finish
        return event(
            {**head, "object": "chat.completion.chunk", "choices": [choice], "usage": None, **_flags()}
        )

    if split:
        async for piece in talking.spoken(call, talk.model, found.thinking):
            yield chunk({"content": "", "reasoning_content": piece, "reasoning_details": [_detail(piece)]})
    content = found.text if split else _thought(found.thinking) + found.text
    async for piece in talking.spoken(call, talk.model, content):
        yield chunk({"content": piece})
    for index, made in enumerate(found.calls):
        whole = _call(made, index=index)
        pieces = whole["function"]["arguments"]
        yield chunk(
            {"content": "", "tool_calls": [{**whole, "function": {"name": made.name, "arguments": ""}}]}
        )
        async for piece in talking.spoken(call, talk.model, pieces):
            yield chunk({"content": "", "tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({"content": ""}, found.finish)
    if usage:
        last = {
            **head,
            "object": "chat.completion.chunk",
            "choices": [],
            "usage": _usage(talk, found),
            **_flags(),
        }
        yield event({**last, **base_resp()})
    yield event("[DONE]")


async def models(_: Call) -> Response:
    """``GET /v1/models``."""
    return json_reply({"object": "list", "data": [_shown(name) for name in _names()]})


async def model(call: Call) -> Response:
    """``GET /v1/models/{id}``."""
    name = call.path.rpartition("/")[2]
    if name not in _names():
        raise Refused(2013, f"invalid params, unknown model '{name}'")
    return json_reply(_shown(name))


def _names() -> list[str]:
    return [model.name for model in rates.models("minimax", "chat").values() if "chat" in model.modes]


def _shown(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "minimax"}
