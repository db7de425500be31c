"""Fetches a job's results at once, before their URLs expire, and files them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from minimax_nb.engine.calls import change, look
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.pace import backoff
from minimax_nb.errors import ErrorInfo, MediaError, NotSentError, OutcomeUnknownError
from minimax_nb.http import LinkExpiredError, Transport, download
from minimax_nb.ledger.record import ResultState
from minimax_nb.media import Media, StoredFile
from minimax_nb.providers.base import Output

if TYPE_CHECKING:
    from minimax_nb.ledger.record import JobRecord

TRIES = 4
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
    expired = 0
    for position, output in enumerate(outputs):
        try:
            stored = await _store(job, transport, output, position)
        except LinkExpiredError:
            expired += 1
            continue
        job.media.append(await asyncio.to_thread(_file, job, output, stored, position))
    await _mark(job, expired=expired, stored=len(outputs) - expired)


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
    if output.data is not None:
        return await asyncio.to_thread(store.put_bytes, output.data, mime_hint=output.mime)
    failure: MediaError | None = None
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(backoff(attempt - 1, job.jitter, None, job.plan.connection.speed))
        try:
            url = output.url or await _url_of(job, transport, output)
            return await _download(job, url, output)
        except LinkExpiredError as error:
            failure = error
            output = await _fresh(job, transport, output, position)
        except MediaError as error:
            failure = error
    assert failure is not None
    if not isinstance(failure, LinkExpiredError):
        failure.hint = "The result is paid for and still at the provider: %minimax resume fetches it"
    raise failure


async def _download(job: LiveJob, url: str, output: Output) -> StoredFile:
    with job.plan.store.writer(mime_hint=output.mime) as writer:
        done = await download(url, writer.write, max_bytes=MAX_BYTES, local=job.plan.connection.local)
        if output.mime is None:
            writer.mime_hint = done.mime
    return writer.stored


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
