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
    from minimax_nb.kinds.image import ImageRequest
    from minimax_nb.kinds.music import MusicRequest
    from minimax_nb.kinds.speech import SpeechRequest
    from minimax_nb.kinds.video import VideoRequest
    from minimax_nb.kinds.voice_clone import VoiceCloneRequest
    from minimax_nb.kinds.voice_design import VoiceDesignRequest
    from minimax_nb.lab import Lab, current_lab
    from minimax_nb.lab.job import Job
    from minimax_nb.lab.result import Result
    from minimax_nb.ledger import Ledger
    from minimax_nb.media import Media, MediaStore

_HOMES = {
    "ImageRequest": "minimax_nb.kinds.image",
    "Job": "minimax_nb.lab.job",
    "Lab": "minimax_nb.lab",
    "current_lab": "minimax_nb.lab",
    "Ledger": "minimax_nb.ledger",
    "Media": "minimax_nb.media",
    "MediaStore": "minimax_nb.media",
    "MiniMaxError": "minimax_nb.errors",
    "MusicRequest": "minimax_nb.kinds.music",
    "Result": "minimax_nb.lab.result",
    "SpeechRequest": "minimax_nb.kinds.speech",
    "VideoRequest": "minimax_nb.kinds.video",
    "VoiceCloneRequest": "minimax_nb.kinds.voice_clone",
    "VoiceDesignRequest": "minimax_nb.kinds.voice_design",
}

__all__ = [
    "ImageRequest",
    "Job",
    "Lab",
    "Ledger",
    "Media",
    "MediaStore",
    "MiniMaxError",
    "MusicRequest",
    "Result",
    "SpeechRequest",
    "VideoRequest",
    "VoiceCloneRequest",
    "VoiceDesignRequest",
    "__version__",
    "current_lab",
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
