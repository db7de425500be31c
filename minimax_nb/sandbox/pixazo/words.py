"""How Pixazo says no: ``{"error", "message"}`` for current operations, ``{"error"}`` for the legacy one."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.sandbox.wire import json_reply

_TITLES = {
    400: ("Bad Request", "Invalid request"),
    401: ("Unauthorized", "Invalid or missing subscription key"),
    402: ("Insufficient Balance", "Your wallet does not have enough balance."),
    403: ("Forbidden", "Access denied for this operation"),
    404: ("Not Found", "Not found"),
    429: ("Too Many Requests", "Rate limit exceeded, please retry later"),
    500: ("Internal Server Error", "An unexpected error occurred, please try again later"),
}
_LEGACY = {
    400: "Invalid request parameters",
    401: "Invalid or missing authentication",
    403: "Access denied for this operation",
    404: "Endpoint not found",
    429: "Rate limit exceeded, please retry later",
    500: "An unexpected error occurred, please try again later",
}


class Refused(Exception):  # noqa: N818 - an answer, always caught by the room
    """A request answered with an HTTP error.

    Parameters
    ----------
    status
        HTTP status.
    message, title
        The two texts; the status's own when left out.
    retry_after
        Seconds for ``Retry-After``.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        title: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.title = title
        self.retry_after = retry_after


def answer(error: Refused, *, legacy: bool) -> Response:
    """Return a refusal in the operation's words."""
    headers = {} if error.retry_after is None else {"Retry-After": f"{max(1, round(error.retry_after))}"}
    if legacy:
        return json_reply({"error": _LEGACY.get(error.status, f"HTTP {error.status}")}, error.status, headers)
    if error.status in {502, 503, 504}:
        return json_reply(
            {"error": "Failed to reach upstream API", "status": error.status}, error.status, headers
        )
    title, message = _TITLES.get(error.status, ("Error", f"HTTP {error.status}"))
    return json_reply(
        {"error": error.title or title, "message": error.message or message}, error.status, headers
    )
