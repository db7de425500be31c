"""Lets a browser on this machine play a streamed recording while it comes.

A small server on the loopback address gives the audio of one job to whoever has its token, as fast as it
comes. Nothing depends on it: where no browser can reach it, the finished recording plays from its file.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from weakref import WeakValueDictionary

from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.streaming import seconds_of

#: Formats that browsers play before their end is there.
_PLAYABLE = {"mp3": "audio/mpeg", "opus": "audio/ogg"}
#: Set where the browser is surely on another machine, or its page may not reach this one.
_ELSEWHERE = (
    "JUPYTERHUB_API_URL", "COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE", "CODESPACES", "BINDER_SERVICE_HOST",
    "VSCODE_PID",
)  # fmt: skip
_SLACK = 0.6  #: seconds between the first bytes and the first sound
_LOOK = 0.05  #: seconds between looks for what came


class Sound:
    """The audio of one running job, for a player in the browser.

    Parameters
    ----------
    job
        The job.
    mime
        Its media type.
    """

    def __init__(self, job: LiveJob, mime: str) -> None:
        self._job = job
        self.mime = mime
        self._token = secrets.token_urlsafe(16)
        self._asked = False
        self._given: float | None = None  #: when the last of it was given

    def address(self) -> str | None:
        """Return where it plays; ``None`` when no server can be had."""
        try:
            port = _server()
        except OSError:
            return None
        _sounds[self._token] = self
        return f"http://127.0.0.1:{port}/{self._token}"

    def left(self) -> float | None:
        """Return the seconds until it has surely played; ``None`` while nobody listens.

        A browser begins when it believes that it will not run dry, with a slow stream only at its end.
        """
        if not self._asked:
            return None
        told = self._job.record.facts.get("duration_ms")
        size = sum(len(piece.data) for piece in self._job.pieces if piece.kind == "audio")
        seconds = told / 1000 if isinstance(told, int) else seconds_of(self._job.plan.request, size) or 0.0
        now = time.monotonic()
        return max(0.0, (self._given or now) + seconds + _SLACK - now)

    def stream(self) -> Iterator[bytes]:
        """Yield the audio from its beginning, and what comes, until the job is done."""
        self._asked = True
        at = 0
        while True:
            over = self._job.done.is_set()
            pieces = self._job.pieces[at:]
            at += len(pieces)
            yield from (piece.data for piece in pieces if piece.kind == "audio" and piece.data)
            if over:
                self._given = time.monotonic()
                return
            self._job.done.wait(_LOOK)


def sound_of(job: LiveJob) -> Sound | None:
    """Return what a player needs, the same for the same job; ``None`` where there is nothing to play now."""
    form = getattr(job.plan.request, "format", None)
    if form not in _PLAYABLE or any(name in os.environ for name in _ELSEWHERE):
        return None
    if not any(piece.kind == "audio" for piece in job.pieces):
        return None
    with _lock:
        known = job.sound
        if not isinstance(known, Sound):
            job.sound = known = Sound(job, _PLAYABLE[form])
        return known


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give one sound, chunk by chunk."""
        sound = _sounds.get(self.path.lstrip("/"))
        if sound is None:
            self.send_error(404)
            return
        self.send_response(200)
        for name, value in (
            ("Content-Type", sound.mime),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Transfer-Encoding", "chunked"),
        ):
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # the player was closed
            for data in sound.stream():
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
        """Say nothing: a line here would land in a cell."""


_lock = threading.Lock()
_sounds: WeakValueDictionary[str, Sound] = WeakValueDictionary()
_running: tuple[int, ThreadingHTTPServer] | None = None


def _server() -> int:
    """Return the port, starting the server on first use (and after a fork)."""
    global _running
    with _lock:
        if _running is None or _running[0] != os.getpid():
            server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, name="minimax-nb-aloud", daemon=True).start()
            _running = os.getpid(), server
        return int(_running[1].server_address[1])
