"""``POST /v1/music_generation``: synchronous or streamed; a song takes about a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.responses import Response

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import cover
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, pay, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused, base_resp
from minimax_nb.sandbox.minimax.lyrics import refuse_closed
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.studio import MusicWork, audio_mime
from minimax_nb.sandbox.wire import FAILING, Call, Json

if TYPE_CHECKING:
    from minimax_nb.sandbox.media import MusicClip

_DAY = 86_400
#: Bytes of a song in one event of a stream.
_PIECE = 24_576


async def compose(call: Call) -> Json | Response:
    """Make a song."""
    fields = fields_of(call)
    model = _model(fields)
    prompt: str | None
    lyrics: str | None
    if "cover" in model.modes:
        prompt, lyrics, instrumental = *await cover.texts(call, fields, model), False
    else:
        prompt, lyrics, instrumental = _texts(fields, model)
    stream = fields.flag("stream")
    form = fields.choice("output_format", ("hex", "url")) or "hex"
    if stream and form == "url":
        raise fields.fail("output_format", "must be hex with stream")
    setting, limits = fields.child("audio_setting"), model.limits
    rate = setting.integer("sample_rate", choices=limits["sample_rates"]) or 44_100
    bitrate = setting.integer("bitrate", choices=limits["bitrates"]) or 256_000
    audio = setting.choice("format", limits["formats"]) or "mp3"
    fields.flag("aigc_watermark")
    call.entry.ignored = fields.unknown()
    refuse_content(call, prompt, lyrics)
    refuse_closed(call, model.name)
    price = rates.price_nano("minimax", model.kind, model.name)
    check_funds(call, model.name, price)
    if FAILING in (prompt or "") or "fail" in call.faults:
        raise Refused(1013)
    seed = call.world.content_seed(call.account, call.path, fields.data)
    pay(call, model.name, price, f"a song by {model.name}")
    work = MusicWork(prompt or "", lyrics, instrumental, seed, audio, rate, bitrate)
    return events(_stream(call, work)) if stream else await _answer(call, work, form)


def _model(fields: Fields) -> Model:
    """Return the model a request names: of songs, or of covers."""
    wanted = fields.text("model", required=True, low=1) or ""
    found = rates.models("minimax", "music").get(wanted)
    if found is None:
        raise fields.fail("model", f"no such model '{wanted}'")
    return found


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
    return _reply(call, work, clip, sound)


def _reply(call: Call, work: MusicWork, clip: MusicClip, sound: str) -> Json:
    return {
        "data": {"audio": sound, "status": 2},
        "trace_id": call.world.next_rng("music trace").randbytes(16).hex(),
        "extra_info": {
            "music_duration": clip.duration_ms,
            "music_sample_rate": work.sample_rate,
            "music_channel": 2,
            "bitrate": work.bitrate,
            "music_size": len(clip.data),
        },
        "analysis_info": None,
    }


async def _stream(call: Call, work: MusicWork) -> AsyncIterator[bytes]:
    """Yield a song in pieces; the last event repeats the whole and sums it up."""
    world = call.world
    seconds = world.duration("music", work.seed)
    clip = await world.blobs.run(work.clip)
    whole = _reply(call, work, clip, clip.data.hex())
    pieces = [clip.data[at : at + _PIECE] for at in range(0, len(clip.data), _PIECE)]
    for piece in pieces:
        await world.clock.sleep(seconds / len(pieces))
        body = {
            "data": {"audio": piece.hex(), "status": 1},
            "trace_id": whole["trace_id"],
            "extra_info": None,
        }
        yield event({**body, "analysis_info": None, **base_resp()})
    yield event({**whole, **base_resp()})


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
