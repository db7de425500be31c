"""Reading speech and songs that come piece by piece, and long texts that are spoken in the background.

A stream's last event repeats the whole audio unless it was told not to, and never byte for byte: it is
only taken where no piece came. A stream without its last event is not whole, however it ended: what came
of it is kept, and nobody can tell what was charged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.providers import codes
from minimax_nb.providers.base import Outcome, Output, Usage
from minimax_nb.providers.bodies import NativeReply, as_int, as_object, as_text
from minimax_nb.providers.replies import (
    DAY,
    classify_submit,
    error_of,
    is_url,
    job_failed,
    outcome_of,
    trace_of,
)
from minimax_nb.providers.sse import EventReader, events_of
from minimax_nb.wire import SWITCHED, Json, Piece, Reply

#: Seconds the download URL of a long text's audio lives (MiniMax docs, speech-t2a-async-query).
LONG_URL = 32_400.0

MIMES = {
    "mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "pcm": "audio/pcm", "opus": "audio/ogg",
    "pcmu_wav": "audio/wav", "pcmu_raw": "audio/basic",
}  # fmt: skip


def is_stream(reply: Reply) -> bool:
    """Say whether a reply came piece by piece; a stream that was refused is a plain object."""
    if reply.status == SWITCHED:
        return True
    event = "text/event-stream" in reply.headers.get("content-type", "").lower()
    return 200 <= reply.status < 300 and (event or reply.content.lstrip()[:5] == b"data:")


class AudioPieces:
    """Reads the pieces of a stream while they come: server-sent events, or WebSocket frames a line each."""

    def __init__(self, *, lines: bool) -> None:
        self._events = None if lines else EventReader()
        self._rest = b""

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next bytes and return the audio they complete."""
        if self._events is not None:
            texts = [event.data for event in self._events.feed(data)]
        else:
            *rows, self._rest = (self._rest + data).split(b"\n")
            texts = [row.decode("utf-8", "replace") for row in rows]
        found = [_sound(frame) for frame in _objects(texts)]
        return [Piece("audio", data=sound) for sound in found if sound]


@dataclass
class Heard:
    """What all the events of one stream say.

    ``last`` is its last event, ``None`` when the stream broke off; ``failure`` the event that carries an error.
    """

    audio: bytes = b""
    last: Json | None = None
    failure: Json | None = None
    rows: list[Any] = field(default_factory=list)
    subtitle_url: str | None = None

    @classmethod
    def of(cls, reply: Reply) -> Heard:
        """Read a whole stream; what cannot be read is passed over."""
        heard = cls()
        sounds = []
        for frame in frames(reply):
            data = as_object(frame.get("data"))
            sounds.append(_sound(frame))
            rows = data.get("subtitle")
            heard.rows += rows if isinstance(rows, list) else []
            if is_url(data.get("subtitle_file")):
                heard.subtitle_url = data["subtitle_file"]
            if as_int(as_object(frame.get("base_resp")).get("status_code")):
                heard.failure = heard.failure or frame
            elif frame.get("is_final") is True or as_int(data.get("status")) == 2:
                heard.last = frame
        heard.audio = b"".join(sounds)
        if not heard.audio and heard.last is not None:
            heard.audio = hex_bytes(as_object(heard.last.get("data")).get("audio"))
        return heard


def frames(reply: Reply) -> list[Json]:
    """Return all events of a stream, or all frames of a WebSocket; what cannot be read is passed over."""
    if reply.status == SWITCHED:
        return _objects(row.decode("utf-8", "replace") for row in reply.content.split(b"\n"))
    return _objects(event.data for event in events_of(reply.content))


def _objects(texts: Iterable[str]) -> list[Json]:
    found = []
    for text in texts:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue  # an event that was cut off
        if isinstance(value, dict):
            found.append(value)
    return found


def _sound(frame: Json) -> bytes:
    """Return the audio of one event; nothing for the last one, which repeats it all, unless it is a frame's own."""
    data = as_object(frame.get("data"))
    return b"" if as_int(data.get("status")) == 2 else hex_bytes(data.get("audio"))


def hex_bytes(value: Any) -> bytes:
    """Return the bytes of a text in hex; none of what is no such text."""
    try:
        return bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return b""


def read_stream(request: SpeechRequest | MusicRequest, reply: Reply) -> Outcome:
    """Read a streamed reply: its audio, or what came of it."""
    heard = Heard.of(reply)
    mime = MIMES.get(request.format)
    outputs = (Output(data=heard.audio, mime=mime),) if heard.audio else ()
    if heard.failure is not None:
        return failed(heard.failure, reply, outputs)
    if heard.last is None or not outputs:
        return broken(
            reply, outputs, "the stream has no end" if heard.last is None else "no usable audio came"
        )
    body = NativeReply.read(heard.last)
    extra = body.extra_info
    facts: dict[str, Any] = {"trace_id": trace_of(_part(reply, heard.last)), "bitrate": extra.bitrate}
    if isinstance(request, MusicRequest):
        usage: Usage | None = Usage("song", 1)
        facts |= {"duration_ms": extra.music_duration, "sample_rate": extra.music_sample_rate}
        facts["channels"] = extra.music_channel
    else:
        spoken = extra.usage_characters
        usage = Usage("character", spoken) if spoken is not None and spoken >= 0 else None
        facts |= {"duration_ms": extra.audio_length, "sample_rate": extra.audio_sample_rate}
        facts["channels"] = extra.audio_channel
    return Outcome(
        "succeeded",
        outputs=(*outputs, *_captions(heard)),
        charge="charged",
        usage=usage,
        facts={name: value for name, value in facts.items() if value is not None},
        warnings=illegal_note(heard.last),
    )


def _captions(heard: Heard) -> tuple[Output, ...]:
    if heard.subtitle_url is not None:
        return (Output("subtitle", url=heard.subtitle_url, mime="application/json", expires_in=DAY),)
    if heard.rows:
        return (Output("subtitle", data=json.dumps(heard.rows).encode(), mime="application/json"),)
    return ()


def illegal_note(body: Json) -> tuple[str, ...]:
    """Return a remark where some of the text could not be said; more than a tenth is refused with 1042."""
    share = as_object(body.get("extra_info")).get("invisible_character_ratio")
    if isinstance(share, int | float) and not isinstance(share, bool) and share > 0:
        return (f"{share:.1%} of the characters are invisible or not allowed and were left out",)
    return ()


def failed(frame: Json, reply: Reply, outputs: tuple[Output, ...]) -> Outcome:
    """Judge an error inside a stream: before any audio as in a plain reply, after some as a job that failed."""
    code = as_int(as_object(frame.get("base_resp")).get("status_code")) or 0
    row = codes.minimax_code(code)
    said = as_text(as_object(frame.get("base_resp")).get("status_msg")) or f"MiniMax answers with code {code}"
    error = error_of(row, _part(reply, frame), message=said, code=str(code))
    if not outputs:
        return outcome_of(row, error)
    meaning = "MiniMax broke the stream off. What came before is kept; it may be charged in full."
    step = "Listen to what came; %minimax resend ID asks for all of it again, and pays again."
    error = replace(error, meaning=meaning, next_step=step, http_status=None)
    return replace(job_failed(row, said, reply), error=error, charge="unknown", outputs=outputs)


def broken(reply: Reply, outputs: tuple[Output, ...], message: str) -> Outcome:
    """Return what a stream without its end comes to: unknown, with what came of it."""
    row = codes.UNREADABLE
    error = replace(error_of(row, reply, message=message), http_status=None)
    return Outcome("unknown", error=error, charge="unknown", outputs=outputs)


def _part(reply: Reply, frame: Json) -> Reply:
    return Reply(200 if reply.status == SWITCHED else reply.status, reply.headers, json.dumps(frame).encode())


def judge_handshake(reply: Reply) -> Outcome | None:
    """Judge a WebSocket whose handshake was refused: nothing was asked, so nothing can be charged."""
    if reply.status == SWITCHED:
        return None
    judged = classify_submit(reply, paid=False)
    if judged is not None:
        return judged
    error = error_of(codes.UNREADABLE, reply, message="the WebSocket was not opened")
    return Outcome("rejected", error=error, charge="not_charged")


# --- long texts -------------------------------------------------------------------------------------


def read_created(request: SpeechRequest, body: NativeReply, reply: Reply) -> Outcome:
    """Read the reply to a long text: the task, text here and a number when it is asked for."""
    if not body.task_id:
        return broken(reply, (), "the reply has no task id")
    counted = as_int(reply.data.get("usage_characters"))
    locator: Json = {"task_id": body.task_id, "of": "speech", "format": request.format}
    if counted is not None:
        locator["characters"] = counted
    trace = trace_of(reply)
    facts = {"trace_id": trace} if trace else {}
    return Outcome("queued", task_id=body.task_id, locator=locator, charge="held", facts=facts)


def long_state(locator: Json, body: NativeReply, reply: Reply, code: int) -> Outcome | None:
    """Read where a long text stands; ``None`` when the reply says nothing of it."""
    word = (body.status or "").strip().lower()
    if word in ("success", "succeeded", "finished") and body.file_id:
        mime = MIMES.get(str(locator.get("format")))
        output = Output(file_id=body.file_id, mime=mime, expires_in=LONG_URL, archive=True)
        counted = as_int(locator.get("characters"))
        usage = Usage("character", counted) if counted is not None else None
        return Outcome("succeeded", outputs=(output,), charge="charged", usage=usage)
    if word in ("fail", "failed"):
        row = codes.minimax_code(code or 1013)
        if row.paid != "rejected":
            row = replace(row, next_step="Run the cell again; nothing is sent again by itself.")
        said = body.base_resp.status_msg if code else "MiniMax reports that the text could not be spoken"
        return job_failed(
            row, said or "the text could not be spoken", reply, code=str(code) if code else None
        )
    if word == "expired":
        error = ErrorInfo(
            "result_expired",
            "MiniMax no longer has the task or its result",
            meaning="A long text's result is kept for 7 days.",
            next_step="Run the cell again; it is paid again.",
        )
        return Outcome("expired", error=error, charge="unknown")
    if word in ("processing", "running", "queueing", "preparing", "queued"):
        return Outcome("running" if word in ("processing", "running") else "queued")
    return None
