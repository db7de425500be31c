"""The last jobs as a person looks at them: a table with pictures and players, or a page of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.ledger.frame import options_of
from minimax_nb.ledger.marks import Marks
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media
from minimax_nb.render import logtable as drawn
from minimax_nb.render import words
from minimax_nb.render.still import is_compared

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab.lab import Lab
    from minimax_nb.ledger.rows import MediaRow

#: Roles whose files stand for a job, the best first.
_SHOWN = ("output", "preview")


class LogTable:
    """Some jobs, shown as a table; ``frame`` is the same as a DataFrame, and ``table["cost"]`` a column of it.

    Parameters
    ----------
    lab
        Whose jobs they are.
    records
        The jobs, in the order in which they are shown.
    grid
        Show their pictures alone.
    """

    def __init__(self, lab: Lab, records: Sequence[JobRecord], *, grid: bool = False) -> None:
        self._lab = lab
        self.records = tuple(records)
        self._grid = grid

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The jobs as ``lab.log()`` has them, in the order of the table."""
        import pandas as pd

        ids = [record.id for record in self.records]
        found = self._lab.ledger.frame(ids=ids)
        order = pd.Index(found["job"]).get_indexer(pd.Index(ids))
        rows: pd.DataFrame = found.iloc[order].reset_index(drop=True)
        return rows

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[JobRecord]:
        return iter(self.records)

    def __getitem__(self, column: Any) -> Any:
        return self.frame[column]

    def __repr__(self) -> str:
        return self.text()

    def text(self, *, static: bool = False) -> str:
        """Return the table as text; ``static`` leaves out ids and times."""
        if not self.records:
            return "No jobs match." if self._lab.ledger.jobs(limit=1) else "No jobs yet."
        return drawn.log_text(self._rows(pictures=False), title=self._title, static=static)

    def html(self) -> str:
        """Return the table as HTML; missing pictures are made, and kept beside the media store."""
        return drawn.log_html(self._rows(), title=self._title, note=_NOTE, grid=self._grid)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": self.text(static=is_compared())}
        if self.records:
            try:
                bundle["text/html"] = self.html()
            except Exception:  # the text says the same
                return bundle
        return bundle

    @property
    def _title(self) -> str:
        return count(len(self.records), "job")

    def _rows(self, *, pictures: bool = True) -> list[drawn.LogRow]:
        ids = [record.id for record in self.records]
        marks = self._lab.ledger.marks(ids)
        files = self._lab.ledger.outputs(ids) if pictures else {}
        shown = {key: _best(rows) for key, rows in files.items()}
        small = self._pictures({key: rows[0] for key, rows in shown.items() if rows})
        return [
            _row(record, marks.get(record.id, Marks()), small.get(record.id), len(shown.get(record.id, ())))
            for record in self.records
        ]

    def _pictures(self, files: dict[str, MediaRow]) -> dict[str, drawn.Picture]:
        """Return the first picture of each job, made by all cores where it was not made before."""
        px, base, folder = drawn.side(len(self.records)), Path.cwd(), self._lab.links or Path.cwd()
        hints = {record.id: record.facts for record in self.records}

        def make(row: MediaRow) -> drawn.Picture | None:
            try:
                stored = self._lab.store.get(row.sha256 or "")
            except Exception:  # its file was deleted; the row still tells of the job
                return None
            path = self._lab.store.linked(stored, folder, row.name)
            return drawn.picture_of(Media.of(stored, path=path, hint=hints[row.job_id]), base, px)

        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            made = dict(zip(files, pool.map(make, files.values()), strict=True))
        return {key: picture for key, picture in made.items() if picture is not None}


_NOTE = "%minimax star ID, tag ID k=v and note ID TEXT mark a job; lab.log() is all of it as a DataFrame"


def _best(rows: Sequence[MediaRow]) -> list[MediaRow]:
    for role in _SHOWN:
        if found := [row for row in rows if row.role == role]:
            return found
    return list(rows)


def _row(record: JobRecord, marks: Marks, picture: drawn.Picture | None, files: int) -> drawn.LogRow:
    end = record.stored_us or record.finished_us
    amount = words.amount_of(record)
    options = dict(options_of(record.kind, record.request))
    seed = record.request.get("seed", record.facts.get("seed"))
    return drawn.LogRow(
        id=record.id,
        asked=f"{datetime.fromtimestamp(record.created_us / 1e6).astimezone():%Y-%m-%d %H:%M}",
        kind=record.kind,
        provider=record.provider,
        model=record.model,
        stage=words.stage_of(record),
        tone=words.TONES.get(record.state, "idle"),
        cost=words.cost_of(record),
        prompt=record.prompt or "",
        options=drawn.options_line(options | ({} if seed is None else {"seed": seed})),
        tags=tuple(f"{name}={value}" for name, value in record.tags.items()),
        notes=marks.notes,
        error=str((record.error or {}).get("message") or ""),
        starred=marks.starred,
        sandbox=record.sandbox,
        took_s=None if end is None else max(0.0, (end - record.created_us) / 1e6),
        amount=None if amount is None else amount / 1e9,
        picture=picture,
        more=max(0, files - 1),
    )
