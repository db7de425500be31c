"""Which jobs: filters as a WHERE clause, so that a long ledger is never read whole for a few rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.record import JobState
from minimax_nb.ledger.rows import OPEN, canonical

_TAG = re.compile(r"[^\"\\\x00]+")

_STARRED = "id IN (SELECT job_id FROM stars)"
_NOT_STARRED = "id NOT IN (SELECT job_id FROM stars)"

#: Columns that are compared as they stand.
_EQUAL = ("provider", "kind", "project", "model", "session_id", "batch")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs; every part that is ``None`` (or empty) does not limit.

    Parameters
    ----------
    state
        A job state, or ``open``.
    since_us, until_us
        From this moment on; before this moment.
    provider, kind, project, model, session_id, batch
        Equal to the column.
    text
        Contained in the prompt, whatever its case.
    tags
        All of these tags; a value of ``None`` is any.
    starred
        True: only starred jobs; False: only others.
    sandbox
        True: only the sandbox's; False: only real ones.
    ids
        Only these jobs.
    """

    state: str | None = None
    since_us: int | None = None
    provider: str | None = None
    kind: str | None = None
    project: str | None = None
    model: str | None = None
    session_id: str | None = None
    batch: str | None = None
    until_us: int | None = None
    text: str | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    starred: bool | None = None
    sandbox: bool | None = None
    ids: tuple[str, ...] | None = None

    def where(self) -> tuple[str, list[Any]]:
        """Return a WHERE clause (or nothing) and its values."""
        parts: list[str] = []
        values: list[Any] = []
        if self.state == "open":
            parts.append(OPEN)
        elif self.state is not None:
            if self.state not in set(JobState):
                raise RequestInvalidError(f"state {self.state!r}; allowed: open, {', '.join(JobState)}")
            # What is not done is rare, and has an index of its own.
            parts += ["state <> 'succeeded'"] if self.state != JobState.SUCCEEDED else []
            parts.append("state = ?")
            values.append(str(self.state))
        for column in _EQUAL:
            value = getattr(self, column)
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        for part, value in (
            ("created_us >= ?", self.since_us),
            ("created_us < ?", self.until_us),
            ("sandbox = ?", None if self.sandbox is None else int(self.sandbox)),
            ("prompt LIKE ? ESCAPE '\\'", _like(self.text)),
        ):
            if value is not None:
                parts.append(part)
                values.append(value)
        for key, wanted in self.tags.items():
            parts.append(
                "tags <> '{}' AND json_extract(tags, ?) " + ("IS NOT NULL" if wanted is None else "= ?")
            )
            values += [_path(key)] if wanted is None else [_path(key), wanted]
        if self.starred is not None:
            parts.append(_STARRED if self.starred else _NOT_STARRED)
        if self.ids is not None:
            parts.append("id IN (SELECT value FROM json_each(?))")
            values.append(canonical(list(self.ids)))
        return (f" WHERE {' AND '.join(parts)}" if parts else ""), values

    @property
    def summed(self) -> bool:
        """True when nothing limits but moments and columns that the sums by day have too."""
        singled_out = self.state or self.batch or self.text or self.tags
        return not singled_out and self.starred is None and self.ids is None


def _like(text: str | None) -> str | None:
    """Return a text as a pattern that finds it anywhere."""
    if not text:
        return None
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"


def _path(key: str) -> str:
    """Return a tag's name as a JSON path."""
    if not _TAG.fullmatch(key):
        raise RequestInvalidError(f'tag {key!r}: a name without " and \\')
    return f'$."{key}"'


def tags_of(given: str | Mapping[str, object] | Sequence[str] | None) -> dict[str, str | None]:
    """Return tags as a filter takes them: ``"k=v"``, ``"k"`` (any value), a list of these, or a mapping."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(key): None if value is None else str(value) for key, value in given.items()}
    words = [given] if isinstance(given, str) else list(given)
    pairs = [word.partition("=") for word in words]
    return {key.strip(): value.strip() if equals else None for key, equals, value in pairs}
