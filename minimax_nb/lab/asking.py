"""How a request becomes a job: answered from the ledger, refused with a reason, or written down and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from minimax_nb.catalog import Model, PriceBook, Quote, catalog
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import LEASE, Engine, engine
from minimax_nb.engine.session import note_kernel, session_id
from minimax_nb.kinds.base import Request
from minimax_nb.lab import newvoice
from minimax_nb.lab.budgeting import Estimate, check_approval, check_currency
from minimax_nb.lab.connect import SANDBOX_NOTE
from minimax_nb.lab.intent import Asked, intent
from minimax_nb.lab.job import Job
from minimax_nb.lab.reuse import answer, find
from minimax_nb.lab.threads import continued
from minimax_nb.ledger.budgets import SCOPES
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.providers import provider as find_provider

if TYPE_CHECKING:
    from minimax_nb.lab import Lab


@dataclass(frozen=True, slots=True)
class Priced:
    """A resolved request, and what it would cost by which book."""

    provider: str
    request: Request
    model: Model
    book: PriceBook
    facts: Mapping[str, Any]
    quote: Quote


class Asking:
    """Asks for jobs on behalf of a lab.

    Parameters
    ----------
    lab
        The lab.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._noted_sandbox = self._noted_kernel = False

    def __call__(
        self, request: Request, provider: str | None, asked: Asked, *, reuse: bool | None = None
    ) -> Job:
        """Ask for one job; see :meth:`minimax_nb.Lab.submit`."""
        lab = self._lab
        name = lab._provider(provider)
        resolved = request.resolve(name)
        find_provider(name).check(resolved)
        source = find(lab, name, resolved, reuse)
        if source is not None:
            self._note_kernel()
            return lab._handle(answer(lab, resolved, source, asked), {})
        priced = self.priced(name, resolved)
        check_approval(lab.settings, priced.quote, approved=asked.approved)
        # Only now: a request that is refused must not start a sandbox.
        live = self.prepare(priced, asked)
        check_currency(lab.budgets(), live.record, allow_unpriced=asked.allow_unpriced)
        live.record.warnings += [*self.first_sandbox_note(live.plan.connection), *lab._arrival()]
        running, quote = engine(), priced.quote
        self.settle_in(live)
        live.dictation = asked.dictation
        written = lab.ledger.insert_job_async(
            live.record,
            reserve_nano=quote.amount_nano,
            allow_unpriced=asked.allow_unpriced,
            send=running.room(live),
            # By the ledger's thread: an interrupt here must not leave a row that nobody drives.
            then=partial(_start, running, live),
        )
        written.result()
        return lab._handle(live.record, {live.id: live})

    def priced(self, provider: str, request: Request) -> Priced:
        """Return a resolved request with its price; sends nothing and opens no connection."""
        model, book = _model(provider, request), self._lab._book(provider)
        facts = newvoice.price_facts(self._lab, provider, request)
        return Priced(
            provider, request, model, book, facts, book.quote(provider, request.kind, model.name, facts)
        )

    def prepare(self, priced: Priced, asked: Asked) -> LiveJob:
        """Return the job of a request, not written yet; needs a key or the sandbox."""
        lab, request = self._lab, priced.request
        connection = lab._connections.open(priced.provider)
        record = intent(connection, request, priced.model, priced.quote, lab.project, asked)
        record.facts["price_facts"] = dict(priced.facts)
        record.warnings += newvoice.remarks(lab, priced.provider, request)
        record.lease_owner, record.lease_until_us = engine().owner, record.created_us + int(LEASE * 1e6)
        return LiveJob(record, lab._plan(connection, request, priced.model, priced.book, record))

    def settle_in(self, live: LiveJob) -> None:
        """Keep what a job needs beside its row: its inputs, and the row of this kernel."""
        if live.plan.request is not None:
            self._keep_inputs(live.plan.request)
        self._note_kernel()

    def end_kernel(self) -> None:
        """Write that this kernel needs the ledger no more, if it asked for anything."""
        if self._noted_kernel:
            self._lab.ledger.end_kernel(session_id())
            self._noted_kernel = False

    def _note_kernel(self) -> None:
        if not self._noted_kernel:
            note_kernel(self._lab.ledger)
            self._noted_kernel = True

    def _keep_inputs(self, request: Request) -> None:
        for item in request.inputs().values():
            if item.data is not None:
                self._lab.store.put_bytes(item.data, mime_hint=item.mime)

    def first_sandbox_note(self, connection: Connection) -> list[str]:
        """Say once, at the first job, that the sandbox does the work."""
        default = self._lab.settings.get("sandbox").source == "default"
        if not connection.sandbox or self._noted_sandbox or not default:
            return []
        self._noted_sandbox = True
        return [SANDBOX_NOTE]


def forecast(lab: Lab, request: Request, provider: str | None, *, count: bool = False) -> Estimate:
    """Return the price of a request and the budgets it counts against; see :meth:`minimax_nb.Lab.forecast`."""
    name = lab._provider(provider)
    resolved = continued(lab, request).resolve(name)
    sandbox = lab._connections.uses_sandbox
    columns = dict.fromkeys(SCOPES) | {
        "project": lab.project, "kind": resolved.kind, "provider": name, "session_id": session_id(),
    }  # fmt: skip
    counting = tuple(item for item in lab.budgets() if item.budget.covers(columns, sandbox=sandbox))
    quote, tokens = lab.estimate(request, provider=name), None
    if count:
        tokens = lab.count_tokens(request, provider=name)
        facts = {**resolved.price_facts(), "prompt_tokens": tokens, "input_tokens": tokens}
        quote = lab._book(name).quote(name, resolved.kind, _model(name, resolved).name, facts)
    return Estimate(quote, name, resolved.kind, _model(name, resolved).name, sandbox, counting, tokens)


def _model(provider: str, request: Request) -> Model:
    return catalog().model(provider, request.kind, getattr(request, "model", None))


def _start(running: Engine, live: LiveJob, record: JobRecord) -> None:
    """Drive a job whose row was written."""
    live.record = record
    live.begun = live.sending = record.state is JobState.SUBMITTING
    running.start(live)
