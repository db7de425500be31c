"""What a finished job gives back: its media, and the facts of how they were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from minimax_nb.errors import MediaError
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media

if TYPE_CHECKING:
    from PIL.Image import Image

    from minimax_nb.lab.job import Job

#: What a job keeps among its facts for itself: what its price hangs on.
_OURS = frozenset({"price_facts"})


class Result(Sequence[Media]):
    """The outputs of one job, in order; behaves as a sequence of :class:`~minimax_nb.Media`.

    A result of one output can be used as that output: ``result.path``, ``result.pil()``.

    Parameters
    ----------
    record
        The job's row.
    media
        All files of the job: outputs, previews and subtitles.
    marking
        Its job, which keeps stars, tags and notes.
    """

    def __init__(self, record: JobRecord, media: Sequence[Media], *, marking: Job | None = None) -> None:
        self._record = record
        self._marking = marking
        self._media = tuple(media)
        shown = tuple(item for item in self._media if item.role == "output")
        self._items = shown or tuple(item for item in self._media if item.role == "preview")

    @overload
    def __getitem__(self, index: int) -> Media: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Media]: ...
    def __getitem__(self, index: int | slice) -> Media | Sequence[Media]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Media]:
        return iter(self._items)

    @property
    def media(self) -> tuple[Media, ...]:
        """All files of the job, with previews and subtitles."""
        return self._media

    @property
    def job_id(self) -> str:
        """The job's id in the ledger."""
        return self._record.id

    @property
    def kind(self) -> str:
        """The kind of request: ``image``, ``video`` …."""
        return self._record.kind

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self._record.provider

    @property
    def model(self) -> str:
        """The model that made it."""
        return self._record.model

    @property
    def prompt(self) -> str:
        """The text as sent."""
        return self._record.prompt or ""

    @property
    def cost(self) -> Decimal | None:
        """What it cost in :attr:`currency`, exact; ``None`` when no price is known."""
        nano = self._record.cost_nano
        return None if nano is None else Decimal(nano).scaleb(-9).normalize()

    @property
    def currency(self) -> str:
        """The currency of :attr:`cost`."""
        return self._record.currency

    @property
    def sandbox(self) -> bool:
        """True when the sandbox made it and nothing was paid."""
        return self._record.sandbox

    @property
    def seed(self) -> int | None:
        """The seed asked for, if any."""
        return self._record.request.get("seed")

    @property
    def voice_id(self) -> str | None:
        """The voice a voice design or clone made."""
        return self._record.facts.get("voice_id")

    @property
    def facts(self) -> dict[str, Any]:
        """The provider's extras: duration, trace id, counts …."""
        return {name: value for name, value in self._record.facts.items() if name not in _OURS}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Remarks made while the job ran."""
        return tuple(self._record.warnings)

    def star(self, on: bool = True) -> None:
        """Star it in the log, or with ``on=False`` take the star away."""
        self._marked().star(on)

    def tag(self, **tags: object) -> None:
        """Set tags in the log: ``result.tag(round=2)``; ``None`` takes one away."""
        job = self._marked()
        job.tag(**tags)
        self._record = job.record

    def note(self, text: str) -> None:
        """Add a note in the log."""
        self._marked().note(text)

    def _marked(self) -> Job:
        if self._marking is None:
            raise MediaError(
                "this result does not know its lab", hint=f"lab.star({self.job_id!r}), lab.tag, lab.note"
            )
        return self._marking

    def only(self) -> Media:
        """Return the one output; MediaError when there are several or none."""
        if len(self._items) != 1:
            raise MediaError(
                f"this result has {len(self._items)} outputs, not one",
                hint="Take one by its number: result[0]" if self._items else None,
                job_id=self.job_id,
            )
        return self._items[0]

    @property
    def path(self) -> Path:
        """The file of the only output."""
        return self.only().path

    @property
    def text(self) -> str:
        """The text of the only output: an answer, lyrics. An answer that is thinking alone is empty."""
        if self.kind == "chat" and not self._items:
            return ""
        return self.only().text()

    @property
    def is_text(self) -> bool:
        """True when the result is words: an answer, lyrics; ``{name}`` in a prompt is then these words."""
        return self.kind == "chat" or (len(self._items) == 1 and self._items[0].kind == "text")

    @property
    def lyrics(self) -> str | None:
        """The words of a song that were written, or heard in one; ``None`` for other kinds."""
        return self.text if self.kind in ("lyrics", "cover-preprocess") and self._items else None

    @property
    def song_title(self) -> str | None:
        """The title of written lyrics."""
        return self._record.facts.get("song_title")

    @property
    def style(self) -> str | None:
        """The tags of style that go with written lyrics, as a prompt for the song."""
        return self._record.facts.get("style_tags")

    @property
    def cover_feature_id(self) -> str | None:
        """What stands for a song that was heard, for 24 h; :class:`~minimax_nb.MusicRequest` takes it."""
        return self._record.facts.get("cover_feature_id")

    @property
    def thinking(self) -> str:
        """What a model thought before it answered; empty where it does not tell."""
        return "".join(item.text() for item in self._media if item.role == "thinking")

    def bytes(self) -> bytes:
        """Return the content of the only output."""
        return self.only().bytes()

    def pil(self) -> Image:
        """Return the only output as a PIL image."""
        image: Image = self.only().pil()
        return image

    def save(self, to: str | Path) -> Path:
        """Copy the only output to a file or into a folder; returns where it went."""
        return self.only().save(to)

    def show(self) -> None:
        """Display the card again."""
        from IPython.display import display

        display(self)

    def __str__(self) -> str:
        return self.text if self.is_text else repr(self)

    def __repr__(self) -> str:
        from minimax_nb.render.text import card_text
        from minimax_nb.render.view import view_of

        try:
            return card_text([view_of(self._record, self._media)])
        except Exception:  # a repr never raises
            return f"<Result of job {self.job_id}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from minimax_nb.render.bundle import card_bundle
        from minimax_nb.render.view import view_of

        return card_bundle([view_of(self._record, self._media)])
