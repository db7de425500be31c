"""``POST /v1/t2a_v2``: text to speech in one reply, as hex or by address. Streaming is not offered."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import voices
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of, pay, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.studio import SpeechWork, audio_mime, subtitles
from minimax_nb.sandbox.wire import FAILING, Call, Json

_DAY = 86_400
_EFFECTS = ("spacious_echo", "auditorium_echo", "lofi_telephone", "robotic")
_PAUSE = re.compile(r"<#([^#>]*)#>")
_PAUSE_S = re.compile(r"\d{1,2}(\.\d{1,2})?")


@dataclass(frozen=True)
class _Voice:
    id: str
    speed: float
    volume: float
    pitch: int
    emotion: str | None


async def speak(call: Call) -> Json:
    """Speak a text."""
    fields = fields_of(call)
    model = model_of(call, fields, "speech")
    assert model is not None
    if fields.flag("stream"):
        raise fields.fail("stream", "this sandbox answers in one piece")
    fields.child("stream_options").flag("exclude_aggregated_audio")
    text = fields.text("text", required=True, low=1, high=model.limits.get("text_max", 10_000)) or ""
    _check_pauses(fields, text)
    voice = _voice(fields, model)
    audio = _audio(fields, model)
    language = fields.choice("language_boost", model.limits["languages"])
    subtitle = _subtitle(fields)
    form = fields.choice("output_format", ("hex", "url")) or "hex"
    fields.child("pronunciation_dict").texts("tone")
    fields.flag("aigc_watermark")
    call.entry.ignored = fields.unknown()
    invisible = sum(unicodedata.category(c) in {"Cc", "Cf", "Co"} and c not in "\n\t\r" for c in text) / len(
        text
    )
    if invisible > 0.1:
        raise Refused(1042)
    refuse_content(call, text)
    hint, fee = voices.speaker(call, voice.id)
    characters = _characters(call, text)
    price = rates.price_nano("minimax", "speech", model.name, characters=characters) + fee
    check_funds(call, model.name, price)
    if FAILING in text or "fail" in call.faults:
        raise Refused(1013)
    pay(call, model.name, price, f"{characters} characters" + (" and a new voice" if fee else ""))
    voices.mark_used(call, voice.id)
    work = SpeechWork(text, hint, voice.speed, voice.pitch, voice.volume, voice.emotion, language, **audio)
    return await _answer(call, work, form, subtitle, characters, invisible)


async def _answer(
    call: Call, work: SpeechWork, form: str, subtitle: str | None, characters: int, invisible: float
) -> Json:
    world = call.world
    due = world.clock.now() + world.duration("speech", work.text, work.voice, factor=1 + len(work.text) / 500)
    clip = await world.blobs.run(work.clip)
    await world.clock.sleep_until(due)
    expires = world.clock.now() + _DAY
    stem = world.next_rng("speech file").randbytes(8).hex()
    data: Json = {"audio": clip.data.hex(), "status": 2}
    if form == "url":
        name = f"audio/tts-{stem}.{work.format.removesuffix('_raw').removesuffix('_wav')}"
        blob = world.blobs.keep(Blob(work.make, audio_mime(work.format)), clip.data)
        data["audio"] = world.blobs.publish(blob, name, expires, gone_status=403)
    if subtitle is not None:
        content = subtitles(work.text, clip, subtitle)
        data["subtitle_file"] = world.blobs.publish(
            Blob(lambda: content, "application/json"),
            f"audio/tts-{stem}.titles.json",
            expires,
            gone_status=403,
        )
    return {
        "data": data,
        "extra_info": {
            "audio_length": clip.duration_ms,
            "audio_sample_rate": work.sample_rate,
            "audio_size": len(clip.data),
            "bitrate": work.bitrate,
            "word_count": len(clip.words),
            "invisible_character_ratio": round(invisible, 4),
            "usage_characters": characters,
            "audio_format": work.format,
            "audio_channel": work.channels,
        },
        "trace_id": world.next_rng("speech trace").randbytes(16).hex(),
    }


def _characters(call: Call, text: str) -> int:
    """Return the billed characters; where switched on a Chinese character counts as two."""
    double = call.world.switches.minimax_cjk_double
    return len(text) + (sum("\u4e00" <= c <= "\u9fff" for c in text) if double else 0)


def _check_pauses(fields: Fields, text: str) -> None:
    """Refuse ``<#x#>`` outside 0.01 to 99.99 s, or without words on both sides."""
    pieces = _PAUSE.split(text)
    for seconds in pieces[1::2]:
        if not _PAUSE_S.fullmatch(seconds) or float(seconds) < 0.01:
            raise fields.fail("text", "a pause <#x#> takes 0.01 to 99.99 seconds with at most two decimals")
    if len(pieces) > 1 and not all(piece.strip() for piece in pieces[::2]):
        raise fields.fail("text", "a pause <#x#> must stand between words")


def _voice(fields: Fields, model: Model) -> _Voice:
    setting = fields.child("voice_setting")
    weights = fields.items("timbre_weights")
    voice_id = setting.text("voice_id")
    speed = setting.number("speed", 0.5, 2)
    volume = setting.number("vol", 0, 10, open_low=True)
    pitch = setting.integer("pitch", low=-12, high=12)
    emotion = setting.choice("emotion", model.limits["emotions"])
    for name in ("text_normalization", "english_normalization", "latex_read"):
        setting.flag(name)
    if weights and voice_id:
        raise fields.fail("timbre_weights", "cannot be used with voice_setting.voice_id")
    if weights:
        voice_id = _heaviest(fields, weights)
    if not voice_id:
        raise setting.fail("voice_id", "required")
    return _Voice(voice_id, speed or 1.0, volume or 1.0, pitch or 0, emotion)


def _heaviest(fields: Fields, weights: list[object]) -> str:
    """Return the voice that a mix sounds most like."""
    if len(weights) > 4 or not all(isinstance(item, dict) for item in weights):
        raise fields.fail("timbre_weights", "must be at most 4 objects")
    found = []
    for index, item in enumerate(weights):
        assert isinstance(item, dict)
        part = Fields(item, f"timbre_weights[{index}].")
        voice_id = part.text("voice_id", required=True, low=1) or ""
        found.append((part.integer("weight", low=1, high=100, required=True) or 0, voice_id))
    return max(found)[1]


def _audio(fields: Fields, model: Model) -> dict[str, Any]:
    setting, limits = fields.child("audio_setting"), model.limits
    rate = setting.integer("sample_rate", choices=limits["sample_rates"])
    bitrate = setting.integer("bitrate", choices=limits["bitrates"])
    form = setting.choice("format", limits["formats"]) or "mp3"
    channels = setting.integer("channel", choices=limits["channels"])
    setting.flag("force_cbr")
    modify = fields.child("voice_modify")
    for name in ("pitch", "intensity", "timbre"):
        modify.integer(name, low=-100, high=100)
    modify.choice("sound_effects", _EFFECTS)
    if modify.data and form not in {"mp3", "wav", "flac"}:
        raise fields.fail("voice_modify", "formats mp3, wav, flac only")
    return {
        "format": form,
        "sample_rate": rate or 32_000,
        "bitrate": bitrate or 128_000,
        "channels": channels or 1,
    }


def _subtitle(fields: Fields) -> str | None:
    wanted = fields.flag("subtitle_enable")
    kind = fields.choice("subtitle_type", ("sentence", "word", "word_streaming")) or "sentence"
    if kind == "word_streaming":
        raise fields.fail("subtitle_type", "word_streaming is for streams")
    return kind if wanted else None
