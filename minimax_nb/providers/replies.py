"""How a reply is judged before its content is looked at, and how errors and media are read from it.

The judgement of a paid request rests on one question: can the provider have a job now? Only where
that is certainly not so is the outcome ``rejected`` or ``retry``; every doubt is ``unknown``.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from minimax_nb.errors import ErrorInfo
from minimax_nb.providers import codes
from minimax_nb.providers.base import ChargeState, Outcome, Output
from minimax_nb.providers.bodies import as_text
from minimax_nb.providers.codes import Code
from minimax_nb.wire import Reply

#: Seconds the URL of a generated image, song or speech lives (MiniMax docs, image-generation-t2i,
#: speech-t2a-http, music-generation; the product documents of the gateways say the same).
DAY = 86_400.0

_TRACE_HEADERS = ("trace-id", "x-trace-id", "minimax-request-id", "x-mm-request-id", "alb_request_id")
_SECRET = re.compile(r"(?i)\b(?:bearer\s+\S+|sk-[\w-]{8,}|eyj[\w-]{16,}(?:\.[\w-]*)*|[0-9a-f]{32,})")
_MESSAGE_LENGTH = 300
#: Failures of a read that the user should look into; the others pass by themselves.
_USER_CAN_HELP = frozenset({"auth", "forbidden", "not_found", "insufficient_balance", "edge_blocked"})


def classify_submit(reply: Reply, paid: bool = True) -> Outcome | None:
    """Judge a reply to a POST by HTTP alone.

    Parameters
    ----------
    reply
        The reply.
    paid
        False for a free and repeatable request: what would be ``unknown`` is then ``retry``.

    Returns
    -------
    Outcome or None
        ``None`` when the reply is a 2xx with a JSON object, so that its content must be read.
        A 503 and a challenge page are ``retry``; ``error.http_status`` and ``error.category`` let
        the caller limit how often.
    """
    if 200 <= reply.status < 300:
        if isinstance(reply.json, dict):
            return None
        row = codes.UNREADABLE
    elif reply.is_html and reply.status in (403, 503):
        row = codes.EDGE
    else:
        row = codes.http_code(reply.status)
    return outcome_of(row, error_of(row, reply), paid=paid)


def classify_poll(reply: Reply) -> Outcome | None:
    """Judge a reply to a read by HTTP alone: ``retry`` for whatever is not a 2xx with a JSON object.

    A failed read says nothing of the job, so it never fails the job.
    """
    judged = classify_submit(reply, paid=False)
    if judged is None or judged.error is None:
        return None
    return read_failed(judged.error)


def read_failed(error: ErrorInfo) -> Outcome:
    """Return the outcome of a status request that told nothing of the job."""
    if error.category not in _USER_CAN_HELP:
        error = replace(error, next_step="The job goes on; its state is asked again by itself.")
    if error.category == "protocol":
        error = replace(error, meaning="The provider's reply says nothing of the job that can be read.")
    return Outcome("retry", error=error, charge="held")


def outcome_of(row: Code, error: ErrorInfo, *, paid: bool = True) -> Outcome:
    """Return what ``row`` proves when it answers a request."""
    if row.paid == "unknown" and paid:
        return Outcome("unknown", error=error, charge="unknown")
    state: Literal["rejected", "retry"] = "rejected" if row.paid == "rejected" else "retry"
    return Outcome(state, error=error, charge="not_charged")


def unreadable(reply: Reply, what: str) -> Outcome:
    """Return ``unknown`` for an accepted paid request whose reply lacks ``what``."""
    row = codes.UNREADABLE
    return Outcome(
        "unknown", error=error_of(row, reply, message=f"the reply has no {what}"), charge="unknown"
    )


def error_of(row: Code, reply: Reply, *, message: str | None = None, code: str | None = None) -> ErrorInfo:
    """Build the error of a reply from its row and the provider's own words."""
    return ErrorInfo(
        category=row.category,
        message=clean(message) if message else message_of(reply),
        code=code,
        meaning=row.meaning,
        next_step=row.next_step,
        http_status=reply.status,
        trace_id=trace_of(reply),
        retry_after=retry_after(reply.headers),
    )


def job_failed(
    row: Code, message: str, reply: Reply, *, code: str | None = None, charge: ChargeState = "unknown"
) -> Outcome:
    """Return the outcome of a job that the provider accepted and that failed there."""
    return Outcome("failed", error=error_of(row, reply, message=message, code=code), charge=charge)


def message_of(reply: Reply) -> str:
    """Return the provider's own words, from wherever its kind of error keeps them."""
    if 300 <= reply.status < 400:
        return f"{codes.http_phrase(reply.status)} to {_host(reply.headers.get('location', ''))}"
    if reply.is_html:
        return f"{codes.http_phrase(reply.status)}, a web page"
    data = reply.data
    inner = [item for name in ("error", "data", "base_resp") if isinstance(item := data.get(name), dict)]
    texts: list[Any] = [
        *(data.get(name) for name in ("error", "message")),
        *(item.get(name) for item in inner for name in ("message", "status_msg", "failMsg", "error")),
        *(data.get(name) for name in ("failMsg", "detail")),
    ]
    found = list(dict.fromkeys(str(text) for text in texts if as_text(text)))
    if found:
        return clean(": ".join(found[:2]))
    if 200 <= reply.status < 300 and not isinstance(reply.json, dict):
        return "the reply is cut off or is not the JSON it should be"
    start = reply.content[: 2 * _MESSAGE_LENGTH].decode("utf-8", "replace").strip()
    return (
        clean(start)
        if reply.json is None and start.isprintable() and start
        else codes.http_phrase(reply.status)
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "another address"
    except ValueError:
        return "another address"


def clean(text: str) -> str:
    """Return text on one line, of bounded length, with anything that looks like a key masked."""
    line = " ".join(_SECRET.sub("***", text[: 4 * _MESSAGE_LENGTH]).split())
    return line if len(line) <= _MESSAGE_LENGTH else line[: _MESSAGE_LENGTH - 1] + "…"


def trace_of(reply: Reply) -> str | None:
    """Return the id that the provider's support asks for, from the headers or the body."""
    for name in _TRACE_HEADERS:
        if as_text(reply.headers.get(name)):
            return reply.headers[name].strip()[:128]
    inner = reply.data.get("base_resp")
    places = (reply.data, inner if isinstance(inner, dict) else {})
    return next((text[:128] for place in places if (text := as_text(place.get("trace_id")))), None)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given as seconds or as an HTTP date.

    Parameters
    ----------
    headers
        Reply headers, names in lower case. A date is compared with the reply's own ``Date`` so that
        a wrong local clock does no harm.
    now
        Time to compare a date with where there is no ``Date``; default the current time.

    Returns
    -------
    float or None
        Zero or more; ``None`` when absent or not readable.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    since = _http_date(headers.get("date", "")) or now or datetime.now(UTC)
    return max(0.0, (until - since).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_url(value: Any) -> bool:
    """Say whether a value is an ``http`` or ``https`` URL with a host."""
    if not isinstance(value, str) or not value.lower().startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(value).hostname)
    except ValueError:
        return False


def media_of(
    value: str,
    *,
    encoding: Literal["hex", "base64"],
    role: Literal["output", "preview"] = "output",
    mime: str | None = None,
) -> Output | None:
    """Read one result that is a URL or encoded content in the same field.

    Parameters
    ----------
    value
        A URL, hex, base64 or a ``data:`` URI.
    encoding
        What it is when it is not a URL.
    role
        Role of the result.
    mime
        Its type; for a URL the type by its ending where ``None``.

    Returns
    -------
    Output or None
        ``None`` when it is neither, or is broken.
    """
    if is_url(value):
        return Output(role, url=value, mime=mime or mime_of(value), expires_in=DAY)
    try:
        if encoding == "hex":
            data = bytes.fromhex(value)
        else:
            data = base64.b64decode(
                "".join(value.partition("base64,")[2].split() or value.split()), validate=True
            )
    except (ValueError, binascii.Error):
        return None
    return Output(role, data=data, mime=mime) if data else None


def mime_of(url: str) -> str | None:
    """Return the media type that the ending of a URL's path tells; ``None`` when it names no media."""
    guess = mimetypes.guess_type(urlsplit(url).path)[0] if is_url(url) else None
    return guess if guess and guess.startswith(("image/", "audio/", "video/")) else None
