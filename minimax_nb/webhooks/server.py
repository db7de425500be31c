"""``minimax-nb webhook``: the receiver as a server of its own, for a host that providers can reach."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from minimax_nb.errors import ConfigError
from minimax_nb.settings import Settings
from minimax_nb.webhooks import receiver
from minimax_nb.webhooks.receiver import Answer, Receiver
from minimax_nb.webhooks.tokens import PATH

#: Seconds a sender has for its body.
PATIENCE = 10.0
#: Requests at once; more are told to come later.
CONCURRENCY = 64

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class App:
    """The receiver as an ASGI application, to run under any ASGI server.

    Parameters
    ----------
    keeper
        Where deliveries go.
    path
        What comes before the token.
    """

    def __init__(self, keeper: Receiver, path: str = PATH) -> None:
        self.keeper = keeper
        self.path = path.rstrip("/") + "/"

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        if scope["type"] != "http":
            return
        answer = await self._answer(scope, receive)
        if answer is None:
            return
        headers = [(name.lower().encode(), value.encode()) for name, value in receiver.HEADERS.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: dict[str, Any], receive: Receive) -> Answer | None:
        """Return the answer; ``None`` when nobody waits for one any more."""
        if not scope["path"].startswith(self.path):
            return receiver.NOT_FOUND
        if scope["method"] != "POST":
            return receiver.WRONG_METHOD
        try:
            async with asyncio.timeout(PATIENCE):
                body = await _body(receive)
        except TimeoutError:
            return receiver.TOO_SLOW
        if body is None:
            return None
        kind = next(
            (value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"), None
        )
        token = scope["path"][len(self.path) :]
        return await asyncio.to_thread(self.keeper.receive, token, body, kind)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self.keeper.close)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _body(receive: Receive) -> bytes | None:
    """Read a body, no more of it than the receiver takes; ``None`` when the sender went away."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > receiver.BODY_MAX or not message.get("more_body"):
            return body


def serve(host: str = "127.0.0.1", port: int = 8790, path: str = PATH) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    host
        Address to listen on; loopback is right behind a reverse proxy that does https.
    port
        0 takes a free one.
    path
        What comes before the token.

    Raises
    ------
    ConfigError
        When uvicorn is not installed, or the address cannot be used.
    """
    if importlib.util.find_spec("uvicorn") is None:
        raise ConfigError(
            "the webhook server needs uvicorn, which the extra 'webhook' brings",
            hint='pip install "minimax-nb[webhook]"; inside a Jupyter server nothing is needed',
        )
    import uvicorn

    if not path.startswith("/"):
        raise ConfigError(f"--path {path}: it begins with /, as in {PATH}")
    settings = Settings()
    keeper = Receiver(settings.ledger_path, settings.secrets())
    listening = _listen(host, port)
    place = f"{host}:{listening.getsockname()[1]}{path.rstrip('/')}"
    print(
        f"Listening on http://{place}/… and writing to {keeper.path}\n"
        "Providers need https: put a reverse proxy or a tunnel in front of it, and where your notebooks run set\n"
        f"MINIMAX_NB_WEBHOOK_URL=https://YOUR-HOST{path.rstrip('/')}",
        flush=True,
    )
    config = uvicorn.Config(
        App(keeper, path),
        log_level="warning",
        access_log=False,
        limit_concurrency=CONCURRENCY,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
