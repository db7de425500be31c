"""Fetches a job's results at once, before their URLs expire, and files them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from minimax_nb.download import LinkExpiredError
from minimax_nb.engine.calls import change, look
from minimax_nb.engine.fetch import fetch
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.unpack import unpack
from minimax_nb.errors import ErrorInfo, MediaError, NotSentError, OutcomeUnknownError
from minimax_nb.http import Transport
from minimax_nb.ledger.record import ResultState
from minimax_nb.ledger.rows import row_of
from minimax_nb.media import Media, StoredFile
from minimax_nb.media.partial import Partial
from minimax_nb.media.store import NoSpaceError
from minimax_nb.providers.base import Output

if TYPE_CHECKING:
    from pathlib import Path

    from minimax_nb.ledger.record import JobRecord
    from minimax_nb.ledger.rows import MediaRow
    from minimax_nb.media import MediaStore

TAR = "application/x-tar"
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

    async def one(position: int, output: Output) -> _Filed:
        async with gate:
            known = None if output.archive else kept.get((output.role, position))
            if known is not None:
                done = await asyncio.to_thread(_file, job, output, position, known)
            else:
                done = await _store(job, transport, output, position)
            if len(outputs) > 1:  # the others may take long, or fail
                for row in done.rows:
                    job.plan.ledger.attach(row)
            return done

    done = await asyncio.gather(*(one(*item) for item in enumerate(outputs)), return_exceptions=True)
    filed = [item for item in done if isinstance(item, _Filed)]
    job.media += [media for item in filed for media in item.media]
    failed = [item for item in done if isinstance(item, BaseException)]
    for failure in failed:
        if not isinstance(failure, LinkExpiredError):
            raise failure
    await _mark(job, filed, expired=len(failed))


@dataclass(frozen=True, slots=True)
class _Filed:
    """What became of one output: the files, their rows, and facts of the job that were found in them."""

    media: list[Media]
    rows: list[MediaRow]
    facts: dict[str, Any] = field(default_factory=dict)


def _file(job: LiveJob, output: Output, position: int, stored: StoredFile) -> _Filed:
    """File one output, or what is in its tar; one that cannot be unpacked is kept as it came."""
    found: list[tuple[Output, StoredFile]] = []
    facts: dict[str, Any] = {}
    if output.archive and stored.mime == TAR:
        try:
            found, facts = unpack(stored.path, output.mime, job.plan.store)
        except NoSpaceError:
            raise
        except MediaError:
            output = replace(output, mime=TAR)
    if not found:
        media, row = filed(job, job.record, output, stored, position)
        return _Filed([media], [row])
    record = replace(job.record, facts={**job.record.facts, **facts})
    counts: Counter[str] = Counter()
    done = _Filed([], [], facts)
    for item, file in found:
        media, row = filed(job, record, item, file, counts[item.role])
        counts[item.role] += 1
        done.media.append(media)
        done.rows.append(row)
    return done


def _kept(job: LiveJob) -> dict[tuple[str, int], StoredFile]:
    """Return what an earlier process stored of this job already, by role and position."""
    kept = {}
    for row in job.plan.ledger.media_of(job.id):
        if row.sha256 is not None:
            with contextlib.suppress(MediaError):  # gone from the store: it is fetched again
                kept[row.role, row.position] = job.plan.store.get(row.sha256)
    return kept


async def _mark(job: LiveJob, filed: Sequence[_Filed], *, expired: int) -> None:
    facts = job.record.facts
    short = int(facts.get("delivered") or 0) < int(facts.get("asked") or 0)
    result = (
        ResultState.EXPIRED
        if expired and not filed
        else ResultState.PARTIAL
        if expired or short
        else ResultState.STORED
    )
    rows = [row for item in filed for row in item.rows]
    changes: dict[str, Any] = {"result": result, "stored_us": now_us()}
    if found := {key: value for item in filed for key, value in item.facts.items()}:
        changes["facts"] = found
    await change(job, result.value, files=rows, **changes)
    job.set_stage("done")


async def _store(job: LiveJob, transport: Transport, output: Output, position: int) -> _Filed:
    try:
        if output.data is not None:
            return await asyncio.to_thread(_put, job, output, position)
        return await _fetch(job, transport, output, position)
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


def _put(job: LiveJob, output: Output, position: int) -> _Filed:
    assert output.data is not None
    return _file(job, output, position, job.plan.store.put_bytes(output.data, mime_hint=output.mime))


async def _fetch(job: LiveJob, transport: Transport, output: Output, position: int) -> _Filed:
    current, key = output, f"{job.id}-{output.role}-{position}"

    async def address(expired: bool) -> str:
        nonlocal current
        if expired:
            current = await _fresh(job, transport, current, position)
        return current.url or await _url_of(job, transport, current)

    return await fetch(
        job,
        transport,
        lambda: Partial.opened(job.plan.store, key, mime_hint=output.mime),
        address,
        lambda stored: _file(job, output, position, stored),
        max_bytes=MAX_BYTES,
    )


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


def file_output(job: LiveJob, output: Output, stored: StoredFile, position: int) -> Media:
    """Record one stored output and give it a readable name beside the notebook."""
    media, row = filed(job, job.record, output, stored, position)
    job.plan.ledger.attach(row).result()
    return media


def filed(
    job: LiveJob, record: JobRecord, output: Output, stored: StoredFile, position: int
) -> tuple[Media, MediaRow]:
    """Give one stored output a readable name beside the notebook; return it and the row that tells of it."""
    path = linked(job.plan.store, job.plan.links, stored, record, output.role)
    media = Media.of(stored, path=path, role=output.role, hint=record.facts, content=output.data)
    facts = media.facts.to_dict()
    return media, row_of(record.id, output.role, position, stored, facts=facts, name=path.name)


def linked(store: MediaStore, folder: Path | None, stored: StoredFile, record: JobRecord, role: str) -> Path:
    """Give a stored result its readable name beside the notebook, and return that; thoughts stay in the store."""
    if folder is None or role == "thinking":
        return stored.path
    return store.link(stored, folder, stem_of(record, role))


def stem_of(record: JobRecord, role: str) -> str:
    """Return the readable part of a result's file name: what was asked for, never the model."""
    words = record.name or record.prompt or record.kind
    return words if role == "output" else f"{words} {role}"
