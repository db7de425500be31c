"""The other MiniMax models of APIXO: speech, and Hailuo clips. Each mode of a task is a model of the catalog."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.catalog import Model, catalog
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.apixo import voice
from minimax_nb.sandbox.apixo.words import Refused
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax.video import size_of
from minimax_nb.sandbox.studio import SpeechWork, VideoWork, audio_mime
from minimax_nb.sandbox.wire import Call

_PRESET = "preset_"
_FORMATS = ("mp3", "wav", "flac")
_FRAME = media_links.ImageRule(("jpg", "png"), 20 * 2**20, 300, 0.4, 2.5)


def models(kind: str) -> dict[str, list[Model]]:
    """Return the modes of each task of a kind."""
    found: dict[str, list[Model]] = {}
    for model in catalog().models("apixo", kind):
        found.setdefault(model.wire, []).append(model)
    return found


async def submit(call: Call, task: str) -> Response:
    """``POST /api/v1/generateTask/{task}`` for speech and clips."""
    body = call.json_object()
    if body is None:
        raise Refused(400, error="body must be a JSON object")
    top = Fields(body)
    callback = voice.callback_of(call.world, top)
    fields = top.child("input", required=True)
    speech, video = models("speech"), models("video")
    seed = call.world.content_seed(call.account, call.path, body)
    if task in speech:
        model, work, text = _speech(call, fields, speech[task])
        blob, facts = Blob(work.make, audio_mime(work.format)), {"characters": len(text)}
        kind, ending = "speech", work.format
    else:
        model, clip, text = await _clip(call, fields, video[task], seed)
        blob, facts = Blob(clip.make, "video/mp4"), {"duration": clip.seconds}
        kind, ending = "video", "mp4"
    call.entry.ignored = fields.unknown()
    price = rates.price_nano("apixo", kind, model.name, **facts)
    made = voice.make_task(call.world, call.account, voice.new_id(call.world), "", None)
    made.blob = blob
    made.facts |= {"model": task, "ending": ending}
    return voice.launch(call, made, price, kind, callback, text)


def _speech(call: Call, fields: Fields, modes: list[Model]) -> tuple[Model, SpeechWork, str]:
    by_mode = {model.api: model for model in modes}
    model = by_mode[fields.choice("mode", tuple(by_mode), required=True) or ""]
    text = fields.text("prompt", required=True, low=1, high=model.limits["text_max"]) or ""
    speaker = fields.text("voice_id", required=True, low=1) or ""
    known = speaker.startswith(_PRESET) or speaker in {item.id for item in catalog().voices()}
    if not known and speaker not in call.account.voices:
        raise Invalid("input.voice_id", "no such voice")
    work = SpeechWork(
        text,
        "English_expressive_narrator" if speaker.startswith(_PRESET) else speaker,
        speed=fields.number("speed", 0.5, 2) or 1.0,
        volume=fields.number("volume", 0.1, 10) or 1.0,
        pitch=fields.integer("pitch", low=-12, high=12) or 0,
        format=fields.choice("format", _FORMATS) or "mp3",
        tones=tuple(fields.texts("pronunciation_dict")),
    )
    return model, work, text


async def _clip(call: Call, fields: Fields, modes: list[Model], seed: int) -> tuple[Model, VideoWork, str]:
    named = {
        f"{model.api}-{'text' if mode == 'text' else 'image'}-to-video": model
        for model in modes
        for mode in model.modes
    }
    mode = fields.text("mode", required=True) or ""
    if mode not in named:
        raise Invalid("input.mode", "Invalid mode type")
    model, first = named[mode], None
    prompt = fields.text("prompt", required=True, low=1) or ""
    seconds = None
    if model.durations:  # a mode of one length ignores what is asked
        seconds = fields.integer("duration", choices=tuple(model.durations), required=True)
    fields.get("duration")
    images = fields.items("image_urls", required="image-" in mode)
    if "image-" in mode:
        if len(images) != 1 or not isinstance(images[0], str):
            raise fields.fail("image_urls", "exactly one URL")
        try:
            first = await media_links.image(call.world.blobs, images[0], _FRAME)
        except ValueError as error:
            raise fields.fail("image_urls", str(error)) from None
    limits = model.limits
    length = limits.get("fixed_duration") or seconds or 6
    width, height = size_of(limits.get("fixed_resolution", "768P"), first)
    return model, VideoWork(prompt, width, height, length, seed, model.name, first, None, None), prompt
