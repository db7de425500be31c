"""One job of this process while it is being driven: its row, its stage in plain words, its media, its end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from minimax_nb.catalog import Model, PriceBook
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.dictation import Dictation
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.pace import Pace
from minimax_nb.engine.spool import Spool
from minimax_nb.errors import (
    BudgetExceededError,
    ErrorInfo,
    JobFailedError,
    MiniMaxError,
    OutcomeUnknownError,
    ProviderError,
)
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.durations import DurationKey, Took
from minimax_nb.ledger.record import JobRecord, JobState, ResultState
from minimax_nb.media import Media, MediaStore
from minimax_nb.providers.base import Output
from minimax_nb.wire import Piece, Reply

Listener = Callable[["LiveJob"], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job needs beside its row: where it goes, what it may cost, and where its media land.

    ``request`` is ``None`` for a job adopted from another kernel whose paid request is already out.
    """

    connection: Connection
    request: Request | None
    model: Model
    book: PriceBook
    pace: Pace
    ledger: Ledger
    store: MediaStore
    links: Path | None
    spool: Spool
    rpm: int | None
    at_once: int | None = None


@dataclass(eq=False)
class LiveJob:
    """A job being driven by the engine. Written by the engine's thread, read by any."""

    record: JobRecord
    plan: Plan
    stage: str = ""
    outputs: tuple[Output, ...] = ()
    fetched: dict[str, MediaInput] = field(default_factory=dict)  #: inputs given as URLs, by field
    media: list[Media] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)  #: what came so far of a streamed result; only grows
    sound: object = None  #: the part of it that can be played while it comes, once somebody asked
    dictation: Dictation | None = None  #: the rest of a text that is still being written
    problem: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)
    cancel_requested: bool = False
    webhook: int | None = None  #: the last delivery of any job when it was sent; None: sent without a webhook
    woken: asyncio.Event = field(default_factory=asyncio.Event)  #: a delivery came
    owner: str | None = None  #: the lease it is driven under
    begun: bool = False  #: its row was written as being sent, and it is to be sent at once
    slot: bool = False  #: the transport's slot is held from "submitting" on, until the request was answered
    sending: bool = False  #: a paid request is on its way, or its reply is not in the ledger yet
    _listeners: list[Listener] = field(default_factory=list)

    @cached_property
    def jitter(self) -> random.Random:
        """Spreads what this job does among what others do."""
        return random.Random(self.record.id)  # noqa: S311 - protects nothing

    @property
    def id(self) -> str:
        """The job's id."""
        return self.record.id

    @property
    def elapsed(self) -> float:
        """Seconds since the job was asked for, until its end."""
        record = self.record
        end = record.stored_us or record.finished_us if self.done.is_set() else None
        return ((end or now_us()) - record.created_us) / 1e6

    @property
    def worked(self) -> float:
        """Seconds since the paid request was sent; 0 before."""
        return max(0.0, (now_us() - (self.record.submitted_us or now_us())) / 1e6)

    @property
    def eta(self) -> float | None:
        """Seconds to go, while the provider works on it: half of such jobs take longer."""
        if self.record.submitted_us is None or self.record.state.terminal:
            return None
        return self.plan.pace.remaining(self.worked)

    def took(self, end: Mapping[str, Any]) -> tuple[DurationKey, Took] | None:
        """Return how long it took, by the changes of its end; only success tells how long success takes."""
        submitted, key = self.record.submitted_us, self.plan.pace.key
        if end.get("state") is not JobState.SUCCEEDED or not submitted or key is None:
            return None
        took = self.plan.pace.took((end["finished_us"] - submitted) / 1e6)
        return None if took is None else (key, Took(key.model, key.size, *took))

    def set_stage(self, stage: str) -> None:
        """Say in plain words what is happening now, and tell the listeners."""
        if stage != self.stage:
            self.stage = stage
            self.notify()

    def add_listener(self, listener: Listener) -> None:
        """Call ``listener`` from the engine's thread on every change; it must be quick and must not print."""
        self._listeners.append(listener)

    def notify(self) -> None:
        """Tell the listeners that something changed; one that fails is no reason to leave what is paid for."""
        for listener in list(self._listeners):
            with contextlib.suppress(Exception):
                listener(self)

    def hear(self, pieces: list[Piece]) -> None:
        """Take what came of a streamed result, and tell the listeners."""
        if pieces:
            self.pieces += pieces
            self.notify()

    def finish(self) -> None:
        """Mark the end of this process's work on the job."""
        if self.dictation is not None:
            self.dictation.close()
        self.done.set()
        self.notify()

    # --- the raw reply, on disk before anybody reads it: see ``spool`` ---

    @property
    def _sending(self) -> str:
        return f"{self.id}.{self.record.attempts}"

    def spool(self, reply: Reply) -> None:
        """Write a paid reply to disk before it is parsed, so that it outlives this process."""
        self.plan.spool.keep(self._sending, reply)

    def spool_part(self, data: bytes, status: int) -> None:
        """Write a part of a streamed reply to disk as it comes: what is there when the kernel dies is kept."""
        self.plan.spool.keep_part(self._sending, data, status)

    def flush_spool(self) -> None:
        """Flush the kept reply: before the ledger says what only it can tell."""
        self.plan.spool.flush(self._sending)

    def spooled(self) -> Reply | None:
        """Return the reply to the last sending, or what came of a stream, if any."""
        return self.plan.spool.reply(self._sending)

    def spooled_part(self) -> Reply | None:
        """Return what came of a streamed reply to the last sending, if any."""
        return self.plan.spool.part(self._sending)

    @property
    def broke_off(self) -> bool:
        """True when only the beginning of a streamed reply is on disk."""
        return self.plan.spool.broke_off(self._sending)

    def forget_part(self) -> None:
        """Forget a streamed reply of which nothing can be used."""
        self.plan.spool.forget_part(self._sending)

    def drop_spool(self) -> None:
        """Forget the raw replies, once their media are stored."""
        self.plan.spool.drop(self.id, self.record.attempts)


def error_of(record: JobRecord) -> MiniMaxError | None:
    """Return the exception that a finished job's row stands for; ``None`` when it succeeded or is open."""
    state = record.state
    if state is JobState.SUCCEEDED or not (state.terminal or state is JobState.UNKNOWN):
        return None
    if (
        state is JobState.ABANDONED
        and record.task_id
        and record.result in (ResultState.STORED, ResultState.PARTIAL)
    ):
        return None  # it was found after all
    info = ErrorInfo.from_dict(record.error) if record.error else ErrorInfo("unknown", state.value)
    arguments: dict[str, Any] = {"info": info, "job_id": record.id}
    code = f" ({info.code})" if info.code else ""
    if state is JobState.UNKNOWN:
        return OutcomeUnknownError(f"{record.provider}: {info.message}{code}", **arguments)
    if state is JobState.REJECTED:
        family = BudgetExceededError if info.category == "budget" else ProviderError
        return family(f"{record.provider} refused the request: {info.message}{code}", **arguments)
    return JobFailedError(
        f"{record.provider} {record.kind} job {state.value}: {info.message}{code}", **arguments
    )
