"""Runs in the peers' environment: talks through OpenAI's SDK.

Arguments: base URL, key, what to do. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import openai

ASK: list[Any] = [{"role": "user", "content": "Say hello to the sea"}]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SPLIT = {"reasoning_split": True}


def create(client: openai.OpenAI) -> dict[str, Any]:
    """One answer."""
    got = client.chat.completions.create(model="MiniMax-M2.7", messages=ASK, extra_body=SPLIT)
    message = got.choices[0].message
    return {
        "text": message.content,
        "thoughts": getattr(message, "reasoning_content", ""),
        "finish": got.choices[0].finish_reason,
        "tokens": [got.usage.prompt_tokens, got.usage.completion_tokens] if got.usage else None,
    }


def stream(client: openai.OpenAI) -> dict[str, Any]:
    """A streamed answer, by the SDK's own helper, which puts the pieces together."""
    options: Any = {"include_usage": True}
    pieces = 0
    with client.chat.completions.stream(
        model="MiniMax-M2.7", messages=ASK, extra_body=SPLIT, stream_options=options
    ) as events:
        for event in events:
            pieces += event.type == "content.delta"
        got = events.get_final_completion()
    usage = got.usage
    return {
        "text": got.choices[0].message.content,
        "pieces": pieces,
        "tokens": [usage.prompt_tokens, usage.completion_tokens] if usage else None,
    }


def tools(client: openai.OpenAI) -> dict[str, Any]:
    """A tool called, streamed, and its result told."""
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    first = client.chat.completions.create(model="MiniMax-M2.7", messages=messages, tools=[WEATHER])
    made = (first.choices[0].message.tool_calls or [])[0]
    messages += [
        first.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": made.id, "content": '{"sky": "clear"}'},
    ]
    last = client.chat.completions.create(
        model="MiniMax-M2.7", messages=messages, tools=[WEATHER], extra_body=SPLIT
    )
    function: Any = made.function
    return {"arguments": function.arguments, "text": last.choices[0].message.content}


def models(client: openai.OpenAI) -> dict[str, Any]:
    """The list of models."""
    return {"models": [model.id for model in client.models.list()]}


def responses(client: openai.OpenAI) -> dict[str, Any]:
    """The Responses API, whole and streamed."""
    whole = client.responses.create(model="MiniMax-M3", input="Say hello")
    with client.responses.stream(model="MiniMax-M3", input="Say hello") as events:
        pieces = sum(event.type == "response.output_text.delta" for event in events)
        streamed = events.get_final_response()
    counted = client.responses.input_tokens.count(model="MiniMax-M3", input="Say hello")
    used = [whole.usage.input_tokens if whole.usage else None, counted.input_tokens]
    return {"texts": [whole.output_text, streamed.output_text], "pieces": pieces, "tokens": used}


def error(client: openai.OpenAI) -> dict[str, Any]:
    """What the SDK makes of a refusal."""
    try:
        client.chat.completions.create(model="gpt-4o", messages=ASK)
    except openai.APIStatusError as caught:
        return {"error": type(caught).__name__, "status": caught.status_code, "text": str(caught)}
    return {}


if __name__ == "__main__":
    base, key, task = sys.argv[1:]
    print(json.dumps(globals()[task](openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0))))
