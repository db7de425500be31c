"""Pixazo's paid requests: one builder a kind. Only what was set is sent, so that Pixazo's own defaults hold.

A model's wire name is the path's first part; one that begins with ``/`` is the whole path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from minimax_nb.kinds.audio_result import AudioResultRequest
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.video import VideoRequest
from minimax_nb.kinds.voice_design import VoiceDesignRequest
from minimax_nb.providers.carry import Carried, given, present, wire_of
from minimax_nb.wire import HttpCall, Json

NAME = "pixazo"
HEADERS = {"Cache-Control": "no-cache"}
# Seconds without a byte: images answer only when they are made, the queue answers at once.
_WORK, _CREATE = 300.0, 60.0
_GET_AUDIO = "/minimax-hailuo-ai-music/v1/getAudio"
_VIDEO = "/minimax-hailuo-ai/v1"

#: Wire name → request field.
_IMAGE = {
    "prompt": "prompt", "aspect_ratio": "aspect_ratio", "width": "width", "height": "height",
    "response_format": "response_format", "seed": "seed", "prompt_optimizer": "prompt_optimizer",
}  # fmt: skip
_MUSIC = {
    "prompt": "prompt", "lyrics": "lyrics", "sample_rate": "sample_rate", "bitrate": "bitrate", "format": "format",
    "lyrics_optimizer": "lyrics_optimizer", "is_instrumental": "instrumental",
}  # fmt: skip
_DESIGN = {"prompt": "prompt", "preview_text": "preview"}
_SPEECH = {
    "text": "text", "voice_id": "voice", "speed": "speed", "vol": "volume", "pitch": "pitch", "emotion": "emotion",
    "audio_sample_rate": "sample_rate", "bitrate": "bitrate", "format": "format", "channel": "channel",
    "language_boost": "language_boost",
}  # fmt: skip
_MODIFY = {
    "pitch": "modify_pitch", "intensity": "modify_intensity", "timbre": "modify_timbre",
    "sound_effects": "sound_effect",
}  # fmt: skip
_CLIP = {
    "prompt": "prompt", "duration": "duration", "resolution": "resolution", "prompt_optimizer": "prompt_optimizer",
    "fast_pretreatment": "fast_pretreatment", "aigc_watermark": "aigc_watermark",
}  # fmt: skip

CARRIED: Carried = {
    "image": frozenset({*_IMAGE.values(), "model", "n", "subject_reference", "subject_type"}),
    "music": frozenset({*_MUSIC.values(), "model"}),
    "voice-design": frozenset({*_DESIGN.values(), "model"}),
    "speech": frozenset({*_SPEECH.values(), *_MODIFY.values(), "model", "pronunciation"}),
    "audio-result": frozenset({"model", "task_id"}),
    "video": frozenset({*_CLIP.values(), "model", "first_frame"}),
}


def call_of(request: Request) -> HttpCall:
    """Return the paid request of a kind of :data:`CARRIED`."""
    return _BUILD[request.kind](request)


def _body(request: Request, fields: Mapping[str, str]) -> Json:
    return present(**{wire: given(request, field) for wire, field in fields.items()})


def _queued(path: str, body: Json) -> HttpCall:
    return HttpCall("POST", path, headers=HEADERS, body=body, timeout=_CREATE)


def _path(request: Request, operation: str) -> str:
    wire = wire_of(NAME, request)
    return wire if wire.startswith("/") else f"/{quote(wire, safe='')}/v1/{operation}"


def _image(request: ImageRequest) -> HttpCall:
    # n is always sent: the documents show four images for a request without it.
    body = _body(request, _IMAGE) | {"model": wire_of(NAME, request), "n": request.n}
    operation = "t2i"
    if request.subject_reference:
        operation = "i2i"
        body["subject_reference"] = [
            {"type": shows, "image_file": item.wire} for shows, item in request.subjects
        ]
    return HttpCall("POST", f"/image-generation/v1/{operation}", headers=HEADERS, body=body, timeout=_WORK)


def _music(request: MusicRequest) -> HttpCall:
    return _queued(_path(request, "generate"), _body(request, _MUSIC))


def _design(request: VoiceDesignRequest) -> HttpCall:
    return _queued(_path(request, "minimax-voice-design-api-request"), _body(request, _DESIGN))


def _speech(request: SpeechRequest) -> HttpCall:
    wire, body = wire_of(NAME, request), _body(request, _SPEECH)
    modify = {name: value for name, value in _body(request, _MODIFY).items() if value}
    if modify:
        body["voice_modify"] = modify
    if request.pronunciation:
        body["pronunciation_dict"] = {"tone": list(request.pronunciation)}
    if wire.startswith("/"):  # an operation of its own, which takes no model
        return _queued(wire, body)
    return _queued(_GET_AUDIO, body | {"model": wire})


def _audio_result(request: AudioResultRequest) -> HttpCall:
    return _queued("/minimax-hailuo-ai-music/v1/getAudioResult", {"task_id": request.task_id})


def _video(request: VideoRequest) -> HttpCall:
    body = _body(request, _CLIP)
    if request.first_frame is None:
        return _queued(f"{_VIDEO}/generate", body)
    return _queued(f"{_VIDEO}/imageToVideo", body | {"first_frame_image": request.first_frame.wire})


_BUILD: Mapping[str, Callable[[Any], HttpCall]] = {
    "image": _image,
    "music": _music,
    "voice-design": _design,
    "speech": _speech,
    "audio-result": _audio_result,
    "video": _video,
}
