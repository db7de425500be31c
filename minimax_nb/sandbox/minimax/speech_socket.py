"""The WebSocket ``/ws/v1/t2a_v2``: a task is started, fed with texts, and finished.

What the page leaves open is done thus: a bad key is told in a ``task_failed`` frame, and a text that is
skipped (2203 empty, 2204 too long) is answered with a final ``task_continued`` without audio.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import ClassVar

from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax.common import check_funds, model_of, pay
from minimax_nb.sandbox.minimax.envelope import Refused, base_resp
from minimax_nb.sandbox.minimax.speech import (
    cut,
    made,
    new_trace,
    part_rows,
    seconds_for,
    subtitle_file,
    subtitle_of,
)
from minimax_nb.sandbox.minimax.speech_order import (
    Style,
    bill_of,
    check_pauses,
    extra_info,
    failing,
    mark_used,
    style_of,
)
from minimax_nb.sandbox.sockets import Gone, Wire
from minimax_nb.sandbox.wire import Call, Json

PATH = "/ws/v1/t2a_v2"
#: Seconds without an event after which the line is cut with 2201.
IDLE_S = 120.0
#: Requests that may wait at a time; the number is not published.
WAITING_MAX = 64
TEXT_MAX = 10_000


class Session:
    """One connection.

    Parameters
    ----------
    call
        The handshake.
    wire
        The open line.
    """

    #: The name of the id that every frame carries.
    id_name: ClassVar[str] = "session_id"
    #: Codes that end no task.
    soft: ClassVar[frozenset[int]] = frozenset({2203, 2204})

    def __init__(self, call: Call, wire: Wire) -> None:
        self.call = call
        self.world = call.world
        self.wire = wire
        self.style: Style | None = None
        self.cancelled = False
        self._subtitle: str | None = None
        self._frames: asyncio.Queue[Json | None] = asyncio.Queue()
        self._last = self.world.clock.now()
        self._ids = {
            self.id_name: self.world.next_rng("speech session").randbytes(16).hex(),
            "trace_id": new_trace(self.world),
        }

    async def run(self) -> None:
        """Talk until the task is finished, has failed, or nobody is there."""
        await self.wire.accept()
        reader = asyncio.ensure_future(self._read())
        try:
            self._enter()
            await self.say("connected_success")
            while await self.handle(await self._next()):
                pass
            await self.wire.close()
        except Invalid as error:
            await self._fail(2013, f"invalid params, {error}")
        except Refused as error:
            await self._fail(error.code, error.message)
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    def _enter(self) -> None:
        """Check the key and the rate, as for a request."""
        key = self.call.bearer()
        account = None if key is None else self.world.account("minimax", key)
        if account is None:
            raise Refused(1004 if key is None else 2049)
        self.call.account = account
        code = self.call.faults.word("code")
        if code:
            raise Refused(int(code))
        window, rpm = rates.WINDOW_S / self.world.speed, rates.limit("minimax", "speech").rpm
        if account.admit("speech", rpm, window, self.world.clock.now()) is not None:
            raise Refused(1002)

    async def _read(self) -> None:
        """Put what comes into the queue; ``None`` when nothing more will."""
        try:
            while True:
                frame = await self.wire.get()
                self._last = self.world.clock.now()
                if frame.get("event") == "task_cancel":
                    self.cancelled = True
                self._frames.put_nowait(frame)
        except Gone:
            self._frames.put_nowait(None)

    async def _next(self) -> Json:
        """Return the next frame; end the task after two minutes without an event."""
        if self._frames.qsize() > WAITING_MAX:
            await self.refuse(2205)
        waiting = asyncio.ensure_future(self._frames.get())
        try:
            while not waiting.done():
                idle = asyncio.ensure_future(self.world.clock.sleep_until(self._last + IDLE_S))
                await asyncio.wait({waiting, idle}, return_when=asyncio.FIRST_COMPLETED)
                idle.cancel()
                if not waiting.done() and self.world.clock.now() >= self._last + IDLE_S:
                    raise Refused(2201)
        finally:
            if not waiting.done():
                waiting.cancel()
        frame = waiting.result()
        if frame is None:
            raise Gone
        return frame

    async def handle(self, frame: Json) -> bool:
        """Do what a frame says; return whether more may come."""
        name = frame.get("event")
        if (name == "task_start") != (self.style is None):
            raise Refused(2202)
        if name == "task_start":
            self._start(frame)
            await self.say("task_started")
        elif name == "task_continue":
            await self.speak(self.text_of(frame))
        elif name == "task_finish":
            await self.say("task_finished")
            return False
        else:
            raise Refused(2202)
        return True

    @staticmethod
    def text_of(frame: Json) -> str:
        """Return the text of a frame."""
        return Fields(frame).text("text", required=True) or ""

    def _start(self, frame: Json) -> None:
        """Check the settings of a task."""
        fields = Fields(frame)
        fields.get("event")
        model = model_of(self.call, fields, "speech")
        assert model is not None
        if fields.flag("continuous_sound") and not model.name.startswith("speech-2.8"):
            raise fields.fail("continuous_sound", f"not supported by {model.name}")
        self._subtitle = subtitle_of(fields, stream=True)
        self.style = style_of(fields, model, stream=True)
        self.call.entry.ignored = fields.unknown()

    async def speak(self, text: str) -> None:
        """Speak a text; its audio comes in several frames, the last of them final."""
        if not text.strip() or len(text) >= TEXT_MAX:
            await self.refuse(2204 if text.strip() else 2203)
            return
        style, call, world = self.style, self.call, self.world
        assert style is not None
        check_pauses(Fields({}), text)
        bill = bill_of(call, style, text)
        check_funds(call, style.model.name, bill.price_nano)
        if failing(call, text):
            raise Refused(1013)
        before = call.entry.charged_nano
        pay(call, style.model.name, bill.price_nano, bill.what)
        call.entry.charged_nano += before
        mark_used(call, style)
        work = style.work(text, bill.hints)
        began, length = world.clock.now(), seconds_for(world, work)
        clip = await made(world, work)
        parts = cut(work, clip)
        stop = len(parts) // 2 if "mid-code" in call.faults else None
        for index, part in enumerate(parts):
            await world.clock.sleep_until(began + length * (index + 1) / len(parts))
            if self.cancelled:
                return
            if index == stop:
                raise Refused(int(call.faults.number("mid-code", 1013)))
            data: Json = {"audio": part.hex()}
            if self._subtitle == "word_streaming":
                data["subtitle"] = part_rows(text, clip, index, len(parts))
            if index + 1 < len(parts):
                await self.say("task_continued", data=data, is_final=False)
                continue
            if self._subtitle in {"sentence", "word"}:
                data["subtitle_file"] = subtitle_file(world, text, clip, self._subtitle)
            info = extra_info(work, clip.duration_ms, len(clip.data), len(clip.words), bill)
            await self.say("task_continued", data=data, extra_info=info, is_final=True)

    async def refuse(self, code: int) -> None:
        """Refuse a frame: the task goes on where the code lets it."""
        if code not in self.soft:
            raise Refused(code)
        await self.say("task_continued", code, data=None, is_final=True)

    async def say(self, name: str, code: int = 0, message: str | None = None, **body: object) -> None:
        """Send a frame."""
        self._last = self.world.clock.now()
        await self.wire.put({**self._ids, "event": name, **body, **base_resp(code, message)})

    async def _fail(self, code: int, message: str) -> None:
        await self.say("task_failed", code, message)
        await self.wire.close()
