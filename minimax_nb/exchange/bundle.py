"""A bundle: one ``.zip`` with the rows, the media and, if wanted, the notebook of some jobs.

::

    manifest.json              what it is, and of which version
    rows/<table>.jsonl         one JSON object a row
    media/<sha256>.<ext>       each content once
    files/<name>               a notebook and what else was added

It holds no key, no account, no address of the provider and no name of a machine.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from minimax_nb._version import __version__
from minimax_nb.amounts import count
from minimax_nb.errors import MediaError, RequestInvalidError
from minimax_nb.files import whole_file
from minimax_nb.kinds.fingerprint import fingerprint_of
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.bundle import Rows
from minimax_nb.ledger.record import JobRecord, ResultState
from minimax_nb.media import MediaStore
from minimax_nb.settings import PROJECT_FILES

FORMAT = "minimax_nb bundle"
VERSION = 1
CHUNK = 2**20
MOST_ROWS = 512 * 2**20  #: bytes of one table; a bundle that unpacks to more is none of ours
#: What a file that is none of ours, or was tampered with, makes go wrong while it is read.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError, RecursionError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
_TABLES = ("jobs", "job_events", "cost_lines", "job_media", "measures", "media", "rating_sessions", "votes")


@dataclass(frozen=True, slots=True)
class Packed:
    """What a bundle was made of.

    ``left_out`` are the ids of jobs that were not finished.
    """

    path: Path
    jobs: int
    files: int
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        size = self.path.stat().st_size / 1e6
        text = f"{self.path}: {count(self.jobs, 'job')}, {count(self.files, 'file')}, {size:.1f} MB"
        return f"{text}; left out, not finished: {', '.join(self.left_out)}" if self.left_out else text


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a bundle: new jobs, those that were here already, and files beside the media."""

    jobs: tuple[str, ...]
    known: int
    files: tuple[Path, ...]

    def __str__(self) -> str:
        text = f"imported {count(len(self.jobs), 'job')}"
        text += f", {self.known} {'were' if self.known > 1 else 'was'} here already" if self.known else ""
        return f"{text}; {', '.join(map(str, self.files))}" if self.files else text


def pack(
    ledger: Ledger, store: MediaStore, records: Sequence[JobRecord], target: Path, files: Sequence[Path]
) -> Packed:
    """Write a bundle; a half-written one is never left under its name.

    Parameters
    ----------
    records
        The jobs; those that are not finished are left out.
    target
        The file; an existing one is replaced.
    files
        A notebook, inputs …, kept under their names.

    Raises
    ------
    RequestInvalidError
        Nothing to pack, or two files of one name.
    MediaError
        A stored result is gone from the disk.
    """
    finished = [record for record in records if _finished(record)]
    if not finished:
        raise RequestInvalidError("there is no finished job to put into a bundle")
    names = [path.name for path in files]
    if len(set(names)) < len(names):
        raise RequestInvalidError(f"two of these files have the same name: {', '.join(sorted(names))}")
    if own := next((name for name in names if _is_setting(name)), None):
        raise RequestInvalidError(f"{own} holds settings, perhaps a key; a bundle takes none along")
    rows = ledger.take_out(_with_sources(ledger, finished))
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest = {"format": FORMAT, "version": VERSION, "schema": rows.schema, "made_by": __version__}
        archive.writestr("manifest.json", json.dumps(manifest))
        for table, content in rows.tables.items():
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
            archive.writestr(f"rows/{table}.jsonl", lines)
        for row in rows.tables["media"]:
            stored = store.get(row["sha256"])
            # Media are compressed already; packing them again costs time and saves nothing.
            archive.write(stored.path, f"media/{stored.sha256}.{stored.ext}", zipfile.ZIP_STORED)
        for path in files:
            archive.write(path, f"files/{path.name}")
    left = tuple(record.id for record in records if not _finished(record))
    return Packed(target, len(rows.tables["jobs"]), len(rows.tables["media"]), left)


def unpack(ledger: Ledger, store: MediaStore, source: Path, folder: Path) -> Unpacked:
    """Take a bundle in: media first, then the rows that name them, then the files beside.

    Parameters
    ----------
    folder
        Where the bundle's own files go; one of the same name and other content is not replaced.

    Raises
    ------
    RequestInvalidError
        No bundle, one of a newer version, or a damaged one; the ledger is as it was.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            rows = _rows(archive, source)
            for row in rows.tables["media"]:
                _store(archive, store, str(row["sha256"]), str(row["ext"]), str(row["mime"]))
            fresh = ledger.bring_in(rows)
            files = tuple(_extract(archive, folder))
    except _BROKEN as error:
        raise RequestInvalidError(f"{source.name} is no bundle, or is damaged: {error}") from error
    except OSError as error:
        raise RequestInvalidError(f"cannot read {source}: {error.strerror or error}") from error
    return Unpacked(tuple(fresh), len(rows.tables["jobs"]) - len(fresh), files)


def _finished(record: JobRecord) -> bool:
    return record.state.terminal and record.result is not ResultState.AVAILABLE


def _with_sources(ledger: Ledger, records: Sequence[JobRecord]) -> list[str]:
    """Return the jobs' ids with those of the jobs that really made what was answered from the ledger."""
    ids = dict.fromkeys(record.id for record in records)
    for record in records:
        if record.cached_from is not None:
            ids.setdefault(ledger.job(record.cached_from).id)
    return list(ids)


def _rows(archive: zipfile.ZipFile, source: Path) -> Rows:
    try:
        with archive.open("manifest.json") as file:
            manifest = json.loads(file.read(CHUNK))
    except KeyError:
        raise RequestInvalidError(f"{source.name} is a .zip, but no bundle of minimax_nb") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise RequestInvalidError(f"{source.name} is a .zip, but no bundle of minimax_nb")
    if manifest.get("version") != VERSION:
        raise RequestInvalidError(
            f"{source.name} is a bundle of version {manifest.get('version')}; this minimax_nb reads version {VERSION}",
            hint="Upgrade minimax_nb, then import it again.",
        )
    tables: dict[str, list[dict[str, Any]]] = {}
    for table in _TABLES:
        entry = archive.getinfo(f"rows/{table}.jsonl")
        if entry.file_size > MOST_ROWS:
            raise RequestInvalidError(f"{source.name} unpacks to more than a bundle can: {table}")
        tables[table] = [json.loads(line) for line in archive.read(entry).decode().splitlines() if line]
    for job in tables["jobs"]:
        # It answers for the request that its row shows, and for no other.
        request, sandbox = json.loads(job["request"]), bool(job["sandbox"])
        job["fingerprint"] = fingerprint_of(job["provider"], job["kind"], request, sandbox=sandbox)
    return Rows(int(manifest["schema"]), tables)


def _store(archive: zipfile.ZipFile, store: MediaStore, sha256: str, ext: str, mime: str) -> None:
    try:
        store.get(sha256)
    except MediaError:
        entry = archive.getinfo(f"media/{sha256}.{ext}")
        with (
            archive.open(entry) as content,
            store.writer(mime_hint=mime, expected_bytes=entry.file_size) as writer,
        ):
            for chunk in _chunks(content):
                writer.write(chunk)
        if writer.stored.sha256 != sha256:
            raise RequestInvalidError(
                f"{entry.filename} is not what its name says; the bundle is damaged"
            ) from None


def _extract(archive: zipfile.ZipFile, folder: Path) -> Iterator[Path]:
    for entry in archive.infolist():
        # Only the last part of a name counts: a bundle writes into this folder and nowhere else.
        name = PurePosixPath(entry.filename.replace("\\", "/")).name
        if not entry.filename.startswith("files/") or entry.is_dir() or not name or _is_setting(name):
            continue
        target = _free(folder / name, archive, entry)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as content, target.open("xb") as file:
                for chunk in _chunks(content):
                    file.write(chunk)
        yield target


def _is_setting(name: str) -> bool:
    """Tell whether a file would change what the package, or another tool, does in its folder."""
    return name.startswith(".") or name.lower() in PROJECT_FILES


def _free(target: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Path:
    """Return ``target``, or a name beside it when that holds something else."""
    wanted, number = target, 1
    while target.exists():
        if (
            target.is_file()
            and target.stat().st_size == entry.file_size
            and target.read_bytes() == archive.read(entry)
        ):
            return target
        number += 1
        target = wanted.with_stem(f"{wanted.stem}-{number}")
    return target


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk
