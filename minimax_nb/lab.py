"""Lab: the one public object that ties settings, providers, engine, ledger and media together."""

from __future__ import annotations

import atexit
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.catalog import Model, PriceBook, Quote, Template, Voice, catalog
from minimax_nb.connect import SANDBOX_NOTE, Connections
from minimax_nb.dryrun import DryRun, describe
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.ids import new_id, now_us
from minimax_nb.engine.live import LiveJob, Plan
from minimax_nb.engine.loop import LEASE, engine, running_engine
from minimax_nb.engine.pace import Pace
from minimax_nb.job import Job
from minimax_nb.kinds import build
from minimax_nb.kinds.base import Request
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.frame import By
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media, MediaStore
from minimax_nb.providers import provider as find_provider
from minimax_nb.result import Result
from minimax_nb.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LabStatus:
    """Where one is: what a new job would use, what runs, what was spent today.

    ``spent`` holds ``(currency, amount, is sandbox)`` for today, UTC.
    """

    provider: str
    host: str
    sandbox: bool
    key_source: str
    project: str
    ledger: str
    running: int
    spent: tuple[tuple[str, Decimal, bool], ...]


class Lab:
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
        self._noted_sandbox = False
        #: The result of the last finished job of this kernel.
        self.last: Result | None = None

    # --- rooms, opened on first use ---

    @cached_property
    def ledger(self) -> Ledger:
        """The durable record of all jobs."""
        given = self.settings.value("ledger")
        ledger = Ledger(Path(given).expanduser() if given else self.settings.home / "ledger.db")
        ledger.guard(self.settings.secrets())
        return ledger

    @cached_property
    def store(self) -> MediaStore:
        """The media on disk, by content."""
        given = self.settings.value("media")
        return MediaStore(Path(given).expanduser() if given else self.settings.home / "media")

    @property
    def project(self) -> str:
        """The name that groups jobs: a setting, else the working folder's name."""
        return str(self.settings.value("project") or Path.cwd().name)

    # --- asking ---

    def image(self, prompt: str, **options: Any) -> Result:
        """Make images; options as in :class:`~minimax_nb.ImageRequest`. Blocks until they are stored."""
        return self._run("image", prompt, options)

    def video(self, prompt: str = "", **options: Any) -> Result:
        """Make a video; options as in :class:`~minimax_nb.VideoRequest`. Blocks until it is stored."""
        return self._run("video", prompt, options)

    def speech(self, text: str, **options: Any) -> Result:
        """Speak a text; options as in :class:`~minimax_nb.SpeechRequest`. Blocks until it is stored."""
        return self._run("speech", text, options)

    def music(self, prompt: str = "", **options: Any) -> Result:
        """Make a song; options as in :class:`~minimax_nb.MusicRequest`. Blocks until it is stored."""
        return self._run("music", prompt, options)

    def voice_design(self, prompt: str, **options: Any) -> Result:
        """Design a voice from words; options as in :class:`~minimax_nb.VoiceDesignRequest`."""
        return self._run("voice-design", prompt, options)

    def voice_clone(self, audio: Any, **options: Any) -> Result:
        """Clone a voice from a recording; options as in :class:`~minimax_nb.VoiceCloneRequest`."""
        return self._run("voice-clone", None, {"audio": audio, **options})

    def _run(self, kind: str, text: str | None, options: dict[str, Any]) -> Result:
        own = {key: options.pop(key) for key in ("provider", "tags", "name") if key in options}
        timeout = options.pop("timeout", None)
        self.last = self.submit(build(kind, text, options), **own).result(timeout)
        return self.last

    def submit(
        self,
        request: Request,
        *,
        provider: str | None = None,
        tags: Mapping[str, str] | None = None,
        name: str | None = None,
        template: str | None = None,
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

        Raises
        ------
        RequestInvalidError, ConfigError, BudgetExceededError
            Nothing was sent.
        """
        connection, resolved, model = self._prepare(request, provider)
        book = self._book(connection)
        quote = book.quote(connection.provider.name, resolved.kind, model.name, resolved.price_facts())
        record = self._record(connection, resolved, model, quote)
        record.tags, record.name, record.template = dict(tags or {}), name, template
        record.warnings = [*resolved.warnings().items, *self._first_sandbox_note(connection)]
        limit = catalog().limit(connection.provider.name, model.rpm_class)
        live = LiveJob(
            record, self._plan(connection, resolved, model, book, Pace.of(limit, model, connection.speed))
        )
        running = engine()
        record.lease_owner, record.lease_until_us = running.owner, record.created_us + int(LEASE * 1e6)
        self._keep_inputs(resolved)
        live.record = self.ledger.insert_job(record, reserve_nano=quote.amount_nano)
        running.start(live)
        return Job(live.record, live=live)

    def _prepare(self, request: Request, provider: str | None) -> tuple[Connection, Request, Model]:
        name = self._provider(provider)
        resolved = request.resolve(name)  # before the connection: a bad request must not start a sandbox
        connection = self._connections.open(name)
        connection.provider.check(resolved)
        return connection, resolved, catalog().model(name, resolved.kind, getattr(resolved, "model", None))

    def _provider(self, name: str | None) -> str:
        """Return the provider's name, checked, so that a typo is met before anything else."""
        return find_provider(name or str(self.settings.value("provider"))).name

    def _book(self, connection: Connection) -> PriceBook:
        return catalog().book(self.settings.value("prices"), provider=connection.provider.name)

    def _plan(
        self, connection: Connection, request: Request | None, model: Model, book: PriceBook, pace: Pace
    ) -> Plan:
        limit = catalog().limit(connection.provider.name, model.rpm_class)
        links = self.settings.value("links")
        return Plan(
            connection=connection,
            request=request,
            model=model,
            book=book,
            pace=pace,
            ledger=self.ledger,
            store=self.store,
            links=Path(links).absolute() if links else None,
            spool=self.settings.home / "spool",
            rpm=limit.rpm,
        )

    def _record(self, connection: Connection, request: Request, model: Model, quote: Quote) -> JobRecord:
        now = now_us()
        call = connection.provider.submit(
            request, {item.field: "0" for item in connection.provider.uploads(request)}
        )
        return JobRecord(
            id=new_id(now),
            kind=request.kind,
            provider=connection.provider.name,
            model=model.name,
            operation=f"{request.kind}.generate",
            endpoint=connection.host.split("://", 1)[1] + call.path,
            account=connection.account,
            request=request.to_json(),
            fingerprint=fingerprint(connection.provider.name, request),
            created_us=now,
            updated_us=now,
            sandbox=connection.sandbox,
            project=self.project,
            prompt=request.text or None,
            currency=quote.currency,
            unit=quote.unit,
            quantity=quote.quantity,
            price_id=quote.price_id,
            estimate_nano=quote.amount_nano,
            facts={"price_facts": dict(request.price_facts())},
        )

    def _keep_inputs(self, request: Request) -> None:
        for item in request.inputs().values():
            if item.data is not None:
                self.store.put_bytes(item.data, mime_hint=item.mime)

    def _first_sandbox_note(self, connection: Connection) -> list[str]:
        if not connection.sandbox or self._noted_sandbox or self.settings.get("sandbox").source != "default":
            return []
        self._noted_sandbox = True
        return [SANDBOX_NOTE]

    # --- knowing before paying ---

    def estimate(self, request: Request, *, provider: str | None = None) -> Quote:
        """Return the price of a request; ``amount`` is ``None`` where no price is known. Sends nothing."""
        name = self._provider(provider)
        resolved = request.resolve(name)
        book = catalog().book(self.settings.value("prices"), provider=name)
        return book.quote(name, resolved.kind, str(getattr(resolved, "model", "")), resolved.price_facts())

    def dry_run(self, request: Request, *, provider: str | None = None) -> DryRun:
        """Return the exact request and its price, credentials left out. Sends nothing, needs no key."""
        wire = find_provider(self._provider(provider))
        resolved = request.resolve(wire.name)
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
        return Job(record, live=live.get(record.id), media=lambda: self.media_of(record))

    def media_of(self, record: JobRecord) -> list[Media]:
        """Return the stored files of a job, wherever it was made."""
        folder = Path(str(self.settings.value("links") or ".")).absolute()
        found = []
        for row in self.ledger.media_of(record.id):
            if row.sha256 is None or row.role == "input":
                continue
            stored = self.store.get(row.sha256)
            path = self.store.linked(stored, folder, row.name)
            found.append(Media.of(stored, path=path, role=row.role, hint=record.facts))
        return found

    def resume(self) -> list[Job]:
        """Adopt the open jobs of kernels that died, watch them and fetch their results."""
        from minimax_nb.resume import adopt

        return adopt(self)

    def log(self, columns: str | list[str] = "slim", **filters: Any) -> pd.DataFrame:
        """Return the ledger as a DataFrame, one row a job, newest last.

        Parameters
        ----------
        columns
            ``slim``, ``full``, or a list of column names.
        **filters
            ``project``, ``kind``, ``provider``, ``state``, ``since`` (datetime or ISO text); applied in SQL.
        """
        return self.ledger.frame(columns, **filters)

    def cost(self, by: By = "provider") -> pd.DataFrame:
        """Return what was spent, by ``provider``, ``model``, ``kind``, ``day`` or ``project``; sandbox apart."""
        return self.ledger.cost_summary(by)

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
        """Return what a new job would use, what runs, and what was spent today."""
        name = str(self.settings.value("provider"))
        sandbox = self._connections.uses_sandbox
        key = self.settings.get(f"{name}_api_key")
        running = running_engine()
        return LabStatus(
            provider=name,
            host="embedded sandbox" if sandbox else str(self.settings.value(f"{name}_api_host")),
            sandbox=sandbox,
            key_source="no key needed" if sandbox else key.source if key.value else "not set",
            project=self.project,
            ledger=str(self.ledger.path),
            running=len(running.open_jobs()) if running else 0,
            spent=tuple(self.ledger.spent_today()),
        )

    def close(self) -> None:
        """Close the ledger and stop the sandbox this lab started; jobs of real providers go on."""
        self._connections.close()
        if "ledger" in self.__dict__:
            self.ledger.close()
            del self.__dict__["ledger"]

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab provider={self.settings.value('provider')} home={self.settings.home}>"


def fingerprint(provider: str, request: Request) -> str:
    """Return the sha256 that identical requests share: content of inputs counts, their file names do not."""
    body = request.to_json()
    canonical = json.dumps([provider, request.kind, _nameless(body)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _nameless(item) for key, item in value.items() if not (key == "name" and "sha256" in value)
        }
    return [_nameless(item) for item in value] if isinstance(value, list) else value


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
