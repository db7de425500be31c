"""Requests to MiniMax, one of each kind, and its replies to them."""

from __future__ import annotations

from typing import Any

from minimax_nb.kinds import build
from minimax_nb.kinds.base import Request
from minimax_nb.providers import provider
from minimax_nb.providers.base import Outcome
from tests.contract.wires import reply, wav

MINIMAX = provider("minimax")
OK = {"status_code": 0, "status_msg": "success"}
SAMPLE = wav(12)


def ask(kind: str, text: str | None = None, **options: Any) -> Request:
    """Return a request as the engine sees it: resolved and accepted by the provider."""
    request = build(kind, text, options).resolve("minimax")
    MINIMAX.check(request)
    return request


IMAGE = ask("image", "a library window", n=3, seed=7)
SPEECH = ask("speech", "Hello there")
VIDEO = ask("video", "[Push in] She turns")
MUSIC = ask("music", "calm piano", instrumental=True)
DESIGN = ask("voice-design", "a warm narrator", preview="Hello, welcome.")
CLONE = ask("voice-clone", audio=SAMPLE, voice_id="warm-voice01")
TRANSCRIBE = ask("transcribe", audio=SAMPLE)
ALL = {request.kind: request for request in (IMAGE, SPEECH, VIDEO, MUSIC, DESIGN, CLONE, TRANSCRIBE)}
POLL = {"task_id": "106916112212032"}


def submitted(request: Request, body: Any, status: int = 200, /, **headers: str) -> Outcome:
    """Return what a reply to the paid request says."""
    return MINIMAX.parse_submit(request, reply(body, status, **headers))


def polled(body: Any, status: int = 200) -> Outcome:
    """Return what a reply to the status request says."""
    return MINIMAX.parse_poll(POLL, reply(body, status))
