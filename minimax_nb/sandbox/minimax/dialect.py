"""``POST /speech/speech_t2a_input``: speech as a product document has it; the real host answers 404.

The document (MiniMax Generation Reference) has flat fields. They are translated: ``voice`` is the voice id,
``rate`` the speed, ``pitch`` a factor about 1, ``output_format`` the codec, ``neutral`` no emotion.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace

from starlette.responses import Response

from minimax_nb.sandbox.minimax import speech
from minimax_nb.sandbox.minimax.common import fields_of, model_of
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
