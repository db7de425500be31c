"""Inputs that a provider wants uploaded first: once per content and account, then only named.

Uploads are free and safe to repeat. An input given as a URL, where the provider takes files only, is
downloaded here, checked as a local file would be, and kept in the media store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from weakref import WeakValueDictionary

from minimax_nb.engine.calls import change, send_free
from minimax_nb.engine.fetch import fetch
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import ErrorInfo, MediaError
from minimax_nb.http import Transport
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.kinds.inputs import sniff
from minimax_nb.media.partial import Partial
from minimax_nb.media.types import extension
from minimax_nb.providers.base import Upload
from minimax_nb.wire import Reply

_NOT_SENT = "Nothing was sent to the provider, so nothing is charged."

# Jobs that want the same content uploaded wait for the first of them. By event loop too, which locks belong to.
_going: WeakValueDictionary[tuple[int, str, str, str], asyncio.Lock] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """File ids by field name; ``reused`` names the fields whose upload is not of this very moment."""

    ids: Mapping[str, str]
    reused: frozenset[str] = frozenset()


async def upload_inputs(
    job: LiveJob, transport: Transport, stale: Uploaded | None = None
) -> Uploaded | ErrorInfo:
    """Return the file ids that the paid request will name.

    Parameters
    ----------
    stale
        What an earlier call returned and the provider no longer has: reused files are uploaded again.

    Returns
    -------
    Uploaded | ErrorInfo
        The error when an upload fails or is refused.

    Raises
    ------
    MediaError
        When an input given as a URL cannot be had, or is not what it must be.
    """
    connection, request = job.plan.connection, job.plan.request
    assert request is not None, "only a job of this process is submitted"
    ids: dict[str, str] = {}
    reused = set()
    for wanted in connection.provider.uploads(request):
        upload = wanted
        if upload.media.url is not None:
            try:
                upload = replace(upload, media=await _fetched(job, transport, upload))
            except MediaError as error:
                flag = f"--{upload.field.replace('_', '-')}"
                said = error.message if error.message.startswith(flag) else f"{flag}: {error.message}"
                info = ErrorInfo("input_media_unusable", said, meaning=_NOT_SENT)
                raise MediaError(info.message, hint=error.hint, info=info, job_id=job.id) from error
        if upload.inside:
            continue
        gone = stale.ids[upload.field] if stale and upload.field in stale.reused else None
        answer, again = await _file_id(job, transport, upload, gone)
        if isinstance(answer, ErrorInfo):
            return answer
        ids[upload.field] = answer
        if again:
            reused.add(upload.field)
    return Uploaded(ids, frozenset(reused))


def filled(job: LiveJob) -> Request:
    """Return the job's request with the content of inputs that were fetched for it."""
    request = job.plan.request
    assert request is not None, "only a job of this process is submitted"
    return request.model_copy(update=job.fetched) if job.fetched else request


async def _file_id(
    job: LiveJob, transport: Transport, upload: Upload, gone: str | None
) -> tuple[str | ErrorInfo, bool]:
    """Return the id of a file at the provider, and whether it was there already."""
    ledger, account = job.plan.ledger, job.plan.connection.account
    what = (account, upload.purpose, upload.media.sha256 or "")
    lock = _going.setdefault((id(asyncio.get_running_loop()), *what), asyncio.Lock())
    async with lock:
        if gone is not None:
            await asyncio.wrap_future(ledger.forget_upload(*what, gone))
        known = await asyncio.to_thread(ledger.uploaded, *what)
        if known is not None:
            return known, True
        job.set_stage(f"uploading {upload.media.name}")
        provider = job.plan.connection.provider
        reply = await send_free(provider.upload_call(upload), job, transport)
        answer = provider.parse_upload(reply) if isinstance(reply, Reply) else reply
        if isinstance(answer, str) and upload.lives > 0:
            await asyncio.wrap_future(ledger.keep_upload(*what, answer, lives_us=int(upload.lives * 1e6)))
        return answer, False


async def _fetched(job: LiveJob, transport: Transport, upload: Upload) -> MediaInput:
    """Download an input given as a URL; its content is kept, and its hash goes into the row's facts."""
    url, store = upload.media.url, job.plan.store
    assert url is not None, "a remote input"
    known = job.fetched.get(upload.field)
    if known is not None:
        return known
    job.set_stage(f"fetching {upload.field.replace('_', ' ')}")

    async def address(expired: bool) -> str:
        if expired:
            raise MediaError("the address does not open (401, 403, 404 or 410)")
        return url

    stored, data = await fetch(
        job,
        transport,
        lambda: Partial.opened(store, f"{job.id}-{upload.field}"),
        address,
        lambda stored: (stored, stored.path.read_bytes()),
        max_bytes=upload.largest,
        plain=url[:5].lower() == "http:",
    )
    mime = sniff(data) or stored.mime
    stem = PurePosixPath(unquote(urlsplit(url).path)).stem or upload.field
    # Named by what it is: MiniMax goes by the ending, and an address may end in anything.
    media = MediaInput(name=f"{stem}.{_ending(mime)}", data=data, mime=mime)
    await asyncio.to_thread(_check, job, upload.field, media)
    job.fetched[upload.field] = media
    digests = {field: item.sha256 for field, item in job.fetched.items()}
    await change(job, "input fetched", facts={"inputs": digests})
    return media


def _ending(mime: str) -> str:
    # An .m4a of the general MP4 brand shows itself as video; only sound is asked for here.
    return "m4a" if mime in ("video/mp4", "audio/mp4") else extension(mime)


def _check(job: LiveJob, field: str, media: MediaInput) -> None:
    """Apply the rules that a local file met before the job was made."""
    request = job.plan.request
    assert request is not None, "only a job of this process is submitted"
    problems = request.model_copy(update={field: media}).problems(job.plan.model)
    if problems:
        raise MediaError("; ".join(problems))
