"""What a provider may have besides jobs: voices and files of an account, its money and its plan.

All of these calls are free and outside jobs. Like the rest of a provider they are data and pure functions:
a call to send and a reply to read. Which of them a provider has is told by the protocols here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Balance, HasBalance
from minimax_nb.wire import HttpCall, Reply

__all__ = [
    "AccountFile",
    "AccountModel",
    "AccountVoice",
    "Balance",
    "CountsTokens",
    "HasBalance",
    "HasFiles",
    "HasModels",
    "HasPlan",
    "HasVoices",
    "PlanRow",
    "VoiceOrigin",
]

VoiceOrigin = Literal["system", "cloned", "designed"]


@dataclass(frozen=True, slots=True)
class AccountVoice:
    """One voice that an account may use.

    Parameters
    ----------
    id
        Exactly as requests name it.
    origin
        ``system``, ``cloned`` or ``designed``.
    name, description
        The provider's words; often empty.
    created
        The day it was made, as the provider writes it; ``None`` when it does not say.
    """

    id: str
    origin: VoiceOrigin
    name: str = ""
    description: str = ""
    created: str | None = None


@dataclass(frozen=True, slots=True)
class AccountFile:
    """One file that an account keeps at the provider.

    Parameters
    ----------
    id
        Exactly as requests name it; a number too long for a float is text here.
    name, purpose
        File name, and the provider's word for the use.
    size
        Bytes; ``None`` when the provider does not say.
    created_us
        When it came there, in microseconds since 1970 UTC; ``None`` when it is not said.
    expires_us
        When the provider deletes it, by its documents; ``None`` when it says nothing of that.
    """

    id: str
    name: str
    purpose: str
    size: int | None = None
    created_us: int | None = None
    expires_us: int | None = None


@dataclass(frozen=True, slots=True)
class AccountModel:
    """One model that a provider lists for an account.

    Parameters
    ----------
    id
        Exactly as requests name it.
    title
        The provider's name for people; often the id again.
    """

    id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What is left of a subscription for one group of models.

    Parameters
    ----------
    model
        The group, in the provider's words.
    left, week_left
        Per cent left of this window and of this week; ``None`` when the reply does not say.
    resets_in, week_resets_in
        Seconds until they begin anew.
    state
        ``active``, ``used up``, ``not active``, or empty when it is not told.
    """

    model: str
    left: float | None = None
    week_left: float | None = None
    resets_in: float | None = None
    week_resets_in: float | None = None
    state: str = ""


@runtime_checkable
class HasVoices(Protocol):
    """What a provider has besides, where it lists and deletes the voices of an account."""

    def voices_call(self, origin: VoiceOrigin | None) -> HttpCall:
        """Build the list request; ``None`` asks for voices of every origin."""
        ...

    def parse_voices(self, reply: Reply) -> Sequence[AccountVoice] | ErrorInfo:
        """Read the list."""
        ...

    def delete_voice_call(self, voice_id: str, origin: VoiceOrigin) -> HttpCall:
        """Build the deletion of a cloned or designed voice. Its id can never be used again."""
        ...

    def parse_delete_voice(self, reply: Reply) -> str | ErrorInfo:
        """Return the id of the voice that is gone, or what went wrong."""
        ...


@runtime_checkable
class HasFiles(Protocol):
    """What a provider has besides, where an account keeps files there."""

    def upload_file_call(self, name: str, data: bytes, mime: str | None, purpose: str) -> HttpCall:
        """Build the upload of one file."""
        ...

    def parse_file(self, reply: Reply) -> AccountFile | ErrorInfo:
        """Read what is said of one file, after an upload or when it is looked up."""
        ...

    def file_call(self, file_id: str) -> HttpCall:
        """Build the request for what is known of one file."""
        ...

    def files_call(self, purpose: str) -> HttpCall:
        """Build the list of one purpose's files."""
        ...

    def parse_files(self, reply: Reply) -> Sequence[AccountFile] | ErrorInfo:
        """Read the list."""
        ...

    def file_content_call(self, file_id: str) -> HttpCall:
        """Build the request for a file's bytes."""
        ...

    def parse_file_content(self, reply: Reply) -> bytes | ErrorInfo:
        """Return the bytes, or what went wrong."""
        ...

    def delete_file_call(self, file_id: str, purpose: str) -> HttpCall:
        """Build the deletion of one file."""
        ...

    def parse_delete_file(self, reply: Reply) -> str | ErrorInfo:
        """Return the id of the file that is gone, or what went wrong."""
        ...


@runtime_checkable
class HasPlan(Protocol):
    """What a provider has besides, where a key may belong to a subscription."""

    def plan_call(self) -> HttpCall:
        """Build the question for what is left of the plan."""
        ...

    def parse_plan(self, reply: Reply) -> Sequence[PlanRow] | ErrorInfo:
        """Read it; an error of category ``quota`` says that the key has no plan."""
        ...


@runtime_checkable
class HasModels(Protocol):
    """What a provider has besides, where it lists the text models of an account."""

    def models_call(self, api: str, model: str | None = None) -> HttpCall:
        """Build the list request of one of its interfaces, or the look-up of one model there."""
        ...

    def parse_models(self, reply: Reply) -> Sequence[AccountModel] | ErrorInfo:
        """Read the list; a look-up is a list of one."""
        ...


@runtime_checkable
class CountsTokens(Protocol):
    """What a provider has besides, where the tokens of a text request can be counted before it is paid."""

    def count_call(self, request: Request) -> HttpCall | None:
        """Build the (free) question for a resolved request; ``None`` where nobody counts its tokens."""
        ...

    def parse_count(self, reply: Reply) -> int | ErrorInfo:
        """Return the tokens of the input, or what went wrong."""
        ...
