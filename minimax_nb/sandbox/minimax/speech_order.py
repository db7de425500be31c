"""What every way of speech has in common: the body's rules, who speaks, what it costs, what is told of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import voices
from minimax_nb.sandbox.minimax.common import refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.studio import SpeechWork
from minimax_nb.sandbox.timbre import EFFECTS, Timbre
from minimax_nb.sandbox.wire import FAILING, Call, Json

#: The rates of Opus itself, which the asynchronous page names (MiniMax docs, speech-t2a-async-create).
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
_ILLEGAL_MAX = 0.1
_PAUSE = re.compile(r"<#([^#>]*)#>")
_PAUSE_S = re.compile(r"\d{1,2}(\.\d{1,2})?")
_TONE = re.compile(r"\s*[^/\s][^/]*/\s*\S.*", re.DOTALL)


@dataclass(frozen=True)
class Style:
    """Everything of a request for speech but its text.

    Parameters
    ----------
    model
        The speech model.
    voices
        Who speaks, by voice id and weight; one voice unless they are mixed.
    speed, volume, pitch, emotion, language
        As the API has them.
    format, sample_rate, bitrate, channels
        Of the audio.
    tones
        The pronunciation dictionary.
    change
        ``voice_modify``, where there is one.
    """

    model: Model
    voices: tuple[tuple[str, int], ...]
    speed: float
    volume: float
    pitch: int
    emotion: str | None
    language: str | None
    format: str
    sample_rate: int
    bitrate: int
    channels: int
    tones: tuple[str, ...]
    change: Timbre | None

    def work(self, text: str, hints: tuple[str, ...]) -> SpeechWork:
        """Return the order for a text, spoken by the voices that ``hints`` describe."""
        mix = tuple(zip(hints, (weight for _, weight in self.voices), strict=True))
        return SpeechWork(
            text,
            max(mix, key=lambda item: item[1])[0],
            self.speed,
            self.pitch,
            self.volume,
            self.emotion,
            self.language,
            self.format,
            self.sample_rate,
            self.bitrate,
            self.channels,
            mix if len(mix) > 1 else (),
            self.tones,
            self.change,
            # Only speech-2.8 knows them; the others read them out.
            interjections=self.model.name.startswith("speech-2.8"),
        )


@dataclass(frozen=True)
class Bill:
    """What a text costs, and what its reply tells of that.

    Parameters
    ----------
    characters
        Billed characters.
    price_nano
        The price, with the fee of voices that speak for the first time.
    what
        The charge in words.
    invisible
        Share of illegal characters, 0 to 0.1.
    hints
        What the voice maker is told, by voice.
    """

    characters: int
    price_nano: int
    what: str
    invisible: float
    hints: tuple[str, ...]


def style_of(fields: Fields, model: Model, *, long: bool = False, stream: bool = False) -> Style:
    """Return the checked settings of a body.

    Parameters
    ----------
    long
        The body of ``t2a_async_v2``: ``audio_sample_rate``, two channels, Opus at its own rates.
    stream
        The audio comes in pieces, so that ``wav`` and most of ``voice_modify`` are out.
    """
    setting = fields.child("voice_setting", required=long)
    weights = fields.items("timbre_weights")
    voice_id = setting.text("voice_id")
    speed = setting.number("speed", 0.5, 2)
    volume = setting.number("vol", 0, 10, open_low=True)
    pitch = setting.integer("pitch", low=-12, high=12)
    emotion = setting.choice("emotion", model.limits["emotions"])
    for owner in (setting, fields):
        # Clients also send them one level up.
        owner.flag("text_normalization")
        owner.flag("english_normalization")
    latex = setting.flag("latex_read")
    if weights and voice_id:
        raise fields.fail("timbre_weights", "cannot be used with voice_setting.voice_id")
    if not weights and not voice_id:
        raise setting.fail("voice_id", "required")
    language = fields.choice("language_boost", model.limits["languages"])
    return Style(
        model,
        _mix(fields, weights) if weights else ((voice_id or "", 1),),
        speed or 1.0,
        volume or 1.0,
        pitch or 0,
        emotion,
        "Chinese" if latex else language,
        *_audio(fields, model, long=long, stream=stream),
        _tones(fields),
        _change(fields, stream=stream),
    )


def _mix(fields: Fields, weights: list[object]) -> tuple[tuple[str, int], ...]:
    """Return the voices of a mix with their weights."""
    if len(weights) > 4 or not all(isinstance(item, dict) for item in weights):
        raise fields.fail("timbre_weights", "must be at most 4 objects")
    found = []
    for index, item in enumerate(weights):
        assert isinstance(item, dict)
        part = Fields(item, f"timbre_weights[{index}].")
        voice_id = part.text("voice_id", required=True, low=1) or ""
        found.append((voice_id, part.integer("weight", low=1, high=100, required=True) or 1))
    return tuple(found)


def _audio(fields: Fields, model: Model, *, long: bool, stream: bool) -> tuple[str, int, int, int]:
    """Return format, rate, bit rate and channels."""
    setting, limits = fields.child("audio_setting"), model.limits
    form = setting.choice("format", limits["formats"]) or "mp3"
    if stream and form == "wav":
        raise setting.fail("format", "wav is not supported in streams")
    opus = long and form == "opus"
    name = "audio_sample_rate" if long else "sample_rate"
    rate = setting.integer(name, choices=OPUS_RATES if opus else limits["sample_rates"])
    bitrate = setting.integer("bitrate", choices=limits["bitrates"])
    channels = setting.integer("channel", choices=limits["channels"])
    setting.flag("force_cbr")  # nothing to do: all mp3 of this sandbox has a constant bit rate
    return form, rate or (24_000 if opus else 32_000), bitrate or 128_000, channels or (2 if long else 1)


def _tones(fields: Fields) -> tuple[str, ...]:
    part = fields.child("pronunciation_dict")
    tones = part.texts("tone")
    for index, tone in enumerate(tones):
        if not _TONE.fullmatch(tone):
            raise part.fail(f"tone[{index}]", "must be 'word/how it is said'")
    return tuple(tones)


def _change(fields: Fields, *, stream: bool) -> Timbre | None:
    modify = fields.child("voice_modify")
    numbers = [modify.integer(name, low=-100, high=100) or 0 for name in ("pitch", "intensity", "timbre")]
    effect = modify.choice("sound_effects", EFFECTS)
    if not modify.data:
        return None
    form = fields.child("audio_setting").text("format") or "mp3"
    allowed = ("mp3",) if stream else ("mp3", "wav", "flac")
    if form not in allowed:
        raise fields.fail("voice_modify", f"formats {', '.join(allowed)} only")
    return Timbre(numbers[0], numbers[1], numbers[2], effect)


def check_pauses(fields: Fields, text: str) -> None:
    """Refuse ``<#x#>`` outside 0.01 to 99.99 s, or without words on both sides."""
    pieces = _PAUSE.split(text)
    for seconds in pieces[1::2]:
        if not _PAUSE_S.fullmatch(seconds) or float(seconds) < 0.01:
            raise fields.fail("text", "a pause <#x#> takes 0.01 to 99.99 seconds with at most two decimals")
    if len(pieces) > 1 and not all(piece.strip() for piece in pieces[::2]):
        raise fields.fail("text", "a pause <#x#> must stand between words")


def illegal_share(text: str) -> float:
    """Return the share of characters that nobody can say; refuse more than a tenth."""
    count = sum(unicodedata.category(c) in {"Cc", "Cf", "Co"} and c not in "\n\t\r" for c in text)
    share = count / len(text) if text else 0.0
    if share > _ILLEGAL_MAX:
        raise Refused(1042)
    return share


def bill_of(call: Call, style: Style, text: str) -> Bill:
    """Check a text and its voices; return what they cost. Nothing is paid yet."""
    share = illegal_share(text)
    refuse_content(call, text)
    spoken = [voices.speaker(call, voice_id) for voice_id in dict.fromkeys(v for v, _ in style.voices)]
    hints = dict(zip(dict.fromkeys(v for v, _ in style.voices), (hint for hint, _ in spoken), strict=True))
    fee = sum(each for _, each in spoken)
    characters = _characters(call, text)
    price = rates.price_nano("minimax", "speech", style.model.name, characters=characters)
    what = f"{characters} characters" + (" and a new voice" if fee else "")
    return Bill(characters, price + fee, what, share, tuple(hints[voice_id] for voice_id, _ in style.voices))


def mark_used(call: Call, style: Style) -> None:
    """Note that the voices of a style spoke."""
    for voice_id, _ in style.voices:
        voices.mark_used(call, voice_id)


def failing(call: Call, text: str) -> bool:
    """Return whether the work on a text is to fail."""
    return FAILING in text or "fail" in call.faults


def _characters(call: Call, text: str) -> int:
    """Return the billed characters; where switched on a Chinese character counts as two."""
    double = call.world.switches.minimax_cjk_double
    return len(text) + (sum("\u4e00" <= c <= "\u9fff" for c in text) if double else 0)


def extra_info(work: SpeechWork, length_ms: int, size: int, words: int, bill: Bill) -> Json:
    """Return what a reply tells of the audio."""
    return {
        "audio_length": length_ms,
        "audio_sample_rate": work.sample_rate,
        "audio_size": size,
        "bitrate": work.bitrate,
        "word_count": words,
        "invisible_character_ratio": round(bill.invisible, 4),
        "usage_characters": bill.characters,
        "audio_format": work.format,
        "audio_channel": work.channels,
    }
