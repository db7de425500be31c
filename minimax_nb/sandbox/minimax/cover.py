"""Covers: ``POST /v1/music_cover_preprocess``, and what ``music-cover`` asks of a song's request."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from minimax_nb.catalog import Model
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import lyrics as writing
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of
from minimax_nb.sandbox.minimax.lyrics import refuse_closed
from minimax_nb.sandbox.studio import seconds_of
from minimax_nb.sandbox.wire import Call, Json

_KEPT_S = 86_400
_SOURCES = ("audio_url", "audio_base64", "cover_feature_id")
_WORDS = ["morning", "window", "train"]
#: Short enough to be sent back as the lyrics of a cover.
_SECTIONS = ("Intro", "Verse", "Chorus", "Verse", "Chorus", "Outro")


@dataclass(frozen=True)
class Feature:
    """What was heard in a song, for 24 h."""

    created: float
    lyrics: str


async def preprocess(call: Call) -> Json:
    """Hear a song: its words and its structure; free."""
    fields = fields_of(call)
    model = model_of(call, fields, "cover-preprocess")
    assert model is not None
    if fields.has("audio_url") == fields.has("audio_base64"):
        raise fields.fail("audio_url", "give either audio_url or audio_base64")
    seconds = await _heard(call, fields, model)
    call.entry.ignored = fields.unknown()
    refuse_closed(call, model.name)
    check_funds(call, model.name, 0)
    text = _words(call)
    identity = call.world.next_rng("cover").randbytes(16).hex()
    call.account.features[identity] = Feature(call.world.clock.now(), text)
    names = [line.strip("[]").lower() for line in text.splitlines() if line.startswith("[")]
    part = seconds / len(names)
    structure = [
        {"label": name, "start": round(number * part, 2), "end": round((number + 1) * part, 2)}
        for number, name in enumerate(names)
    ]
    return {
        "cover_feature_id": identity,
        "formatted_lyrics": text,
        "structure_result": json.dumps({"num_segments": len(names), "segments": structure}),
        "audio_duration": round(seconds, 2),
        "trace_id": call.world.next_rng("music trace").randbytes(16).hex(),
    }


async def texts(call: Call, fields: Fields, model: Model) -> tuple[str, str]:
    """Return the prompt and the lyrics of a cover; words that are not given are heard in the song."""
    limits = model.limits
    prompt = fields.text("prompt", required=True, low=limits["prompt_min"], high=limits["prompt_max"])
    lyrics = fields.text("lyrics", low=limits["lyrics_min"], high=limits["lyrics_max"])
    for name in ("is_instrumental", "lyrics_optimizer"):
        if fields.flag(name):
            raise fields.fail(name, f"not supported by {model.name}")
    given = [name for name in _SOURCES if fields.has(name)]
    if len(given) != 1:
        raise fields.fail("audio_url", f"give exactly one of {', '.join(_SOURCES)}")
    if given == ["cover_feature_id"]:
        found = call.account.features.get(fields.text("cover_feature_id") or "")
        if not isinstance(found, Feature) or call.world.clock.now() > found.created + _KEPT_S:
            raise fields.fail("cover_feature_id", "no such feature, or expired")
        if not (lyrics or "").strip():
            raise fields.fail("lyrics", "required with cover_feature_id")
        return prompt or "", lyrics or ""
    await _heard(call, fields, model)
    return prompt or "", lyrics or _words(call)


def _words(call: Call) -> str:
    """Return the words heard in a song; the same at every hearing."""
    return writing.written(_WORDS, call.world.rng("heard", call.entry.body_sha256), _SECTIONS)


async def _heard(call: Call, fields: Fields, model: Model) -> float:
    """Return the length of the song a request is about, in seconds; 60 behind an outside address."""
    limits = model.limits
    url = fields.text("audio_url", low=1)
    name = "audio_base64" if url is None else "audio_url"
    if url is not None:
        if not url.startswith(("http://", "https://")):
            raise fields.fail(name, "must be a URL")
        address = call.world.blobs.by_url(url)
        if address is None:
            return 60.0
        data = await call.world.blobs.read(address.blob)
    else:
        try:
            data = base64.b64decode(fields.text("audio_base64", low=1) or "", validate=True)
        except ValueError:
            raise fields.fail(name, "is not valid base64") from None
    if len(data) > limits["audio_bytes_max"]:
        raise fields.fail(name, f"must be at most {limits['audio_bytes_max'] // 2**20} MB")
    seconds = await call.world.blobs.run(lambda: seconds_of(data))
    if seconds is None:
        raise fields.fail(name, "cannot be decoded")
    if not limits["audio_seconds_min"] <= seconds <= limits["audio_seconds_max"]:
        raise fields.fail(name, f"must last {limits['audio_seconds_min']} to {limits['audio_seconds_max']} s")
    return seconds
