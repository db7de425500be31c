"""One method a kind: the request made from words and options, asked for, and waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.kinds import build
from minimax_nb.lab.result import Result

if TYPE_CHECKING:
    from minimax_nb.lab.job import Job

#: What a shortcut like ``lab.image`` takes beside the options of its kind.
_OWN = ("provider", "tags", "name", "approved", "allow_unpriced", "reuse")


class Shortcuts:
    """``lab.image(…)`` and its sisters; a part of :class:`~minimax_nb.Lab`."""

    #: The result of the last finished job of this kernel.
    last: Result | None = None

    if TYPE_CHECKING:

        def submit(self, *args: Any, **kwargs: Any) -> Job:
            """Ask for one job and return at once."""

    def image(self, prompt: str, **options: Any) -> Result:
        """Make images; options as in :class:`~minimax_nb.ImageRequest`. Blocks until they are stored."""
        return self._run("image", prompt, options)

    def video(self, prompt: str = "", **options: Any) -> Result:
        """Make a video; options as in :class:`~minimax_nb.VideoRequest`. Blocks until it is stored."""
        return self._run("video", prompt, options)

    def speech(self, text: str, **options: Any) -> Result:
        """Speak a text; options as in :class:`~minimax_nb.SpeechRequest`. Blocks until it is stored."""
        return self._run("speech", text, options)

    def music(self, prompt: str = "", **options: Any) -> Result:
        """Make a song; options as in :class:`~minimax_nb.MusicRequest`. Blocks until it is stored."""
        return self._run("music", prompt, options)

    def voice_design(self, prompt: str, **options: Any) -> Result:
        """Design a voice from words; options as in :class:`~minimax_nb.VoiceDesignRequest`."""
        return self._run("voice-design", prompt, options)

    def voice_clone(self, audio: Any, **options: Any) -> Result:
        """Clone a voice from a recording; options as in :class:`~minimax_nb.VoiceCloneRequest`."""
        return self._run("voice-clone", None, {"audio": audio, **options})

    def _run(self, kind: str, text: str | None, options: dict[str, Any]) -> Result:
        own = {key: options.pop(key) for key in _OWN if key in options}
        timeout = options.pop("timeout", None)
        self.last = self.submit(build(kind, text, options), **own).result(timeout)
        return self.last
