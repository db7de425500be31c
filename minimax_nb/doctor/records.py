"""The ledger, its budgets and jobs, and the media: what is there, and what is not where it should be."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from minimax_nb.amounts import count
from minimax_nb.doctor.finding import Finding
from minimax_nb.lab.budgeting import left_of
from minimax_nb.ledger.place import filesystem
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.media.store import RESERVE

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

PLENTY = 2 * 2**30  #: bytes; a minute of video takes about 30 MB
_MANY = 10_000
_SHOWN = 3


def ledger(lab: Lab) -> Iterator[Finding]:
    """Yield whether the ledger is sound, and where it lies."""
    found = lab.ledger.problems()
    for problem in found[:_SHOWN]:
        yield Finding("problem", "ledger", problem, f"Copy {lab.ledger.path} away first, then report it")
    if len(found) > _SHOWN:
        yield Finding("problem", "ledger", f"{len(found) - _SHOWN} more of this kind")
    kind = filesystem(lab.ledger.path)
    where = f"{lab.ledger.path}{f' ({kind})' if kind else ''}"
    if not found:
        yield Finding("ok", "ledger", f"sound: {where}")
    if lab.ledger.network:
        text = f"on a network file system, {lab.ledger.network}: hard budgets are refused there"
        yield Finding("note", "ledger", text, "Set MINIMAX_NB_LEDGER to a file on a local disk")


def budgets(lab: Lab) -> Iterator[Finding]:
    """Yield what each budget has left."""
    if not _opens(lab):
        return
    found = lab.budgets()
    for status in found:
        empty = status.left_nano is not None and status.left_nano <= 0
        todo = "Jobs that cost are refused; %minimax budget shows and changes it" if empty else ""
        yield Finding("note" if empty else "ok", "budget", left_of(status), todo)
    if not found and lab._connections.uses_sandbox:
        yield Finding("ok", "budget", "none; the sandbox costs nothing")
    elif not found:
        yield Finding(
            "note", "budget", "none: nothing limits what is spent", "Set one: %minimax budget 5 --per day"
        )


def jobs(lab: Lab) -> Iterator[Finding]:
    """Yield the jobs that somebody must look after."""
    if not _opens(lab):
        return
    open_jobs = lab.ledger.jobs(state="open", limit=_MANY)
    unknown = [job for job in open_jobs if job.state is JobState.UNKNOWN]
    left = [job for job in lab.ledger.open_jobs(time.time_ns() // 1000) if job.state is not JobState.UNKNOWN]
    if unknown:
        text = f"{count(len(unknown), 'job')} may have been accepted and charged without our knowing: {_ids(unknown)}"
        todo = "Look in the provider's console; then %minimax resend ID or %minimax abandon ID"
        yield Finding("note", "jobs", text, todo)
    if left:
        text = f"{count(len(left), 'job')} that no kernel looks after: {_ids(left)}"
        yield Finding("note", "jobs", text, "Go on with them: %minimax resume, or minimax-nb resume")
    running = len(open_jobs) - len(unknown) - len(left)
    yield Finding("ok", "jobs", f"{count(running, 'job')} under way")


def media(lab: Lab) -> Iterator[Finding]:
    """Yield the results that the ledger has and the disk has not."""
    if not _opens(lab):
        return
    stored = dict(lab.ledger.stored_media())
    missing = (
        {digest: job for digest, job in stored.items() if digest not in lab.store.digests()} if stored else {}
    )
    if not missing:
        yield Finding("ok", "media", f"{count(len(stored), 'result file')} in {lab.store.root}")
        return
    ids = list(dict.fromkeys(missing.values()))
    some = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
    text = f"{len(missing)} of {count(len(stored), 'result file')} are not in {lab.store.root}: job {some}"
    yield Finding("problem", "media", text, "If the store was moved, set MINIMAX_NB_MEDIA to where it is")


def disk(lab: Lab) -> Iterator[Finding]:
    """Yield whether results can be stored, and named beside the notebook."""
    root = _existing(lab.store.root)
    if not os.access(root, os.W_OK):
        yield Finding(
            "problem", "disk", f"{root} cannot be written", "Set MINIMAX_NB_HOME to a folder of your own"
        )
    free = shutil.disk_usage(root).free
    kind = filesystem(root)
    text = f"{free / 1e9:.1f} GB free for media{f' ({kind})' if kind else ''}"
    todo = "Free some space, or set MINIMAX_NB_MEDIA to another disk"
    if free <= RESERVE:
        yield Finding("problem", "disk", f"{free / 1e6:.0f} MB free: no result can be stored", todo)
    else:
        yield Finding("ok", "disk", text) if free >= PLENTY else Finding("note", "disk", text, todo)
    links = lab.links
    if links is not None and not os.access(_existing(links), os.W_OK):
        text = f"{_existing(links)} cannot be written: results have no readable names beside the notebook"
        yield Finding("note", "disk", text, "Work in a folder of your own, or set MINIMAX_NB_LINKS")


def _opens(lab: Lab) -> bool:
    """Return False where the ledger cannot be opened, which is said once, by :func:`ledger`."""
    try:
        return lab.ledger is not None
    except Exception:
        return False


def _existing(path: Path) -> Path:
    return next((place for place in (path, *path.absolute().parents) if place.exists()), Path.cwd())


def _ids(found: list[JobRecord]) -> str:
    return ", ".join(job.id for job in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
