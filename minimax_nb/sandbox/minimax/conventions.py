"""The three ways MiniMax says no: ``base_resp`` with HTTP 200, and two kinds of error bodies with a status.

Which one answers follows from the path. MiniMax docs, api-reference/errorcode; the statuses of 1008 and 2061
are as users have reported them.
"""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.sandbox.minimax.envelope import MESSAGES, base_resp
from minimax_nb.sandbox.wire import Call, Json, json_reply

_HTTP_PATHS = (
    "/v2/", "/v1/chat/completions", "/v1/responses", "/v1/models", "/v1/speech_to_text",
)  # fmt: skip

#: Code → HTTP status and ``error.type``, OpenAI-compatible paths and V2.
_NATIVE = {
    1002: (429, "rate_limit_error"),
    1004: (401, "authorized_error"),
    1008: (402, "insufficient_balance_error"),
    1001: (529, "overloaded_error"),
    1026: (422, "unprocessable_entity_error"),
    1027: (422, "unprocessable_entity_error"),
    1039: (429, "rate_limit_error"),
    1041: (429, "rate_limit_error"),
    2013: (400, "bad_request_error"),
    2045: (429, "rate_limit_error"),
    2049: (401, "authorized_error"),
    2056: (429, "rate_limit_error"),
    2061: (500, "api_error"),
    2062: (401, "authorized_error"),
}
#: The same, Anthropic-compatible paths.
_ANTHROPIC = {
    1002: (429, "rate_limit_error"),
    1004: (401, "authentication_error"),
    1001: (529, "overloaded_error"),
    1026: (400, "invalid_request_error"),
    1027: (400, "invalid_request_error"),
    1039: (429, "rate_limit_error"),
    1041: (429, "rate_limit_error"),
    2013: (400, "invalid_request_error"),
    2045: (429, "rate_limit_error"),
    2049: (401, "authentication_error"),
    2056: (429, "rate_limit_error"),
    2062: (403, "permission_error"),
}
_BY_STATUS = {
    "B": {status: name for status, name in _NATIVE.values() if name != "api_error"}
    | {413: "invalid_request_error", 500: "server_error"},
    "C": dict(_ANTHROPIC.values()) | {404: "not_found_error", 413: "request_too_large", 500: "api_error"},
}
_EDGE = {429: 1002, 500: 1000, 529: 1001}
_ANTHROPIC_LOGIN = (
    "login fail: Please carry the API secret key in the 'X-Api-Key' field of the request header"
)


def of(path: str) -> str:
    """Return ``A``, ``B`` or ``C``: by ``base_resp``, by status, or as Anthropic does."""
    if path.startswith("/anthropic/"):
        return "C"
    return "B" if path.startswith(_HTTP_PATHS) else "A"


def error(call: Call, status: int, name: str, message: str) -> Response:
    """Return an error body of convention B or C."""
    inner: Json = {"type": name, "message": message}
    if of(call.path) == "B":
        inner["http_code"] = str(status)
    request_id = call.world.next_rng("request").randbytes(16).hex()
    return json_reply({"type": "error", "error": inner, "request_id": request_id}, status)


def refusal(call: Call, empty: Json, code: int, message: str) -> Response:
    """Return the refusal of a request with a code.

    Parameters
    ----------
    empty
        What a refusal with ``base_resp`` carries beside it.
    code, message
        As in ``base_resp``; the other conventions say the code in brackets after the message.
    """
    way = of(call.path)
    if call.path == "/v1/chat/completions" and "after-code" in call.faults:
        # Refusals inside a 200 have been seen there.
        return json_reply({"choices": None, **base_resp(code, message)})
    if way == "A":
        return json_reply({**empty, **base_resp(code, message)})
    if way == "C" and code == 1004:
        return error(call, 401, "authentication_error", _ANTHROPIC_LOGIN)
    status, name = (_NATIVE if way == "B" else _ANTHROPIC).get(code, (500, _BY_STATUS[way][500]))
    return error(call, status, name, f"{message} ({code})")


def edge(call: Call, status: int, retry_after: float | None) -> Response | None:
    """Return HTTP ``status`` as a host of convention B or C answers it; ``None`` where it says nothing of its own."""
    way = of(call.path)
    code = _EDGE.get(status)
    if way == "A" or code is None:
        return None
    reply = error(call, status, _BY_STATUS[way][status], f"{MESSAGES[code]} ({code})")
    if status == 429 and retry_after is not None:
        reply.headers["Retry-After"] = f"{retry_after:g}"
    return reply
