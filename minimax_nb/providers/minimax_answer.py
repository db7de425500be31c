"""What a text model said, read from any of MiniMax's forms, whole or event by event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from minimax_nb.providers.bodies import as_int, as_object, as_text
from minimax_nb.providers.sse import Event, EventReader
from minimax_nb.wire import Json, Piece, Reply

_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}
_OPEN, _CLOSE = "<think>", "</think>"
#: HTTP status of an error inside a stream, by its ``type``, where no code tells more; MiniMax docs, errorcode.
_STATUS = {"overloaded_error": 529, "rate_limit_error": 429, "invalid_request_error": 400, "api_error": 500,
           "rate_limit_exceeded": 429}  # fmt: skip
#: Why OpenAI's newer form says that an answer is not complete.
_INCOMPLETE = {"max_output_tokens": "length"}
#: Its events that hold a part of the answer.
_DELTAS: Mapping[str, Literal["text", "thinking"]] = {
    "response.output_text.delta": "text",
    "response.reasoning_summary_text.delta": "thinking",
    "response.reasoning_text.delta": "thinking",
}
_ENDS = ("response.completed", "response.incomplete")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error in place of the rest of an answer: the status it would have had alone, and its body."""

    status: int
    body: bytes


@dataclass(slots=True)
class Said:
    """What was said so far.

    Parameters
    ----------
    text, thinking
        The answer and the thoughts before it.
    finish
        Why it ended: ``stop``, ``length``, ``content_filter`` …; ``None`` when not told.
    usage
        The provider's own count of tokens.
    id
        The provider's id of the answer.
    ended
        Whether the answer came to its end.
    refusal
        The error that ended it.
    """

    text: str = ""
    thinking: str = ""
    finish: str | None = None
    usage: Json = field(default_factory=dict)
    id: str | None = None
    ended: bool = False
    refusal: Refusal | None = None

    @property
    def counted(self) -> dict[str, int] | None:
        """The tokens as price books name them; ``None`` when the provider does not tell.

        ``prompt_tokens`` is all of the prompt; the other three parts of it exclude each other.
        """
        told = self.usage
        output = as_int(told.get("output_tokens", told.get("completion_tokens")))
        if output is None:
            return None
        details = as_object(told.get("prompt_tokens_details"))
        read = as_int(told.get("cache_read_input_tokens")) or as_int(details.get("cached_tokens")) or 0
        written = as_int(told.get("cache_creation_input_tokens")) or 0
        fresh, prompt = as_int(told.get("input_tokens")), as_int(told.get("prompt_tokens"))
        if fresh is None and prompt is None:
            return None
        # Anthropic's count leaves out what was cached, OpenAI's holds it.
        fresh = max(0, (prompt or 0) - read - written) if fresh is None else fresh
        return {
            "prompt_tokens": fresh + read + written,
            "input_tokens": fresh,
            "cache_read_tokens": read,
            "cache_write_tokens": written,
            "output_tokens": output,
        }

    @property
    def thinking_tokens(self) -> int | None:
        """The tokens that thinking took, where it is told apart."""
        return as_int(as_object(self.usage.get("completion_tokens_details")).get("reasoning_tokens"))

    def count(self, usage: Any) -> None:
        """Take a count; a later one wins field by field."""
        self.usage.update({key: value for key, value in as_object(usage).items() if value is not None})

    def ends(self, reason: Any) -> None:
        """Take the reason of the end, where there is one."""
        if word := as_text(reason):
            self.finish = _FINISH.get(word, word)


class Thoughts:
    """Tells thinking in ``<think>`` tags at the beginning of a text from the text, however it is cut."""

    def __init__(self) -> None:
        self._held = ""
        self._place = "start"
        self._begun = False

    def push(self, text: str, *, last: bool = False) -> Iterator[Piece]:
        """Take the next part; with ``last`` what was held back comes too."""
        self._held += text
        if self._place == "start":
            lead = self._held.lstrip()
            if not last and len(lead) < len(_OPEN) and _OPEN.startswith(lead):
                return
            self._place = "thinking" if lead.startswith(_OPEN) else "text"
            if self._place == "thinking":
                self._held = lead.removeprefix(_OPEN)
        if self._place == "thinking":
            yield from self._think(last)
        if self._place == "gap":
            self._held = self._held.lstrip("\n")
            self._place = "text" if self._held else "gap"
        if self._place == "text" and self._held:
            yield Piece("text", self._held)
            self._held = ""

    def _think(self, last: bool) -> Iterator[Piece]:
        if not self._begun:
            self._held = self._held.lstrip("\n")
            self._begun = bool(self._held)
        thought, closed, rest = self._held.partition(_CLOSE)
        if not closed and not last:
            kept = next((n for n in range(len(_CLOSE) - 1, 0, -1) if thought.endswith(_CLOSE[:n])), 0)
            thought, rest = thought[: len(thought) - kept], thought[len(thought) - kept :]
        self._held = rest
        if closed:
            self._place = "gap"
        if thought:
            yield Piece("thinking", thought)


class AnswerReader:
    """Reads a streamed answer in any of the forms; each event tells by its fields which it is.

    Attributes
    ----------
    said
        What was said so far.
    """

    def __init__(self) -> None:
        self.said = Said()
        self._events = EventReader()
        self._thoughts = Thoughts()

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next bytes and return the pieces they complete."""
        return self._all(self._events.feed(data))

    def close(self) -> list[Piece]:
        """Return what the end of the stream completes."""
        found = self._all(self._events.close())
        left = list(self._thoughts.push("", last=True))
        self._keep(left)
        self.said.thinking = self.said.thinking.strip("\n")
        return found + left

    def _all(self, events: list[Event]) -> list[Piece]:
        found: list[Piece] = []
        for event in events:
            if self.said.refusal is None:
                pieces = list(self._take(event))
                self._keep(pieces)
                found += pieces
        return found

    def _keep(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if piece.kind == "thinking":
                self.said.thinking += piece.text
            else:
                self.said.text += piece.text

    def _take(self, event: Event) -> Iterator[Piece]:
        if event.data.strip() == "[DONE]":
            self.said.ended = True
            return
        try:
            body = as_object(json.loads(event.data))
        except (ValueError, RecursionError):
            return  # cut off; the end that does not come tells
        refusal = _refusal(body)
        if refusal is not None:
            self.said.refusal = refusal
        elif "choices" in body:
            yield from self._chunk(body)
        elif str(body.get("type")).startswith("response."):
            yield from self._response(body)
        else:
            yield from self._block(body)

    def _block(self, body: Json) -> Iterator[Piece]:
        """Read one event of the Anthropic form."""
        match body.get("type"):
            case "message_start":
                message = as_object(body.get("message"))
                self.said.id = as_text(message.get("id"))
                self.said.count(message.get("usage"))
            case "content_block_start":
                yield from _part(as_object(body.get("content_block")))
            case "content_block_delta":
                yield from _part(as_object(body.get("delta")))
            case "message_delta":
                self.said.ends(as_object(body.get("delta")).get("stop_reason"))
                self.said.count(body.get("usage"))
            case "message_stop":
                self.said.ended = True

    def _response(self, body: Json) -> Iterator[Piece]:
        """Read one event of OpenAI's newer form; its last one repeats the whole answer."""
        name = body["type"]
        if name in _DELTAS:
            if isinstance(delta := body.get("delta"), str) and delta:
                yield Piece(_DELTAS[name], delta)
        elif name in _ENDS:
            last = _of_response(as_object(body.get("response")))
            self.said.id, self.said.finish, self.said.usage = last.id, last.finish, last.usage
            self.said.ended = True
            if not (self.said.text or self.said.thinking):  # whose pieces were not sent
                yield from (Piece("thinking", last.thinking), Piece("text", last.text))

    def _chunk(self, body: Json) -> Iterator[Piece]:
        """Read one chunk of the OpenAI form; the native one ends with a whole answer that repeats the text."""
        self.said.id = as_text(body.get("id")) or self.said.id
        self.said.count(body.get("usage"))
        choice = _first(body)
        self.said.ends(choice.get("finish_reason"))
        if body.get("object") == "chat.completion":
            self.said.ended = True
        delta = as_object(choice.get("delta"))
        if not delta and not self.said.text:
            delta = as_object(choice.get("message"))
        if thought := _thought(delta):
            yield Piece("thinking", thought)
        if isinstance(content := delta.get("content"), str) and content:
            yield from self._thoughts.push(content)


def is_stream(reply: Reply) -> bool:
    """Return True for a reply of events; an error may come as JSON all the same."""
    kind = reply.headers.get("content-type", "").lower()
    return "event-stream" in kind or reply.content.lstrip()[:6] in (b"data: ", b"event:")


def whole(body: Json) -> Said:
    """Read an answer in one piece; ``ended`` is False when the body holds none."""
    if body.get("object") == "response":
        return _of_response(body)
    said = Said(id=as_text(body.get("id")))
    said.count(body.get("usage"))
    blocks = body.get("content")
    pieces: list[Piece] = []
    if isinstance(blocks, list):
        said.ends(body.get("stop_reason"))
        said.ended = True
        pieces = [piece for block in blocks for piece in _part(as_object(block))]
    elif choice := _first(body):
        said.ends(choice.get("finish_reason"))
        message = as_object(choice.get("message"))
        said.ended = bool(message)
        pieces = [Piece("thinking", thought)] if (thought := _thought(message)) else []
        content = message.get("content")
        pieces += Thoughts().push(content if isinstance(content, str) else "", last=True)
    said.text = "".join(piece.text for piece in pieces if piece.kind == "text")
    said.thinking = "".join(piece.text for piece in pieces if piece.kind == "thinking").strip("\n")
    return said


def _of_response(body: Json) -> Said:
    """Read an answer of OpenAI's newer form: items of thinking and of text."""
    said = Said(id=as_text(body.get("id")))
    for item in _objects(body.get("output")):
        if item.get("type") == "message":
            parts = _objects(item.get("content"))
            said.text += "".join(as_text(part.get("text")) or "" for part in parts)
        elif item.get("type") == "reasoning":
            parts = [*_objects(item.get("summary")), *_objects(item.get("content"))]
            said.thinking += "".join(as_text(part.get("text")) or "" for part in parts)
    said.ended = body.get("status") in ("completed", "incomplete")
    reason = as_text(as_object(body.get("incomplete_details")).get("reason"))
    said.ends(_INCOMPLETE.get(reason, reason) if reason else "stop" if said.ended else None)
    # Under Anthropic's names, but counted as OpenAI does: what was cached is part of the input.
    told = as_object(body.get("usage"))
    said.count(
        {
            "prompt_tokens": told.get("input_tokens"),
            "completion_tokens": told.get("output_tokens"),
            "prompt_tokens_details": told.get("input_tokens_details"),
            "completion_tokens_details": told.get("output_tokens_details"),
        }
    )
    return said


def _objects(rows: Any) -> list[Json]:
    return [as_object(row) for row in rows] if isinstance(rows, list) else []


def _first(body: Json) -> Json:
    choices = body.get("choices")
    return as_object(choices[0]) if isinstance(choices, list) and choices else {}


def _part(part: Mapping[str, Any]) -> Iterator[Piece]:
    for name in ("thinking", "text"):
        if isinstance(said := part.get(name), str) and said:
            yield Piece(name, said)


def _thought(part: Mapping[str, Any]) -> str:
    if isinstance(said := part.get("reasoning_content"), str) and said:
        return said
    details = part.get("reasoning_details")
    texts = [as_object(item).get("text") for item in details] if isinstance(details, list) else []
    return "".join(text for text in texts if isinstance(text, str))


def _refusal(body: Json) -> Refusal | None:
    """Return the error that an event stands for; ``None`` when it is none."""
    code = as_int(as_object(body.get("base_resp")).get("status_code"))
    error = as_object(body.get("error")) or as_object(as_object(body.get("response")).get("error"))
    if body.get("type") == "error" and not error:
        error = {name: body.get(name) for name in ("code", "message")}
    if not error and not code:
        return None
    name = str(error.get("type") or error.get("code"))
    status = as_int(error.get("http_code")) or _STATUS.get(name, 500 if error else 200)
    told = {**body, "error": error} if error else body
    return Refusal(status, json.dumps(told).encode())
