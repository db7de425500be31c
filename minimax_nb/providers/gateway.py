"""What gateways have in common: inputs travel inside the request, and every result comes with its URL."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_nb.errors import ErrorInfo, RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Output, Upload
from minimax_nb.wire import HttpCall, Reply


class Gateway:
    """The part of a provider that deals with stored files, for providers that have none."""

    title = "the gateway"

    def uploads(self, request: Request) -> Sequence[Upload]:
        """Return nothing: there are no uploads."""
        return ()

    def upload_call(self, upload: Upload) -> HttpCall:
        """Raise RequestInvalidError: there are no uploads."""
        raise RequestInvalidError(f"{self.title} has no uploads")

    def parse_upload(self, reply: Reply) -> str | ErrorInfo:
        """Return an error: there are no uploads."""
        return ErrorInfo("protocol", f"{self.title} has no uploads")

    def fetch(self, output: Output) -> HttpCall:
        """Raise RequestInvalidError: every output has its URL."""
        raise RequestInvalidError(f"{self.title} gives URLs, not file ids")

    def parse_fetch(self, output: Output, reply: Reply) -> Output | ErrorInfo:
        """Return an error: every output has its URL."""
        return ErrorInfo("protocol", f"{self.title} gives URLs, not file ids")
