"""Words from recordings: MiniMax's ``/v1/speech_to_text``, a form with the recording in it.

Source: MiniMax docs, api-reference/speech-to-text. A real HTTP status tells of failure here, and captions
come as plain text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from minimax_nb.kinds.transcribe import TranscribeRequest
from minimax_nb.providers.base import Outcome, Output, Upload, Usage
from minimax_nb.providers.bodies import as_amount, as_text
from minimax_nb.providers.carry import wire_of
from minimax_nb.providers.minimax_replies import facts_of, judge_submit
from minimax_nb.providers.replies import unreadable
from minimax_nb.providers.sse import EventReader, events_of
from minimax_nb.wire import HttpCall, Json, Piece, Reply

_NAME = "minimax"
_PATH = "/v1/speech_to_text"
_WORK = 300.0  # seconds without a byte
_CAPTIONS = {"srt": "application/x-subrip", "vtt": "text/vtt"}
#: The ending of a type, where a recording has no name: MiniMax goes by the ending.
_ENDINGS = {
    "audio/mpeg": "mp3", "audio/wav": "wav", "audio/mp4": "m4a", "video/mp4": "m4a", "audio/flac": "flac",
    "audio/ogg": "ogg", "audio/aac": "aac", "audio/aiff": "aiff", "audio/x-aiff": "aiff",
}  # fmt: skip


def inputs(request: TranscribeRequest) -> tuple[Upload, ...]:
    """Return the recording, which travels inside the paid request."""
    return (Upload("audio", "", request.audio, inside=True, largest=50 * 2**20),)


def call_of(request: TranscribeRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the paid request. ``language`` is a header, everything else a field of the form."""
    shape = "verbose_json" if request.format == "text" else request.format
    form = {
        "model": wire_of(_NAME, request),
        "response_format": "json" if request.stream else shape,
        "timestamp_level": request.times,
    }
    if request.stream:
        form["stream"] = "true"
    media = request.audio
    name = media.name.rpartition("/")[2] or "audio"
    if "." not in name or media.url:
        name = f"{name.partition('.')[0] or 'audio'}.{_ENDINGS.get(media.mime or '', 'mp3')}"
    # A recording given as a URL has no content before the job fetches it.
    file = (name, media.data or b"", media.mime or "application/octet-stream")
    headers = {"language": request.language} if request.language else {}
    return HttpCall("POST", _PATH, form=form, files={"file": file}, headers=headers, timeout=_WORK)


def read(request: TranscribeRequest, reply: Reply) -> Outcome:
    """Read the words: JSON, a stream of events, or captions."""
    good = 200 <= reply.status < 300
    streamed = good and reply.content.lstrip()[:5] == b"data:"
    if streamed:
        return _streamed(reply)
    if good and request.format in _CAPTIONS and not isinstance(reply.json, dict) and not reply.is_html:
        text = reply.content.decode("utf-8", "replace")
        return (
            _done(reply, text, _CAPTIONS[request.format]) if "-->" in text else unreadable(reply, "captions")
        )
    judged = judge_submit(reply)
    if judged is not None:
        return judged
    return _whole(reply, reply.data)


def _whole(reply: Reply, body: Json) -> Outcome:
    if not isinstance(body.get("text"), str):
        return unreadable(reply, "text")
    rows = body.get("segments")
    segments = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    speakers = body.get("n_speakers")
    facts = {"speakers": speakers} if isinstance(speakers, int) and not isinstance(speakers, bool) else {}
    return _done(reply, body["text"], "text/plain", segments, _seconds(body), facts)


def _streamed(reply: Reply) -> Outcome:
    """Read a stream whole; without its last event it is not whole, and nobody can tell what was charged."""
    rows = list(_objects(event.data for event in events_of(reply.content)))
    text = "".join(as_text(row.get("delta")) or "" for row in rows)
    ended = next((row for row in rows if row.get("finish") is True), None)
    failed = next((row for row in rows if "error" in row or "base_resp" in row), None)
    if failed is not None:
        found = judge_submit(Reply(reply.status, reply.headers, json.dumps(failed).encode()))
        if found is not None:
            return found
    if ended is None:
        return unreadable(reply, "last event")
    return _done(reply, text, "text/plain", (), _seconds(ended))


def _done(
    reply: Reply,
    text: str,
    mime: str,
    segments: Iterable[Json] = (),
    seconds: float | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Outcome:
    outputs = [Output(data=text.encode() or b"\n", mime=mime)]
    rows = list(segments)
    if rows:
        data = json.dumps(rows, ensure_ascii=False).encode()
        outputs.append(Output("subtitle", data=data, mime="application/json"))
    length = None if seconds is None else round(seconds * 1000)
    return Outcome(
        "succeeded",
        outputs=tuple(outputs),
        charge="charged",
        usage=None if seconds is None else Usage("second", math.ceil(seconds)),
        facts=facts_of(reply, duration_ms=length, **(facts or {})),
        warnings=() if text.strip() else ("no words were heard",),
    )


def _seconds(body: Json) -> float | None:
    amount = as_amount(body.get("duration"))
    return float(amount) if amount is not None and amount >= 0 else None


def _objects(texts: Iterable[str]) -> Iterable[Json]:
    for text in texts:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found


class TextPieces:
    """Reads the words of a stream while they come."""

    def __init__(self) -> None:
        self._events = EventReader()

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next bytes and return the words they complete."""
        rows = _objects(event.data for event in self._events.feed(data))
        deltas = (as_text(row.get("delta")) for row in rows)
        return [Piece("text", text=delta) for delta in deltas if delta]
