"""What a provider is: data and pure functions, no I/O.

A provider turns a checked request into an :class:`HttpCall` and a :class:`Reply` into an
:class:`Outcome`. The engine does all sending, waiting and storing, so a provider can be tested
without a network and behaves the same from sync and async code.

The life of a job, seen from here::

    uploads(request) → upload_call / parse_upload          free, repeatable; zero or more
    submit(request, uploaded) → parse_submit               the paid POST; exactly once
    poll(locator) → parse_poll                             reads; any number
    fetch(output) → parse_fetch                            reads; only where an output has no URL yet
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, runtime_checkable

from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.wire import HttpCall, Json, Piece, Reply

ChargeState = Literal["none", "held", "charged", "not_charged", "unknown"]
OutcomeState = Literal[
    "queued", "running", "succeeded", "failed", "cancelled", "expired", "rejected", "retry", "unknown"
]


@dataclass(frozen=True, slots=True)
class Output:
    """One result of a job, by URL, inline, or by an id that :meth:`Provider.fetch` turns into a URL.

    Parameters
    ----------
    role
        ``output`` for what was asked for, ``preview`` for a voice sample, ``subtitle`` for captions,
        ``thinking`` for what a model thought before it answered.
    url, data, file_id
        Exactly one is set: where it is, its bytes, or its id at the provider.
    mime
        The provider's claim; the store sniffs the bytes.
    expires_in
        Seconds the URL lives, by the provider's documents; ``None`` when not stated.
    archive
        The file may be a tar of several results, which are kept one by one.
    """

    role: Literal["output", "preview", "subtitle", "thinking"] = "output"
    url: str | None = None
    data: bytes | None = None
    file_id: str | None = None
    mime: str | None = None
    expires_in: float | None = None
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Billed units as the provider reports them.

    Parameters
    ----------
    unit
        image, second, clip, character, song, request, voice or token.
    quantity
        How many.
    facts
        Where several units are counted apart, each as a fact that prices depend on (``output_tokens``).
    """

    unit: str
    quantity: int
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reply says of a job.

    Parameters
    ----------
    state
        ``queued`` and ``running`` go on; ``retry`` means certain that no job exists and the same
        request may be sent again after ``error.retry_after``; ``unknown`` means a paid request may
        have been accepted; the others end the job. A word the provider's documents do not list
        is ``running``.
    raw_state
        The provider's own word.
    task_id
        The provider's id of the job.
    locator
        All that :meth:`Provider.poll` needs, as JSON; stored, not rebuilt.
    outputs
        The results; complete when ``state`` is ``succeeded``.
    asked, delivered
        Counts for partial batches (9 images asked, 7 delivered); 0 when they do not apply.
    error
        Set when the job failed, was rejected, must wait or is unknown.
    charge
        What the reply proves about money.
    usage
        Billed units, where the reply tells.
    facts
        Extras worth a column: ``voice_id``, ``trace_id``, ``seed``, ``duration_ms`` ….
    warnings
        Remarks for the user.
    eta
        Seconds until the job will be done, where the provider says so.
    stale_upload
        The request was rejected because the provider does not have (any more) a file it named.
    """

    state: OutcomeState
    raw_state: str | None = None
    task_id: str | None = None
    locator: Json | None = None
    outputs: tuple[Output, ...] = ()
    asked: int = 0
    delivered: int = 0
    error: ErrorInfo | None = None
    charge: ChargeState = "held"
    usage: Usage | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    eta: float | None = None
    stale_upload: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """What a provider says of an account's money, in its own words.

    ``available`` is what can be spent; ``None`` when the reply does not say it in a form we know.
    """

    text: str
    available: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """One input that the provider wants uploaded before the paid request.

    ``field`` is the request's field name; ``purpose`` the provider's word for the use; ``lives`` the
    seconds for which the file may be named again. Media given as a URL get their content first, of at
    most ``largest`` bytes. With ``inside`` they are not uploaded: the paid request itself carries them.
    """

    field: str
    purpose: str
    media: MediaInput
    lives: float = 0.0
    inside: bool = False
    largest: int = 20 * 2**20


class Provider(Protocol):
    """What the engine asks of a provider. Implementations are stateless and do no I/O."""

    name: str
    title: str
    #: Default API host and the environment variables that override host and carry the key.
    default_host: str
    host_env: str
    key_env: str
    #: Where to get a key, shown when it is missing.
    key_url: str
    #: The kinds this provider can do.
    kinds: frozenset[str]
    #: Those of them whose paid request can carry a webhook address.
    webhook_kinds: frozenset[str]

    def auth_headers(self, key: str) -> Mapping[str, str]:
        """Return the credential headers; the HTTP layer sends them to the configured host alone."""
        ...

    def check(self, request: Request) -> None:
        """Raise RequestInvalidError when this provider cannot do the (resolved) request as asked."""
        ...

    def uploads(self, request: Request) -> Sequence[Upload]:
        """Return the inputs that must be uploaded first."""
        ...

    def upload_call(self, upload: Upload) -> HttpCall:
        """Build the (free, repeatable) upload."""
        ...

    def parse_upload(self, reply: Reply) -> str | ErrorInfo:
        """Return the file id at the provider, or what went wrong."""
        ...

    def submit(self, request: Request, uploaded: Mapping[str, str], webhook: str | None = None) -> HttpCall:
        """Build the paid request.

        ``uploaded`` maps field names to file ids; ``webhook`` is where the provider shall report,
        and given only for a kind of :attr:`webhook_kinds`.
        """
        ...

    def parse_submit(self, request: Request, reply: Reply) -> Outcome:
        """Read the reply to :meth:`submit`."""
        ...

    def adopt(self, request: Request, delivery: Json) -> Outcome | None:
        """Return ``queued``, with the task and its locator, for a webhook's body; ``None`` if it names no task.

        A webhook is not signed: nothing but the id is taken from it, and that is only something to ask for.
        """
        ...

    def poll(self, locator: Json) -> HttpCall:
        """Build the status request."""
        ...

    def parse_poll(self, locator: Json, reply: Reply) -> Outcome:
        """Read the reply to :meth:`poll`. A failed read is ``retry``, never ``failed``."""
        ...

    def fetch(self, output: Output) -> HttpCall:
        """Build the request that turns ``output.file_id`` into a URL; safe to repeat for a fresh one."""
        ...

    def parse_fetch(self, output: Output, reply: Reply) -> Output | ErrorInfo:
        """Read the reply to :meth:`fetch`."""
        ...


@runtime_checkable
class ReportsProgress(Protocol):
    """What a provider has besides, where a webhook can tell of every step and not only of the end."""

    def with_progress(self, call: HttpCall) -> HttpCall:
        """Return a paid request that carries a webhook address, asking for a report at every step."""
        ...


class PieceReader(Protocol):
    """Reads one streamed reply while it comes; only for showing: the whole reply is parsed at its end."""

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next bytes and return the pieces they complete."""
        ...


@runtime_checkable
class Streams(Protocol):
    """What a provider has besides, where a reply can be shown while it comes."""

    def piece_reader(self, request: Request) -> PieceReader | None:
        """Return a reader for the reply to this request; ``None`` when it comes in one piece."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """One task in a provider's list.

    Parameters
    ----------
    task_id, locator
        As in :class:`Outcome`.
    created
        When it was made, in seconds since 1970 by the provider's clock; ``None`` when it is not said.
    fits
        Whether all that the list says of it is as the request wants it.
    """

    task_id: str
    locator: Json
    created: float | None
    fits: bool


@runtime_checkable
class HasList(Protocol):
    """What a provider has besides, where it lists its tasks, so that the task of a lost reply can be found."""

    def lists(self, kind: str, model: str) -> bool:
        """Tell whether tasks of this kind and model are listed."""
        ...

    def list_call(self, request: Request, page: int) -> HttpCall:
        """Build the (free) list, from page 1, newest first."""
        ...

    def parse_list(self, request: Request, reply: Reply) -> Sequence[Listed] | ErrorInfo:
        """Read one page; an empty one ends the list."""
        ...


@runtime_checkable
class HasCancel(Protocol):
    """What a provider has besides, where a task that still waits can be cancelled at no cost."""

    def cancel_call(self, locator: Json) -> HttpCall | None:
        """Build the (free) cancellation; ``None`` where such a task has none."""
        ...

    def parse_cancel(self, reply: Reply) -> bool | ErrorInfo:
        """Return whether the task was cancelled and costs nothing, or what went wrong."""
        ...


@runtime_checkable
class HasBalance(Protocol):
    """What a provider has besides, where it can be asked how much money is left."""

    def balance_call(self) -> HttpCall:
        """Build the (free) request."""
        ...

    def parse_balance(self, reply: Reply) -> Balance | ErrorInfo:
        """Return the balance, or what went wrong."""
        ...
