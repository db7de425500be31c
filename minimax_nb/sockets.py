"""WebSockets to a provider's host, with the key; the sister of :mod:`minimax_nb.http`, by the same two rules.

The key goes to the configured host alone: no redirect of the handshake is followed. And a conversation
that was begun is never begun again: before the first frame is written nothing can be charged
(:class:`~minimax_nb.errors.NotSentError`), after it nobody can tell without its end
(:class:`~minimax_nb.errors.OutcomeUnknownError`).
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from minimax_nb.errors import ConfigError, ErrorInfo, NotSentError, OutcomeUnknownError
from minimax_nb.http import CONNECT_TIMEOUT, MAX_REPLY, USER_AGENT, tls_context
from minimax_nb.settings import is_loopback
from minimax_nb.wire import SWITCHED, HttpCall, Json, Reply, Turn

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection, connect

_CLOSING = 2.0  #: seconds that the other side has to say goodbye


def require() -> None:
    """Raise ConfigError, naming what to install, when there are no WebSockets."""
    if importlib.util.find_spec("websockets") is None:
        raise ConfigError(
            "this needs the package websockets: pip install 'minimax-nb[stream]' (without it --stream goes by HTTP)"
        )


async def converse(
    call: HttpCall,
    *,
    host: str,
    auth: Mapping[str, str],
    heard: Callable[[bytes], None] | None = None,
    dictated: AsyncIterator[str] | None = None,
) -> Reply:
    """Hold the conversation of ``call.turns`` and return everything that was heard.

    Parameters
    ----------
    call
        What to say; ``path`` says where.
    host
        The configured host, ``https://…`` or ``http://…``; the only one that gets ``auth``.
    auth
        Credential headers.
    heard
        Called with each frame as it comes, a line each.
    dictated
        A text that is still being written, part by part, for a turn that sends one.

    Returns
    -------
    Reply
        Status 101 and the frames, a line each; or the refusal of the handshake as it was.

    Raises
    ------
    NotSentError
        No frame was written.
    OutcomeUnknownError
        One was, and the conversation broke off.
    """
    from websockets.exceptions import InvalidStatus, WebSocketException

    talk = _Talk(call, heard, dictated)
    place = urlsplit(host).netloc
    try:
        async with _connect(host, call.path, auth) as line:
            await talk.hold(line)
    except InvalidStatus as refusal:
        reply = refusal.response
        headers = {name.lower(): value for name, value in reply.headers.raw_items()}
        return Reply(reply.status_code, headers, bytes(reply.body or b""))
    except (WebSocketException, OSError, TimeoutError) as error:
        why = _reason(error)
        if talk.written:
            raise OutcomeUnknownError(
                f"no complete reply from {place} ({why})",
                info=ErrorInfo("timeout" if isinstance(error, TimeoutError) else "transport", why),
            ) from error
        meaning = "Nothing was sent, so nothing can be charged."
        raise NotSentError(
            f"cannot talk to {place} ({why})",
            hint="Check the network and the host setting: %minimax config",
            info=ErrorInfo("transport", why, meaning=meaning),
        ) from error
    return Reply(SWITCHED, {}, bytes(talk.content))


class _Talk:
    """What was said so far: ``written`` once a frame went out, ``content`` all that came."""

    def __init__(
        self, call: HttpCall, heard: Callable[[bytes], None] | None, dictated: AsyncIterator[str] | None
    ) -> None:
        self._call = call
        self._heard = heard
        self._dictated = dictated
        self.written = False
        self.content = bytearray()

    async def hold(self, line: ClientConnection) -> None:
        for turn in self._call.turns:
            if turn.dictated is not None:
                if not await self._dictate(line, turn):
                    return
                continue
            if turn.send is not None:
                await self._say(line, turn.send)
            while turn.until is not None:
                frame = await self._hear(line)
                if _fits(frame, turn.fails):
                    return
                if _fits(frame, turn.until):
                    break

    async def _say(self, line: ClientConnection, frame: Json) -> None:
        self.written = True
        await line.send(json.dumps(frame, ensure_ascii=False))

    async def _dictate(self, line: ClientConnection, turn: Turn) -> bool:
        """Send a text as it is written, and hear meanwhile; False when the other side ended the conversation."""

        async def say() -> None:
            if self._dictated is not None:
                async for text in self._dictated:
                    await self._say(line, {**(turn.send or {}), str(turn.dictated): text})

        saying: asyncio.Future[None] = asyncio.ensure_future(say())
        try:
            while not saying.done():
                hearing = asyncio.ensure_future(self._hear(line))
                try:
                    await asyncio.wait({saying, hearing}, return_when=asyncio.FIRST_COMPLETED)
                    if hearing.done() and _fits(hearing.result(), turn.fails):
                        return False
                finally:
                    await _stopped(hearing)  # no frame is lost: one that was received is heard to its end
            saying.result()
            return True
        finally:
            await _stopped(saying)

    async def _hear(self, line: ClientConnection) -> Any:
        async with asyncio.timeout(self._call.timeout):
            data = await line.recv(decode=False)
        # A frame is one line, however its writer laid it out.
        row = b" ".join(data.split(b"\n")) + b"\n"
        self.content += row
        if self._heard is not None:
            self._heard(row)
        if len(self.content) > MAX_REPLY:
            raise OSError(f"reply of more than {MAX_REPLY // 2**20} MB")
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return None


async def _stopped(task: asyncio.Future[Any]) -> None:
    """Stop a task and wait for its end; what it raised is told by whoever asks for its result."""
    task.cancel()
    await asyncio.wait({task})


def _fits(frame: Any, fields: Json) -> bool:
    return isinstance(frame, dict) and all(frame.get(name) == value for name, value in fields.items())


def _connect(host: str, path: str, auth: Mapping[str, str]) -> connect:
    from websockets.asyncio.client import connect

    class Pinned(connect):
        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc  # a redirect would take the key to another host

    parts = urlsplit(host)
    secure = parts.scheme == "https"
    options: dict[str, Any] = {"ssl": tls_context()} if secure else {}
    if is_loopback(parts.hostname or ""):
        options["proxy"] = None
    return Pinned(
        f"{'wss' if secure else 'ws'}://{parts.netloc}{path}",
        additional_headers=dict(auth),
        user_agent_header=USER_AGENT,
        open_timeout=CONNECT_TIMEOUT,
        close_timeout=_CLOSING,
        max_size=MAX_REPLY,
        **options,
    )


def _reason(error: Exception) -> str:
    from websockets.exceptions import ConnectionClosed

    if isinstance(error, ConnectionClosed):
        return "the connection was closed before the reply was complete"
    if isinstance(error, TimeoutError):
        return "the other side fell silent"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return str(error) or type(error).__name__
