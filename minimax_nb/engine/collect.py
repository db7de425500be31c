"""Fetches a job's results at once, before their URLs expire, and files them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from minimax_nb.download import LinkExpiredError
from minimax_nb.engine.calls import change, look
from minimax_nb.engine.fetch import fetch
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import ErrorInfo, MediaError, NotSentError, OutcomeUnknownError
from minimax_nb.http import Transport
from minimax_nb.ledger.record import ResultState
from minimax_nb.media import Media, StoredFile
from minimax_nb.media.partial import Partial
from minimax_nb.media.store import NoSpaceError
from minimax_nb.providers.base import Output

if TYPE_CHECKING:
    from minimax_nb.ledger.record import JobRecord

AT_ONCE = 4  #: outputs of one job that are fetched side by side
MAX_BYTES = 4 * 2**30


async def collect(job: LiveJob, transport: Transport) -> None:
    """Store every output of ``job``; the row says ``stored``, ``partial`` or ``expired`` afterwards.

    Raises
    ------
    MediaError
        A result that is paid and still at the provider could not be fetched now; it can be resumed.
    """
    job.set_stage("downloading")
    outputs = job.outputs or await _outputs_again(job, transport)
    if not outputs:
        raise MediaError(
            f"{job.record.provider} does not say where the result is now",
            hint="The result is paid for and still at the provider: %minimax resume fetches it",
        )
    kept = {} if job.outputs else await asyncio.to_thread(_kept, job)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(position: int, output: Output) -> Media:
        async with gate:
            stored = kept.get((output.role, position)) or await _store(job, transport, output, position)
            return await asyncio.to_thread(_file, job, output, stored, position)

    done = await asyncio.gather(*(one(*item) for item in enumerate(outputs)), return_exceptions=True)
    job.media += [item for item in done if isinstance(item, Media)]
    failed = [item for item in done if isinstance(item, BaseException)]
    for failure in failed:
        if not isinstance(failure, LinkExpiredError):
            raise failure
    await _mark(job, expired=len(failed), stored=len(outputs) - len(failed))


def _kept(job: LiveJob) -> dict[tuple[str, int], StoredFile]:
    """Return what an earlier process stored of this job already, by role and position."""
    kept = {}
    for row in job.plan.ledger.media_of(job.id):
        if row.sha256 is not None:
            with contextlib.suppress(MediaError):  # gone from the store: it is fetched again
                kept[row.role, row.position] = job.plan.store.get(row.sha256)
    return kept


async def _mark(job: LiveJob, *, expired: int, stored: int) -> None:
    facts = job.record.facts
    short = int(facts.get("delivered") or 0) < int(facts.get("asked") or 0)
    result = (
        ResultState.EXPIRED
        if expired and not stored
        else ResultState.PARTIAL
        if expired or short
        else ResultState.STORED
    )
    await change(job, result.value, result=result, stored_us=now_us())
    job.set_stage("done")


async def _store(job: LiveJob, transport: Transport, output: Output, position: int) -> StoredFile:
    store = job.plan.store
    try:
        if output.data is not None:
            return await asyncio.to_thread(store.put_bytes, output.data, mime_hint=output.mime)
        key = f"{job.id}-{output.role}-{position}"
        partial = await asyncio.to_thread(Partial, store, key, mime_hint=output.mime)
        return await _fetch(job, transport, partial, output, position)
    except LinkExpiredError:
        raise
    except NoSpaceError as error:
        place = "stays at the provider" if output.data is None else "is kept as it came"
        raise MediaError(
            f"{error.message}; the paid result {place}: free some space, then %minimax resume fetches it"
        ) from error
    except MediaError as error:
        error.hint = "The result is paid for and still at the provider: %minimax resume fetches it"
        raise


async def _fetch(
    job: LiveJob, transport: Transport, partial: Partial, output: Output, position: int
) -> StoredFile:
    current = output

    async def address(expired: bool) -> str:
        nonlocal current
        if expired:
            current = await _fresh(job, transport, current, position)
        return current.url or await _url_of(job, transport, current)

    return await fetch(job, transport, partial, address, max_bytes=MAX_BYTES)


async def _url_of(job: LiveJob, transport: Transport, output: Output) -> str:
    connection = job.plan.connection
    try:
        reply = await transport.send(
            connection.provider.fetch(output), host=connection.host, auth=connection.auth
        )
    except (NotSentError, OutcomeUnknownError) as error:
        raise MediaError(error.message) from error
    answer = connection.provider.parse_fetch(output, reply)
    if isinstance(answer, ErrorInfo):
        raise MediaError(f"the provider gave no URL for the result: {answer.message}", info=answer)
    assert answer.url is not None
    return answer.url


async def _fresh(job: LiveJob, transport: Transport, output: Output, position: int) -> Output:
    """Ask for a fresh URL: a file id is simply fetched again, a task is looked up again."""
    if output.file_id is not None:
        return output
    again = await _outputs_again(job, transport)
    return again[position] if position < len(again) else output


async def _outputs_again(job: LiveJob, transport: Transport) -> tuple[Output, ...]:
    if job.record.locator is not None:
        return (await look(job, transport)).outputs
    reply, request = job.spooled(), job.plan.request
    if reply is not None and request is not None:
        return job.plan.connection.provider.parse_submit(request, reply).outputs
    return ()


def _file(job: LiveJob, output: Output, stored: StoredFile, position: int) -> Media:
    """Record one stored output and give it a readable name beside the notebook."""
    plan, record = job.plan, job.record
    path = stored.path
    if plan.links is not None:
        path = plan.store.link(stored, plan.links, stem_of(record, output.role))
    media = Media.of(stored, path=path, role=output.role, hint=record.facts)
    filed = plan.ledger.attach_media(
        record.id, output.role, position, stored, facts=media.facts.to_dict(), name=path.name
    )
    filed.result()
    return media


def stem_of(record: JobRecord, role: str) -> str:
    """Return the readable part of a result's file name: what was asked for, never the model."""
    words = record.name or record.prompt or record.kind
    return words if role == "output" else f"{words} {role}"
