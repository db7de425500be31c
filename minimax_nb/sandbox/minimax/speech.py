"""``POST /v1/t2a_v2``: text to speech in one reply, as hex or by address, or as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.cuts import pieces, tagged
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of, pay
from minimax_nb.sandbox.minimax.envelope import Refused, base_resp
from minimax_nb.sandbox.minimax.speech_order import (
    Bill,
    bill_of,
    check_pauses,
    extra_info,
    failing,
    mark_used,
    style_of,
)
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.studio import SpeechWork, audio_mime, subtitle_rows, subtitles
from minimax_nb.sandbox.wire import Call, Json

if TYPE_CHECKING:
    from minimax_nb.sandbox.media import SpeechClip

_DAY = 86_400
#: Share of the time of a whole reply after which the first piece of a stream comes.
_FIRST = 0.2


@dataclass(frozen=True)
class _Order:
    """A request that was checked and paid.

    ``subtitle`` is the kind of subtitles wanted; ``whole`` whether a stream ends with the whole audio.
    """

    work: SpeechWork
    bill: Bill
    subtitle: str | None
    form: str
    whole: bool


async def speak(call: Call) -> Json | Response:
    """Speak a text."""
    fields = fields_of(call)
    model = model_of(call, fields, "speech")
    assert model is not None
    stream = fields.flag("stream")
    text = fields.text("text", required=True, low=1, high=model.limits.get("text_max", 10_000)) or ""
    check_pauses(fields, text)
    style = style_of(fields, model, stream=stream)
    subtitle = subtitle_of(fields, stream=stream)
    form = fields.choice("output_format", ("hex", "url")) or "hex"  # streams are hex, whatever this says
    whole = not fields.child("stream_options").flag("exclude_aggregated_audio")
    fields.flag("aigc_watermark")
    call.entry.ignored = fields.unknown()
    bill = bill_of(call, style, text)
    check_funds(call, model.name, bill.price_nano)
    if failing(call, text):
        raise Refused(1013)
    pay(call, model.name, bill.price_nano, bill.what)
    mark_used(call, style)
    order = _Order(style.work(text, bill.hints), bill, subtitle, form, whole)
    return events(_stream(call, order)) if stream else await _answer(call, order)


async def _answer(call: Call, order: _Order) -> Json:
    """Return the audio after the time it takes."""
    world, work = call.world, order.work
    due = world.clock.now() + seconds_for(world, work)
    clip = await made(world, work)
    await world.clock.sleep_until(due)
    stem = world.next_rng("speech file").randbytes(8).hex()
    data: Json = {"audio": clip.data.hex(), "status": 2}
    if order.form == "url":
        name = f"audio/tts-{stem}.{work.format.removesuffix('_raw').removesuffix('_wav')}"
        blob = world.blobs.keep(Blob(work.make, audio_mime(work.format)), clip.data)
        data["audio"] = world.blobs.publish(blob, name, world.clock.now() + _DAY, gone_status=403)
    if order.subtitle is not None:
        data["subtitle_file"] = subtitle_file(world, work.text, clip, order.subtitle)
    return {
        "data": data,
        "extra_info": extra_info(work, clip.duration_ms, len(clip.data), len(clip.words), order.bill),
        "trace_id": new_trace(world),
    }


async def _stream(call: Call, order: _Order) -> AsyncIterator[bytes]:
    """Yield the audio piece by piece, then an event with the whole of it."""
    world, work = call.world, order.work
    began, length = world.clock.now(), seconds_for(world, work)
    trace = {"trace_id": new_trace(world)}
    clip = await made(world, work)
    parts = cut(work, clip)
    stop = len(parts) // 2 if "mid-code" in call.faults else None
    for index, part in enumerate(parts):
        await world.clock.sleep_until(began + length * (_FIRST + (1 - _FIRST) * index / len(parts)))
        if index == stop:
            yield event({**trace, **base_resp(int(call.faults.number("mid-code", 1013)))})
            return
        data: Json = {"audio": part.hex(), "status": 1}
        if order.subtitle == "word_streaming":
            data["subtitle"] = part_rows(work.text, clip, index, len(parts))
        yield event({"data": data, **trace, "base_resp": {"status_code": 0, "status_msg": ""}})
    # Measured on the real service: the whole is not the sum of the pieces, though it sounds the same.
    whole = tagged(clip.data) if work.format == "mp3" else clip.data
    world.hearing.note(whole, work.text, clip.words)
    data = {"audio": whole.hex() if order.whole else "", "status": 2}
    if order.subtitle in {"sentence", "word"}:
        data["subtitle_file"] = subtitle_file(world, work.text, clip, order.subtitle)
    info = extra_info(work, clip.duration_ms, len(whole), len(clip.words), order.bill)
    yield event({"data": data, "extra_info": info, **trace, **base_resp()})


def cut(work: SpeechWork, clip: SpeechClip) -> list[bytes]:
    """Return a recording in pieces."""
    sample = work.channels * (2 if work.format == "pcm" else 1)
    return pieces(clip.data, work.format, clip.duration_ms / 1000, sample)


def part_rows(text: str, clip: SpeechClip, index: int, count: int) -> list[dict[str, object]]:
    """Return the words that begin in piece ``index`` of ``count``."""
    low, high = (clip.duration_ms * place / count for place in (index, index + 1))
    rows = subtitle_rows(text, clip.words, "word")
    return [row for row in rows if low <= int(str(row["time_begin"])) < high]


async def made(world: World, work: SpeechWork) -> SpeechClip:
    """Return the recording, and remember what it says."""
    clip = await world.blobs.run(work.clip)
    world.hearing.note(clip.data, work.text, clip.words)
    return clip


def seconds_for(world: World, work: SpeechWork) -> float:
    """Return the time that the work takes, virtual seconds."""
    return world.duration("speech", work.text, work.voice, factor=1 + len(work.text) / 500)


def new_trace(world: World) -> str:
    """Return a trace id."""
    return world.next_rng("speech trace").randbytes(16).hex()


def subtitle_file(world: World, text: str, clip: SpeechClip, kind: str | None) -> str:
    """Return the address of the subtitles, ``sentence`` by sentence or ``word`` by word."""
    content = subtitles(text, clip, kind or "sentence")
    blob = Blob(lambda: content, "application/json")
    stem = world.next_rng("subtitle file").randbytes(8).hex()
    expires = world.clock.now() + _DAY
    return world.blobs.publish(blob, f"audio/tts-{stem}.titles.json", expires, gone_status=403)


def subtitle_of(fields: Fields, *, stream: bool) -> str | None:
    """Return the kind of subtitles that a body asks for."""
    wanted = fields.flag("subtitle_enable")
    kind = fields.choice("subtitle_type", ("sentence", "word", "word_streaming")) or "sentence"
    if kind == "word_streaming" and not stream:
        raise fields.fail("subtitle_type", "word_streaming is for streams")
    return kind if wanted else None
