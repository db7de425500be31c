"""``POST /v1/t2a_async_v2`` and its query: long texts, inline or from a file, spoken in the background.

Clients have found the result to be a tar in all cases, with audio, subtitles (``.titles``) and facts
(``.extra``) in a folder; the page says so of zips alone. The switch ``minimax_async_tar`` has both.
"""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax import files
from minimax_nb.sandbox.minimax.common import fields_of, hold, model_of
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.minimax.files import StoredFile
from minimax_nb.sandbox.minimax.speech_order import bill_of, check_pauses, mark_used, style_of
from minimax_nb.sandbox.state import Failure, Task, World
from minimax_nb.sandbox.studio import SpeechWork, audio_mime, subtitles
from minimax_nb.sandbox.wire import FAILING, REFUSED_OUTPUT, Call, Json

_INLINE_MAX = 50_000
_FILE_MAX = 1_000_000
_PARTS = ("title", "content", "extra")
#: Seconds after its end for which a task can be asked for.
_KEPT_S = 7 * 86_400
#: Queries a second.
_QUERIES = 10
#: Characters of each text that this sandbox really speaks: eleven minutes; more would be hours of sound.
SPOKEN_MAX = 10_000


@dataclass(frozen=True)
class _Part:
    """One text of a task: its place in the archive, and what is said."""

    name: str
    text: str


async def create(call: Call) -> Json:
    """Accept a long text."""
    fields = fields_of(call)
    model = model_of(call, fields, "speech")
    assert model is not None
    text = fields.text("text", low=1, high=_INLINE_MAX)
    file_id = fields.integer("text_file_id")
    if (text is None) == (file_id is None):
        raise fields.fail("text", "exactly one of text and text_file_id is required")
    style = style_of(fields, model, long=True)
    fields.flag("aigc_watermark")
    call.entry.ignored = fields.unknown()
    source = None if file_id is None else _source(call, fields, file_id)
    parts = [_Part("content", text)] if text is not None else list(_parts(fields, source))
    whole = "\n".join(part.text for part in parts)
    check_pauses(fields, whole)
    bill = bill_of(call, style, "".join(part.text for part in parts))
    money = hold(call, model.name, bill.price_nano)
    mark_used(call, style)
    archive = source is not None and source.filename.lower().endswith(".zip")
    works = [(part.name, style.work(part.text[:SPOKEN_MAX], bill.hints)) for part in parts]
    task = _task(call, works, archive or call.world.switches.minimax_async_tar, whole)
    task.hold = money
    call.world.launch(task, lambda done: _finished(call.world, done))
    return {
        "task_id": task.id,
        "task_token": call.world.next_rng("task token").randbytes(24).hex(),
        "file_id": task.facts["file_id"],
        "usage_characters": bill.characters,
    }


def _task(call: Call, works: list[tuple[str, SpeechWork]], archive: bool, text: str) -> Task:
    """Return a task that speaks some texts into one file."""
    world = call.world
    file_id = world.next_rng("speech result").randrange(10**13, 10**14)
    first = works[0][1]
    ending = "tar" if archive else first.format.removesuffix("_raw").removesuffix("_wav")
    blob = Blob(
        (lambda: _tar(world, file_id, works)) if archive else (lambda: _audio(world, first)[0]),
        "application/x-tar" if archive else audio_mime(first.format),
    )
    seconds = world.duration("speech", text, factor=3 + len(text) / 2000)
    return Task(
        str(world.next_rng("speech task").randrange(10**13, 10**14)),
        "minimax",
        "speech-async",
        call.account,
        world.clock.now(),
        queue_s=0.1 * seconds,
        run_s=0.9 * seconds,
        failure=_failure(call, text),
        entry=call.entry,
        blob=blob,
        facts={"file_id": file_id, "filename": f"{file_id}.{ending}"},
    )


def _failure(call: Call, text: str) -> Failure | None:
    if "fail" in call.faults:
        return Failure(call.faults.word("fail") or "Failed", "")
    return Failure("Failed", "") if FAILING in text or REFUSED_OUTPUT in text else None


def _source(call: Call, fields: Fields, file_id: int) -> StoredFile:
    return files.of(call, file_id, "t2a_async_input", fields.fail("text_file_id", "no such file"))


def _parts(fields: Fields, source: StoredFile | None) -> Iterator[_Part]:
    """Yield the texts of an uploaded file: a txt, or a zip of txt or JSON files."""
    assert source is not None
    try:
        if source.filename.lower().endswith(".zip"):
            parts = list(_zipped(source.data))
        else:
            parts = [_Part("content", source.data.decode("utf-8-sig"))]
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:
        raise fields.fail("text_file_id", f"the file cannot be read: {error}") from None
    parts = [part for part in parts if part.text.strip()]
    if not parts:
        raise fields.fail("text_file_id", "the file has no text")
    if sum(len(part.text) for part in parts) >= _FILE_MAX:
        raise fields.fail("text_file_id", f"the text must have fewer than {_FILE_MAX} characters")
    yield from parts


def _zipped(data: bytes) -> Iterator[_Part]:
    """Yield the texts of a zip; of a JSON file its title, content and extra, each a text of its own."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        endings = {posixpath.splitext(entry.filename)[1].lower() for entry in entries}
        if len(endings) != 1 or not endings <= {".txt", ".json"}:
            raise ValueError("a zip holds txt files or JSON files, and no others")
        if sum(entry.file_size for entry in entries) > 8 * _FILE_MAX:
            raise ValueError("too large")
        for entry in entries:
            stem = posixpath.splitext(posixpath.basename(entry.filename))[0]
            text = archive.read(entry).decode("utf-8-sig")
            if endings == {".txt"}:
                yield _Part(stem, text)
                continue
            found = json.loads(text)
            if not isinstance(found, dict) or not all(
                isinstance(found.get(name, ""), str) for name in _PARTS
            ):
                raise ValueError(f"{entry.filename} is no object with the texts title, content, extra")
            for name in _PARTS:
                yield _Part(f"{stem}-{name}", found.get(name, ""))


def _audio(world: World, work: SpeechWork) -> tuple[bytes, bytes, bytes]:
    """Return audio, subtitles and facts of a text."""
    clip = work.clip()
    world.hearing.note(clip.data, work.text, clip.words)
    facts = {
        "audio_length": clip.duration_ms,
        "audio_sample_rate": work.sample_rate,
        "audio_size": len(clip.data),
        "bitrate": work.bitrate,
        "vol": work.volume,
        "word_count": len(clip.words),
    }
    return clip.data, subtitles(work.text, clip, "sentence"), json.dumps(facts).encode()


def _tar(world: World, file_id: int, works: list[tuple[str, SpeechWork]]) -> bytes:
    """Return an archive of one folder with three files a text."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, work in works:
            ending = work.format.removesuffix("_raw").removesuffix("_wav")
            for tail, data in zip((ending, "titles", "extra"), _audio(world, work), strict=True):
                entry = tarfile.TarInfo(f"{file_id}/{name}-{file_id}.{tail}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


async def query(call: Call) -> Json:
    """Tell where a task stands; the id is a number here, a string at creation."""
    world, account = call.world, call.account
    if account.admit("speech query", _QUERIES, 1 / world.speed, world.clock.now()) is not None:
        raise Refused(1002)
    text = Fields(dict(call.query)).text("task_id", required=True, low=1) or ""
    task = world.tasks.get(text)
    if not text.isdecimal() or task is None or task.op != "speech-async" or task.account is not account:
        raise Invalid("task_id", "no such task")
    call.entry.task_id = task.id
    now, status = world.clock.now(), "Processing"
    if now >= task.done_at:
        world.settle(task)
        status = "Success"
        if task.failure is not None:
            status = "Expired" if task.failure.word.lower() == "expired" else "Failed"
        elif now >= task.done_at + _KEPT_S:
            status = "Expired"
        else:
            _file(task)
    return {"task_id": int(task.id), "status": status, "file_id": task.facts["file_id"]}


async def _finished(world: World, task: Task) -> None:
    """Put the result where the files endpoints find it."""
    if task.failure is None:
        _file(task)


def _file(task: Task) -> None:
    """Make the file of a finished task known; its size is not told, as in life."""
    file_id = task.facts["file_id"]
    if file_id not in task.account.files:
        task.account.files[file_id] = StoredFile(
            file_id, task.facts["filename"], "t2a_async", task.done_at, blob=task.blob
        )
