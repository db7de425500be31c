"""Brings one file into the media store, over as many connections as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from minimax_nb.download import LinkExpiredError, RefusedError, download
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.pace import backoff
from minimax_nb.errors import MediaError
from minimax_nb.http import Transport
from minimax_nb.media import StoredFile
from minimax_nb.media.partial import Partial
from minimax_nb.media.store import NoSpaceError

TRIES = 4  #: one after the other without getting on
STEP = 256 * 1024  #: bytes that count as getting on


T = TypeVar("T")


async def fetch(
    job: LiveJob,
    transport: Transport,
    make: Callable[[], Partial],
    address: Callable[[bool], Awaitable[str]],
    then: Callable[[StoredFile], T],
    *,
    max_bytes: int,
    plain: bool = False,
) -> T:
    """Download a file that belongs to ``job``, going on where an earlier try or process stopped.

    Parameters
    ----------
    make
        Returns where it goes, with what is there already; called in a worker thread.
    address
        Returns where to fetch it; asked before each try, with True when the last address had expired.
    then
        What is done with the stored file, in the same worker thread.
    max_bytes
        Refuse more than this.
    plain
        The user gave an http address.

    Raises
    ------
    NoSpaceError, RefusedError
        At once: a further try changes nothing.
    LinkExpiredError, MediaError
        After :data:`TRIES` tries that brought nothing new.
    """
    failures, expired = 0, False
    speed, local = job.plan.connection.speed, job.plan.connection.local
    partial = await asyncio.to_thread(make)
    try:
        while True:
            before = partial.written
            try:
                async with transport.downloads:
                    url = await address(expired)
                    await download(
                        url, partial, max_bytes=max_bytes, local=local, plain=plain, pool=transport.media
                    )
                    return await asyncio.to_thread(lambda: then(partial.finish()))
            except (NoSpaceError, RefusedError):
                raise
            except MediaError as error:
                expired = isinstance(error, LinkExpiredError)
                got_on = partial.resumable and partial.written - before >= STEP
                failures = 0 if got_on else failures + 1
                if failures == TRIES:
                    if expired:
                        partial.drop()
                    raise
            await asyncio.sleep(backoff(max(0, failures - 1), job.jitter, None, speed))
    finally:
        partial.close()
