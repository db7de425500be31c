"""Operations that other versions of Pixazo's page list: speech, songs of Music 3.0, Hailuo clips. All are queued."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.catalog import Model, catalog
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax.video import size_of
from minimax_nb.sandbox.pixazo.common import AUDIO, fields_of
from minimax_nb.sandbox.pixazo.queue import Order, submit
from minimax_nb.sandbox.studio import MusicWork, SpeechWork, VideoWork
from minimax_nb.sandbox.timbre import EFFECTS, Timbre
from minimax_nb.sandbox.wire import Call

_VIDEO = "minimax-hailuo-ai"
_FRAME = media_links.ImageRule(("jpg", "png", "webp"), 20 * 2**20, 300, 0.4, 2.5)


async def get_audio(call: Call) -> Response:
    """``POST /minimax-hailuo-ai-music/v1/getAudio``: the create call of ``getAudioResult``."""
    fields = fields_of(call)
    named = [model.name for model in catalog().models("pixazo", "speech") if not model.wire.startswith("/")]
    name = fields.choice("model", tuple(named)) or named[0]
    return _speak(call, fields, catalog().model("pixazo", "speech", name), AUDIO)


async def speak(call: Call) -> Response:
    """Answer the operation of one speech model, with the fields of ``getAudio``."""
    model = _of_path(call, "speech")
    return _speak(call, fields_of(call), model, call.path.split("/")[1])


def _speak(call: Call, fields: Fields, model: Model, model_id: str) -> Response:
    limits = model.limits
    text = fields.text("text", required=True, low=1, high=limits["text_max"]) or ""
    voice = fields.text("voice_id", low=1) or "English_expressive_narrator"
    tones = tuple(fields.child("pronunciation_dict").texts("tone"))
    work = SpeechWork(
        text,
        voice,
        speed=fields.number("speed", 0.5, 2) or 1.0,
        volume=fields.number("vol", 0, 10) or 1.0,
        pitch=fields.integer("pitch", low=-12, high=12) or 0,
        emotion=fields.choice("emotion", limits["emotions"]),
        language=fields.choice("language_boost", limits["languages"]),
        format=fields.choice("format", limits["formats"]) or "mp3",
        sample_rate=fields.integer("audio_sample_rate", choices=limits["sample_rates"]) or 32_000,
        bitrate=fields.integer("bitrate", choices=limits["bitrates"]) or 128_000,
        channels=fields.integer("channel", choices=limits["channels"]) or 1,
        tones=tones,
        change=_change(fields.child("voice_modify")) if fields.has("voice_modify") else None,
    )
    seed = call.world.content_seed(call.account, call.path, fields.data)
    price = rates.price_nano("pixazo", "speech", model.name, characters=len(text))
    call.entry.ignored = fields.unknown()
    return submit(call, Order(model_id, "speech", work, work.format, text), price, seed)


def _change(fields: Fields) -> Timbre:
    pitch, intensity, timbre = (
        fields.integer(name, low=-100, high=100) or 0 for name in ("pitch", "intensity", "timbre")
    )
    return Timbre(pitch, intensity, timbre, fields.choice("sound_effects", EFFECTS))


async def sing(call: Call) -> Response:
    """Answer the operation of one music model, with the fields of its published sample."""
    fields, model = fields_of(call), _of_path(call, "music")
    limits = model.limits
    prompt = fields.text("prompt", required=True, low=1, high=limits["prompt_max"]) or ""
    lyrics = fields.text("lyrics", low=1, high=limits["lyrics_max"])
    rate = fields.integer("sample_rate", choices=limits["sample_rates"]) or 44_100
    bitrate = fields.integer("bitrate", choices=limits["bitrates"]) or 256_000
    form = fields.choice("format", limits["formats"]) or "mp3"
    seed = call.world.content_seed(call.account, call.path, fields.data)
    work = MusicWork(prompt, lyrics, False, seed, form, rate, bitrate)
    call.entry.ignored = fields.unknown()
    price = rates.price_nano("pixazo", "music", model.name)
    return submit(call, Order(call.path.split("/")[1], "music", work, form, prompt), price, seed)


async def film(call: Call) -> Response:
    """``POST /minimax-hailuo-ai/v1/generate``, or ``imageToVideo`` with a first frame."""
    fields, model = fields_of(call), catalog().model("pixazo", "video")
    prompt = fields.text("prompt", required=True, low=1, high=model.limits["prompt_max"]) or ""
    seconds = fields.integer("duration", choices=tuple(model.durations)) or 6
    resolution = fields.choice("resolution", model.durations[seconds]) or "768P"
    for name in ("prompt_optimizer", "fast_pretreatment", "aigc_watermark"):
        fields.flag(name)
    fields.text("callback_url")
    first = None
    if call.path.endswith("imageToVideo"):
        value = fields.text("first_frame_image", required=True, low=1) or ""
        try:
            first = await media_links.image(call.world.blobs, value, _FRAME)
        except ValueError as error:
            raise fields.fail("first_frame_image", str(error)) from None
    seed = call.world.content_seed(call.account, call.path, fields.data)
    width, height = size_of(resolution, first)
    work = VideoWork(prompt, width, height, seconds, seed, model.name, first, None, None)
    call.entry.ignored = fields.unknown()
    price = rates.price_nano("pixazo", "video", model.name, duration=seconds)
    return submit(call, Order(_VIDEO, "video", work, "mp4", prompt), price, seed)


def _of_path(call: Call, kind: str) -> Model:
    return next(model for model in catalog().models("pixazo", kind) if model.wire == call.path)
