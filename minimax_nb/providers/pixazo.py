"""Pixazo's gateway: images answered at once, music and designed voices through a queue.

Source: product documents, Pixazo MiniMax page (image, music, voice design, universal status) and its
older voice-design status page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from minimax_nb.errors import ErrorInfo, RequestInvalidError
from minimax_nb.kinds.base import Request, sniff
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.providers import codes
from minimax_nb.providers.base import Outcome, Output, Usage
from minimax_nb.providers.bodies import PixazoReply, as_text
from minimax_nb.providers.carry import refuse_uncarried
from minimax_nb.providers.gateway import Gateway
from minimax_nb.providers.pixazo_calls import CARRIED, HEADERS, NAME, call_of
from minimax_nb.providers.replies import (
    DAY,
    classify_poll,
    classify_submit,
    error_of,
    is_url,
    job_failed,
    media_of,
    outcome_of,
    read_failed,
    unreadable,
)
from minimax_nb.wire import HttpCall, Json, Reply

_HOST = "https://gateway.pixazo.ai"
_STATUS = "/v2/requests/status/"
_MODE = "X-Webhook-Mode"
_PROMPT = {
    "music": "product document, Pixazo MiniMax APIs, Music 2.6", "video": "Pixazo's page of Hailuo 2.3",
}  # fmt: skip
_LEGACY_RESULT = "/minimax-voice-design-api-363/v1/minimax-voice-design-api-request-result"

_READ = 30.0  # seconds without a byte

# The words of the queue and of the older result endpoint, in lower case.
_QUEUED = frozenset({"queued", "in_queue", "pending"})
_RUNNING = frozenset({"processing", "in_progress", "running"})
_SUCCEEDED = frozenset({"completed", "succeeded", "success"})


class PixazoProvider(Gateway):
    """Pixazo's gateway."""

    name = NAME
    title = "Pixazo"
    default_host = _HOST
    host_env = "PIXAZO_API_HOST"
    key_env = "PIXAZO_API_KEY"
    key_url = "https://api-console.pixazo.ai/dashboard"
    kinds = frozenset(CARRIED)
    webhook_kinds = kinds - {"image"}

    def auth_headers(self, key: str) -> Mapping[str, str]:
        """Return the subscription-key header."""
        return {"Ocp-Apim-Subscription-Key": key}

    def check(self, request: Request) -> None:
        """Raise RequestInvalidError when Pixazo cannot do the request as asked."""
        refuse_uncarried(self.name, self.title, CARRIED, request)
        if request.kind in ("music", "video") and not request.text:
            raise RequestInvalidError(f"--prompt is missing: Pixazo needs it ({_PROMPT[request.kind]})")

    def submit(self, request: Request, uploaded: Mapping[str, str], webhook: str | None = None) -> HttpCall:
        """Build the paid request. Only what was set is sent, so that Pixazo's own defaults hold."""
        call = call_of(request)
        reported = {"X-Webhook-URL": webhook, _MODE: "terminal"} if webhook else {}
        return replace(call, headers={**call.headers, **reported})

    def with_progress(self, call: HttpCall) -> HttpCall:
        """Ask for a report at every step, in Pixazo's words ``sync``; its queue then waits at most 15 s."""
        return replace(call, headers={**call.headers, _MODE: "sync"})

    def parse_submit(self, request: Request, reply: Reply) -> Outcome:
        """Read the reply to the paid request: images at once, otherwise a place in the queue."""
        judged = classify_submit(reply)
        if judged:
            return _with_title(judged, reply)
        body = PixazoReply.read(reply.data)
        asked = request.n if isinstance(request, ImageRequest) else 0
        if asked and (_texts(body) or not body.request_id):
            return _images(request, body, reply, asked)
        locator = _locator(body, role=_role(request), asked=asked)
        if request.kind == "voice-design" and not body.polling_url and _is_legacy(body):
            locator["legacy"] = True
        outcome = _task(locator, body, reply)
        if body.request_id and outcome.state == "retry":
            # Accepted: whatever else the reply says, the job is there and the next poll tells.
            outcome = Outcome("queued", raw_state=body.status)
        if outcome.state in ("succeeded", "failed"):
            return replace(outcome, locator=locator if body.request_id else None)
        if not body.request_id:
            return unreadable(reply, "request id")
        return replace(outcome, locator=locator)

    def adopt(self, request: Request, delivery: Json) -> Outcome | None:
        """Return the task that a webhook names."""
        body = PixazoReply.read({"request_id": delivery.get("request_id")})
        if not body.request_id:
            return None
        return Outcome(
            "queued", task_id=body.request_id, locator=_locator(body, role=_role(request), asked=0)
        )

    def poll(self, locator: Json) -> HttpCall:
        """Build the status request; for a voice of the older endpoint, its result request (a read too)."""
        if locator.get("legacy"):
            body = {"request_id": str(locator["request_id"])}
            return HttpCall("POST", _LEGACY_RESULT, headers=HEADERS, body=body, timeout=_READ)
        return HttpCall("GET", str(locator["path"]), timeout=_READ)

    def parse_poll(self, locator: Json, reply: Reply) -> Outcome:
        """Read the status. ``ERROR`` is not charged, by Pixazo's word; of ``FAILED`` it says nothing."""
        judged = classify_poll(reply)
        if judged:
            return replace(judged, task_id=_task_id(locator), locator=locator)
        return replace(_task(locator, PixazoReply.read(reply.data), reply), locator=locator)


def _task_id(locator: Json) -> str | None:
    value = locator.get("request_id")
    return str(value) if value else None


def _role(request: Request) -> str:
    return "preview" if request.kind == "voice-design" else "output"


def _locator(body: PixazoReply, **rest: Any) -> Json:
    return {"request_id": body.request_id, "path": _status_path(body), **rest}


def _is_legacy(body: PixazoReply) -> bool:
    """Say whether a reply speaks the words of the older voice-design endpoints, which have a status of their own."""
    return (body.status or "").strip().lower() in ("in_queue", "in_progress")


def _status_path(body: PixazoReply) -> str:
    """Return the path to poll. The given URL is believed only on Pixazo's own host, or on loopback.

    The host itself is never taken from the reply: the key goes to the configured host alone.
    """
    built = _STATUS + quote(body.request_id or "", safe="")
    try:
        url = urlsplit(body.polling_url or "")
        trusted = (url.scheme == "https" and url.netloc == urlsplit(_HOST).netloc) or (
            url.scheme in ("http", "https") and url.hostname in ("127.0.0.1", "localhost", "::1")
        )
    except ValueError:
        return built
    usable = trusted and url.path.startswith("/") and not (url.query or url.fragment or url.username)
    return url.path if usable else built


def _images(request: Request, body: PixazoReply, reply: Reply, asked: int) -> Outcome:
    """Read an image reply in any of the forms seen or guessed: the base64 one is not documented."""
    code = body.base_resp.status_code
    if code:
        # MiniMax refused behind Pixazo; whether Pixazo's wallet was debited is not documented.
        row = replace(codes.minimax_code(code), paid="unknown")
        return replace(
            job_failed(row, body.base_resp.status_msg or "MiniMax refused", reply, code=str(code)),
            asked=asked,
        )
    found = (media_of(text, encoding="base64") for text in _texts(body))
    outputs = [_sniffed(output) for output in found if output and (output.url or _is_image(output))]
    lost = body.metadata.failed_count or 0
    if not outputs and lost >= asked:
        message = f"none of the {asked} images passed the content filter"
        return replace(job_failed(codes.MINIMAX[1027], message, reply), asked=asked)
    if not outputs:
        return unreadable(reply, "images")
    delivered = len(outputs)
    warnings = []
    if delivered < asked:
        warnings.append(f"{delivered} of {asked} images were delivered")
    if (body.image_count or 0) > delivered:
        warnings.append(
            f"Pixazo counts {body.image_count} images but sent {delivered}; it may charge for all"
        )
    facts = {"seed": getattr(request, "seed", None), "provider_id": body.id}
    return Outcome(
        "succeeded",
        outputs=tuple(outputs),
        asked=asked,
        delivered=delivered,
        charge="charged",
        usage=Usage("image", delivered),
        facts={key: value for key, value in facts.items() if value is not None},
        warnings=tuple(warnings),
    )


def _texts(body: PixazoReply) -> list[str]:
    return [*body.image_urls, *body.image_base64, *body.data.image_urls, *body.data.image_base64]


def _is_image(output: Output) -> bool:
    return (sniff(output.data or b"") or "").startswith("image/")


def _sniffed(output: Output) -> Output:
    return replace(output, mime=sniff(output.data)) if output.data else output


def _task(locator: Json, body: PixazoReply, reply: Reply) -> Outcome:
    """Read a status body; ``retry`` when it tells nothing yet."""
    word = (body.status or "").strip().lower()
    outputs = _media(locator, body)
    outcome = Outcome("running", warnings=(f"Pixazo answers with an unknown state, {body.status!r}",))
    if word in ("failed", "error"):
        row = codes.PIXAZO_ERROR if word == "error" else codes.PIXAZO_FAILED
        message = body.error_message or as_text(body.error) or "Pixazo gives no reason"
        charge = "not_charged" if word == "error" else "unknown"
        outcome = job_failed(
            row, message, reply, charge="not_charged" if charge == "not_charged" else "unknown"
        )
    elif outputs and (word in _SUCCEEDED or not word):
        # The older endpoints answer with the media alone, without a status.
        asked = int(locator.get("asked") or 0)
        warnings = (f"{len(outputs)} of {asked} images were delivered",) if len(outputs) < asked else ()
        outcome = Outcome(
            "succeeded", outputs=outputs, asked=asked, delivered=len(outputs) if asked else 0, charge="charged",
            facts=_facts(body), warnings=warnings,
        )  # fmt: skip
    elif word in _SUCCEEDED:
        outcome = read_failed(ErrorInfo("protocol", "Pixazo reports success, but the reply has no media yet"))
    elif word in _QUEUED:
        outcome = Outcome("queued")
    elif word in _RUNNING:
        outcome = Outcome("running", eta=_eta(body))
    elif not word:
        outcome = read_failed(ErrorInfo("protocol", "the reply has no status", http_status=reply.status))
    return replace(outcome, raw_state=body.status, task_id=_task_id(locator) or body.request_id)


def _eta(body: PixazoReply) -> float | None:
    """Return the older endpoint's word on the time left; its unit is not stated, and seconds fit the example."""
    seconds = body.estimated_completion_time
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds < DAY else None


def _media(locator: Json, body: PixazoReply) -> tuple[Output, ...]:
    """Return the results of a status body. A declared type is a hint; the store sniffs the bytes."""
    role: Literal["output", "preview"] = "preview" if locator.get("role") == "preview" else "output"
    claim = body.output.media_type if body.output.media_type != "application/octet-stream" else None
    urls = [*body.output.media_url, *([body.audio.url] if body.audio.url else [])]
    found = (media_of(url, encoding="base64", role=role, mime=claim) for url in urls if is_url(url))
    return tuple(output for output in found if output)


def _facts(body: PixazoReply) -> dict[str, Any]:
    seconds = body.audio.duration_seconds
    length = round(seconds * 1000) if isinstance(seconds, int | float) and 0 < seconds < DAY else None
    values = {"duration_ms": length, "sample_rate": body.audio.sample_rate_hz}
    return {key: value for key, value in values.items() if value is not None}


def _with_title(outcome: Outcome, reply: Reply) -> Outcome:
    """Let Pixazo's own title refine a refusal: an unknown model is a 400 and says so only there."""
    title = codes.pixazo_title(as_text(reply.data.get("error")) or "")
    if outcome.error is None or title is None or outcome.state not in ("rejected", "retry"):
        return outcome
    info = error_of(title, reply)
    required = re.search(r"Required: \$([0-9.]+)", info.message)
    facts = {"required_usd": required[1].rstrip(".")} if required else {}
    return replace(outcome_of(title, info) if title.paid != "retry" else outcome, error=info, facts=facts)
