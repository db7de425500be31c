"""What the ledger teaches about the duration of a job: of the same key, else of its model, else of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minimax_nb.catalog import Model, catalog
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.durations import GUESS, REACH, LogNormal, Span, learn, typical
from minimax_nb.errors import MiniMaxError, RequestInvalidError
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.durations import DurationKey, Took

ENOUGH = 3  #: jobs of the same key after which others need not be asked


@dataclass(frozen=True, slots=True)
class Past:
    """What is believed of the next job.

    Parameters
    ----------
    whole, run
        The time since sending, and since it left the provider's queue.
    queues
        True when jobs were seen to wait in the queue often enough that it is worth looking for.
    """

    whole: LogNormal
    run: LogNormal
    queues: bool = False


def key_of(connection: Connection, model: Model, facts: Mapping[str, Any]) -> DurationKey:
    """Return the key under which a job's duration is kept; ``facts`` are the request's price facts."""
    clock = f"sandbox x{connection.speed:g}" if connection.sandbox else ""
    return DurationKey(model.provider, model.kind, clock, model.name, size_of(facts))


def size_of(facts: Mapping[str, Any]) -> str:
    """Return what else decides the duration, in words: ``768P 6 s``, ``2-3 images``, ``up to 256 characters``."""
    parts = [str(facts["resolution"])] if facts.get("resolution") else []
    if facts.get("duration"):
        parts.append(f"{facts['duration']} s")
    n, characters = int(facts.get("n") or 1), int(facts.get("characters") or 0)
    if n > 1:
        parts.append("2-3 images" if n < 4 else "4-9 images")
    if characters:
        up_to = 64
        while up_to < characters:
            up_to *= 4
        parts.append(f"up to {up_to} characters{' in the background' if facts.get('long') else ''}")
    return " ".join(parts)


def past_of(ledger: Ledger, key: DurationKey, model: Model, speed: float) -> Past:
    """Return what is learnt for a key; the catalog's typical time where the ledger cannot be asked."""
    guess = typical(model.typical_seconds / speed)
    try:
        own = ledger.durations(key, REACH)
        others = ledger.durations(key, REACH, any_model=True) if len(own) < ENOUGH else []
    except MiniMaxError:  # closed meanwhile: whoever still shows the job gets the catalog's word
        return Past(guess, guess)
    return believe(own, _prior(others, key, model, guess))


def believe(own: Sequence[Took], prior: LogNormal) -> Past:
    """Return what jobs of the same key, newest first, teach; ``prior`` is believed before the first."""
    whole = learn(tuple(took.whole for took in own), prior)
    runs = tuple(took.run for took in own if took.run is not None)
    return Past(whole, learn(runs, whole), len(runs) >= max(ENOUGH, len(own) / 4))


def _prior(others: list[Took], key: DurationKey, model: Model, guess: LogNormal) -> LogNormal:
    """Return the belief before the first job of a key: other sizes of the model, else other models."""
    same = tuple(took.whole for took in others if took.model == key.model and took.size != key.size)
    if same:
        return _doubtful(learn(same, guess))
    scaled = tuple(span for took in others if took.model != key.model for span in _scaled(took, model))
    return _doubtful(learn(scaled, guess)) if scaled else guess


def _scaled(took: Took, model: Model) -> list[Span]:
    """Return what a job of another model would have taken here, by the catalog's typical times."""
    try:
        other = catalog().model(model.provider, model.kind, took.model)
    except RequestInvalidError:  # a model that the catalog no longer has
        return []
    factor = model.typical_seconds / other.typical_seconds
    return [(took.whole[0] * factor, took.whole[1] * factor)]


def _doubtful(found: LogNormal) -> LogNormal:
    """Return a belief from something similar, as wide as a guess may be wrong."""
    return LogNormal(found.mu, max(found.sigma, GUESS / 1.5))
