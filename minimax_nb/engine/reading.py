"""Reads the reply to a paid request: on disk first, then parsed, then what it carries stored.

What the ledger is about to tell of is flushed by its writer before the row that tells of it: the
results where they came in the reply itself, else the reply, which alone may say where they are. The
reply stays on disk until the row says that the results are stored, so that no moment between loses
anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

from minimax_nb.engine.collect import filed
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import MediaError
from minimax_nb.ledger.rows import MediaRow
from minimax_nb.media import Media
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply

#: Larger replies are read, and what they carry is flushed, by a thread: the loop has other jobs to look after.
SMALL = 2**18


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reply to a paid request comes to.

    Parameters
    ----------
    outcome
        What it says.
    media, rows
        The results that it carried, in the media store, and their rows, which nobody has written yet;
        none where they are still to be fetched.
    flush
        To be called before the ledger tells of any of it.
    """

    outcome: Outcome
    media: tuple[Media, ...] = ()
    rows: tuple[MediaRow, ...] = ()
    flush: Callable[[], None] | None = None


async def read(job: LiveJob, reply: Reply) -> Reading:
    """Keep the reply, and return what it says and what it brought."""
    if len(reply.content) <= SMALL:
        return _read(job, reply, large=False)
    try:
        return await asyncio.to_thread(_read, job, reply, large=True)
    except RuntimeError:  # the interpreter is ending and takes no more work for its threads
        return _read(job, reply, large=False)


def _read(job: LiveJob, reply: Reply, *, large: bool) -> Reading:
    request = job.plan.request
    assert request is not None, "only a job of this process is submitted"
    with contextlib.suppress(OSError):  # a full disk is no reason not to read what was paid for
        job.spool(reply)
    try:
        outcome = job.plan.connection.provider.parse_submit(request, reply)
        if outcome.state == "succeeded" and _is_whole(outcome):
            with contextlib.suppress(MediaError):  # a full disk: it is tried again once the end is written
                return _stored(job, outcome, flush=large)
    except Exception:
        _flush_spool(job)
        raise
    return Reading(outcome, flush=functools.partial(_flush_spool, job))


def _is_whole(outcome: Outcome) -> bool:
    """Return True when the results are in the reply, so that none is to be fetched or unpacked."""
    outputs = outcome.outputs
    return bool(outputs) and all(item.data is not None and not item.archive for item in outputs)


def _flush_spool(job: LiveJob) -> None:
    with contextlib.suppress(OSError):  # it could not be written
        job.flush_spool()


def _stored(job: LiveJob, outcome: Outcome, *, flush: bool) -> Reading:
    """Store the results that came in the reply itself."""
    record = replace(job.record, facts={**job.record.facts, **outcome.facts})
    files, found = [], []
    for position, output in enumerate(outcome.outputs):
        file = job.plan.store.put_bytes(output.data or b"", mime_hint=output.mime, flush=flush)
        files.append(file)
        found.append(filed(job, record, output, file, position))

    def flush_files() -> None:
        for file in files:
            job.plan.store.flush(file)

    media, rows = zip(*found, strict=True)
    return Reading(outcome, media, rows, None if flush else flush_files)
