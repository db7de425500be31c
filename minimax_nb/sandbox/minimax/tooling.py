"""Tools in text requests: when the writer calls one, and with what."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minimax_nb.sandbox.minimax.writer import keywords

_WORD = re.compile(r"[a-z]{3,}")
_PLACE = re.compile(r"\b(?:in|for|at|of|to|from|about|on) ((?:[A-Z][\w'-]*)(?: [A-Z][\w'-]*)*)")


@dataclass(frozen=True)
class Tool:
    """A tool on offer: its name, what it says of itself, and the JSON schema of what it takes."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool."""

    id: str
    name: str
    arguments: dict[str, Any]


def choose(tools: Sequence[Tool], prompt: str, rng: random.Random) -> ToolCall | None:
    """Return a call of the tool that the prompt asks for: by its name, or by two words of what it does.

    A word of its name counts as two.
    """
    text = prompt.lower()
    said = set(_WORD.findall(text))
    best: tuple[int, Tool] | None = None
    for tool in tools:
        name = set(_WORD.findall(tool.name.lower().replace("_", " "))) - {"get", "set", "the", "tool"}
        told = set(_WORD.findall(tool.description.lower())) - {"the", "and", "for", "get", "from", "with"}
        score = 2 * len(name & said) + len((told - name) & said) + 4 * (tool.name.lower() in text)
        if score >= 2 and (best is None or score > best[0]):
            best = score, tool
    if best is None:
        return None
    tool = best[1]
    identity = f"call_function_{rng.randbytes(6).hex()}_1"
    return ToolCall(identity, tool.name, arguments(tool.schema, prompt))


def arguments(schema: dict[str, Any], prompt: str) -> dict[str, Any]:
    """Return arguments that a schema allows, taken from the prompt."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    required = schema.get("required")
    names = required if isinstance(required, list) and required else list(properties)
    return {name: _value(properties.get(name) or {}, prompt) for name in names}


def _value(schema: dict[str, Any], prompt: str) -> Any:
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return next((item for item in choices if str(item).lower() in prompt.lower()), choices[0])
    kind = schema.get("type")
    number = re.search(r"-?\d+(?:\.\d+)?", prompt)
    if kind == "integer":
        return int(float(number[0])) if number else 1
    if kind == "number":
        return float(number[0]) if number else 1.0
    if kind == "boolean":
        return True
    if kind == "array":
        return [_value(schema.get("items") or {}, prompt)]
    if kind == "object":
        return arguments(schema, prompt)
    quoted = re.search(r"[\"“']([^\"”']+)[\"”']", prompt)
    place = _PLACE.search(prompt)
    return quoted[1] if quoted else place[1] if place else " ".join(keywords(prompt, 4)) or prompt[:40]
