"""One method a kind: the request made from words and options, asked for, and waited for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from minimax_nb.kinds import build
from minimax_nb.lab.dictating import dictate
from minimax_nb.lab.result import Result
from minimax_nb.lab.threads import Thread, thread_of, threads_of

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.job import Job
    from minimax_nb.wire import Piece

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

    def speech(self, text: str | Iterable[str | Piece], **options: Any) -> Result:
        """Speak a text; options as in :class:`~minimax_nb.SpeechRequest`. Blocks until it is stored.

        A text that is still being written, as ``lab.speech(job.stream())`` of a chat, is spoken meanwhile;
        see :meth:`dictate`.
        """
        if not isinstance(text, str):
            timeout = options.pop("timeout", None)
            self.last = self.dictate(text, **options).result(timeout)
            return self.last
        return self._run("speech", text, options)

    def dictate(self, pieces: Iterable[str | Piece], **options: Any) -> Job:
        """Speak a text while it is being written, and return at once when it has begun.

        Parameters
        ----------
        pieces
            Texts as they come, or the pieces of a streamed answer, of which thinking is not spoken. They are
            read on a thread of their own.
        **options
            As in :class:`~minimax_nb.SpeechRequest`. ``max_characters`` (10,000) is the most that is spoken:
            they are reserved, and what is counted is paid.

        Returns
        -------
        Job
            ``job.stream()`` yields the audio while it comes. Its row has the text as far as it was sent.

        Raises
        ------
        RequestInvalidError
            No text came; nothing was sent.
        """
        own = {key: options.pop(key) for key in _OWN if key in options}
        return dictate(self._self, pieces, options, own)

    def music(self, prompt: str = "", **options: Any) -> Result:
        """Make a song; options as in :class:`~minimax_nb.MusicRequest`. Blocks until it is stored."""
        return self._run("music", prompt, options)

    def lyrics(self, prompt: str = "", **options: Any) -> Result:
        """Write or edit a song's words; options as in :class:`~minimax_nb.LyricsRequest`. ``result.lyrics`` is them."""
        return self._run("lyrics", prompt, options)

    def agent(self, template: str, prompt: str = "", **options: Any) -> Result:
        """Make a video by a template; options as in :class:`~minimax_nb.AgentVideoRequest`, as ``image=``."""
        return self._run("agent", prompt, {"template": template, **options})

    def video_regeneration(self, base_video: Any = None, **options: Any) -> Result:
        """Make an H3 video again in 2K; options as in :class:`~minimax_nb.VideoRegenerationRequest`."""
        return self._run("video-regeneration", None, {"base_video": base_video, **options})

    def context_ir(self, prompt: str, **options: Any) -> Result:
        """Write a prompt out for H3; options as in :class:`~minimax_nb.ContextIRRequest`. ``result.text`` is it."""
        return self._run("context-ir", prompt, options)

    def cover_preprocess(self, audio: Any, **options: Any) -> Result:
        """Hear a song for a cover, free: ``result.lyrics`` and ``result.cover_feature_id``."""
        return self._run("cover-preprocess", None, {"audio": audio, **options})

    def voice_design(self, prompt: str, **options: Any) -> Result:
        """Design a voice from words; options as in :class:`~minimax_nb.VoiceDesignRequest`."""
        return self._run("voice-design", prompt, options)

    def voice_clone(self, audio: Any, **options: Any) -> Result:
        """Clone a voice from a recording; options as in :class:`~minimax_nb.VoiceCloneRequest`."""
        return self._run("voice-clone", None, {"audio": audio, **options})

    def transcribe(self, audio: Any, **options: Any) -> Result:
        """Write down a recording; options as in :class:`~minimax_nb.TranscribeRequest`. ``result.text`` is it."""
        return self._run("transcribe", None, {"audio": audio, **options})

    def audio_result(self, task_id: str, **options: Any) -> Result:
        """Fetch the audio of an earlier speech task of Pixazo; a priced job of its own."""
        return self._run("audio-result", task_id, options)

    def chat(self, prompt: str, **options: Any) -> Result:
        """Ask for an answer in words; options as in :class:`~minimax_nb.ChatRequest`. ``result.text`` is it.

        ``thread="name"`` goes on with a conversation of the project, which the ledger keeps.
        """
        return self._run("chat", prompt, options)

    def search(self, query: str, **options: Any) -> Result:
        """Look for pages of the web, with a plan's key. ``result.text`` is the list, in Markdown."""
        return self._run("search", query, options)

    def describe(self, image: Any, prompt: str | None = None, **options: Any) -> Result:
        """Ask what is on a picture, with a plan's key. ``result.text`` is the answer."""
        return self._run("describe", prompt, {"image": image, **options})

    def thread(self, name: str) -> Thread:
        """Return a conversation of this project as the ledger has it; empty when there is none."""
        return thread_of(self._self, name)

    def threads(self) -> list[Thread]:
        """Return the conversations of this project, the latest first."""
        return threads_of(self._self)

    @property
    def _self(self) -> Lab:
        return cast("Lab", self)

    def _run(self, kind: str, text: str | None, options: dict[str, Any]) -> Result:
        own = {key: options.pop(key) for key in _OWN if key in options}
        timeout = options.pop("timeout", None)
        self.last = self.submit(build(kind, text, options), **own).result(timeout)
        return self.last
