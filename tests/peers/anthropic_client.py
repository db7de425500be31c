"""Runs in the peers' environment: talks through Anthropic's SDK.

Arguments: base URL, key, what to do. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import anthropic

ASK: list[Any] = [{"role": "user", "content": "Say hello to the sea"}]
WEATHER: Any = {
    "name": "get_weather",
    "description": "Get the weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def _told(message: Any) -> dict[str, Any]:
    return {
        "kinds": [block.type for block in message.content],
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "stop": message.stop_reason,
        "tokens": [message.usage.input_tokens, message.usage.output_tokens],
    }


def create(client: anthropic.Anthropic) -> dict[str, Any]:
    """One answer."""
    return _told(client.messages.create(model="MiniMax-M2.7", max_tokens=500, messages=ASK))


def stream(client: anthropic.Anthropic) -> dict[str, Any]:
    """A streamed answer, by the SDK's own helper, which puts the pieces together."""
    with client.messages.stream(model="MiniMax-M2.7", max_tokens=500, messages=ASK) as events:
        pieces = list(events.text_stream)
        return {**_told(events.get_final_message()), "pieces": len(pieces), "joined": "".join(pieces)}


def tools(client: anthropic.Anthropic) -> dict[str, Any]:
    """A tool used, streamed, and its result told."""
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    options: Any = {"model": "MiniMax-M2.7", "max_tokens": 500, "tools": [WEATHER]}
    with client.messages.stream(messages=messages, **options) as events:
        first = events.get_final_message()
    used: Any = next(block for block in first.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": used.id, "content": '{"sky": "clear"}'}
    messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    return {"input": used.input, **_told(client.messages.create(messages=messages, **options))}


def count(client: anthropic.Anthropic) -> dict[str, Any]:
    """Tokens counted before, and the models."""
    counted = client.messages.count_tokens(model="MiniMax-M3", messages=ASK)
    return {"tokens": counted.input_tokens, "models": [model.id for model in client.models.list()]}


def error(client: anthropic.Anthropic) -> dict[str, Any]:
    """What the SDK makes of a refusal."""
    try:
        client.messages.create(model="claude-x", max_tokens=500, messages=ASK)
    except anthropic.APIStatusError as caught:
        return {"error": type(caught).__name__, "status": caught.status_code, "text": str(caught)}
    return {}


if __name__ == "__main__":
    base, key, task = sys.argv[1:]
    made = anthropic.Anthropic(base_url=f"{base}/anthropic", api_key=key, max_retries=0)
    print(json.dumps(globals()[task](made)))
