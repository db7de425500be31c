"""``POST /v1/speech_to_text``: the sandbox recognises what it said itself, and says so of all else.

A real HTTP status tells of failure. MiniMax docs, api-reference/speech-to-text.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from minimax_nb.sandbox.accounts import NANO
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.hearing import UNKNOWN, Heard
from minimax_nb.sandbox.minimax import conventions
from minimax_nb.sandbox.minimax.common import check_funds, pay
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.studio import seconds_of, subtitle_rows
from minimax_nb.sandbox.wire import Call, Json, json_reply

_MODEL = "asr-1.0"
_ENDINGS = ("wav", "aiff", "aif", "flac", "alac", "m4a", "mp3", "aac", "opus", "ogg")
_BYTES_MAX = 50 * 2**20
_SECONDS_MAX = 500
_HOUR_NANO = 38 * NANO // 100
_FORMATS = ("json", "verbose_json", "srt", "vtt")


async def transcribe(call: Call) -> Response:
    """Return the words of a recording."""
    if not call.request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Invalid("body", "must be multipart/form-data")
    async with call.request.form() as form:
        fields = Fields({name: value for name, value in _plain(form).items() if value != ""})
        fields.choice("model", (_MODEL,), required=True)
        shape = fields.choice("response_format", _FORMATS) or "json"
        level = fields.choice("timestamp_level", ("sentence", "word")) or "sentence"
        stream = fields.choice("stream", ("true", "false")) == "true"
        part = form.get("file")
        if not isinstance(part, UploadFile) or not part.filename:
            raise Invalid("file", "required", missing=True)
        data, name = await part.read(), part.filename
    call.entry.body = {**fields.data, "filename": name, "bytes": len(data)}
    if name.rpartition(".")[2].lower() not in _ENDINGS:
        raise Invalid("file", f"must be {', '.join(_ENDINGS)}")
    if len(data) > _BYTES_MAX:
        return conventions.error(
            call, 413, "invalid_request_error", f"file size exceeds the limit of {_BYTES_MAX // 2**20} MB"
        )
    seconds = await call.world.blobs.run(partial(seconds_of, data))
    if not seconds:
        raise Invalid("file", "the audio cannot be decoded")
    if seconds > _SECONDS_MAX:
        raise Invalid("file", f"the audio must not be longer than {_SECONDS_MAX} seconds")
    price = math.ceil(seconds * _HOUR_NANO / 3600)
    check_funds(call, _MODEL, price)
    if "fail" in call.faults:
        raise Refused(1013)
    pay(call, _MODEL, price, f"{seconds:.1f} s of listening")
    await call.world.clock.sleep(call.world.duration("speech", len(data)))
    heard = call.world.hearing.listen(data) or Heard(UNKNOWN)
    trace = call.world.next_rng("speech trace").randbytes(16).hex()
    if stream:
        return events(_stream(heard, seconds, trace))
    return _reply(heard, seconds, shape, level, trace)


def _plain(form: FormData) -> dict[str, Any]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _reply(heard: Heard, seconds: float, shape: str, level: str, trace: str) -> Response:
    body: Json = {"text": heard.text, "duration": round(seconds, 3), "trace_id": trace}
    if shape == "json":
        return json_reply(body)
    segments = _segments(heard, seconds, level)
    if shape == "verbose_json":
        return json_reply({**body, "n_speakers": 1, "segments": segments})
    return _titles(segments, shape)


def _segments(heard: Heard, seconds: float, level: str) -> list[Json]:
    """Return the sentences or words with their times in s."""
    rows: list[Any] = list(subtitle_rows(heard.text, heard.words, level))
    if not rows:
        rows = [{"text": heard.text, "time_begin": 0, "time_end": round(seconds * 1000)}]
    return [
        {
            "id": index,
            "start": row["time_begin"] / 1000,
            "end": row["time_end"] / 1000,
            "speaker": "speaker_0",
            "text": row["text"].strip(),
        }
        for index, row in enumerate(rows)
    ]


def _titles(segments: list[Json], shape: str) -> Response:
    """Return subtitles as SubRip or WebVTT."""
    comma, blocks = ("," if shape == "srt" else "."), []
    for segment in segments:
        span = f"{_clock(segment['start'], comma)} --> {_clock(segment['end'], comma)}"
        number = f"{segment['id'] + 1}\n" if shape == "srt" else ""
        blocks.append(f"{number}{span}\n{segment['text']}\n")
    head = "" if shape == "srt" else "WEBVTT\n\n"
    kind = "application/x-subrip" if shape == "srt" else "text/vtt"
    return Response(head + "\n".join(blocks), media_type=kind)


def _clock(seconds: float, comma: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{comma}{thousandths:03}"


async def _stream(heard: Heard, seconds: float, trace: str) -> AsyncIterator[bytes]:
    """Yield the text sentence by sentence; the last event has no text and tells the length."""
    rows = [str(row["text"]) for row in subtitle_rows(heard.text, heard.words)] or [heard.text]
    for index, text in enumerate(rows):
        yield event({"index": index, "delta": f" {text.lstrip()}" if index else text, "finish": False})
    yield event(
        {
            "index": len(rows),
            "delta": "",
            "finish": True,
            "duration": round(seconds, 3),
            "trace_id": trace,
        }
    )
