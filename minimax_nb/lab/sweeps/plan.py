"""A sweep before it is sent: how many jobs, what the ledger has of them already, and what the rest can cost."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from minimax_nb.amounts import amount_of, count, money
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import engine
from minimax_nb.engine.state import is_settled
from minimax_nb.errors import BudgetExceededError, ConfigError, MiniMaxError
from minimax_nb.lab.asking import Priced
from minimax_nb.lab.budgeting import check_approval, check_currency, left_of
from minimax_nb.lab.intent import Asked
from minimax_nb.lab.reuse import answer, find
from minimax_nb.lab.sweeps.cells import Cell
from minimax_nb.lab.sweeps.sweep import Sweep, is_over
from minimax_nb.lab.sweeps.takeover import take_over
from minimax_nb.ledger.batches import Cap
from minimax_nb.ledger.budgets import BudgetStatus
from minimax_nb.ledger.record import JobRecord, JobState, ResultState
from minimax_nb.render.format import total

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

TRIES = 5  #: times that another kernel may ask for the same sweep while this one does
_GONE = frozenset(
    {
        JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED, JobState.REJECTED, JobState.ABANDONED, JobState.LOST,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """How a sweep is asked for, beside its jobs.

    Parameters
    ----------
    asked
        Tags, name and approval, as for one job.
    budget
        The most it may cost, as ``2`` or ``"2 USD"``.
    reuse
        Answer from the ledger what other jobs have made before, as for one job.
    again
        Make all of it anew, as a sweep of its own.
    """

    asked: Asked = field(default_factory=Asked)
    budget: object = None
    reuse: bool | None = None
    again: bool = False


class SweepPlan:
    """What a sweep would do. ``str()`` says it in one line; :meth:`start` does it.

    Parameters
    ----------
    lab
        The lab.
    cells
        Its jobs, built and checked.
    identity
        What it is known by; see :func:`minimax_nb.lab.sweeps.cells.identity`.
    names
        What varies, for people.
    terms
        How it is asked for.

    Attributes
    ----------
    batch
        The sweep's id in the ledger.
    """

    def __init__(
        self, lab: Lab, cells: Sequence[Cell], identity: str, names: Sequence[str], terms: Terms
    ) -> None:
        self._lab = lab
        self.cells = tuple(cells)
        self.names = tuple(names)
        self.terms = terms
        self.batch = _generation(lab.ledger.batches(identity), identity, again=terms.again)
        self._cap = _cap(terms.budget)
        self._sources: dict[int, JobRecord] = {}
        self.found: list[JobRecord | None] = []
        self._known: frozenset[str] = frozenset()
        self.look()

    def look(self) -> None:
        """Read again what the ledger has of the sweep."""
        records = self._lab.ledger.batch_jobs(self.batch)
        self._known = frozenset(record.id for record in records)
        self.found = _matched(self._lab, self.cells, records)
        self._sources = {}
        for place in self.missing:
            cell = self.cells[place]
            source = find(self._lab, cell.provider, cell.request, self._reuse)
            if source is not None:
                self._sources[place] = source

    @property
    def _reuse(self) -> bool | None:
        return False if self.terms.again else self.terms.reuse

    @property
    def missing(self) -> list[int]:
        """The places of the jobs that the ledger does not have, neither done nor open."""
        return [place for place, record in enumerate(self.found) if record is None]

    @property
    def fresh(self) -> list[int]:
        """The places of the jobs that will be sent."""
        return [place for place in self.missing if place not in self._sources]

    @property
    def done(self) -> int:
        """How many jobs cost nothing now, because their result is there."""
        there = sum(record is not None and _has_result(record) for record in self.found)
        return there + len(self._sources)

    @cached_property
    def priced(self) -> tuple[Priced, ...]:
        """The price of every job, whether it is there already or not."""
        return tuple(self._lab._ask.priced(cell.provider, cell.request) for cell in self.cells)

    def _left(self) -> list[int]:
        """Return the places that can still cost something."""
        return [
            place
            for place, record in enumerate(self.found)
            if place not in self._sources and (record is None or not is_over(record))
        ]

    # --- in words -----------------------------------------------------------------------------------

    def line(self, *, static: bool = False) -> str:
        """Return count and price in one line; the static form leaves out what is left of budgets."""
        parts = [count(len(self.cells), "job") + (f" ({' × '.join(self.names)})" if self.names else "")]
        unknown = sum(record is not None and record.state is JobState.UNKNOWN for record in self.found)
        running = sum(record is not None and not is_over(record) for record in self.found)
        if self.done:
            parts.append(f"{self.done} of {len(self.cells)} already done")
        if running:
            parts.append(f"{running} under way")
        if unknown:
            parts.append(f"{unknown} of unknown outcome, not sent again (%minimax jobs --unknown)")
        left = self._left()
        if left:
            quotes = [self.priced[place].quote for place in left]
            price = total((quote.amount_nano, quote.currency) for quote in quotes)
            whole = len(left) == len(self.cells)
            price += " (sandbox)" if self._lab._connections.uses_sandbox else ""
            parts.append(f"{price} {'in all' if whole else f'for the other {len(left)}'}")
        budgets = [] if static else [left_of(item) for item in self._budgets()]
        return "; ".join([", ".join(parts), *budgets])

    def __str__(self) -> str:
        return self.line()

    def __repr__(self) -> str:
        return self.line()

    def rows(self) -> list[tuple[str, ...]]:
        """Return one row a job: its place on each axis, its price, and what becomes of it."""
        rows = []
        for place, (cell, priced) in enumerate(zip(self.cells, self.priced, strict=True)):
            record = self.found[place]
            if record is None:
                stage = "from the ledger" if place in self._sources else "to be sent"
            elif record.state is JobState.UNKNOWN:
                stage = "outcome unknown"
            else:
                stage = "done" if is_over(record) else "under way"
            price = money(priced.quote.amount_nano, priced.quote.currency)
            rows.append((*cell.axes.values(), price, stage))
        return rows

    def _budgets(self) -> list[BudgetStatus]:
        from minimax_nb.engine.session import session_id
        from minimax_nb.ledger.budgets import SCOPES

        sandbox, project = self._lab._connections.uses_sandbox, self._lab.project
        sides = {(cell.request.kind, cell.provider) for cell in self.cells}
        jobs = [
            dict.fromkeys(SCOPES)
            | {"project": project, "kind": kind, "provider": name, "session_id": session_id(), "batch": self.batch}
            for kind, name in sides
        ]  # fmt: skip
        statuses = self._lab.budgets()
        return [
            item for item in statuses if any(item.budget.covers(columns, sandbox=sandbox) for columns in jobs)
        ]

    # --- doing it -----------------------------------------------------------------------------------

    def start(self) -> Sweep:
        """Ask for what is missing, go on with what is open, and return the sweep.

        All intents and reservations are on disk, in one commit, before the first byte is sent.

        Raises
        ------
        ApprovalNeededError, BudgetExceededError, ConfigError
            Nothing was sent.
        """
        self.look()
        self._check_approval()
        lab = self._lab
        if self._left():
            lab._connections.open(self.cells[0].provider)  # no key, or no sandbox: said before all else
        requests = {cell.fingerprint: priced for cell, priced in zip(self.cells, self.priced, strict=True)}
        open_jobs = [record for record in self.found if record is not None and not is_settled(record)]
        if open_jobs:  # before the arrival, which would end those that were never sent
            take_over(lab, open_jobs, requests)
        notes = lab._arrival()
        if open_jobs:
            lab._arrival.wait()
        lives = self._insert(notes)
        for place, source in self._sources.items():
            asked = self._asked(self.cells[place])
            self.found[place] = answer(lab, self.cells[place].request, source, asked)
        for place, live in lives.items():
            self.found[place] = live.record
        found = [record for record in self.found if record is not None]
        return Sweep(lab, self.batch, found, requests)

    def _insert(self, notes: Sequence[str]) -> dict[int, LiveJob]:
        """Write the intents of what is missing, all or none, and drive them; look again where another was quicker."""
        lab = self._lab
        for _ in range(TRIES):
            self.look()
            lives = self._prepared()
            if not lives:
                return {}
            first = next(iter(lives.values()))
            first.record.warnings += [*lab._ask.first_sandbox_note(first.plan.connection), *notes]
            entries = [(live.record, live.record.estimate_nano) for live in lives.values()]
            begun = threading.Event()
            written = self._write(entries)
            # By the writer's thread: an interrupt here must not leave rows behind that nobody drives.
            written.add_done_callback(partial(_begin, list(lives.values()), begun))
            if written.result() is not None:
                begun.wait(10)
                return lives
        raise ConfigError("another kernel is asking for the same sweep", hint="Nothing was sent; try again.")

    def _prepared(self) -> dict[int, LiveJob]:
        lab, lives, statuses = self._lab, {}, self._lab.budgets()
        for place in self.fresh:
            live = lab._ask.prepare(self.priced[place], self._asked(self.cells[place]))
            allowed = self.terms.asked.allow_unpriced
            check_currency(statuses, live.record, allow_unpriced=allowed)
            if self._cap is not None and self._cap.currency != live.record.currency:
                raise BudgetExceededError(
                    f"{self.cells[place]} is priced in {live.record.currency}, the budget is in {self._cap.currency}",
                    hint="Nothing was sent.",
                )
            lab._ask.settle_in(live)
            lives[place] = live
        return lives

    def _write(self, entries: Sequence[tuple[JobRecord, int | None]]) -> Future[list[JobRecord] | None]:
        return self._lab.ledger.insert_batch(
            self.batch,
            entries,
            self._known,
            cap=self._cap,
            allow_unpriced=self.terms.asked.allow_unpriced,
        )

    def _asked(self, cell: Cell) -> Asked:
        return replace(self.terms.asked, template=cell.template, batch=self.batch, axes=cell.axes)

    def _check_approval(self) -> None:
        """Apply the setting ``approve`` to the whole."""
        quotes = [self.priced[place].quote for place in self._left()]
        for currency in sorted({quote.currency for quote in quotes}):
            mine = [quote for quote in quotes if quote.currency == currency]
            amounts = [quote.amount_nano for quote in mine]
            known = [amount for amount in amounts if amount is not None]
            whole = sum(known) if len(known) == len(amounts) else None
            check_approval(
                self._lab.settings, replace(mine[0], amount_nano=whole), approved=self.terms.asked.approved
            )


def _begin(lives: Sequence[LiveJob], begun: threading.Event, written: Future[list[JobRecord] | None]) -> None:
    """Drive the jobs whose rows were just written."""
    stored = None if written.exception() is not None else written.result()
    for live, record in zip(lives, stored or (), strict=stored is not None):
        live.record = record
        engine().start(live)
    begun.set()


def _generation(batches: Iterable[str], identity: str, *, again: bool) -> str:
    """Return the id of the newest sweep of an identity, or of one more: ``s-…``, ``s-…-2``, ``s-…-3``."""
    found = (re.fullmatch(rf"{re.escape(identity)}(?:-(\d+))?", batch) for batch in batches)
    newest = max((int(match[1] or 1) for match in found if match), default=0)
    number = newest + 1 if again else max(newest, 1)
    return identity if number == 1 else f"{identity}-{number}"


def _cap(budget: object) -> Cap | None:
    if budget is None:
        return None
    try:
        limit = amount_of(budget)
    except ValueError as error:
        raise ConfigError(f"--budget {budget}: must be {error}") from None
    return Cap(limit.nano, limit.currency)


def _matched(lab: Lab, cells: Sequence[Cell], records: Sequence[JobRecord]) -> list[JobRecord | None]:
    """Return the job that each cell has: one with a result before an open one, before one of unknown outcome."""
    usable: dict[str, list[JobRecord]] = {}
    for record in sorted(records, key=_rank):
        if (
            record.state not in _GONE
            and not _replaced(record)
            and (not _has_result(record) or _is_there(lab, record))
        ):
            usable.setdefault(record.fingerprint, []).append(record)
    # Rows that are alike ask for the same thing: each gets a job of its own.
    return [usable[cell.fingerprint].pop(0) if usable.get(cell.fingerprint) else None for cell in cells]


def _rank(record: JobRecord) -> int:
    return 0 if _has_result(record) else 2 if record.state is JobState.UNKNOWN else 1


def _has_result(record: JobRecord) -> bool:
    got = (ResultState.STORED, ResultState.PARTIAL, ResultState.NONE)  # some kinds make a voice, and no file
    return record.state is JobState.SUCCEEDED and record.result in got


def _replaced(record: JobRecord) -> bool:
    """Return True for a job that was sent again, and for one whose result is lost for good."""
    lost = record.state is JobState.SUCCEEDED and record.result is ResultState.EXPIRED
    return lost or bool(record.facts.get("resent_as"))


def _is_there(lab: Lab, record: JobRecord) -> bool:
    """Return True when the files of a job are still in the store."""
    try:
        return all(
            row.sha256 is None or bool(lab.store.get(row.sha256))
            for row in lab.ledger.media_of(record.id)
            if row.role != "input"
        )
    except MiniMaxError:
        return False
