"""Words of a song: a whole one written, or given ones edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.music import break_lines
from minimax_nb.kinds.options import option

_DOCS = "MiniMax docs, api-reference/lyrics-generation"


class LyricsRequest(PromptRequest):
    """The lyrics of one song, with section tags, a title and tags of style."""

    kind: ClassVar[str] = "lyrics"
    text_required: ClassVar[bool] = False

    prompt: str | None = option(
        None,
        help="What the song is about, its style and mood; with --lyrics, what to change.",
        source=_DOCS,
        by_model={"max_length": "prompt_max"},
    )
    lyrics: str | None = option(
        None,
        help="Lyrics to edit; without them a whole song is written.",
        source=_DOCS,
        by_model={"max_length": "lyrics_max"},
    )
    title: str | None = option(None, help="The song's title; thought up when left out.", source=_DOCS)

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        r"""Read ``\n`` in lyrics typed on one line as the end of a line."""
        break_lines(values)

    @property
    def task(self) -> str:
        """``edit`` with lyrics, else ``write_full_song``: the provider's words for what to do."""
        return "write_full_song" if self.lyrics is None else "edit"

    def rules(self) -> Iterator[str]:
        """Yield broken rules: something to write about."""
        if self.prompt is None and self.lyrics is None:
            yield f"--prompt is missing (write it below the first line), or give --lyrics to edit ({_DOCS})"

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model; a call is one unit."""
        return {"model": self.model, "n": 1}
