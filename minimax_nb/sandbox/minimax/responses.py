"""``POST /v1/responses`` and its token count: the part of OpenAI's Responses API that is documented."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response

from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import talk as talking
from minimax_nb.sandbox.minimax.talk import Answer, Talk
from minimax_nb.sandbox.minimax.writer import Turn
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.wire import Call, Json, json_reply

_EFFORTS = ("none", "minimal", "low", "medium", "high")


async def create(call: Call) -> Response:
    """``POST /v1/responses``."""
    fields, talk = await _talk(call)
    talk.most = fields.integer("max_output_tokens", low=1, high=talk.model.limits["output_max"])
    fields.number("temperature", 0, 2)
    fields.number("top_p", 0, 1)
    stream = fields.flag("stream")
    for name in ("previous_response_id", "store"):
        if fields.data.get(name):
            raise fields.fail(name, "not supported")
        fields.get(name)
    call.entry.ignored = fields.unknown()
    found = talking.answer(call, talk, fields.data, None)
    identity = f"resp_{call.world.next_rng('response').randbytes(16).hex()}"
    head: Json = {
        "id": identity,
        "object": "response",
        "created_at": int(call.world.clock.now()),
        "model": talk.model.name,
        "parallel_tool_calls": True,
        "tool_choice": fields.data.get("tool_choice") or "auto",
        "tools": fields.data.get("tools") or [],
        "error": None,
        "incomplete_details": None,
        "instructions": fields.data.get("instructions"),
    }
    items = _output(found, identity)
    if stream:
        return events(_stream(call, talk, found, head, items))
    await talking.wait(call, found, talk.model)
    return json_reply(_whole(head, found, items))


async def input_tokens(call: Call) -> Response:
    """``POST /v1/responses/input_tokens``."""
    _, talk = await _talk(call)
    return json_reply({"object": "response.input_tokens", "input_tokens": talk.size()})


async def _talk(call: Call) -> tuple[Fields, Talk]:
    fields = talking.body_of(call)
    talk = Talk(talking.model_of(call, fields))
    instructions = fields.text("instructions")
    if instructions:
        talk.turns.append(Turn("system", instructions))
    given = fields.get("input", required=True)
    if isinstance(given, str):
        talk.turns.append(Turn("user", given))
    elif isinstance(given, list) and given:
        await _items(call, given, talk)
    else:
        raise fields.fail("input", "must be a string or an array")
    effort = fields.child("reasoning").choice("effort", _EFFORTS)
    talk.thinking = effort != "none" or talk.model.limits["thinking"] == "always"
    tools = []
    for index, raw in enumerate(fields.items("tools")):
        item = Fields(raw if isinstance(raw, dict) else {}, f"tools[{index}].")
        item.choice("type", ("function",), required=True)
        tools.append(talking.tool_of(item, "parameters"))
    talk.tools = [] if fields.choice("tool_choice", ("none", "auto")) == "none" else tools
    return fields, talk


async def _items(call: Call, given: list[Any], talk: Talk) -> None:
    asked: set[str] = set()
    for index, raw in enumerate(given):
        item = Fields(raw if isinstance(raw, dict) else {}, f"input[{index}].")
        kind = item.text("type") or "message"
        if kind == "function_call":
            asked.add(item.text("call_id", required=True) or "")
        elif kind == "function_call_output":
            told = item.text("call_id", required=True) or ""
            if told not in asked:
                raise talking.no_such_tool(told)
            talk.turns.append(Turn("tool", item.text("output", required=True) or ""))
        elif kind == "message":
            role = item.choice("role", ("user", "assistant", "system", "developer"), required=True) or ""
            talk.turns.append(await _turn(call, item, role, talk))
        elif kind != "reasoning":
            raise item.fail("type", "must be message, reasoning, function_call or function_call_output")


async def _turn(call: Call, item: Fields, role: str, talk: Talk) -> Turn:
    content = item.get("content", required=True)
    if isinstance(content, str):
        return Turn(role, content)
    texts, images = [], 0
    for index, raw in enumerate(content if isinstance(content, list) else []):
        part = Fields(raw if isinstance(raw, dict) else {}, f"{item.prefix}content[{index}].")
        if part.choice("type", ("input_text", "output_text", "input_image"), required=True) == "input_image":
            url = part.text("image_url", required=True, low=1) or ""
            await talking.check_medium(call, part, "image_url", url, "image", talk.model)
            images += 1
        else:
            texts.append(part.text("text", required=True) or "")
    return Turn(role, talking.text_of(texts), images)


def _output(found: Answer, identity: str) -> list[Json]:
    key = identity.removeprefix("resp_")
    items: list[Json] = []
    if found.thinking:
        summary = [{"type": "summary_text", "text": found.thinking}]
        items.append({"type": "reasoning", "id": f"rs_{key}", "summary": summary})
    if found.text or not found.calls:
        text = {"type": "output_text", "text": found.text, "annotations": []}
        items.append(
            {
                "type": "message",
                "id": f"msg_{key}",
                "role": "assistant",
                "status": "completed",
                "content": [text],
            }
        )
    for made in found.calls:
        arguments = json.dumps(made.arguments, ensure_ascii=False)
        items.append(
            {
                "type": "function_call",
                "id": f"fc_{key}",
                "call_id": made.id,
                "name": made.name,
                "arguments": arguments,
                "status": "completed",
            }
        )
    return items


def _whole(head: Json, found: Answer, items: list[Json]) -> Json:
    cut = found.finish == "length"
    return {
        **head,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": items,
        "usage": {
            "input_tokens": found.prompt_tokens,
            "input_tokens_details": {"cached_tokens": found.cached_tokens},
            "output_tokens": found.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": found.thinking_tokens},
            "total_tokens": found.prompt_tokens + found.completion_tokens,
        },
    }


async def _stream(
    call: Call, talk: Talk, found: Answer, head: Json, items: list[Json]
) -> AsyncIterator[bytes]:
    number = 0

    def say(name: str, /, **body: Any) -> bytes:
        nonlocal number
        number += 1
        return event({"type": name, "sequence_number": number - 1, **body}, name)

    begun = {**head, "status": "in_progress", "output": [], "usage": None}
    yield say("response.created", response=begun)
    yield say("response.in_progress", response=begun)
    for index, item in enumerate(items):
        empty: Json = {"message": {"content": []}, "reasoning": {"summary": []}}.get(
            item["type"], {"arguments": ""}
        )
        place = {"output_index": index, "item_id": item["id"]}
        yield say("response.output_item.added", output_index=index, item={**item, **empty})
        if item["type"] == "message":
            part, place = item["content"][0], {**place, "content_index": 0}
            yield say("response.content_part.added", **place, part={**part, "text": ""})
            async for piece in talking.spoken(call, talk.model, part["text"]):
                yield say("response.output_text.delta", **place, delta=piece, logprobs=[])
            yield say("response.output_text.done", **place, text=part["text"], logprobs=[])
            yield say("response.content_part.done", **place, part=part)
        elif item["type"] == "function_call":
            yield say("response.function_call_arguments.delta", **place, delta=item["arguments"])
            yield say(
                "response.function_call_arguments.done",
                **place,
                arguments=item["arguments"],
                name=item["name"],
            )
        else:
            part, place = item["summary"][0], {**place, "summary_index": 0}
            yield say("response.reasoning_summary_part.added", **place, part={**part, "text": ""})
            async for piece in talking.spoken(call, talk.model, part["text"]):
                yield say("response.reasoning_summary_text.delta", **place, delta=piece)
            yield say("response.reasoning_summary_text.done", **place, text=part["text"])
            yield say("response.reasoning_summary_part.done", **place, part=part)
        yield say("response.output_item.done", output_index=index, item=item)
    whole = _whole(head, found, items)
    yield say("response.incomplete" if found.finish == "length" else "response.completed", response=whole)
