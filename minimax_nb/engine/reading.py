"""Reads the reply to a paid request, in a worker thread: on disk first, then parsed, then what it carries stored.

Results that come in the reply itself are in the media store, flushed, before the ledger says a word of
them. Any other reply is flushed itself before that: it alone may tell where the result is. It stays on
disk until the row says that the results are stored, so that no moment between loses anything.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace

from minimax_nb.engine.collect import filed
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import MediaError
from minimax_nb.ledger.rows import MediaRow
from minimax_nb.media import Media
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply


@dataclass(frozen=True, slots=True)
class Stored:
    """The results that a reply carried, in the media store, and their rows, which nobody has written yet."""

    media: tuple[Media, ...]
    rows: tuple[MediaRow, ...]


async def read(job: LiveJob, reply: Reply) -> tuple[Outcome, Stored | None]:
    """Keep the reply, and return what it says and what it brought; ``None`` when that is still to be fetched."""
    try:
        return await asyncio.to_thread(_read, job, reply)
    except RuntimeError:  # the interpreter is ending and takes no more work for its threads
        return _read(job, reply)


def _keep(job: LiveJob, reply: Reply) -> None:
    with contextlib.suppress(OSError):  # a full disk is no reason not to read what was paid for
        job.spool(reply)
        job.flush_spool()


def _read(job: LiveJob, reply: Reply) -> tuple[Outcome, Stored | None]:
    request = job.plan.request
    assert request is not None, "only a job of this process is submitted"
    stored = None
    with contextlib.suppress(OSError):
        job.spool(reply)
    try:
        outcome = job.plan.connection.provider.parse_submit(request, reply)
        stored = _stored(job, outcome)
    finally:
        if stored is None:  # what is in the media store was flushed there
            with contextlib.suppress(OSError):
                job.flush_spool()
    return outcome, stored


def _stored(job: LiveJob, outcome: Outcome) -> Stored | None:
    outputs = outcome.outputs
    if (
        outcome.state != "succeeded"
        or not outputs
        or any(item.data is None or item.archive for item in outputs)
    ):
        return None
    record = replace(job.record, facts={**job.record.facts, **outcome.facts})
    found = []
    with contextlib.suppress(MediaError):  # a full disk: the job's end is written, and this is tried again
        for position, output in enumerate(outputs):
            stored = job.plan.store.put_bytes(output.data or b"", mime_hint=output.mime)
            found.append(filed(job, record, output, stored, position))
        return Stored(tuple(media for media, _ in found), tuple(row for _, row in found))
    return None
