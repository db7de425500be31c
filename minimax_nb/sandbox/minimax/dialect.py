"""Requests as a product document has them, where the switch ``product_dialects`` is on.

``POST /speech/speech_t2a_input`` is speech; the real host answers 404. ``audio_url`` and ``clone_name`` are a
clone, which the real one refuses for want of a ``file_id``.

The document (MiniMax Generation Reference) has flat fields. They are translated: ``voice`` is the voice id,
``rate`` the speed, ``pitch`` a factor about 1, ``output_format`` the codec, ``neutral`` no emotion.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace

from starlette.responses import Response

from minimax_nb.sandbox.minimax import speech, voices
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of
from minimax_nb.sandbox.wire import Call, Json

PATHS = ("/speech/speech_t2a_input", "/v1/speech/speech_t2a_input")
_EMOTIONS = ("happy", "sad", "angry", "fearful", "disgusted", "surprised", "neutral")
_FORMATS = ("mp3", "wav", "pcm", "flac")
#: The document's example names a voice that no list has.
_VOICES = {"English_Warm_Bestie": "Chinese (Mandarin)_Warm_Bestie"}


def closed(call: Call) -> bool:
    """Return whether the path is the document's and switched off."""
    return call.path in PATHS and not call.world.switches.product_dialects


async def speak(call: Call) -> Json | Response:
    """Speak a text from a flat body; the reply is that of ``t2a_v2``."""
    fields = fields_of(call)
    model_of(call, fields, "speech")
    fields.text("text", required=True, low=1, high=10_000)
    voice = fields.text("voice", required=True, low=1) or ""
    emotion = fields.choice("emotion", _EMOTIONS)
    rate = fields.number("rate", 0.5, 2)
    volume = fields.number("volume", 0, 10, open_low=True)
    pitch = fields.number("pitch", 0.5, 2)
    form = fields.choice("output_format", _FORMATS)
    unknown = fields.unknown()
    body = {
        "model": fields.data["model"],
        "text": fields.data["text"],
        "voice_setting": {
            "voice_id": _VOICES.get(voice, voice),
            "speed": rate,
            "vol": volume,
            "pitch": round(12 * math.log2(pitch)) if pitch else None,
            "emotion": None if emotion == "neutral" else emotion,
        },
        "audio_setting": {"format": form},
    }
    answer = await speech.speak(replace(call, body=json.dumps(body).encode()))
    call.entry.ignored = unknown
    return answer


async def clone(call: Call) -> Json:
    """``POST /v1/voice_clone``, in either form: a recording at an address is not fetched, its address is the voice."""
    body = call.json_object() or {}
    if not call.world.switches.product_dialects or "audio_url" not in body or "file_id" in body:
        return await voices.clone(call)
    fields = fields_of(call)
    url = fields.text("audio_url", required=True, low=1) or ""
    if not url.startswith(("http://", "https://")):
        raise fields.fail("audio_url", "must be an address")
    voice_id = voices.new_id(call, fields, "clone_name")
    call.entry.ignored = fields.unknown()
    check_funds(call, "voice-clone", 0)
    return await voices.keep_clone(call, voice_id, f"clone {url}")
