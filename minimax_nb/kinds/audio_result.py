"""Speech that was asked for earlier, by the id of its task."""

from __future__ import annotations

from typing import ClassVar

from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.options import option

_DOCS = "product document, Pixazo MiniMax APIs, Speech getAudioResult"


class AudioResultRequest(PromptRequest):
    """The audio of a speech task that another client made; a queued and priced job of its own at Pixazo.

    What a second call for the same task costs is not documented, so it is not asked for twice by itself.
    """

    kind: ClassVar[str] = "audio-result"
    text_field: ClassVar[str] = "task_id"
    word_field: ClassVar[str] = "task_id"

    task_id: str = option(help="Id of the speech task, as its create call gave it.", source=_DOCS)
