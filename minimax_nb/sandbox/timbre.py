"""How a voice is changed after it spoke: MiniMax's ``voice_modify``, as data."""

from __future__ import annotations

from typing import NamedTuple

EFFECTS = ("spacious_echo", "auditorium_echo", "lofi_telephone", "robotic")


class Timbre(NamedTuple):
    """A change of voice (MiniMax docs, api-reference/speech-t2a-http, ``voice_modify``).

    Parameters
    ----------
    pitch
        -100 (deeper) to 100 (brighter).
    intensity
        -100 (more forceful) to 100 (softer).
    timbre
        -100 (fuller) to 100 (crisper).
    effect
        One of :data:`EFFECTS`, or ``None``.
    """

    pitch: int = 0
    intensity: int = 0
    timbre: int = 0
    effect: str | None = None
