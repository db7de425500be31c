"""The receiver as a route of a Jupyter server, so that a hub that providers can reach needs no other service.

The wheel brings the file that enables it. The route needs no login, because a provider has none: the
token in its path is the credential, and all it can do is make a kernel look at one job.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.http1connection import HTTP1Connection

from minimax_nb.settings import Settings
from minimax_nb.webhooks import receiver
from minimax_nb.webhooks.receiver import Answer, Receiver
from minimax_nb.webhooks.tokens import PATH

#: Bytes after which a sender is cut off without an answer.
_CUT = 16 * receiver.BODY_MAX


@web.stream_request_body
class WebhookHandler(web.RequestHandler):
    """``POST {base_url}/minimax-nb/webhook/TOKEN``.

    A plain handler and not one of Jupyter's, whose checks of host, login and XSRF token are made for browsers.
    """

    def initialize(self, keeper: Receiver) -> None:
        """Take what the route was registered with."""
        self.keeper = keeper
        self.body = b""

    def set_default_headers(self) -> None:
        """Set the headers of every answer."""
        for name, value in receiver.HEADERS.items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Accept: there is no cookie that could be abused."""

    def prepare(self) -> None:
        """Bound what is read; the server's own limit is for notebooks and far too high here."""
        connection = self.request.connection
        if isinstance(connection, HTTP1Connection):
            connection.set_max_body_size(_CUT)

    def data_received(self, chunk: bytes) -> None:
        """Collect the body, and no more of it than tells that it is too large."""
        self.body += chunk[: receiver.BODY_MAX + 1 - len(self.body)]

    @allow_unauthenticated
    async def post(self, token: str) -> None:
        """Keep a delivery."""
        kind = self.request.headers.get("Content-Type")
        self._say(await asyncio.to_thread(self.keeper.receive, token, self.body, kind))

    @allow_unauthenticated
    def get(self, token: str) -> None:
        """Refuse."""
        self._say(receiver.WRONG_METHOD)

    def _say(self, answer: Answer) -> None:
        self.set_status(answer.status)
        self.finish(answer.body)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "minimax_nb.webhooks.jupyter"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Add the route; called by Jupyter."""
    settings = Settings()
    keeper = Receiver(settings.ledger_path, settings.secrets())
    route = url_path_join(app.web_app.settings["base_url"], PATH, "([^/]+)")
    app.web_app.add_handlers(".*$", [(route, WebhookHandler, {"keeper": keeper})])  # type: ignore[no-untyped-call]
    app.log.info("minimax_nb takes webhooks at %s, into %s", route.removesuffix("/([^/]+)"), keeper.path)
