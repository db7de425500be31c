"""Every error a person can meet, as one family.

::

    MiniMaxError                what happened, why, what to do; one to three lines in a cell
    ├── GrammarError            a magic or command line that cannot be read (carries a caret position)
    ├── ConfigError             a setting, a host or a folder that does not work
    │   └── MissingKeyError     no key for a named provider; lists the sources looked at, in order
    ├── RequestInvalidError     a request refused before anything was sent; lists every problem
    ├── BudgetExceededError     a request that could cross a hard budget; nothing was sent
    │   └── ApprovalNeededError a request that may cost more than goes without the user's word
    ├── NotSentError            certain that the provider has no job: refused connection, DNS, TLS
    ├── OutcomeUnknownError     a paid request whose reply was lost; never re-sent without the user's word
    ├── ProviderError           the provider answered with an error; ``category`` says which kind
    ├── JobFailedError          the provider accepted the job and it failed, expired or was cancelled
    └── MediaError              a result or an input file that cannot be read, fetched or stored
    Detached                    (KeyboardInterrupt) the cell was interrupted; the job goes on

Magics show :meth:`MiniMaxError.lines` and fail the cell; from the Python API the errors are ordinary
exceptions with ordinary tracebacks.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Category = Literal[
    "invalid_request",
    "auth",
    "forbidden",
    "insufficient_balance",
    "quota",
    "not_found",
    "model_unavailable",
    "rate_limited",
    "content_rejected",
    "input_media_unusable",
    "timeout",
    "provider_error",
    "edge_blocked",
    "transport",
    "protocol",
    "result_expired",
    "budget",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """What is known of a failure, in plain words; stored in the ledger and shown in the cell.

    Parameters
    ----------
    category
        One of the provider-neutral families of :data:`Category`.
    message
        The provider's own words, or ours where there is no provider reply. Never contains a key.
    code
        The provider's code (``base_resp.status_code``, ``failCode``, …) as text.
    meaning
        Why, in plain words.
    next_step
        What the user can do now.
    http_status
        HTTP status of the reply, where there was one.
    trace_id
        The provider's trace id, for its support.
    retry_after
        Seconds the provider asked to wait.
    """

    category: Category
    message: str
    code: str | None = None
    meaning: str | None = None
    next_step: str | None = None
    http_status: int | None = None
    trace_id: str | None = None
    retry_after: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the set fields as a JSON-ready dict."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ErrorInfo:
        """Build from :meth:`to_dict`, ignoring keys of a newer version."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        return cls(**known)


class MiniMaxError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message
        What happened, in one line.
    hint
        What to do about it, in one line.
    info
        The provider's failure, where there is one.
    job_id
        The job concerned.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        info: ErrorInfo | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.info = info
        self.job_id = job_id

    @property
    def category(self) -> Category:
        """The provider-neutral family of the failure."""
        return self.info.category if self.info else "unknown"

    def lines(self) -> list[str]:
        """Return the one to three lines a cell shows: what happened, why, what to do, and the ids."""
        first = f"{_label(self)}: {self.message}"
        info = self.info
        lines = [first]
        if info and info.meaning:
            lines.append(info.meaning)
        ids = [f"job {self.job_id}"] if self.job_id else []
        if info and info.trace_id:
            ids.append(f"trace id {info.trace_id}")
        todo = self.hint or (info.next_step if info else None) or ""
        last = " · ".join(part for part in [todo, *ids] if part)
        if last:
            lines.append(last)
        return lines

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message} {self.hint}"


def _label(error: MiniMaxError) -> str:
    return type(error).__name__.removesuffix("Error")


class GrammarError(MiniMaxError):
    """A magic or command line that cannot be read.

    Parameters
    ----------
    line
        The line as typed.
    position
        Index into ``line`` that the caret points at.
    """

    def __init__(
        self, message: str, *, line: str = "", position: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.position = position

    def lines(self) -> list[str]:
        """Return the message, with a caret under the place where it is known."""
        lines = super().lines()
        if self.position is not None and self.line:
            lines[1:1] = [f"  {self.line}", "  " + " " * self.position + "^"]
        return lines


class ConfigError(MiniMaxError):
    """A setting, a host or a folder that does not work."""


class MissingKeyError(ConfigError):
    """No key for a named provider."""


class RequestInvalidError(MiniMaxError):
    """A request refused before anything was sent.

    Parameters
    ----------
    problems
        One line per broken rule: the option, the value, what is allowed, and the source of the rule.
    """

    def __init__(self, problems: str | list[str], *, hint: str | None = None) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("; ".join(self.problems), hint=hint)

    @property
    def category(self) -> Category:
        """Always ``invalid_request``."""
        return "invalid_request"


class BudgetExceededError(MiniMaxError):
    """A request that could cross a hard budget; nothing was sent."""

    @property
    def category(self) -> Category:
        """Always ``budget``."""
        return "budget"


class ApprovalNeededError(BudgetExceededError):
    """A request that may cost more than goes without the user's word; nothing was sent."""


class NotSentError(MiniMaxError):
    """Certain that the provider has no job: nothing was sent, nothing can be charged."""


class OutcomeUnknownError(MiniMaxError):
    """A paid request whose reply was lost; it is counted as possibly spent and never re-sent by itself."""


class ProviderError(MiniMaxError):
    """The provider answered with an error; ``category`` and ``info`` say which."""


class JobFailedError(MiniMaxError):
    """The provider accepted the job and it failed, expired or was cancelled."""


class MediaError(MiniMaxError):
    """A result or an input file that cannot be read, fetched or stored."""


class Detached(KeyboardInterrupt):
    """The cell was interrupted while its job goes on at the provider.

    Parameters
    ----------
    note
        One line: what runs on, what it costs, how to get it.
    """

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note

    def lines(self) -> list[str]:
        """Return the one line a cell shows."""
        return [f"Detached: {self.note}"]


@dataclass(slots=True)
class Warnings:
    """Plain-language remarks collected while a request is checked; shown beside the result."""

    items: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Add a remark once."""
        if text not in self.items:
            self.items.append(text)
