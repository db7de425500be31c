"""What one entry of each data file is: typed, frozen, and the words it may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

#: What a model's ``limits`` may say, and in which unit. A key outside this table is an error when the
#: file is loaded: nothing would read it.
LIMIT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "prompt_max": "characters of the prompt",
        "prompt_min": "characters of the prompt",
        "text_max": "characters of the text to speak (a clone's preview text for voice-clone)",
        "text_socket_max": "characters of the text of one WebSocket message",
        "text_long_max": "characters of a long text inside the request",
        "text_file_max": "characters of a long text in a file",
        "lyrics_max": "characters of the lyrics",
        "preview_max": "characters of a designed voice's preview text",
        "aspect_ratios": "allowed ratios",
        "sizes": "ratio → [width, height] in px",
        "custom_size": "true when width and height may be given",
        "size_min": "px, shortest side that may be asked",
        "size_max": "px, longest side that may be asked",
        "size_step": "px, sides are multiples of this",
        "n_max": "images per request",
        "styles": "allowed style names",
        "subject_types": "allowed types of a subject reference",
        "subject_max": "subject references per request",
        "image_formats": "input image formats",
        "image_bytes_max": "bytes of an input image",
        "image_side_min": "px, the short side of an input image must be longer than this",
        "image_side_max": "px, the long side of an input image",
        "image_ratio_min": "least width / height of an input image",
        "image_ratio_max": "greatest width / height of an input image",
        "emotions": "allowed emotions",
        "languages": "allowed language boosts, as spelled on the wire",
        "formats": "output formats",
        "stream_formats": "output formats that can be streamed",
        "modify_formats": "output formats in which a voice can be modified",
        "modify_stream_formats": "the same, streamed",
        "sample_rates": "Hz",
        "long_opus_rates": "Hz of Opus from a long text",
        "bitrates": "bit/s",
        "channels": "output channels",
        "mix_max": "voices in a mix",
        "sound_effects": "allowed sound effects",
        "interjections": "sounds understood in (round brackets)",
        "continuous_sound": "true when the option is understood",
        "stream": "true when the result can come piece by piece",
        "fixed_duration": "s, where the model takes no duration",
        "fixed_resolution": "where the model takes no resolution",
        "resolution_modes": "resolution → the only modes that may ask for it",
        "camera_commands": "camera commands understood in [brackets]",
        "fast_pretreatment": "true when the option is understood",
        "instrumental": "true when songs without vocals may be asked",
        "lyrics_optimizer": "true when the model can write lyrics from the prompt",
        "lyrics_required": "true when a song needs lyrics, or the model to write them",
        "structure_tags": "section tags understood in lyrics",
        "audio_formats": "input audio formats",
        "audio_bytes_max": "bytes of an input recording",
        "audio_seconds_min": "s, shortest input recording",
        "audio_seconds_max": "s, longest input recording",
        "prompt_audio_seconds_max": "s, an optional prompt recording must be shorter than this",
        "voice_id_min": "characters of a chosen voice id",
        "voice_id_max": "characters of a chosen voice id",
        "unused_days": "days after which a made voice is dropped unless it was used",
        "context_max": "tokens of the prompt and the answer",
        "output_max": "tokens of the answer, thinking included",
        "output_default": "tokens of the answer that the documents recommend",
        "thinking": "always, or switch when a request may turn it off",
        "inputs": "what a message may hold beside text",
        "plan_only": "true when pay-as-you-go keys are refused",
        "references": "reference media per request by kind of medium",
        "files_max": "input files per request",
        "video_formats": "input video formats",
        "video_bytes_max": "bytes of an input video",
        "video_rate_min": "frames/s of an input video",
        "video_rate_max": "frames/s of an input video",
        "video_seconds_min": "s, shortest input video",
        "video_seconds_max": "s, longest input video",
        "material_seconds_max": "s, all reference videos together, and all reference recordings",
        "base_rate": "frames/s that a video to be regenerated must have",
        "base_side_step": "px, both sides of such a video are multiples of this",
        "base_pixels_min": "px, width x height of such a video",
        "base_pixels_max": "px, width x height of such a video",
        "base_frames_min": "frames of such a video",
        "base_frames_max": "frames of such a video",
        "base_frames_step": "frames of such a video come in steps of this",
        "concrete_ratio": "true when references need a ratio other than adaptive",
        "lyrics_min": "characters of the lyrics",
        "prompt_expansion": "allowed modes of prompt expansion",
    }
)

#: The words that voice ids begin with to name their language.
_LANGUAGE_PREFIXES = frozenset(
    {
        "arabic", "cantonese", "chinese", "czech", "dutch", "english", "finnish", "french", "german", "greek",
        "hindi", "indonesian", "italian", "japanese", "korean", "polish", "portuguese", "romanian",
        "russian", "spanish", "thai", "turkish", "ukrainian", "vietnamese",
    }
)  # fmt: skip

STATUSES = ("current", "legacy", "closed-to-new-users")


@dataclass(frozen=True, slots=True)
class Model:
    """One model of one provider, with its limits.

    Parameters
    ----------
    provider, kind, name
        The key. ``name`` is what a person types and the ledger keeps.
    title
        Display name.
    default
        True for the model used when none is named; one per provider and kind.
    defaults
        Request field → value, for fields left open (``{"duration": 6, "resolution": "768P"}``).
    modes
        What may be given: ``text``, ``first-frame``, ``first-last-frame``, ``subject``, ``references``,
        ``cover``; empty where the kind has no modes.
    durations
        Seconds → resolutions at that length. Empty: the model takes neither, and neither is sent.
    limits
        Keys and units: :data:`LIMIT_KEYS`. A key that is absent means no limit is known.
    rpm_class
        Name of the :class:`Limit` of this provider that counts its requests.
    typical_seconds
        Usual wall-clock time of one request, in seconds: a cold-start guess for polling and ETA.
    status
        ``current``, ``legacy`` or ``closed-to-new-users``.
    wire
        The provider's own name in requests and paths; the same as ``name`` for MiniMax itself.
    aliases
        Other names accepted for it.
    note
        One line for people.
    api
        Which of the provider's endpoints for the kind serves it, where there are several: ``v2``.
    unserved
        True while the client has no request for it: only the sandbox, and prices, know it.
    source, retrieved
        Where the entry was read, and when.
    """

    provider: str
    kind: str
    name: str
    title: str
    rpm_class: str
    typical_seconds: float
    source: str
    retrieved: date
    default: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)
    modes: tuple[str, ...] = ()
    durations: Mapping[int, tuple[str, ...]] = field(default_factory=dict, hash=False)
    limits: Mapping[str, Any] = field(default_factory=dict, hash=False)
    status: str = "current"
    wire: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""
    api: str = ""
    unserved: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a class of requests may be sent, and how to poll it.

    Parameters
    ----------
    provider, name
        The key; models point at it by ``rpm_class``.
    rpm
        Requests per minute of one account; ``None`` when not published.
    concurrency
        Requests in flight of one account; ``None`` when not published.
    tpm
        Tokens per minute of one account, in and out together; ``None`` when not published. A request is
        refused for it with 1039, which is waited out and sent again like 1002.
    poll_first, poll_every, poll_floor
        Seconds until the first poll, between polls, and the least spacing the provider asks for.
    source, retrieved
        Where the entry was read, and when.
    """

    provider: str
    name: str
    rpm: int | None
    concurrency: int | None
    tpm: int | None
    poll_first: float
    poll_every: float
    poll_floor: float
    source: str
    retrieved: date


@dataclass(frozen=True, slots=True)
class Voice:
    """One system voice.

    ``id`` is byte-exact: some carry spaces or full-width brackets, so it is never normalised.
    ``name`` is made from it for reading. ``language`` is the spelling of the ``language_boost``
    option; ``gender`` is ``"female"`` or ``"male"`` where the id says so, else ``None``.
    """

    id: str
    name: str
    language: str
    gender: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """One video-agent template: how many media and texts it asks for, and where it is offered.

    ``region`` is ``global`` (api.minimax.io) or ``china`` (api.minimaxi.com).
    """

    id: str
    name: str
    description: str
    media_inputs: int
    text_inputs: int
    region: str
    source: str
    retrieved: date


def readable(voice_id: str) -> str:
    """Return a voice id as words: ``English_Graceful_Lady`` → ``Graceful Lady``."""
    head, mark, tail = voice_id.partition("_")
    text = tail if mark and head.split(" ")[0].casefold() in _LANGUAGE_PREFIXES else voice_id
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("_", " "))
    return text[:1].upper() + text[1:]
