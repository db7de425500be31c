"""``/anthropic/v1``: messages, their count, and the models, compatible with Anthropic's.

Parameters: MiniMax docs, api-reference/text-anthropic-api.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response

from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import chat, conventions
from minimax_nb.sandbox.minimax import talk as talking
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.minimax.talk import Answer, Talk
from minimax_nb.sandbox.minimax.writer import Turn
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.wire import REFUSED_OUTPUT, Call, Json, json_reply

_BLOCKS = (
    "text", "image", "video", "tool_use", "tool_result", "thinking", "redacted_thinking",
)  # fmt: skip
_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_CREATED = "2026-01-01T00:00:00Z"


async def messages(call: Call) -> Response:
    """``POST /anthropic/v1/messages``."""
    fields, talk = await _talk(call)
    talk.most = fields.integer("max_tokens", low=1, high=talk.model.limits["output_max"])
    fields.number("temperature", 0, 2)
    fields.number("top_p", 0, 1)
    fields.child("metadata")
    tier = fields.choice("service_tier", ("standard", "priority", "auto", "standard_only"))
    stream = fields.flag("stream")
    call.entry.ignored = fields.unknown()
    if any(REFUSED_OUTPUT in turn.text for turn in talk.turns):
        raise Refused(1027)
    found = talking.answer(call, talk, fields.data, tier)
    head = {
        "id": call.world.next_rng("message").randbytes(16).hex(),
        "type": "message",
        "role": "assistant",
        "model": talk.model.name,
    }
    if stream:
        return events(_stream(call, talk, found, head))
    await talking.wait(call, found, talk.model)
    return json_reply(
        {
            **head,
            "content": _content(found),
            "stop_reason": _STOPS[found.finish],
            "stop_sequence": None,
            "usage": _usage(found),
            "base_resp": {"status_code": 0, "status_msg": ""},
        }
    )


async def count_tokens(call: Call) -> Response:
    """``POST /anthropic/v1/messages/count_tokens``: for the models that take pictures."""
    _, talk = await _talk(call)
    if not talk.model.limits["inputs"]:
        raise Refused(2013, f"invalid params, model {talk.model.name} does not support count_tokens")
    return json_reply({"input_tokens": talk.size()})


async def models(_: Call) -> Response:
    """``GET /anthropic/v1/models``."""
    found = [_shown(name) for name in _names()]
    return json_reply(
        {"data": found, "has_more": False, "first_id": found[0]["id"], "last_id": found[-1]["id"]}
    )


async def model(call: Call) -> Response:
    """``GET /anthropic/v1/models/{id}``."""
    name = call.path.rpartition("/")[2]
    if name not in _names():
        return conventions.error(call, 404, "not_found_error", f"model '{name}' not found")
    return json_reply(_shown(name))


def _names() -> list[str]:
    return [model.name for model in rates.models("minimax", "chat").values() if "chat" in model.modes]


def _shown(name: str) -> Json:
    return {"type": "model", "id": name, "display_name": name, "created_at": _CREATED}


async def _talk(call: Call) -> tuple[Fields, Talk]:
    """Return the body under check and the conversation in it."""
    fields = talking.body_of(call)
    talk = Talk(talking.model_of(call, fields))
    system = fields.get("system")
    if system:
        talk.turns.append(Turn("system", _system(fields, system)))
        talk.marked = int(_marks(system))
    asked: set[str] = set()
    items = fields.items("messages", required=True)
    if not items:
        raise fields.fail("messages", "must not be empty")
    for index, raw in enumerate(items):
        if not isinstance(raw, dict):
            raise fields.fail(f"messages[{index}]", "must be an object")
        message = Fields(raw, f"messages[{index}].")
        role = message.choice("role", ("user", "assistant"), required=True) or ""
        talk.turns.append(await _turn(call, message, role, talk, asked))
        if _marks(message.get("content")):
            talk.marked = len(talk.turns)
    talk.thinking = chat.thinks(fields, talk, default=False)
    tools = []
    for index, raw in enumerate(fields.items("tools")):
        item = Fields(raw if isinstance(raw, dict) else {}, f"tools[{index}].")
        tools.append(talking.tool_of(item, "input_schema"))
    choice = fields.child("tool_choice").choice("type", ("auto", "none", "any", "tool"))
    talk.tools = [] if choice == "none" else tools
    return fields, talk


def _system(fields: Fields, system: Any) -> str:
    if isinstance(system, str):
        return system
    if not isinstance(system, list) or not all(isinstance(part, dict) for part in system):
        raise fields.fail("system", "must be a string or an array of text blocks")
    return talking.text_of([str(part.get("text", "")) for part in system])


def _marks(content: Any) -> bool:
    """Return whether a block asks to cache what comes up to it."""
    return isinstance(content, list) and any(
        isinstance(part, dict) and part.get("cache_control") for part in content
    )


async def _turn(call: Call, message: Fields, role: str, talk: Talk, asked: set[str]) -> Turn:
    content = message.get("content", required=True)
    if isinstance(content, str):
        return Turn(role, content)
    if not isinstance(content, list) or not content:
        raise message.fail("content", "must be a string or an array of blocks")
    texts, results, counts = [], [], {"image": 0, "video": 0}
    for index, raw in enumerate(content):
        block = Fields(raw if isinstance(raw, dict) else {}, f"{message.prefix}content[{index}].")
        kind = block.choice("type", _BLOCKS, required=True) or ""
        if kind == "text":
            texts.append(block.text("text", required=True) or "")
        elif kind in counts:
            await _medium(call, block, kind, talk)
            counts[kind] += 1
        elif kind == "tool_use":
            asked.add(block.text("id", required=True) or "")
        elif kind == "tool_result":
            told = block.text("tool_use_id", required=True) or ""
            if told not in asked:
                raise talking.no_such_tool(told)
            results.append(_result(block.get("content")))
    if results:
        return Turn("tool", talking.text_of([*results, *texts]), counts["image"], counts["video"])
    return Turn(role, talking.text_of(texts), counts["image"], counts["video"])


def _result(content: Any) -> str:
    if isinstance(content, list):
        return talking.text_of([str(part.get("text", "")) for part in content if isinstance(part, dict)])
    return str(content or "")


async def _medium(call: Call, block: Fields, kind: str, talk: Talk) -> None:
    source = block.child("source", required=True)
    form = source.choice("type", ("base64", "url"), required=True)
    if form == "url":
        url = source.text("url", required=True, low=1) or ""
        await talking.check_medium(call, source, "url", url, kind, talk.model)
        return
    media_type = source.text("media_type", required=True) or ""
    data = source.text("data", required=True, low=1) or ""
    await talking.check_medium(call, source, "data", f"data:{media_type};base64,{data}", kind, talk.model)


def _signature(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _content(found: Answer) -> list[Json]:
    blocks: list[Json] = []
    if found.thinking:
        blocks.append(
            {"type": "thinking", "thinking": found.thinking, "signature": _signature(found.thinking)}
        )
    if found.text or not found.calls:
        blocks.append({"type": "text", "text": found.text})
    blocks += [
        {"type": "tool_use", "id": made.id, "name": made.name, "input": made.arguments}
        for made in found.calls
    ]
    return blocks


def _usage(found: Answer) -> Json:
    return {
        "input_tokens": found.prompt_tokens - found.cached_tokens - found.written_tokens,
        "output_tokens": found.completion_tokens,
        "cache_creation_input_tokens": found.written_tokens,
        "cache_read_input_tokens": found.cached_tokens,
    }


async def _stream(call: Call, talk: Talk, found: Answer, head: Json) -> AsyncIterator[bytes]:
    """Yield the events in Anthropic's order."""

    def say(name: str, /, **body: Any) -> bytes:
        return event({"type": name, **body}, name)

    begun = {**head, "content": [], "stop_reason": None, "stop_sequence": None}
    yield say("message_start", message={**begun, "usage": {**_usage(found), "output_tokens": 0}})
    yield say("ping")
    for index, block in enumerate(_content(found)):
        kind = block["type"]
        empty: Json = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}.get(
            kind, {"id": block.get("id"), "name": block.get("name"), "input": {}}
        )
        yield say("content_block_start", index=index, content_block={"type": kind, **empty})
        text = json.dumps(block["input"], ensure_ascii=False) if kind == "tool_use" else block[kind]
        delta, field = {
            "text": ("text_delta", "text"),
            "thinking": ("thinking_delta", "thinking"),
        }.get(kind, ("input_json_delta", "partial_json"))
        async for piece in talking.spoken(call, talk.model, text):
            yield say("content_block_delta", index=index, delta={"type": delta, field: piece})
        if kind == "thinking":
            sign = {"type": "signature_delta", "signature": block["signature"]}
            yield say("content_block_delta", index=index, delta=sign)
        yield say("content_block_stop", index=index)
    ended = {"stop_reason": _STOPS[found.finish], "stop_sequence": None}
    yield say("message_delta", delta=ended, usage=_usage(found))
    yield say("message_stop")
