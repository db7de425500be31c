"""MiniMax's operations around songs: songs and covers, lyrics, and what is heard in a song.

Source: MiniMax docs, api-reference (music-generation, music-cover-preprocess, lyrics-generation).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.cover_preprocess import CoverPreprocessRequest
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.lyrics import LyricsRequest
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.providers.base import Outcome, Output, Usage
from minimax_nb.providers.bodies import NativeReply, as_amount, as_id, as_object, as_text
from minimax_nb.providers.carry import present, wire_of
from minimax_nb.providers.replies import trace_of, unreadable
from minimax_nb.wire import HttpCall, Json, Reply

_NAME = "minimax"
# Seconds without a byte: a song takes 44 to 192 s, the others answer when their work is done.
_SONG, _WORK = 600.0, 300.0


def music(request: MusicRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the request for a song, or for a cover of one."""
    body = present(
        model=wire_of(_NAME, request),
        prompt=request.prompt or None,
        lyrics=None if request.instrumental else request.lyrics or None,
        is_instrumental=request.instrumental or None,
        lyrics_optimizer=request.lyrics_optimizer or None,
        cover_feature_id=request.cover_feature_id,
        audio_setting=present(
            sample_rate=request.sample_rate, bitrate=request.bitrate, format=request.format
        ),
        output_format=request.output,
        stream=request.stream or None,
    )
    if request.reference_audio is not None:
        body |= _song(request.reference_audio)
    return HttpCall("POST", "/v1/music_generation", body=body, timeout=_SONG)


def lyrics(request: LyricsRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the request for the words of a song."""
    body = present(mode=request.task, prompt=request.prompt, lyrics=request.lyrics, title=request.title)
    return HttpCall("POST", "/v1/lyrics_generation", body=body, timeout=_WORK)


def cover_preprocess(request: CoverPreprocessRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the request for what is heard in a song."""
    body = {"model": wire_of(_NAME, request), **_song(request.audio)}
    return HttpCall("POST", "/v1/music_cover_preprocess", body=body, timeout=_WORK)


def _song(media: MediaInput) -> Json:
    """Return a song by address, or as bare base64: no ``data:`` URI here."""
    if media.url is not None:
        return {"audio_url": media.url}
    if media.data is None:
        raise RequestInvalidError(f"the content of {media.name!r} is not loaded")
    return {"audio_base64": base64.b64encode(media.data).decode()}


def read_lyrics(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    """Read the words of a song, its title and its style."""
    words = as_text(reply.data.get("lyrics"))
    if words is None:
        return unreadable(reply, "lyrics")
    facts = {
        "song_title": as_text(reply.data.get("song_title")),
        "style_tags": as_text(reply.data.get("style_tags")),
    }
    return _words(words, reply, facts)


def read_cover_preprocess(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    """Read what was heard in a song."""
    feature, words = as_id(reply.data.get("cover_feature_id")), as_text(reply.data.get("formatted_lyrics"))
    if feature is None:
        return unreadable(reply, "cover_feature_id")
    seconds = as_amount(reply.data.get("audio_duration"))
    facts = {
        "cover_feature_id": feature,
        "sections": _sections(reply.data.get("structure_result")),
        "song_seconds": float(seconds) if seconds is not None else None,
    }
    return _words(words or "", reply, facts)


def _sections(value: object) -> str | None:
    """Return the sections of a song in words; they come as JSON inside a text."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    rows = as_object(found).get("segments")
    names = [as_text(as_object(row).get("label")) for row in (rows if isinstance(rows, list) else ())]
    return ", ".join(name for name in names if name) or None


def _words(text: str, reply: Reply, facts: Mapping[str, object]) -> Outcome:
    output = Output(data=text.encode("utf-8", "replace"), mime="text/plain")
    known = {key: value for key, value in {**facts, "trace_id": trace_of(reply)}.items() if value is not None}
    return Outcome(
        "succeeded",
        outputs=(output,) if text else (),
        charge="charged",
        usage=Usage("request", 1),
        facts=known,
    )
