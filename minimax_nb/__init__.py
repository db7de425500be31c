"""A notebook lab for generative media: nothing paid is lost, nothing is paid twice, everything can be compared.

In a notebook::

    %load_ext minimax_nb

    %%minimax image hero << --aspect-ratio 16:9 -n 2
    A girl looking into the distance from a library window

In Python::

    import minimax_nb

    lab = minimax_nb.Lab()
    result = lab.image("A girl looking into the distance", aspect_ratio="16:9", n=2)
    lab.log()

Names are imported on first use, so that ``import minimax_nb`` and ``%load_ext minimax_nb`` stay cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb._version import __version__

if TYPE_CHECKING:
    from minimax_nb.errors import MiniMaxError
    from minimax_nb.kinds.agent import AgentVideoRequest
    from minimax_nb.kinds.audio_result import AudioResultRequest
    from minimax_nb.kinds.chat import ChatRequest
    from minimax_nb.kinds.context_ir import ContextIRRequest
    from minimax_nb.kinds.cover_preprocess import CoverPreprocessRequest
    from minimax_nb.kinds.describe import DescribeRequest
    from minimax_nb.kinds.image import ImageRequest
    from minimax_nb.kinds.lyrics import LyricsRequest
    from minimax_nb.kinds.music import MusicRequest
    from minimax_nb.kinds.search import SearchRequest
    from minimax_nb.kinds.speech import SpeechRequest
    from minimax_nb.kinds.transcribe import TranscribeRequest
    from minimax_nb.kinds.video import VideoRequest
    from minimax_nb.kinds.video_regeneration import VideoRegenerationRequest
    from minimax_nb.kinds.voice_clone import VoiceCloneRequest
    from minimax_nb.kinds.voice_design import VoiceDesignRequest
    from minimax_nb.lab import Lab, current_lab
    from minimax_nb.lab.comparing import compare
    from minimax_nb.lab.job import Job
    from minimax_nb.lab.rating import rate
    from minimax_nb.lab.result import Result
    from minimax_nb.lab.sweeps.sweep import Sweep
    from minimax_nb.ledger import Ledger
    from minimax_nb.media import Media, MediaStore

_HOMES = {
    "AgentVideoRequest": "minimax_nb.kinds.agent",
    "AudioResultRequest": "minimax_nb.kinds.audio_result",
    "ChatRequest": "minimax_nb.kinds.chat",
    "ContextIRRequest": "minimax_nb.kinds.context_ir",
    "CoverPreprocessRequest": "minimax_nb.kinds.cover_preprocess",
    "DescribeRequest": "minimax_nb.kinds.describe",
    "ImageRequest": "minimax_nb.kinds.image",
    "Job": "minimax_nb.lab.job",
    "Lab": "minimax_nb.lab",
    "compare": "minimax_nb.lab.comparing",
    "current_lab": "minimax_nb.lab",
    "Ledger": "minimax_nb.ledger",
    "LyricsRequest": "minimax_nb.kinds.lyrics",
    "Media": "minimax_nb.media",
    "MediaStore": "minimax_nb.media",
    "MiniMaxError": "minimax_nb.errors",
    "MusicRequest": "minimax_nb.kinds.music",
    "Result": "minimax_nb.lab.result",
    "SearchRequest": "minimax_nb.kinds.search",
    "SpeechRequest": "minimax_nb.kinds.speech",
    "Sweep": "minimax_nb.lab.sweeps.sweep",
    "TranscribeRequest": "minimax_nb.kinds.transcribe",
    "VideoRegenerationRequest": "minimax_nb.kinds.video_regeneration",
    "VideoRequest": "minimax_nb.kinds.video",
    "VoiceCloneRequest": "minimax_nb.kinds.voice_clone",
    "VoiceDesignRequest": "minimax_nb.kinds.voice_design",
    "rate": "minimax_nb.lab.rating",
}

__all__ = [
    "AgentVideoRequest",
    "AudioResultRequest",
    "ChatRequest",
    "ContextIRRequest",
    "CoverPreprocessRequest",
    "DescribeRequest",
    "ImageRequest",
    "Job",
    "Lab",
    "Ledger",
    "LyricsRequest",
    "Media",
    "MediaStore",
    "MiniMaxError",
    "MusicRequest",
    "Result",
    "SearchRequest",
    "SpeechRequest",
    "Sweep",
    "TranscribeRequest",
    "VideoRegenerationRequest",
    "VideoRequest",
    "VoiceCloneRequest",
    "VoiceDesignRequest",
    "__version__",
    "compare",
    "current_lab",
    "rate",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(ipython: Any) -> None:
    """Register ``%minimax`` and ``%%minimax``; prints nothing, touches no network and no disk."""
    from minimax_nb.magics import load_ipython_extension as load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Remove what :func:`load_ipython_extension` registered."""
    from minimax_nb.magics import unload_ipython_extension as unload

    unload(ipython)
