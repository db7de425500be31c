"""APIXO's gateway: designed and cloned voices, speech and clips, all through a task queue.

Source: product document, APIXO MiniMax Voice; APIXO docs, api-reference (response-format, errors,
status-task) and the pages of its speech and video models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote

from minimax_nb.errors import ErrorInfo, RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.video import VideoRequest
from minimax_nb.kinds.voice_clone import VoiceCloneRequest
from minimax_nb.kinds.voice_design import VoiceDesignRequest
from minimax_nb.providers import codes
from minimax_nb.providers.base import Balance, Outcome
from minimax_nb.providers.bodies import ApixoReply, as_int, as_texts
from minimax_nb.providers.carry import given, model_of, refuse_uncarried, wire_of
from minimax_nb.providers.gateway import Gateway
from minimax_nb.providers.replies import (
    classify_poll,
    classify_submit,
    clean,
    error_of,
    is_url,
    job_failed,
    media_of,
    read_failed,
    unreadable,
)
from minimax_nb.wire import HttpCall, Json, Reply

_NAME = "apixo"
# Seconds without a byte.
_CREATE, _READ = 60.0, 30.0

#: Wire name → request field.
_DESIGN = {"voice_id_prefix": "voice_prefix", "prompt": "prompt", "preview_text": "preview"}
_CLONE = {
    "voice_id_prefix": "voice_prefix", "preview_text": "text", "need_noise_reduction": "noise_reduction",
    "need_volume_normalization": "volume_normalization", "accuracy": "accuracy", "language_boost": "language_boost",
}  # fmt: skip
_SPEECH = {
    "prompt": "text", "voice_id": "voice", "speed": "speed", "volume": "volume", "pitch": "pitch", "format": "format",
}  # fmt: skip
_VIDEO = {"prompt": "prompt"}
_CARRIED = {
    "voice-design": frozenset({*_DESIGN.values(), "model"}),
    "voice-clone": frozenset({*_CLONE.values(), "model", "audio"}),
    "speech": frozenset({*_SPEECH.values(), "model", "pronunciation"}),
    "video": frozenset({*_VIDEO.values(), "model", "first_frame", "duration", "resolution"}),
}
#: What the inputs are that APIXO fetches itself, by kind.
_FETCHED = {"voice-clone": ("audio", "the recording"), "video": ("first_frame", "the image")}
_PREFIX_RULE = "a letter first, then letters and digits only, at least 6 characters (APIXO MiniMax Voice)"
_KEEP_NOTE = "a voice that is not used within 7 days may become unavailable"
_POLICY = re.compile(r"content|policy|sensitiv|violat|nsfw|prohibit", re.IGNORECASE)


class ApixoProvider(Gateway):
    """APIXO's gateway."""

    name = _NAME
    title = "APIXO"
    default_host = "https://api.apixo.ai"
    host_env = "APIXO_API_HOST"
    key_env = "APIXO_API_KEY"
    key_url = "https://apixo.ai"
    kinds = frozenset(_CARRIED)
    webhook_kinds = kinds

    def auth_headers(self, key: str) -> Mapping[str, str]:
        """Return the bearer header."""
        return {"Authorization": f"Bearer {key}"}

    def check(self, request: Request) -> None:
        """Raise RequestInvalidError when APIXO cannot do the request as asked."""
        if getattr(request, "voice_id", None):
            raise RequestInvalidError(
                "--voice-id: APIXO makes the voice id itself",
                hint="Begin it with --voice-prefix; APIXO adds the rest.",
            )
        refuse_uncarried(self.name, self.title, _CARRIED, request)
        problems: list[str] = []
        hint: str | None = None
        if request.kind in ("voice-design", "voice-clone") and not getattr(request, "voice_prefix", None):
            problems.append(f"--voice-prefix is missing: {_PREFIX_RULE}")
        field, what = _FETCHED.get(request.kind, ("", ""))
        media = getattr(request, field, None)
        if media is not None and not is_url(media.url):
            flag = f"--{field.replace('_', '-')}"
            problems.append(
                f"{flag} {media.name!r}: APIXO fetches {what} itself; a local file cannot be sent"
            )
            hint = "Give a public http(s) URL, or use --provider minimax, which takes files."
        if problems:
            raise RequestInvalidError(problems, hint=hint)

    def submit(self, request: Request, uploaded: Mapping[str, str], webhook: str | None = None) -> HttpCall:
        """Build the paid request. Only what was set is sent."""
        match request:
            case VoiceDesignRequest():
                values: Json = {"mode": "design", **_input(request, _DESIGN)}
            case VoiceCloneRequest():
                values = {"mode": "clone", "audio_urls": [request.audio.wire], **_input(request, _CLONE)}
            case SpeechRequest():
                values = {"mode": model_of(_NAME, request).api, **_input(request, _SPEECH)}
                if request.pronunciation:
                    values["pronunciation_dict"] = list(request.pronunciation)
            case VideoRequest():
                values = _film(request)
            case _:
                raise RequestInvalidError(f"APIXO has no {request.kind}")
        path = f"/api/v1/generateTask/{quote(wire_of(_NAME, request), safe='')}"
        body: Json = {"request_type": "async", "input": values}
        if webhook:
            body |= {"request_type": "callback", "callback_url": webhook}
        return HttpCall("POST", path, body=body, timeout=_CREATE)

    def parse_submit(self, request: Request, reply: Reply) -> Outcome:
        """Read the reply to the paid request. The voice id is known already, the voice is not ready."""
        body = ApixoReply.read(reply.data)
        judged = classify_submit(reply)
        if judged:
            return _refined(judged, body)
        task_id, code = body.data.task_id, as_int(body.code)
        if not task_id:
            return _refined(_by_code(code, reply), body)
        locator = _locator(request, task_id, body.data.voice_id)
        outcome = _task(locator, body, reply)
        if outcome.state == "retry":
            outcome = Outcome("queued", raw_state=body.data.state, facts=_facts(locator, body))
        # A task id beside an error code: only the task itself can tell, and asking it costs nothing.
        odd = code != 200 and body.code is not None
        warnings = (f"APIXO gave a task id together with code {str(body.code)[:40]}",) if odd else ()
        return replace(outcome, task_id=task_id, locator=locator, warnings=(*outcome.warnings, *warnings))

    def adopt(self, request: Request, delivery: Json) -> Outcome | None:
        """Return the task that a callback names; its voice is what the status says, not the callback."""
        task_id = ApixoReply.read(delivery).data.task_id
        if not task_id:
            return None
        locator = _locator(request, task_id, None)
        return Outcome("queued", task_id=task_id, locator=locator)

    def poll(self, locator: Json) -> HttpCall:
        """Build the status request; the model is part of its path."""
        path = f"/api/v1/statusTask/{quote(str(locator['model']), safe='')}"
        return HttpCall("GET", path, query={"taskId": str(locator["task_id"])}, timeout=_READ)

    def parse_poll(self, locator: Json, reply: Reply) -> Outcome:
        """Read the status. A failed task is HTTP 200, code 200 and ``success``: only its state tells."""
        body = ApixoReply.read(reply.data)
        judged = classify_poll(reply)
        code = as_int(body.code)
        if judged:
            outcome = _refined(judged, body)
        elif code not in (None, 200):
            outcome = read_failed(error_of(codes.http_code(code or 0), reply, code=str(code)))
        else:
            outcome = _task(locator, body, reply)
        return replace(outcome, task_id=str(locator.get("task_id") or "") or None, locator=locator)

    def balance_call(self) -> HttpCall:
        """Build the request for what the account holds."""
        return HttpCall("GET", "/api/v1/apikeys/current-balance", timeout=_READ)

    def parse_balance(self, reply: Reply) -> Balance | ErrorInfo:
        """Return the reply as it is: its form is not documented."""
        judged = classify_submit(reply, paid=False)
        code = as_int(reply.data.get("code"))
        if judged is None and code not in (None, 200):
            return error_of(codes.http_code(code or 0), reply, code=str(code))
        if judged is not None and judged.error is not None:
            return judged.error
        return Balance(clean(json.dumps(reply.data.get("data", reply.data), ensure_ascii=False)))


def _film(request: VideoRequest) -> Json:
    """Return a clip's input; the pro modes are of one length and size, and take neither."""
    model, frame = model_of(_NAME, request), request.first_frame
    values: Json = {"mode": f"{model.api}-{'image' if frame else 'text'}-to-video", **_input(request, _VIDEO)}
    if model.durations:
        values["duration"] = request.duration
    return values | ({"image_urls": [frame.wire]} if frame else {})


def _locator(request: Request, task_id: str, voice_id: str | None) -> Json:
    locator: Json = {"task_id": task_id, "model": wire_of(_NAME, request), "voice_id": voice_id}
    # A voice's result is a sample of it; anything else's is what was asked for.
    return locator if request.kind in ("voice-design", "voice-clone") else {**locator, "role": "output"}


def _input(request: Request, fields: Mapping[str, str]) -> Json:
    values = {wire: given(request, field) for wire, field in fields.items()}
    return {wire: value for wire, value in values.items() if value is not None and value != ""}


def _by_code(code: int | None, reply: Reply) -> Outcome:
    """Judge a 2xx without a task by the ``code`` of its body, which repeats an HTTP status."""
    said = code is not None and 300 <= code < 600
    judged = classify_submit(Reply(code or 0, reply.headers, reply.content)) if said else None
    return judged or unreadable(reply, "task id")


def _refined(outcome: Outcome, body: ApixoReply) -> Outcome:
    """Let a fail code, or the words of a 403, tell more of why. What it proves about money stays."""
    error = outcome.error
    if error is None or outcome.state not in ("rejected", "unknown"):
        return outcome
    # The documents keep the code in several places; a sentence in one of them is no code.
    places = (body.data.fail_code, body.fail_code, body.code, body.data.error)
    words = [word for word in places if isinstance(word, str) and word.isidentifier()]
    row = next((found for word in words if (found := codes.apixo_code(word)) is not codes.APIXO_OTHER), None)
    if row is None and error.category == "forbidden" and _POLICY.search(error.message):
        row = codes.APIXO["CONTENT_VIOLATION"]
    if row is None:
        return outcome
    code = words[0] if words else error.code
    return replace(
        outcome,
        error=replace(error, category=row.category, meaning=row.meaning, next_step=row.next_step, code=code),
    )


def _task(locator: Json, body: ApixoReply, reply: Reply) -> Outcome:
    """Read a status body; ``retry`` when it tells nothing."""
    data = body.data
    word = (data.state or "").strip().lower()
    facts = _facts(locator, body)
    outcome = Outcome(
        "running", facts=facts, warnings=(f"APIXO answers with an unknown state, {data.state!r}",)
    )
    if word == "pending":
        outcome = Outcome("queued", facts=facts)
    elif word == "processing":
        outcome = Outcome("running", facts=facts)
    elif word == "failed":
        # Whether a failed task is refunded is not documented.
        row = codes.apixo_code(data.fail_code) if data.fail_code else codes.APIXO_OTHER
        failure = job_failed(row, data.fail_msg or "APIXO gives no reason", reply, code=data.fail_code)
        outcome = replace(failure, facts=facts)
    elif word == "success":
        outcome = _done(locator, body, facts)
    elif not word:
        outcome = read_failed(ErrorInfo("protocol", "the reply has no state", http_status=reply.status))
    return replace(outcome, raw_state=data.state)


def _done(locator: Json, body: ApixoReply, facts: dict[str, Any]) -> Outcome:
    urls, warnings = _result_urls(body.data.result_json)
    voiced = locator.get("role") != "output"
    role: Literal["output", "preview"] = "preview" if voiced else "output"
    found = (media_of(url, encoding="base64", role=role) for url in urls if is_url(url))
    outputs = tuple(output for output in found if output)
    if outputs and not voiced:
        return Outcome("succeeded", outputs=outputs, charge="charged", facts=facts, warnings=tuple(warnings))
    if not voiced:
        return read_failed(ErrorInfo("protocol", "APIXO reports success, but the reply has no result"))
    if not outputs and "voice_id" not in facts:
        return read_failed(
            ErrorInfo("protocol", "APIXO reports success, but the reply has neither voice nor preview")
        )
    notes = [*warnings, _KEEP_NOTE]
    if (body.data.voice_type or "active").lower() != "active":
        notes.append(
            f"APIXO still calls the voice {body.data.voice_type!r}; it may need a moment before it can be used"
        )
    return Outcome("succeeded", outputs=outputs, charge="charged", facts=facts, warnings=tuple(notes))


def _result_urls(value: Any) -> tuple[list[str], list[str]]:
    """Read ``resultJson``: text that holds JSON, absent where there is no preview; an object will do."""
    if value is None or value == "":
        return [], []
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    urls = as_texts(value.get("resultUrls")) if isinstance(value, dict) else []
    return urls, [] if isinstance(value, dict) else ["the preview cannot be read from APIXO's reply"]


def _facts(locator: Json, body: ApixoReply) -> dict[str, Any]:
    data = body.data
    values = {
        "voice_id": data.voice_id or locator.get("voice_id"),
        "voice_type": data.voice_type,
        "provider_ms": data.cost_time,
    }
    return {key: value for key, value in values.items() if value is not None}
