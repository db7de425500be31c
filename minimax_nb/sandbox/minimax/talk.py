"""What the text endpoints share: a conversation in, an answer with its tokens out, and its price."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from minimax_nb.catalog import Model
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax import tokens
from minimax_nb.sandbox.minimax.common import pay
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.minimax.tooling import Tool, ToolCall, choose
from minimax_nb.sandbox.minimax.writer import Turn, write
from minimax_nb.sandbox.wire import REFUSED_INPUT, Call

_BODY_MAX = 64 * 2**20
_IMAGE_MAX = 10 * 2**20
_VIDEO_MAX = 50 * 2**20
#: A conversation's beginning is cached from this many tokens on, for 5 min.
_CACHED_FROM = 256
_CACHED_S = 300.0
#: Tokens per second; product document, MiniMax platform guide.
_PACE = {True: 100.0, False: 60.0}
_THINK_S = 0.5


@dataclass
class Talk:
    """A conversation under way.

    Parameters
    ----------
    model
        Who answers.
    turns
        The messages, system first.
    tools
        The tools on offer; none when they may not be used.
    thinking
        Whether it thinks first.
    most
        Tokens of the answer at most; ``None`` for as many as it takes.
    marked
        Number of turns up to which the request asks to cache.
    """

    model: Model
    turns: list[Turn] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    thinking: bool = True
    most: int | None = None
    marked: int = 0

    def size(self) -> int:
        """Return the tokens of the prompt."""
        offered = sum(tokens.of_json([t.name, t.description, t.schema]) for t in self.tools)
        return offered + sum(_size(turn) for turn in self.turns)


@dataclass(frozen=True)
class Answer:
    """What the model says, why it stops (``stop``, ``length``, ``tool_calls``), and the tokens of it all."""

    thinking: str
    text: str
    calls: tuple[ToolCall, ...]
    finish: str
    prompt_tokens: int
    cached_tokens: int
    written_tokens: int
    thinking_tokens: int
    completion_tokens: int


def _size(turn: Turn) -> int:
    media = turn.images * tokens.IMAGE + turn.videos * tokens.VIDEO
    return tokens.MESSAGE + tokens.count(turn.text) + media


def model_of(call: Call, fields: Fields, mode: str = "chat") -> Model:
    """Return the model a text request names, its requests counted; aliases are known."""
    wanted = fields.text("model", required=True, low=1)
    for model in rates.models("minimax", "chat").values():
        if wanted in (model.name, *model.aliases) and mode in model.modes:
            _admit(call, model)
            return model
    raise fields.fail("model", f"unknown model '{wanted}'")


def _admit(call: Call, model: Model) -> None:
    window = rates.WINDOW_S / call.world.speed
    rpm = rates.of_class("minimax", model.rpm_class).rpm
    if call.account.admit(model.rpm_class, rpm, window, call.world.clock.now()) is not None:
        raise Refused(1002)
    tpm = rates.of_class("minimax", model.rpm_class).tpm
    if not call.account.has_room(model.rpm_class, tpm, window, call.world.clock.now()):
        raise Refused(1039)


def body_of(call: Call) -> Fields:
    """Return the JSON body under check, if it is not too big."""
    body = call.json_object()
    if body is None:
        raise Refused(2013, "invalid params, body is not a JSON object")
    if len(call.body) > _BODY_MAX:
        raise Refused(2013, "invalid params, body must be at most 64 MB")
    return Fields(body)


async def check_medium(call: Call, fields: Fields, name: str, url: str, kind: str, model: Model) -> None:
    """Check a picture or a video of a message; only some models take them."""
    if kind not in model.limits["inputs"]:
        raise fields.fail(name, f"{kind} input is not supported by {model.name}")
    if url.startswith("mm_file://"):
        number = url.removeprefix("mm_file://")
        if not number.isdigit() or int(number) not in call.account.files:
            raise fields.fail(name, "no such file")
    elif not url.startswith(("http://", "https://")):
        try:
            data = media_links.decode(url)
        except ValueError as error:
            raise fields.fail(name, str(error)) from None
        _check_bytes(fields, name, data, kind)


def _check_bytes(fields: Fields, name: str, data: bytes, kind: str) -> None:
    """Check the format and size of a picture or a video."""
    if kind == "image" and media_links.image_format(data) is None:
        raise fields.fail(name, "must be jpeg, png, gif or webp")
    most = _IMAGE_MAX if kind == "image" else _VIDEO_MAX
    if len(data) > most:
        raise fields.fail(name, f"must be at most {most // 2**20} MB")


def tool_of(function: Fields, schema_name: str) -> Tool:
    """Return a tool that a request offers."""
    name = function.text("name", required=True, low=1) or ""
    schema = function.child(schema_name)
    return Tool(name, function.text("description") or "", schema.data)


def no_such_tool(call_id: str) -> Invalid:
    """Return the verdict on a tool's result that no call asked for."""
    return Invalid("messages", f"tool result's tool id({call_id}) not found")


def answer(call: Call, talk: Talk, seed_body: dict[str, Any], tier: str | None) -> Answer:
    """Return the answer, paid for.

    Parameters
    ----------
    seed_body
        What repeats are told apart by.
    tier
        ``priority`` costs 1.5 times as much.
    """
    model = talk.model
    said = "\n".join(turn.text for turn in talk.turns)
    if "sensitive" in call.faults or REFUSED_INPUT in said:
        raise Refused(1026)
    size = talk.size()
    if size >= model.limits["context_max"]:
        raise Refused(2013, "invalid params, context window exceeds limit")
    if model.limits.get("plan_only") and call.account.kind == "pay-as-you-go":
        raise Refused(2061, f"your current token plan not support model, {model.name}")
    rng = call.world.rng("text", call.world.content_seed(call.account, call.path, seed_body))
    made = (
        choose(talk.tools, talk.turns[-1].text, rng) if talk.turns and talk.turns[-1].role == "user" else None
    )
    draft = write(talk.turns, rng)
    thinking = draft.thinking if talk.thinking else ""
    if made is not None:
        thinking = f"The tool {made.name} answers this." if talk.thinking else ""
        draft = replace(draft, text="")
    found = _measured(talk, size, thinking, draft.text, made)
    cached, written = _cache(call, talk)
    found = replace(found, cached_tokens=cached, written_tokens=written)
    pay(call, model.name, price(model, found, tier), f"text by {model.name}")
    whole = found.prompt_tokens + found.completion_tokens
    call.account.spend(model.rpm_class, whole, call.world.clock.now())
    return found


def _measured(talk: Talk, size: int, thinking: str, text: str, made: ToolCall | None) -> Answer:
    """Return the answer cut to the tokens allowed."""
    most = talk.most if talk.most is not None else talk.model.limits["output_max"]
    full = tokens.count(thinking) + tokens.count(text)
    kept = tokens.cut(thinking, most)
    text = tokens.cut(text, max(0, most - tokens.count(kept)))
    spent = tokens.count(kept) + tokens.count(text)
    finish = "length" if full > most else "stop"
    calls: tuple[ToolCall, ...] = ()
    if made is not None:
        calls, finish = (made,), "tool_calls"
        spent += tokens.of_json([made.name, made.arguments])
    return Answer(kept, text, calls, finish, size, 0, 0, tokens.count(kept), spent)


def _cache(call: Call, talk: Talk) -> tuple[int, int]:
    """Return how many tokens of the prompt were seen before, and how many are written to the cache now."""
    now, seen = call.world.clock.now(), call.account.prefixes
    digest, size, cached, written = hashlib.sha256(talk.model.name.encode()), 0, 0, 0
    for number, turn in enumerate(talk.turns, 1):
        digest.update(json.dumps([turn.role, turn.text, turn.images, turn.videos]).encode())
        size += _size(turn)
        key = digest.hexdigest()
        if size >= _CACHED_FROM and now - seen.get(key, -_CACHED_S * 2) < _CACHED_S:
            cached = size
        elif number <= talk.marked and size >= _CACHED_FROM:
            written = size - cached
        seen[key] = now
    return cached, written


def price(model: Model, found: Answer, tier: str | None) -> int:
    """Return what an answer costs, in billionths."""
    amount = rates.price_nano(
        "minimax",
        "chat",
        model.name,
        prompt_tokens=found.prompt_tokens,
        input_tokens=found.prompt_tokens - found.cached_tokens - found.written_tokens,
        cache_read_tokens=found.cached_tokens,
        cache_write_tokens=found.written_tokens,
        output_tokens=found.completion_tokens,
    )
    return -(-amount * 3 // 2) if tier == "priority" else amount


async def spoken(call: Call, model: Model, text: str) -> AsyncIterator[str]:
    """Yield a text in pieces of a few tokens, at the model's pace."""
    pace = _PACE["highspeed" in model.name] * call.world.speed
    for start in range(0, len(text), 16):
        piece = text[start : start + 16]
        await call.world.clock.sleep(tokens.count(piece) / pace)
        yield piece


async def wait(call: Call, found: Answer, model: Model) -> None:
    """Wait as long as an answer takes that comes in one piece."""
    pace = _PACE["highspeed" in model.name] * call.world.speed
    await call.world.clock.sleep(_THINK_S / call.world.speed + found.completion_tokens / pace)


def text_of(parts: Sequence[str]) -> str:
    """Return the text parts of a message as one."""
    return "\n".join(part for part in parts if part)
