"""MiniMax's envelope: ``base_resp`` with a code, and the words of each code."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.sandbox.wire import Json, json_reply

#: What ``status_msg`` says by code.
MESSAGES = {
    0: "success",
    1000: "unknown error",
    1001: "request timeout",
    1002: "rate limit exceeded(RPM)",
    1004: "login fail: Please carry the API secret key in the 'Authorization' field of the request header",
    1008: "insufficient balance",
    1013: "internal service error",
    1024: "internal error",
    1026: "input new_sensitive",
    1027: "output new_sensitive",
    1033: "system error",
    1039: "token limit exceeded(TPM)",
    1041: "conn limit",
    1042: "invisible character ratio limit",
    1043: "asr similarity check failed",
    1044: "clone prompt similarity check failed",
    2013: "invalid params",
    2037: "voice duration too short or too long",
    2038: "voice clone is not available for this account",
    2039: "voice clone voice id duplicate",
    2042: "you don't have access to this voice_id",
    2045: "rate growth limit",
    2048: "prompt audio too long",
    2049: "invalid api key",
    2054: "voice id not exist",
    2056: "usage limit exceeded",
    2061: "your current token plan not support model",
    2062: "no active token plan",
    2201: "timeout: no event for 120 s",
    2202: "illegal event",
    2203: "empty text",
    2204: "text exceeds the character limit",
    2205: "too many requests in flight",
}


class Refused(Exception):  # noqa: N818 - an answer, always caught by the room
    """A request answered with a code.

    Parameters
    ----------
    code
        ``base_resp.status_code``.
    message
        ``status_msg``; the code's own words when left out.
    """

    def __init__(self, code: int, message: str | None = None) -> None:
        self.code = code
        self.message = message or MESSAGES.get(code, f"error {code}")
        super().__init__(f"{code} {self.message}")


def base_resp(code: int = 0, message: str | None = None) -> Json:
    """Return the object every reply carries."""
    return {"base_resp": {"status_code": code, "status_msg": message or MESSAGES.get(code, f"error {code}")}}


def reply(body: Json, code: int = 0, message: str | None = None) -> Response:
    """Return ``body`` with its envelope, HTTP 200."""
    return json_reply({**body, **base_resp(code, message)})
