"""The WebSocket ``/ws/v1/t2a_v2_bidi``: text comes in fragments, and the server finds the sentences."""

from __future__ import annotations

import re
from typing import ClassVar

from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.minimax.speech_socket import Session
from minimax_nb.sandbox.sockets import Wire
from minimax_nb.sandbox.wire import Call, Json

PATH = "/ws/v1/t2a_v2_bidi"
_SENTENCE = re.compile(r".*?(?:[.!?](?=\s)|[。！？\n])\s*", re.DOTALL)


class BidiSession(Session):
    """One connection; see :class:`Session`."""

    id_name: ClassVar[str] = "connect_id"
    soft: ClassVar[frozenset[int]] = frozenset({2203, 2204, 2205})

    def __init__(self, call: Call, wire: Wire) -> None:
        super().__init__(call, wire)
        self._rest = ""

    async def handle(self, frame: Json) -> bool:
        """Do what a frame says; return whether more may come."""
        name = frame.get("event")
        if self.style is None or name == "task_start":
            return await super().handle(frame)
        if name == "task_cancel":
            self._rest, self.cancelled = "", False
            await self.say("task_canceled")
        elif name == "task_continue":
            self._rest += self.text_of(frame)
            while not self.cancelled and (match := _SENTENCE.match(self._rest)):
                self._rest = self._rest[match.end() :]
                await self._sentence(match[0])
        elif name in {"task_flush", "task_finish"}:
            rest, self._rest = self._rest, ""
            await self._sentence(rest)
            await self.say("task_flushed" if name == "task_flush" else "task_finished")
            return bool(name == "task_flush")
        else:
            raise Refused(2202)
        return True

    async def _sentence(self, text: str) -> None:
        """Speak one sentence; white space alone is dropped."""
        if self.cancelled or not text.strip():
            return
        await self.say("sentence_start", data={"text": text.strip()})
        await self.speak(text.strip())
        if not self.cancelled:
            await self.say("sentence_end", data={"text": text.strip()})
