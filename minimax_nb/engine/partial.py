"""Keeps what came of a streamed result whose end never came: it is paid for, and cannot be fetched again."""

from __future__ import annotations

import asyncio
import contextlib

from minimax_nb.engine.calls import change
from minimax_nb.engine.collect import file_output
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import MediaError
from minimax_nb.ledger.record import JobState, ResultState
from minimax_nb.providers.base import Output

_BROKEN = frozenset({JobState.UNKNOWN, JobState.FAILED})
_NOTE = "the result broke off; what came of it is kept"


async def keep_partial(job: LiveJob) -> None:
    """Store what came before a stream broke off; state and charge stay as they are.

    Parameters
    ----------
    job
        The job; nothing is done for one that did not break off, or of which nothing came.
    """
    if job.record.state not in _BROKEN or job.record.result is not ResultState.NONE:
        return
    outputs = [output for output in job.outputs or _spooled(job) or _heard(job) if output.data]
    if not outputs:
        job.forget_part()
        return
    with contextlib.suppress(MediaError):  # a full disk; the job's end is written either way
        for position, output in enumerate(outputs):
            stored = await asyncio.to_thread(
                job.plan.store.put_bytes, output.data or b"", mime_hint=output.mime
            )
            job.media.append(await asyncio.to_thread(file_output, job, output, stored, position))
        await change(job, "partial", result=ResultState.PARTIAL, warnings=[_NOTE])


def _spooled(job: LiveJob) -> tuple[Output, ...]:
    """Return what an earlier process heard before it ended."""
    reply, request = job.spooled_part(), job.plan.request
    if reply is None or request is None:
        return ()
    return job.plan.connection.provider.parse_submit(request, reply).outputs


def _heard(job: LiveJob) -> list[Output]:
    """Return what was shown while it came, where no whole reply says it better."""
    text, thinking = (
        "".join(piece.text for piece in job.pieces if piece.kind == kind) for kind in ("text", "thinking")
    )
    sound = b"".join(piece.data for piece in job.pieces if piece.kind == "audio")
    return [
        Output(data=text.encode("utf-8", "replace"), mime="text/markdown"),
        Output("thinking", data=thinking.encode("utf-8", "replace"), mime="text/markdown"),
        Output(data=sound),
    ]
