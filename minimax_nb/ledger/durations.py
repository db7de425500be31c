"""How long earlier jobs took: written once a job, read by what decides the duration of the next."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from minimax_nb.ledger.writer import Transaction

_NAMES = "model, size, over_us, within_us, run_over_us, run_within_us"
#: The last jobs of one key; answered from ix_durations_key without sorting.
OF_KEY = (
    f"SELECT {_NAMES} FROM durations WHERE provider = ? AND kind = ? AND clock = ? AND model = ? AND size = ?"  # noqa: S608 - constants
    " ORDER BY at_us DESC LIMIT ?"
)
#: The last jobs of a kind, of any model and size; answered from ix_durations_kind without sorting.
OF_KIND = (
    f"SELECT {_NAMES} FROM durations WHERE provider = ? AND kind = ? AND clock = ?"  # noqa: S608 - constants
    " ORDER BY at_us DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class DurationKey:
    """What decides how long a job takes.

    Parameters
    ----------
    provider, kind, model
        As in the ledger.
    clock
        Empty in life. A sandbox that works faster than life has its own, so that what is learnt
        there is not believed of a provider, nor of a sandbox of another speed.
    size
        What else decides: resolution, length, number of outputs, length of the text.
    """

    provider: str
    kind: str
    clock: str
    model: str
    size: str


@dataclass(frozen=True, slots=True)
class Took:
    """What is known of one finished job: seconds since sending, more than and at most.

    ``run`` is the same since it left the provider's queue; ``None`` when that was not seen.
    """

    model: str
    size: str
    whole: tuple[float, float]
    run: tuple[float, float] | None = None


def add(tx: Transaction, job_id: str, key: DurationKey, took: Took, now_us: int) -> None:
    """Write what a finished job took; the first word on a job stays."""
    run = took.run or (None, None)
    values = [None if seconds is None else round(seconds * 1e6) for seconds in (*took.whole, *run)]
    tx.execute(
        "INSERT INTO durations (job_id, provider, kind, clock, model, size, at_us,"
        " over_us, within_us, run_over_us, run_within_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id) DO NOTHING",
        (job_id, key.provider, key.kind, key.clock, key.model, key.size, now_us, *values),
    )


def of_key(connection: sqlite3.Connection, key: DurationKey, limit: int) -> list[Took]:
    """Return the last jobs of a key, newest first."""
    values = (key.provider, key.kind, key.clock, key.model, key.size, limit)
    return [_took(row) for row in connection.execute(OF_KEY, values)]


def of_kind(connection: sqlite3.Connection, key: DurationKey, limit: int) -> list[Took]:
    """Return the last jobs of a key's provider, kind and clock, newest first."""
    return [_took(row) for row in connection.execute(OF_KIND, (key.provider, key.kind, key.clock, limit))]


def _took(row: tuple[Any, ...]) -> Took:
    model, size, over, within, run_over, run_within = row
    run = None if run_within is None else (run_over / 1e6, run_within / 1e6)
    return Took(model, size, (over / 1e6, within / 1e6), run)
