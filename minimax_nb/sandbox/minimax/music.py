"""``POST /v1/music_generation``: synchronous; a song takes about a minute."""

from __future__ import annotations

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of, pay, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.studio import MusicWork, audio_mime
from minimax_nb.sandbox.wire import FAILING, Call, Json

_DAY = 86_400


async def compose(call: Call) -> Json:
    """Make a song."""
    fields = fields_of(call)
    model = model_of(call, fields, "music")
    assert model is not None
    prompt, lyrics, instrumental = _texts(fields, model)
    if fields.flag("stream"):
        raise fields.fail("stream", "this sandbox answers in one piece")
    form = fields.choice("output_format", ("hex", "url")) or "hex"
    setting, limits = fields.child("audio_setting"), model.limits
    rate = setting.integer("sample_rate", choices=limits["sample_rates"]) or 44_100
    bitrate = setting.integer("bitrate", choices=limits["bitrates"]) or 256_000
    audio = setting.choice("format", limits["formats"]) or "mp3"
    fields.flag("aigc_watermark")
    call.entry.ignored = fields.unknown()
    refuse_content(call, prompt, lyrics)
    price = rates.price_nano("minimax", "music", model.name)
    check_funds(call, model.name, price)
    if FAILING in (prompt or "") or "fail" in call.faults:
        raise Refused(1013)
    seed = call.world.content_seed(call.account, call.path, fields.data)
    pay(call, model.name, price, f"a song by {model.name}")
    work = MusicWork(prompt or "", lyrics, instrumental, seed, audio, rate, bitrate)
    return await _answer(call, work, form)


async def _answer(call: Call, work: MusicWork, form: str) -> Json:
    """Return a song after the time it takes."""
    world = call.world
    due = world.clock.now() + world.duration("music", work.seed)
    clip = await world.blobs.run(work.clip)
    await world.clock.sleep_until(due)
    sound = clip.data.hex()
    if form == "url":
        blob = world.blobs.keep(Blob(work.make, audio_mime(work.format)), clip.data)
        name = f"music/{world.next_rng('music file').randbytes(8).hex()}.{work.format}"
        sound = world.blobs.publish(blob, name, world.clock.now() + _DAY, gone_status=403)
    return {
        "data": {"audio": sound, "status": 2},
        "trace_id": world.next_rng("music trace").randbytes(16).hex(),
        "extra_info": {
            "music_duration": clip.duration_ms,
            "music_sample_rate": work.sample_rate,
            "music_channel": 2,
            "bitrate": work.bitrate,
            "music_size": len(clip.data),
        },
        "analysis_info": None,
    }


def _texts(fields: Fields, model: Model) -> tuple[str | None, str | None, bool]:
    """Return prompt, lyrics and whether there are no vocals, by the rules of which needs which."""
    limits = model.limits
    prompt = fields.text("prompt", high=limits.get("prompt_max", 2000))
    lyrics = fields.text("lyrics", high=limits.get("lyrics_max", 3500))
    instrumental = fields.flag("is_instrumental")
    optimizer = fields.flag("lyrics_optimizer")
    if instrumental and not limits.get("instrumental"):
        raise fields.fail("is_instrumental", f"not supported by {model.name}")
    if optimizer and not limits.get("lyrics_optimizer"):
        raise fields.fail("lyrics_optimizer", f"not supported by {model.name}")
    if not (lyrics or "").strip() and not instrumental and not optimizer:
        raise fields.fail("lyrics", "required, 1-3500 characters")
    if not (prompt or "").strip() and (instrumental or not (lyrics or "").strip()):
        raise fields.fail("prompt", "required")
    return prompt, None if instrumental else lyrics, instrumental
