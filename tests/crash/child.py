"""One kernel's life as a plain process: it submits jobs or resumes them, and dies where it is told to.

Run as ``python child.py submit|resume SANDBOX_URL OPTIONS_AS_JSON``; the last line it prints is JSON.
The commit points are the public seams of the product, wrapped here: just before and just after each
write to the ledger, to the spool and to the media store, and each paid request.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import wraps
from typing import Any

from minimax_nb import (
    ChatRequest,
    ImageRequest,
    Lab,
    MusicRequest,
    SpeechRequest,
    VideoRequest,
    VoiceCloneRequest,
    VoiceDesignRequest,
)
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import Engine
from minimax_nb.errors import MiniMaxError
from minimax_nb.http import Transport
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.rows import MediaRow
from minimax_nb.media import MediaStore
from minimax_nb.media.store import StoreWriter


class Points:
    """Counts the commit points as they pass, by name, and kills this process at one of them."""

    def __init__(self, kill_at: str | None) -> None:
        self.kill_at = kill_at
        self.seen: list[str] = []
        self._times: Counter[str] = Counter()
        self._jobs: dict[str, str] = {}
        self._lock = threading.Lock()

    def hit(self, name: str) -> None:
        """Pass one point."""
        with self._lock:
            self._times[name] += 1
            label = f"{name} #{self._times[name]}"
            self.seen.append(label)
            if label == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def job(self, first: Any) -> str:
        """Return what kind of job a call is about."""
        if isinstance(first, LiveJob):
            first = first.record
        if isinstance(first, MediaRow):
            first = first.job_id
        if hasattr(first, "kind"):
            self._jobs[first.id] = f"{first.provider} {first.kind}"
            return self._jobs[first.id]
        return self._jobs.get(first, "job")

    def around(self, owner: type, name: str) -> None:
        """Pass a point before and after each call of a method (after its commit, when it returns a future)."""
        original = getattr(owner, name)

        @wraps(original)
        def wrapped(this: Any, *args: Any, **kwargs: Any) -> Any:
            about = self.job(this) if isinstance(this, LiveJob) else self.job(args[0]) if args else "file"
            label = f"{about}: {kwargs.get('event', name) if name == 'update_job' else name}"
            self.hit(f"before {label}")
            result = original(this, *args, **kwargs)
            if isinstance(result, Future):
                result.add_done_callback(lambda _: self.hit(f"after {label}"))
            else:
                self.hit(f"after {label}")
            return result

        setattr(owner, name, wrapped)

    def install(self) -> None:
        """Wrap all seams."""
        for name in ("insert_job_async", "insert_batch", "begin", "update_job", "settle", "attach"):
            self.around(Ledger, name)
        for name in ("spool", "spool_part", "flush_spool", "drop_spool"):
            self.around(LiveJob, name)
        for name in ("put_bytes", "flush", "link"):
            self.around(MediaStore, name)
        self.around(Engine, "start")
        self._around_file()
        self._around_paid()

    def _around_file(self) -> None:
        original = StoreWriter.__exit__

        def wrapped(this: StoreWriter, *args: Any) -> None:
            self.hit("before file")
            original(this, *args)
            self.hit("after file")

        StoreWriter.__exit__ = wrapped  # type: ignore[method-assign]

    def _around_paid(self) -> None:
        original = Transport.send

        async def wrapped(this: Transport, call: Any, *, paid: bool = False, **given: Any) -> Any:
            label = f"{call.path.split('?')[0]}"
            if paid:
                self.hit(f"before POST {label}")
            reply = await original(this, call, paid=paid, **given)
            if paid:
                self.hit(f"after POST {label}")
            return reply

        Transport.send = wrapped  # type: ignore[method-assign]


def recording() -> bytes:
    """A WAV of 11 s, which a clone accepts."""
    import io
    import wave

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * 688)
    return buffer.getvalue()


def _voice(mark: str) -> str:
    return "voice000" + "".join(letter for letter in mark if letter.isalnum())


ASK: dict[str, Callable[[str], tuple[Any, str]]] = {
    "image": lambda mark: (ImageRequest(prompt=f"{mark} a fox", width=512, height=512, n=2), "minimax"),
    "base64": lambda mark: (
        ImageRequest(prompt=f"{mark} a fox", width=512, height=512, response_format="base64"),
        "minimax",
    ),
    "speech": lambda mark: (SpeechRequest(text=f"Hello {mark}."), "minimax"),
    "stream": lambda mark: (SpeechRequest(text=f"Hello {mark}.", stream=True), "minimax"),
    "long": lambda mark: (SpeechRequest(text=f"Hello {mark}.", long=True), "minimax"),
    "chat": lambda mark: (ChatRequest(prompt=f"{mark} Why is the sea salt?"), "minimax"),
    "video": lambda mark: (VideoRequest(prompt=f"{mark} a fox runs"), "minimax"),
    "music": lambda mark: (MusicRequest(prompt=f"{mark} 240 BPM", instrumental=True), "minimax"),
    "design": lambda mark: (VoiceDesignRequest(prompt=f"{mark} warm", preview="Hello."), "minimax"),
    "clone": lambda mark: (
        VoiceCloneRequest(
            audio=recording(), voice_id=_voice(mark), text=f"Hi {mark}.", model="speech-2.8-hd"
        ),
        "minimax",
    ),
    "pixazo image": lambda mark: (ImageRequest(prompt=f"{mark} a fox"), "pixazo"),
    "pixazo music": lambda mark: (MusicRequest(prompt=f"{mark} 240 BPM", instrumental=True), "pixazo"),
    "apixo design": lambda mark: (
        VoiceDesignRequest(prompt=f"{mark} warm", preview="Hello.", voice_prefix="warm001"),
        "apixo",
    ),
}


def submit(lab: Lab, options: dict[str, Any]) -> dict[str, Any]:
    """Ask for jobs and wait for all."""
    jobs = []
    for number, kind in enumerate(options["kinds"]):
        mark = f"{options['mark']}x{number}"
        if kind == "sweep":
            rows = [{"who": f"{mark}{letter}x"} for letter in "ab"]
            plan = lab.plan_sweep("image", each=rows, prompt="{who} a fox", width=512, height=512, budget=1)
            jobs += plan.start().jobs
            continue
        request, provider = ASK[kind](f"{mark}x")
        jobs.append(lab.submit(request, provider=provider))
    for job in jobs:
        job.wait()
    return {"jobs": [job.id for job in jobs]}


def resume(lab: Lab, options: dict[str, Any]) -> dict[str, Any]:
    """Adopt what is open, once or until nothing is left, and say what there is."""
    if options.get("together"):
        print("ready", flush=True)
        sys.stdin.readline()
    adopted = lab.resume()
    for job in adopted:
        job.wait()
    if options.get("together"):
        return {"adopted": [job.id for job in adopted], "settled": [_row(lab, job.record) for job in adopted]}
    return {
        "adopted": [job.id for job in adopted],
        "again": [job.id for job in lab.resume()],
        "jobs": [_row(lab, record) for record in lab.ledger.jobs(limit=1000)],
        "problems": lab.ledger.problems(),
        "spool": sorted(item.name for item in (lab.settings.home / "spool").glob("*")),
    }


_SHOWN = (
    "id", "kind", "provider", "state", "charge", "result", "cost_nano", "estimate_nano", "attempts", "error", "prompt",
)  # fmt: skip


def _row(lab: Lab, record: Any) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in _SHOWN}
    row["events"] = [event.event for event in lab.ledger.events(record.id)]
    row["files"] = []
    for item in lab.ledger.media_of(record.id):
        try:
            row["files"].append(item.role if item.role == "input" else lab.store.get(item.sha256).bytes)
        except MiniMaxError as error:
            row["files"].append(str(error))
    return row


def live(work: str, home: str, arguments: Sequence[str], out: str, errors: str) -> None:
    """Live one life in a forked process: its folder, its home, and where its words go."""
    os.chdir(work)
    os.environ["MINIMAX_NB_HOME"] = home
    warnings.simplefilter("ignore")
    for name, descriptor in ((out, 1), (errors, 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    sys.argv = ["child.py", *arguments]
    main()


def main() -> None:
    """Live one life."""
    what, url, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    points = Points(options.get("kill_at"))
    points.install()
    with Lab(sandbox=url) as lab:
        said = (submit if what == "submit" else resume)(lab, options)
    print(json.dumps({**said, "points": points.seen}), flush=True)


if __name__ == "__main__":
    main()
