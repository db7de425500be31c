"""Lab: the one public object that ties settings, providers, engine, ledger and media together."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from minimax_nb.catalog import Model, PriceBook, Quote, Template, Voice, catalog
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.live import LiveJob, Plan
from minimax_nb.engine.loop import engine, running_engine
from minimax_nb.engine.pace import Pace
from minimax_nb.engine.spool import Spool
from minimax_nb.kinds.base import Request
from minimax_nb.lab import newvoice
from minimax_nb.lab.account import Account
from minimax_nb.lab.arrival import Arrival
from minimax_nb.lab.asking import Asking, forecast
from minimax_nb.lab.budgeting import Budgets, Estimate, limit_for, remove_budget, scope_of, set_budget
from minimax_nb.lab.connect import Connections
from minimax_nb.lab.dryrun import DryRun, describe
from minimax_nb.lab.intent import Asked
from minimax_nb.lab.job import Job
from minimax_nb.lab.logbook import Logbook
from minimax_nb.lab.pages import Pages
from minimax_nb.lab.panels import Panels
from minimax_nb.lab.result import Result
from minimax_nb.lab.shortcuts import Shortcuts
from minimax_nb.lab.status import LabStatus, status_of
from minimax_nb.lab.studies import Studies
from minimax_nb.lab.sweeps.asking import Sweeps
from minimax_nb.lab.textmodels import TextModels
from minimax_nb.lab.threads import continued
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.budgets import Budget, BudgetStatus
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media, MediaStore
from minimax_nb.providers import provider as find_provider
from minimax_nb.settings import Settings


class Lab(Shortcuts, Logbook, Studies, Account, TextModels, Pages, Panels, Sweeps):
    """A laboratory for generative media: submit jobs, keep every result, know every cost.

    Nothing is opened, started or written before the first job or query.

    Parameters
    ----------
    provider
        Provider for jobs that name none: ``minimax`` (default), ``pixazo``, ``apixo`` or a plug-in.
    **settings
        Any setting of :data:`minimax_nb.settings.DEFINITIONS`, e.g. ``home``, ``sandbox="on"``,
        ``budget="5"``; arguments win over every other source.

    Examples
    --------
    >>> lab = Lab(sandbox="on")
    >>> picture = lab.image("A red fox at dawn", aspect_ratio="16:9", seed=7)
    >>> picture.save("fox.jpg")
    >>> lab.log()
    """

    def __init__(self, provider: str | None = None, **settings: Any) -> None:
        self.settings = Settings({"provider": provider, **settings})
        self._connections = Connections(self.settings)
        self._budgets = Budgets(self.settings)
        self._arrival = Arrival(self)
        self._ask = Asking(self)
        #: The result of the last finished job of this kernel.
        self.last: Result | None = None

    # --- rooms, opened on first use ---

    @cached_property
    def ledger(self) -> Ledger:
        """The durable record of all jobs."""
        ledger = Ledger(self.settings.ledger_path)
        ledger.guard(self.settings.secrets())
        try:
            self._budgets.apply(ledger)
        except BaseException:
            ledger.close()
            raise
        if self is _current:  # again, so that at exit it runs before the ledger's own end
            atexit.unregister(self.close)
            atexit.register(self.close)
        return ledger

    @cached_property
    def store(self) -> MediaStore:
        """The media on disk, by content."""
        given = self.settings.value("media")
        return MediaStore(Path(given).expanduser() if given else self.settings.home / "media")

    @cached_property
    def spool(self) -> Spool:
        """The raw replies of jobs that are not settled yet."""
        return Spool(self.settings.home / "spool")

    @property
    def project(self) -> str:
        """The name that groups jobs: a setting, else the working folder's name."""
        return str(self.settings.value("project") or os.path.basename(os.getcwd()))

    @property
    def links(self) -> Path | None:
        """The folder for results under readable names."""
        given = self.settings.value("links")
        return Path(given).absolute() if given else None

    # --- asking ---

    def submit(
        self,
        request: Request,
        *,
        provider: str | None = None,
        tags: Mapping[str, str] | None = None,
        name: str | None = None,
        template: str | None = None,
        approved: bool = False,
        allow_unpriced: bool = False,
        reuse: bool | None = None,
    ) -> Job:
        """Ask for one job and return at once.

        The intent, with the reserved cost, is on disk before the first byte is sent.

        Parameters
        ----------
        request
            A typed request.
        provider
            Provider's name; the configured one by default.
        tags
            Kept with the job, for finding it again.
        name
            Variable name it is asked into; also names its files.
        template
            The text as typed, when fields were filled in.
        approved
            Yes to what it can cost, above the setting ``approve`` too.
        allow_unpriced
            Send it though no price is known and a hard budget cannot be kept.
        reuse
            Answer from the ledger, at no cost, where the same request has a result there; the setting
            ``reuse`` by default.

        Raises
        ------
        RequestInvalidError, ConfigError, BudgetExceededError
            Nothing was sent.
        """
        asked = Asked(dict(tags or {}), name, template, approved, allow_unpriced)
        return self._ask(continued(self, request), provider, asked, reuse=reuse)

    def _provider(self, name: str | None) -> str:
        """Return the provider's name, checked, so that a typo is met before anything else."""
        return find_provider(name or str(self.settings.value("provider"))).name

    def _book(self, provider: str) -> PriceBook:
        return catalog().book(self.settings.value("prices"), provider=provider)

    def _plan(
        self, connection: Connection, request: Request | None, model: Model, book: PriceBook, row: JobRecord
    ) -> Plan:
        limit = catalog().limit(connection.provider.name, model.rpm_class)
        floor = self.settings.get("poll_floor")
        return Plan(
            connection=connection,
            request=request,
            model=model,
            book=book,
            pace=Pace.of(self.ledger, connection, model, limit, row.facts, floor),
            ledger=self.ledger,
            store=self.store,
            links=self.links,
            spool=self.spool,
            rpm=limit.rpm,
            at_once=limit.concurrency,
        )

    # --- knowing before paying ---

    def estimate(self, request: Request, *, provider: str | None = None) -> Quote:
        """Return the price of a request; ``amount`` is ``None`` where no price is known. Sends nothing."""
        name = self._provider(provider)
        resolved = continued(self, request).resolve(name)
        model = str(getattr(resolved, "model", ""))
        return self._book(name).quote(name, resolved.kind, model, newvoice.price_facts(self, name, resolved))

    def forecast(self, request: Request, *, provider: str | None = None, count: bool = False) -> Estimate:
        """Return :meth:`estimate` together with what the budgets it counts against have left.

        With ``count`` the provider counts the tokens of a chat request first, free, for a tighter price.
        """
        return forecast(self, request, provider, count=count)

    # --- budgets ---

    def budget(
        self,
        amount: object,
        *,
        per: str | None = None,
        soft: bool = False,
        sandbox: bool = False,
        session: bool = False,
        kind: str | None = None,
        provider: str | None = None,
        project: str | None = None,
        batch: str | None = None,
    ) -> Budget:
        """Limit what may be spent, for all kernels that share the ledger; what was spent already counts.

        Parameters
        ----------
        amount
            USD, or with a currency or a period of its own: ``5``, ``"20 CNY"``, ``"5/day"``. The budget
            of the same scope and period is changed, if there is one.
        per
            ``total`` (default), ``day``, ``week`` or ``month``; they begin at midnight UTC.
        soft
            Warn once a period, refuse nothing.
        sandbox
            Limit sandbox jobs; without it a budget counts real money only.
        session, kind, provider, project, batch
            Limit only the jobs of this kernel's life, of a kind, of a provider, of a project or of a sweep.
        """
        self._budgets.apply(self.ledger)
        scope = scope_of(kind, provider, project, batch, session=session)
        return set_budget(self.ledger, limit_for(amount, per), soft=soft, sandbox=sandbox, scope=scope)

    def budgets(self) -> list[BudgetStatus]:
        """Return the budgets in force, with what is spent, held and left in their current periods."""
        self._budgets.apply(self.ledger)
        return self.ledger.budgets()

    def remove_budget(self, budget_id: str) -> Budget:
        """Stop the budget with this id, or this beginning of one; what it counted stays in the record."""
        self._budgets.apply(self.ledger)
        return remove_budget(self.ledger, budget_id)

    def dry_run(self, request: Request, *, provider: str | None = None) -> DryRun:
        """Return the exact request and its price, credentials left out. Sends nothing, needs no key."""
        wire = find_provider(self._provider(provider))
        resolved = continued(self, request).resolve(wire.name)
        wire.check(resolved)
        host = str(self.settings.value(f"{wire.name}_api_host") or wire.default_host)
        return describe(wire, host, resolved, self.estimate(request, provider=wire.name))

    # --- looking back ---

    def job(self, job_id: str) -> Job:
        """Return a job by its id, or a beginning or end of it that no other job has."""
        running = running_engine()
        live = running.jobs if running else {}
        return self._handle(self.ledger.job(job_id), live)

    def jobs(self, state: str | None = None, limit: int = 50) -> list[Job]:
        """Return the latest jobs, newest first; ``state`` is a job state or ``open``."""
        running = running_engine()
        live = running.jobs if running else {}
        return [self._handle(record, live) for record in self.ledger.jobs(state=state, limit=limit)]

    def _handle(self, record: JobRecord, live: Mapping[str, LiveJob]) -> Job:
        return Job(record, live=live.get(record.id), media=lambda: self.media_of(record), keeper=self)

    def media_of(self, record: JobRecord) -> list[Media]:
        """Return the stored files of a job, wherever it was made."""
        folder = self.links or Path.cwd()
        found = []
        for row in self.ledger.media_of(record.id):
            if row.sha256 is None or row.role == "input":
                continue
            stored = self.store.get(row.sha256)
            path = self.store.linked(stored, folder, row.name)
            found.append(Media.of(stored, path=path, role=row.role, hint=record.facts))
        return found

    def arrive(self) -> list[str]:
        """Adopt what kernels that died left open; the first job does so too, and a later one where leases ran then.

        Returns
        -------
        list of str
            One line where something was adopted; with the setting ``resume=off`` nothing is.
        """
        return self._arrival()

    def resume(self) -> list[Job]:
        """Adopt the open jobs of kernels that died, watch them and fetch their results.

        A job that was written and never sent ends as rejected, not charged: ``lab.resend(id)`` sends it.
        """
        from minimax_nb.lab.resume import adopt

        return [self._handle(job.record, engine().jobs) for job in adopt(self)]

    def resend(self, job_id: str, *, approved: bool = False, allow_unpriced: bool = False) -> Job:
        """Send the request of an unknown, given up or failed job again, as a new job; see :meth:`Job.resend`."""
        from minimax_nb.lab.unknown import resend

        record = self.ledger.job(job_id)
        return resend(self, record.id, approved=approved, allow_unpriced=allow_unpriced)

    def abandon(self, job_id: str, *, charged: bool | None = None) -> JobRecord:
        """Give up on a job whose outcome is unknown; see :meth:`Job.abandon`."""
        from minimax_nb.lab.unknown import abandon

        return abandon(self, self.ledger.job(job_id).id, charged=charged)

    def models(self, kind: str | None = None, provider: str | None = None) -> tuple[Model, ...]:
        """Return the models of the catalog."""
        return catalog().models(provider, kind)

    def voices(self, text: str | None = None, language: str | None = None) -> tuple[Voice, ...]:
        """Return the system voices whose id or name contains ``text``."""
        return catalog().voices(text, language)

    def templates(self) -> tuple[Template, ...]:
        """Return the video templates of the catalog."""
        return catalog().templates()

    def status(self) -> LabStatus:
        """Return what a new job would use, what runs, what was spent today and what is left."""
        return status_of(self)

    def close(self) -> None:
        """Close the ledger and stop the sandbox this lab started; jobs of real providers go on."""
        if "ledger" in self.__dict__:
            self._arrival.wait(timeout=5)
            running = running_engine()
            if running is not None:
                running.leave(self.ledger)
            self._ask.end_kernel()
            self.ledger.close()
            del self.__dict__["ledger"]
        self.spool.close()
        self._connections.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab provider={self.settings.value('provider')} home={self.settings.home}>"


_current: Lab | None = None
_lock = threading.Lock()


def current_lab() -> Lab:
    """Return the lab that the magics of this process share, made on first use."""
    global _current
    with _lock:
        if _current is None:
            _current = Lab()
            atexit.register(_current.close)
        return _current
