"""Typed requests, one file a kind: every rule of the contracts, checked before anything is sent.

Names and titles of the kinds are here without pydantic, so that loading the extension stays cheap; a
class is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import GrammarError

if TYPE_CHECKING:
    from minimax_nb.kinds.agent import AgentVideoRequest
    from minimax_nb.kinds.audio_result import AudioResultRequest
    from minimax_nb.kinds.base import Request
    from minimax_nb.kinds.chat import ChatRequest
    from minimax_nb.kinds.command import to_command
    from minimax_nb.kinds.context_ir import ContextIRRequest
    from minimax_nb.kinds.cover_preprocess import CoverPreprocessRequest
    from minimax_nb.kinds.describe import DescribeRequest
    from minimax_nb.kinds.image import ImageRequest
    from minimax_nb.kinds.inputs import MediaInput
    from minimax_nb.kinds.lyrics import LyricsRequest
    from minimax_nb.kinds.music import MusicRequest
    from minimax_nb.kinds.options import Option, option_table
    from minimax_nb.kinds.search import SearchRequest
    from minimax_nb.kinds.speech import SpeechRequest
    from minimax_nb.kinds.transcribe import TranscribeRequest
    from minimax_nb.kinds.video import VideoRequest
    from minimax_nb.kinds.video_regeneration import VideoRegenerationRequest
    from minimax_nb.kinds.voice_clone import VoiceCloneRequest
    from minimax_nb.kinds.voice_design import VoiceDesignRequest

#: What each kind makes, in a word or two.
KIND_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "image": "Images",
        "video": "Video",
        "speech": "Speech",
        "music": "Music",
        "lyrics": "Lyrics of a song",
        "agent": "Video by a template",
        "video-regeneration": "H3 video again in 2K",
        "context-ir": "Prompt written out for H3",
        "cover-preprocess": "Words heard in a song",
        "voice-design": "Voice from a description",
        "voice-clone": "Voice from a recording",
        "transcribe": "Words of a recording",
        "audio-result": "Speech of an earlier task",
        "chat": "Answers in words",
        "search": "Pages of the web",
        "describe": "What is on a picture",
    }
)
KIND_NAMES: tuple[str, ...] = tuple(KIND_TITLES)

_CLASSES = {
    "image": "ImageRequest",
    "video": "VideoRequest",
    "speech": "SpeechRequest",
    "music": "MusicRequest",
    "lyrics": "LyricsRequest",
    "agent": "AgentVideoRequest",
    "video-regeneration": "VideoRegenerationRequest",
    "context-ir": "ContextIRRequest",
    "cover-preprocess": "CoverPreprocessRequest",
    "voice-design": "VoiceDesignRequest",
    "voice-clone": "VoiceCloneRequest",
    "transcribe": "TranscribeRequest",
    "audio-result": "AudioResultRequest",
    "chat": "ChatRequest",
    "search": "SearchRequest",
    "describe": "DescribeRequest",
}
_HOMES = {name: kind.replace("-", "_") for kind, name in _CLASSES.items()} | {
    "MediaInput": "inputs",
    "Option": "options",
    "Request": "base",
    "option_table": "options",
    "to_command": "command",
}

__all__ = [
    "KINDS",
    "KIND_NAMES",
    "KIND_TITLES",
    "AgentVideoRequest",
    "AudioResultRequest",
    "ChatRequest",
    "ContextIRRequest",
    "CoverPreprocessRequest",
    "DescribeRequest",
    "ImageRequest",
    "LyricsRequest",
    "MediaInput",
    "MusicRequest",
    "Option",
    "Request",
    "SearchRequest",
    "SpeechRequest",
    "TranscribeRequest",
    "VideoRegenerationRequest",
    "VideoRequest",
    "VoiceCloneRequest",
    "VoiceDesignRequest",
    "build",
    "option_table",
    "request_class",
    "to_command",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def request_class(kind: str) -> type[Request]:
    """Return the request class of a kind.

    Parameters
    ----------
    kind
        A name of :data:`KIND_NAMES`; ``voice_design`` is as good as ``voice-design``.

    Raises
    ------
    GrammarError
        For any other word, with the nearest kind.
    """
    name = _CLASSES.get(kind.replace("_", "-"))
    if name is None:
        from minimax_nb.catalog import nearest

        hint = nearest(kind, KIND_NAMES) or "; %minimax help lists the kinds"
        raise GrammarError(f"{kind!r} is not a kind{hint}")
    found: type[Request] = __getattr__(name)
    return found


def build(kind: str, text: str | None, options: Mapping[str, object]) -> Request:
    """Make a request from what was typed.

    Parameters
    ----------
    kind
        What to make.
    text
        The cell's body, kept to the byte; ``None`` or blank where there is none.
    options
        Name → value. Names may be written with ``-`` or ``_``, and be aliases. Values may be strings as
        from a command line, read strictly (``"6"``, ``"true"``, ``"yes"``); media options take paths,
        URLs, bytes, images or earlier results; repeated options a list.

    Raises
    ------
    GrammarError
        The kind does not exist.
    RequestInvalidError
        One line a problem; an unknown option with the nearest name.
    """
    return request_class(kind).make(text, **options)


class _Kinds(Mapping[str, "type[Request]"]):
    """Kind → request class; a class is imported when it is asked for."""

    def __getitem__(self, kind: str) -> type[Request]:
        if kind not in _CLASSES:
            raise KeyError(kind)
        return request_class(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(KIND_NAMES)

    def __len__(self) -> int:
        return len(KIND_NAMES)


KINDS: Mapping[str, type[Request]] = _Kinds()
