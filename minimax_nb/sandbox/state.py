"""The world of one sandbox: time, accounts, tasks, media, faults, journal."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import random
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from minimax_nb.sandbox.accounts import Account, Hold
from minimax_nb.sandbox.blobs import Blob, BlobStore
from minimax_nb.sandbox.child import DEFAULT_KEYS
from minimax_nb.sandbox.clock import Clock, iso
from minimax_nb.sandbox.faults import FaultBook, Rule
from minimax_nb.sandbox.hearing import Hearing
from minimax_nb.sandbox.journal import Entry, Journal

#: Realistic seconds by kind of work (medians), before ``speed``.
TYPICAL = {
    "image": 8.0,
    "speech": 2.0,
    "video": 90.0,
    "music": 60.0,
    "voice-design": 12.0,
    "voice-clone": 12.0,
}
_SPREAD = 0.25


@dataclass
class Switches:
    """What the providers' documents leave open or contradict; ``POST /__sandbox__/settings`` sets them.

    Parameters
    ----------
    allow_http_webhooks
        Accept ``http://`` webhook addresses on loopback.
    pixazo_octet_stream
        Declare audio as ``application/octet-stream`` under ``output.ext``.
    pixazo_failed_charged
        Whether a ``FAILED`` task is charged (``ERROR`` never is).
    pixazo_flip_timestamps
        Mixed timestamps in the status and ISO ones in webhooks, in place of the other way round.
    apixo_refund_failed
        Whether a failed voice is refunded.
    apixo_pending
        Show ``pending`` before ``processing``.
    minimax_url_hours
        Lifetime of a video address, hours: 1 or 9 by source.
    minimax_cjk_double
        Bill a Chinese character of speech as two, as the pages for China say.
    minimax_v2_unknown_500
        Answer an unknown V2 task with HTTP 500 "record not found" in place of "invalid task_id".
    minimax_regeneration
        Let accounts regenerate a task by its id, as those on the provider's list may.
    music_sunset
        Refuse music, covers and lyrics, as to an account opened after they were closed (code 2061).
    minimax_async_tar
        The file of a long speech is a tar with audio, subtitles and facts, as clients have found; off, it is
        the bare audio unless a zip was spoken, as the page reads.
    minimax_clone_closed
        Voice cloning answers 2038: the account is not verified.
    minimax_object_sensitive
        ``input_sensitive`` of a clone is an object, as documented, in place of the boolean of real replies.
    product_dialects
        Serve ``/speech/speech_t2a_input``, which a product document names and the real host does not have.
    """

    allow_http_webhooks: bool = False
    pixazo_octet_stream: bool = False
    pixazo_failed_charged: bool = True
    pixazo_flip_timestamps: bool = False
    apixo_refund_failed: bool = False
    apixo_pending: bool = False
    minimax_url_hours: int = 1
    minimax_cjk_double: bool = False
    minimax_v2_unknown_500: bool = False
    minimax_regeneration: bool = False
    music_sunset: bool = False
    minimax_async_tar: bool = True
    minimax_clone_closed: bool = False
    minimax_object_sensitive: bool = False
    product_dialects: bool = False


@dataclass(frozen=True)
class Failure:
    """How a task fails.

    Parameters
    ----------
    word
        The provider's word or code for it.
    message
        The provider's text.
    charged
        Whether the task is paid for all the same.
    """

    word: str
    message: str
    charged: bool = False


@dataclass(eq=False)
class Task:
    """One queued piece of work; where it stands follows from the time alone.

    Parameters
    ----------
    id, provider, op, account
        What it is and whose.
    created
        Virtual time of acceptance, seconds.
    queue_s, run_s
        Virtual seconds spent waiting, then working.
    failure
        How it will fail; ``None`` when it will succeed.
    hold
        The money set aside for it.
    blob
        The media it makes, if any.
    facts
        What its provider needs to describe it.
    """

    id: str
    provider: str
    op: str
    account: Account
    created: float
    queue_s: float
    run_s: float
    failure: Failure | None = None
    hold: Hold | None = None
    entry: Entry | None = None
    blob: Blob | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    settled: bool = False

    @property
    def running_at(self) -> float:
        """Virtual time at which work begins."""
        return self.created + self.queue_s

    @property
    def done_at(self) -> float:
        """Virtual time of the end."""
        return self.created + self.queue_s + self.run_s


class World:
    """Everything one sandbox process knows.

    Parameters
    ----------
    bases
        Base URL by room: ``front``, ``minimax``, ``pixazo``, ``apixo``.
    speed
        Realistic durations are divided by this.
    seed
        Seed of results, ids and durations.
    rules
        Fault rules in force from the start.
    switches
        See :class:`Switches`.
    """

    def __init__(
        self,
        bases: dict[str, str],
        *,
        speed: float = 1.0,
        seed: int = 0,
        rules: Iterable[Rule] = (),
        switches: Switches | None = None,
    ) -> None:
        self.bases = bases
        self.speed = speed
        self.seed = seed
        self.instance = secrets.token_hex(4)
        self.clock = Clock()
        self.switches = switches or Switches()
        self.faults = FaultBook(rules)
        self.journal = Journal()
        self.blobs = BlobStore(bases["front"], seed)
        self.hearing = Hearing()
        self.accounts: list[Account] = [
            Account(f"{name} default", name, key) for name, key in DEFAULT_KEYS.items()
        ]
        self.tasks: dict[str, Task] = {}
        self._seen: Counter[str] = Counter()
        self._ids = 0
        self._background: set[asyncio.Task[None]] = set()

    def account(self, provider: str, key: str) -> Account | None:
        """Return the account that ``key`` opens at ``provider``."""
        return next((a for a in self.accounts if a.provider == provider and a.key == key), None)

    def rng(self, *parts: object) -> random.Random:
        """Return a generator that depends on the sandbox's seed and ``parts`` alone."""
        text = json.dumps([self.seed, *map(str, parts)])
        return random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - repeatable on purpose

    def next_rng(self, purpose: str) -> random.Random:
        """Return the next generator of a sequence: repeats differ, runs repeat."""
        self._ids += 1
        return self.rng(purpose, self._ids)

    def content_seed(self, account: Account, path: str, body: dict[str, Any]) -> int:
        """Return the seed of a result.

        It is the request's own, where it has one; else a counter per identical request makes repeats
        differ while runs repeat.
        """
        if isinstance(body.get("seed"), int):
            return int(body["seed"]) % 2**31
        canonical = json.dumps([path, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"{account.key} {digest}"
        repeat = self._seen[key]
        self._seen[key] += 1
        return self.rng(digest, repeat).getrandbits(31)

    def duration(self, op: str, *parts: object, factor: float = 1.0) -> float:
        """Return virtual seconds that work ``op`` takes: log-normal about its typical time, over the speed."""
        return (
            TYPICAL[op] * factor * math.exp(self.rng("duration", op, *parts).gauss(0.0, _SPREAD)) / self.speed
        )

    def charge(
        self, account: Account, hold: Hold, entry: Entry | None, task_id: str | None, what: str
    ) -> None:
        """Debit a hold and write it down."""
        amount = account.settle(hold)
        if entry is not None:
            entry.charged_nano, entry.currency = amount, account.currency
        self._write_charge(account, amount, task_id, what)

    def pay_now(
        self, account: Account, amount_nano: int, entry: Entry, what: str, task_id: str | None = None
    ) -> int:
        """Debit an operation as it is accepted; return the amount debited (a plan pays nothing)."""
        hold = account.hold(amount_nano)
        self.charge(account, hold, entry, task_id, what)
        return hold.amount_nano

    def refund(self, account: Account, amount_nano: int, entry: Entry | None, task_id: str) -> None:
        """Give back what was debited for a task that failed."""
        account.balance_nano += amount_nano
        if entry is not None:
            entry.charged_nano = 0
        self._write_charge(account, -amount_nano, task_id, "refund")

    def _write_charge(self, account: Account, amount_nano: int, task_id: str | None, what: str) -> None:
        if amount_nano:
            self.journal.charges.append(
                {
                    "time": iso(self.clock.now()),
                    "provider": account.provider,
                    "key": account.name,
                    "task_id": task_id,
                    "what": what,
                    "amount_nano": amount_nano,
                    "currency": account.currency,
                }
            )

    def launch(self, task: Task, then: Callable[[Task], Awaitable[None]] | None = None) -> None:
        """Register a task, settle it when its time comes, and run ``then`` after that."""
        self.tasks[task.id] = task
        if task.entry is not None:
            task.entry.task_id = task.id
            if task.hold is not None:
                task.entry.charged_nano, task.entry.currency = task.hold.amount_nano, task.account.currency

        async def drive() -> None:
            await self.clock.sleep_until(task.done_at)
            self.settle(task)
            if then is not None:
                await then(task)

        self.spawn(drive())

    def settle(self, task: Task) -> None:
        """Charge or release a finished task, once."""
        if task.settled or self.clock.now() < task.done_at:
            return
        task.settled = True
        if task.hold is None:
            return
        if task.failure is None or task.failure.charged:
            self.charge(task.account, task.hold, task.entry, task.id, task.op)
        else:
            task.account.release(task.hold)
            if task.entry is not None:
                task.entry.charged_nano = 0

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` in the background of the server."""
        running = asyncio.ensure_future(work)
        self._background.add(running)
        running.add_done_callback(self._background.discard)

    def close(self) -> None:
        """Stop the media threads."""
        self.blobs.close()
