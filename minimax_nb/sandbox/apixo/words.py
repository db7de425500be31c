"""How APIXO says no: the HTTP status again as ``code``, with a message."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.sandbox.wire import Json, json_reply

_MESSAGES = {
    400: "Invalid request",
    401: "Invalid or missing API key",
    402: "Insufficient balance",
    403: "Key or route cannot access the model",
    404: "Task not found",
    429: "Rate limit exceeded",
    500: "Server error",
    502: "Provider-side error during voice creation",
    504: "Voice creation timeout",
}


class Refused(Exception):  # noqa: N818 - an answer, always caught by the room
    """A request answered with an HTTP error.

    Parameters
    ----------
    status
        HTTP status and ``code``.
    message
        ``message``; the status's own when left out.
    error
        ``data.error``, where there is one.
    retry_after
        Seconds for ``Retry-After``.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        error: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(status, message, error)
        self.status = status
        self.message = message or _MESSAGES.get(status, f"HTTP {status}")
        self.error = error
        self.retry_after = retry_after


def answer(refusal: Refused) -> Response:
    """Return a refusal in the envelope."""
    body: Json = {"code": refusal.status, "message": refusal.message}
    if refusal.error is not None:
        body["data"] = {"error": refusal.error}
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{max(1, round(refusal.retry_after))}"}
    return json_reply(body, refusal.status, headers)
