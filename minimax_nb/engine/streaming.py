"""Sends the paid request and hears its reply: shown while it comes, and on disk as far as it came.

A stream that breaks off leaves what was paid for: every part is written to disk as it comes, and what
can be used of it is kept. Nothing here sends anything a second time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import ErrorInfo
from minimax_nb.http import Transport
from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Outcome, PieceReader, Streams
from minimax_nb.wire import SWITCHED, HttpCall, Reply

_KEPT = (
    "What came before is kept; the provider may charge for all of it, and it is never sent again by itself."
)


class Ear:
    """Hears one streamed reply: keeps its bytes on disk as they come, and shows what they complete.

    Parameters
    ----------
    job
        Whose reply it is.
    reader
        Cuts the bytes into pieces.
    status
        Of the reply.
    """

    def __init__(self, job: LiveJob, reader: PieceReader, status: int) -> None:
        self._job = job
        self._reader = reader
        self._status = status
        self._sound = 0  #: bytes

    def __call__(self, data: bytes) -> None:
        """Take the next bytes; a part nobody can read is no reason to stop the stream."""
        with contextlib.suppress(OSError):  # a full disk is no reason not to hear what was paid for
            self._job.spool_part(data, self._status)
        with contextlib.suppress(Exception):
            pieces = self._reader.feed(data)
            self._job.hear(pieces)
            self._sound += sum(len(piece.data) for piece in pieces)
            if self._sound:
                self._job.set_stage(stage_of(self._job.plan.request, self._sound))


def ear_for(job: LiveJob, call: HttpCall) -> Ear | None:
    """Return what hears the reply; ``None`` where it comes in one piece."""
    provider, request = job.plan.connection.provider, job.plan.request
    if request is None or not isinstance(provider, Streams):
        return None
    reader = provider.piece_reader(request)
    return None if reader is None else Ear(job, reader, SWITCHED if call.turns else 200)


async def deliver(
    job: LiveJob, transport: Transport, call: HttpCall, heard: Callable[[bytes], None] | None
) -> Reply:
    """Write the paid request once, over HTTP or a WebSocket, and return the reply; see :meth:`Transport.send`."""
    connection = job.plan.connection
    if not call.turns:
        return await transport.send(
            call, host=connection.host, auth=connection.auth, paid=True, heard=heard, held=job.slot
        )
    from minimax_nb.sockets import converse

    async with contextlib.nullcontext() if job.slot else transport.in_flight:
        dictated = None if job.dictation is None else job.dictation.parts(job)
        return await converse(
            call, host=connection.host, auth=connection.auth, heard=heard, dictated=dictated
        )


def remarked(job: LiveJob, outcome: Outcome) -> Outcome:
    """Return an outcome with what is to be said of a text that was not spoken to its end."""
    found = () if job.dictation is None else job.dictation.remarks()
    return replace(outcome, warnings=(*outcome.warnings, *found)) if found else outcome


def cut_off(job: LiveJob, info: ErrorInfo) -> Outcome | None:
    """Return what a stream that broke off comes to; ``None`` when nothing can be used of it.

    A success when the break came after its last event. Else never anything that would let it be sent
    again or counted as free, whatever its beginning says.
    """
    request, reply = job.plan.request, job.spooled()
    if request is None or reply is None:
        return None
    outcome = job.plan.connection.provider.parse_submit(request, reply)
    if outcome.state in ("succeeded", "failed"):
        return outcome
    if not outcome.outputs:
        return None
    look = "Read" if all((item.mime or "").startswith("text/") for item in outcome.outputs) else "Listen to"
    step = f"{look} what came; %minimax jobs --unknown lists what you can decide"
    error = replace(info, meaning=_KEPT, next_step=step)
    return replace(outcome, state="unknown", charge="unknown", error=error)


def stage_of(request: Request | None, size: int) -> str:
    """Return the stage of streamed sound in plain words: ``speaking, 3.2 s so far``."""
    verb = "speaking" if request is not None and request.kind == "speech" else "playing"
    seconds = seconds_of(request, size)
    return f"{verb}, {size / 1000:,.0f} kB so far" if seconds is None else f"{verb}, {seconds:.1f} s so far"


def seconds_of(request: object, size: int) -> float | None:
    """Return the seconds of sound in ``size`` bytes, where the format tells."""
    form, rate = getattr(request, "format", None), getattr(request, "sample_rate", 0)
    channels = getattr(request, "channel", 2)  # songs are stereo
    if form == "mp3":
        return size * 8 / float(getattr(request, "bitrate", 128_000))
    if form == "pcm":
        return size / (2 * rate * channels)
    return size / (rate * channels) if form in ("pcmu_raw", "pcmu_wav") else None
