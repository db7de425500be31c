"""Requests that break the rules which a kind checks by hand: what one is, and good ones to begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.unit.samples import wav

URL = "https://example.com/a.jpg"
SONG = "https://example.com/a.mp3"


@dataclass(frozen=True)
class Case:
    """One bad request.

    Parameters
    ----------
    kind, options, provider
        What is asked for; a callable is called for its value, so that media are made only when needed.
    says
        A part of the line that is shown.
    """

    kind: str
    says: str
    options: dict[str, Any] = field(default_factory=dict)
    provider: str = "minimax"

    def __str__(self) -> str:
        return f"{self.kind} {self.says[:40]}"

    def made(self) -> dict[str, Any]:
        """Return the options."""
        return {name: value() if callable(value) else value for name, value in self.options.items()}


def sound_of(seconds: float) -> Callable[[], bytes]:
    return lambda: heard(seconds)


@cache
def heard(seconds: float) -> bytes:
    return wav(seconds, 8000)


def zip_of(name: str, data: bytes) -> Callable[[], bytes]:
    def made() -> bytes:
        import io
        import zipfile

        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, data)
        return buffer.getvalue()

    return made


#: Good requests of each kind; a model takes the first that it can do.
BASES: dict[str, list[dict[str, Any]]] = {
    "image": [{"prompt": "A fox"}],
    "video": [
        {"prompt": "A dancer"},
        {"prompt": "A dancer", "first_frame": URL},
        {"prompt": "A dancer", "subject_reference": URL},
    ],
    "speech": [{"text": "Hello there"}],
    "music": [
        {"prompt": "A calm piano song", "lyrics": "[Verse]\nA quiet light upon the sea"},
        {"prompt": "A calm piano song", "reference_audio": SONG},
    ],
    "lyrics": [{"prompt": "A song of the sea"}],
    "agent": [{"template": "Diving", "image": URL}],
    "video-regeneration": [{"base_video": "https://example.com/a.mp4"}],
    "context-ir": [{"prompt": "A dancer"}],
    "cover-preprocess": [{"audio": SONG}],
    "voice-design": [
        {"prompt": "A warm narrator", "preview": "Hello."},
        {"prompt": "A warm narrator", "preview": "Hello.", "voice_prefix": "warmvoice"},
    ],
    "voice-clone": [
        {"audio": SONG, "voice_id": "warm-voice01"},
        {"audio": SONG, "voice_prefix": "warmvoice"},
    ],
    "transcribe": [{"audio": SONG}],
    "audio-result": [{"task_id": "a-task"}],
    "chat": [{"prompt": "Hello"}],
    "search": [{"prompt": "lighthouses"}],
    "describe": [{"image": URL}],
}
