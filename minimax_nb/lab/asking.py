"""How a request becomes a job: answered from the ledger, refused with a reason, or written down and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minimax_nb.catalog import Model, catalog
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import LEASE, engine
from minimax_nb.engine.session import note_kernel, session_id
from minimax_nb.kinds.base import Request
from minimax_nb.lab.budgeting import Estimate, check_approval, check_currency
from minimax_nb.lab.connect import SANDBOX_NOTE
from minimax_nb.lab.intent import Asked, intent
from minimax_nb.lab.job import Job
from minimax_nb.lab.reuse import answer, find
from minimax_nb.providers import provider as find_provider

if TYPE_CHECKING:
    from minimax_nb.lab import Lab


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
        model, book = _model(name, resolved), lab._book(name)
        quote = book.quote(name, resolved.kind, model.name, resolved.price_facts())
        check_approval(lab.settings, quote, approved=asked.approved)
        # Only now: a request that is refused must not start a sandbox.
        connection = lab._connections.open(name)
        record = intent(connection, resolved, model, quote, lab.project, asked)
        check_currency(lab.budgets(), record, allow_unpriced=asked.allow_unpriced)
        record.warnings += [*self._first_sandbox_note(connection), *lab._arrival()]
        live = LiveJob(record, lab._plan(connection, resolved, model, book, record))
        running = engine()
        record.lease_owner, record.lease_until_us = running.owner, record.created_us + int(LEASE * 1e6)
        self._keep_inputs(resolved)
        self._note_kernel()
        live.record = lab.ledger.insert_job(
            record, reserve_nano=quote.amount_nano, allow_unpriced=asked.allow_unpriced
        )
        running.start(live)
        return lab._handle(live.record, {live.id: live})

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

    def _first_sandbox_note(self, connection: Connection) -> list[str]:
        default = self._lab.settings.get("sandbox").source == "default"
        if not connection.sandbox or self._noted_sandbox or not default:
            return []
        self._noted_sandbox = True
        return [SANDBOX_NOTE]


def forecast(lab: Lab, request: Request, provider: str | None) -> Estimate:
    """Return the price of a request and the budgets it counts against; see :meth:`minimax_nb.Lab.forecast`."""
    name = lab._provider(provider)
    resolved = request.resolve(name)
    sandbox = lab._connections.uses_sandbox
    columns = {"project": lab.project, "kind": resolved.kind, "provider": name, "session_id": session_id()}
    counting = tuple(item for item in lab.budgets() if item.budget.covers(columns, sandbox=sandbox))
    quote = lab.estimate(request, provider=name)
    return Estimate(quote, name, resolved.kind, _model(name, resolved).name, sandbox, counting)


def _model(provider: str, request: Request) -> Model:
    return catalog().model(provider, request.kind, getattr(request, "model", None))
