"""Conversations: kept by the ledger, so that they outlive the kernel; one turn is one job.

A turn's request holds all that was said before it, so the newest turn of a thread is the whole thread, and
a turn can be sent again, answered from the ledger or replayed like any other request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from minimax_nb.errors import MediaError, RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.chat import ChatRequest
from minimax_nb.lab.resume import request_of
from minimax_nb.ledger.record import JobRecord, JobState, ResultState
from minimax_nb.render.format import shorten

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

_LOOKED_AT = 1000  #: turns that are looked through for the last good one


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a thread: what was said, and the answer."""

    said: str
    answer: str


class Thread(Sequence[Turn]):
    """A conversation as the ledger has it, oldest turn first.

    Parameters
    ----------
    name
        Its name.
    turns
        Its turns.
    model, system
        Who answers, and how; ``None`` before the first turn.
    last_us
        When the last turn was asked, in microseconds since the epoch.
    """

    def __init__(
        self,
        name: str,
        turns: Sequence[Turn] = (),
        *,
        model: str | None = None,
        system: str | None = None,
        last_us: int | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self.system = system
        self.last_us = last_us
        self._turns = tuple(turns)

    @overload
    def __getitem__(self, index: int) -> Turn: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Turn]: ...
    def __getitem__(self, index: int | slice) -> Turn | Sequence[Turn]:
        return self._turns[index]

    def __len__(self) -> int:
        return len(self._turns)

    def show(self) -> None:
        """Display it."""
        from IPython.display import display

        display(self)

    def __repr__(self) -> str:
        from minimax_nb.render.talk import talk_text

        return talk_text(self.name, self.model, self.system, self._pairs())

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from minimax_nb.render.talk import talk_html

        return {
            "text/plain": repr(self),
            "text/html": talk_html(self.name, self.model, self.system, self._pairs()),
        }

    def _pairs(self) -> list[tuple[str, str]]:
        return [(turn.said, turn.answer) for turn in self._turns]


def continued(lab: Lab, request: Request) -> Request:
    """Return a turn of a thread with what was said before it, and the thread's system text and model.

    Parameters
    ----------
    lab
        Its ledger and project have the thread.
    request
        Any request; all but a turn of a thread without ``history`` are returned as they are.

    Raises
    ------
    RequestInvalidError
        The thread's last turn is still running.
    MediaError
        Its last answer is gone from the media store.
    """
    if not isinstance(request, ChatRequest) or request.thread is None or request.history is not None:
        return request
    last = None if request.new_thread else _last(lab, request.thread)
    if last is None:
        return request.model_copy(update={"history": ()})
    before = request_of(lab, last)
    if not isinstance(before, ChatRequest):
        raise RequestInvalidError(
            f"thread {request.thread!r}: its last turn, job {last.id}, cannot be read again",
            hint="--new-thread begins it anew",
        )
    history = tuple(before.history or ())
    images, turns = before.earlier_image, before.earlier_turn
    if answer := _answer(lab, last):
        turns = (*turns, *[len(history) // 2] * len(before.image))
        images = (*images, *before.image)
        history = (*history, before.prompt, answer)
    return request.model_copy(
        update={
            "history": history,
            "earlier_image": images,
            "earlier_turn": turns,
            "system": request.system or before.system,
            "model": request.model or before.model,
        }
    )


def thread_of(lab: Lab, name: str) -> Thread:
    """Return a thread of the lab's project; empty when there is none of that name."""
    last = _last(lab, name, running=True)
    return Thread(name) if last is None else _thread(lab, name, last)


def threads_of(lab: Lab) -> list[Thread]:
    """Return the threads of the lab's project, the latest first."""
    found: dict[str, JobRecord] = {}
    for record in _turns(lab, None):
        name = str(record.request["thread"])
        if record.state is JobState.SUCCEEDED:
            found.setdefault(name, record)
    return [_thread(lab, name, record) for name, record in found.items()]


def _thread(lab: Lab, name: str, last: JobRecord) -> Thread:
    texts = [*last.request.get("history", []), last.prompt or "", _answer(lab, last)]
    turns = [Turn(said, answer) for said, answer in zip(texts[::2], texts[1::2], strict=True)]
    return Thread(name, turns, model=last.model, system=last.request.get("system"), last_us=last.created_us)


def _last(lab: Lab, name: str, *, running: bool = False) -> JobRecord | None:
    """Return the last turn that was answered, back to the beginning of the thread.

    A turn that failed or whose outcome is unknown is no part of the conversation. ``running``: one that
    still runs is passed over too, and not an error.
    """
    for record in _turns(lab, name):
        if record.state is JobState.SUCCEEDED and record.result is not ResultState.AVAILABLE:
            return record
        going = record.state not in (JobState.UNKNOWN, JobState.ABANDONED) and not record.state.terminal
        if (going or record.result is ResultState.AVAILABLE) and not running:
            said = shorten(record.prompt or "", 40)
            raise RequestInvalidError(
                f"thread {name!r}: its last turn ({said!r}) has no answer yet; nothing was sent",
                hint=f"%minimax wait {record.id} waits for it",
            )
        if record.request.get("new_thread"):
            return None
    return None


def _turns(lab: Lab, name: str | None) -> Iterator[JobRecord]:
    """Yield the turns of a thread, or of all, newest first; a replay needs no key, so it takes either side's."""
    replay = lab.settings.value("replay") == "on"
    sandbox = None if replay else lab._connections.uses_sandbox
    for record in lab.ledger.thread(lab.project, name, _LOOKED_AT):
        if sandbox in (None, record.sandbox):
            yield record


def _answer(lab: Lab, record: JobRecord) -> str:
    if record.result is ResultState.NONE:
        return ""  # it was all thinking
    try:
        return "".join(item.text() for item in lab.media_of(record) if item.role == "output")
    except MediaError as error:
        raise MediaError(
            f"thread {record.request.get('thread')!r}: its last answer is gone from the media store",
            hint="--new-thread begins it anew",
        ) from error
