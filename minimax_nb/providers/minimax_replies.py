"""Reading the replies of MiniMax's native API.

HTTP 200 means nothing here: ``base_resp.status_code`` is the verdict, and only 0 is success (MiniMax
docs, api-reference/errorcode). Some replies come in the newer convention, a real HTTP status and the
code in brackets at the end of ``error.message``; both are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from minimax_nb.catalog import catalog
from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.voice_clone import VoiceCloneRequest
from minimax_nb.kinds.voice_design import VoiceDesignRequest
from minimax_nb.providers import codes, minimax_bidi
from minimax_nb.providers.base import Balance, Outcome, Output, Usage
from minimax_nb.providers.bodies import NativeReply, as_amount, as_id, as_int, as_object, as_text
from minimax_nb.providers.minimax_plan import read_describe, read_search
from minimax_nb.providers.minimax_songs import read_cover_preprocess, read_lyrics
from minimax_nb.providers.minimax_streams import (
    MIMES,
    illegal_note,
    is_stream,
    judge_handshake,
    long_state,
    read_created,
    read_stream,
)
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
    trace_of,
    unreadable,
)
from minimax_nb.wire import Json, Reply

#: Seconds the download URL of a video lives: 9 h by one of MiniMax's documents, 1 h by another.
VIDEO_URL = 3_600.0

_VOICE_NOTE = "the voice's fee falls due when it is first used; a voice unused for 7 days is deleted"

# Words of the documents first; callbacks and async tasks write some of them otherwise.
_QUEUED = frozenset({"preparing", "queueing", "queued"})
_RUNNING = frozenset({"processing", "running"})
SUCCEEDED = frozenset({"success", "succeeded"})
_FAILED = frozenset({"fail", "failed"})

#: Codes that, in the answer to a read without content, can only speak of the task.
_CONTENT_CODES = (1026, 1027)


def code_of(reply: Reply) -> int | None:
    """Return MiniMax's code: 0 for success, ``None`` when the reply carries none."""
    code = as_int(as_object(reply.data.get("base_resp")).get("status_code"))
    if code is not None:
        return code
    message = as_object(reply.data.get("error")).get("message")
    match = re.search(r"\((\d{4,5})\)\s*$", message) if isinstance(message, str) else None
    return int(match[1]) if match else None


def code_error(code: int, reply: Reply) -> ErrorInfo:
    """Return the error that a non-zero code stands for."""
    said = as_text(as_object(reply.data.get("base_resp")).get("status_msg"))
    told = as_text(as_object(reply.data.get("error")).get("message"))
    if said is None and told is not None:  # the code is told beside it
        said = told.removesuffix(f"({code})").rstrip() or None
    if said is None and "base_resp" in reply.data:
        said = f"MiniMax answers with code {code}"
    return error_of(codes.minimax_code(code), reply, message=said, code=str(code))


def read_error(code: int, reply: Reply) -> ErrorInfo:
    """Return the error of a read, whose only parameter is an id: 2013 says that MiniMax does not know it."""
    error = code_error(code, reply)
    if code != 2013:
        return error
    meaning = "MiniMax does not know this id (any more)."
    return replace(
        error, category="not_found", meaning=meaning, next_step="Check the account and the host setting."
    )


def judge_submit(reply: Reply, *, paid: bool = True) -> Outcome | None:
    """Return the outcome of a reply that is an error; ``None`` when its content must be read."""
    code = code_of(reply)
    # An unlisted code decides only where HTTP says nothing; a listed one is more exact than HTTP.
    if code and (code in codes.MINIMAX or 200 <= reply.status < 300):
        return outcome_of(codes.minimax_code(code), code_error(code, reply), paid=paid)
    return classify_submit(reply, paid)


def read_upload(reply: Reply) -> str | ErrorInfo:
    """Return the id of an uploaded file, or what went wrong."""
    judged = judge_submit(reply, paid=False)
    if judged and judged.error:
        return judged.error
    file_id = NativeReply.read(reply.data).file.file_id
    return file_id or ErrorInfo(
        "protocol", "the reply to the upload has no file id", http_status=reply.status
    )


def read_balance(reply: Reply) -> Balance | ErrorInfo:
    """Read what the account holds; the reply names no currency."""
    code = code_of(reply)
    if code:
        return code_error(code, reply)
    judged = classify_submit(reply, paid=False)
    if judged is not None and judged.error is not None:
        return judged.error
    said = [as_text(reply.data.get(name)) for name in ("available_amount", "owed_amount")]
    available, owed = (as_amount(text) for text in said)
    if available is None:
        return error_of(codes.UNREADABLE, reply, message="the reply has no available_amount")
    debt = f", {said[1]} owed" if owed else ""
    return Balance(f"{said[0]} can be spent{debt} (the reply names no currency)", available)


def read_submit(request: Request, reply: Reply) -> Outcome:
    """Read the reply to a paid request."""
    body = NativeReply.read(reply.data)
    if request.kind in ("video", "agent") and body.task_id and 200 <= reply.status < 300:
        return _video(request, body, reply)
    judged = _judge_stream(request, reply) or judge_submit(reply)
    if judged is None:
        return _READ[request.kind](request, body, reply)
    if judged.error is None:
        return judged
    uploads = request.kind in ("voice-clone", "speech")
    stale = judged.state == "rejected" and uploads and misses_file(judged.error)
    return replace(judged, error=_explained(judged.error, request), stale_upload=stale)


def _judge_stream(request: Request, reply: Reply) -> Outcome | None:
    """Return what a reply in pieces says; ``None`` for one that came whole."""
    if not isinstance(request, SpeechRequest | MusicRequest):
        return None
    if isinstance(request, SpeechRequest) and request.transport in ("websocket", "bidi"):
        refused = judge_handshake(reply)
        if refused is not None or request.transport == "bidi":
            return refused or minimax_bidi.read(request, reply)
    return read_stream(request, reply) if is_stream(reply) else None


def misses_file(error: ErrorInfo) -> bool:
    """Return whether a refusal speaks of an uploaded file; MiniMax has no code of its own for that."""
    said = error.message.lower()
    named = "file" in said or "prompt_audio" in said
    return named and (error.code == "2013" or "expired" in said)


def _explained(error: ErrorInfo, request: Request) -> ErrorInfo:
    """Say what a code means for this very request, where that is more than it means in general."""
    if error.code == "2054" and isinstance(request, SpeechRequest):
        if request.mix is not None:
            return replace(error, meaning=f"There is no such voice as one of {', '.join(request.voices)}.")
        hint = catalog().voice_hint(request.voice or "").removeprefix("; ")
        return replace(error, meaning=f"There is no voice {request.voice!r}{f'; {hint}' if hint else '.'}")
    if error.code == "2061" and request.kind in ("music", "lyrics", "cover-preprocess"):
        return replace(
            error, meaning="Music and lyrics were closed to new users on 2026-08-20, or the plan has none."
        )
    if error.code == "1000" and request.kind == "voice-clone":
        return replace(
            error, meaning="MiniMax reports an unknown error; for a clone often a recording it cannot use."
        )
    return error


def facts_of(reply: Reply, **values: Any) -> dict[str, Any]:
    """Return the facts that are known, with the trace id."""
    return {key: value for key, value in {**values, "trace_id": trace_of(reply)}.items() if value is not None}


def _image(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    assert isinstance(request, ImageRequest)
    urls = [url for url in body.data.image_urls if is_url(url)]
    outputs = [Output(url=url, mime="image/jpeg", expires_in=DAY) for url in urls]
    decoded = (media_of(text, encoding="base64", mime="image/jpeg") for text in body.data.image_base64)
    outputs += [output for output in decoded if output]
    asked, delivered, lost = request.n, len(outputs), body.metadata.failed_count or 0
    if not outputs and lost >= asked:
        # Sold by the image, so that a batch of none costs nothing.
        message = f"none of the {asked} images passed the content filter"
        return replace(job_failed(codes.MINIMAX[1027], message, reply, charge="not_charged"), asked=asked)
    if not outputs:
        return unreadable(reply, "images")
    missing = f"{delivered} of {asked} images were delivered; the content filter kept the others, which cost nothing"
    return Outcome(
        "succeeded",
        outputs=tuple(outputs),
        asked=asked,
        delivered=delivered,
        charge="charged",
        usage=Usage("image", delivered),
        facts=facts_of(reply, seed=request.seed, provider_id=body.id),
        warnings=(missing,) if delivered < asked else (),
    )


def _speech(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    assert isinstance(request, SpeechRequest)
    if request.long:
        return read_created(request, body, reply)
    extra = body.extra_info
    outcome = _audio(
        body, reply, extra.audio_format or request.format, extra.audio_size,
        duration_ms=extra.audio_length, sample_rate=extra.audio_sample_rate, channels=extra.audio_channel,
    )  # fmt: skip
    if outcome.state != "succeeded":
        return outcome
    subtitle = body.data.subtitle_file
    captions = (
        (Output("subtitle", url=subtitle, mime="application/json", expires_in=DAY),)
        if is_url(subtitle)
        else ()
    )
    spoken = extra.usage_characters
    usage = Usage("character", spoken) if spoken is not None and spoken >= 0 else None
    remarks = (*outcome.warnings, *illegal_note(reply.data))
    return replace(outcome, outputs=(*outcome.outputs, *captions), usage=usage, warnings=remarks)


def _music(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    assert isinstance(request, MusicRequest)
    extra = body.extra_info
    outcome = _audio(
        body, reply, request.format, extra.music_size,
        duration_ms=extra.music_duration, sample_rate=extra.music_sample_rate, channels=extra.music_channel,
    )  # fmt: skip
    return replace(outcome, usage=Usage("song", 1)) if outcome.state == "succeeded" else outcome


def _audio(body: NativeReply, reply: Reply, form: str, size: int | None, **facts: Any) -> Outcome:
    """Read ``data.audio``: hex, or a URL in the same field."""
    output = media_of(body.data.audio or "", encoding="hex", mime=MIMES.get(form))
    if output is None:
        return unreadable(reply, "usable audio")
    got = len(output.data or b"")
    short = output.data is not None and size is not None and got < size
    return Outcome(
        "succeeded",
        outputs=(output,),
        charge="charged",
        facts=facts_of(reply, **facts, bitrate=body.extra_info.bitrate),
        warnings=(f"the audio is cut off: {got:,} of {size:,} bytes came",) if short else (),
    )


def _video(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    if not body.task_id:
        return unreadable(reply, "task id")
    # A task id beside an error code: only the task itself can tell, and asking it costs nothing.
    code = code_of(reply)
    warnings = (f"MiniMax gave a task id together with code {code}",) if code else ()
    locator = {"task_id": body.task_id}
    facts = facts_of(reply)
    return Outcome("queued", None, body.task_id, locator, charge="held", facts=facts, warnings=warnings)


def _voice_design(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    assert isinstance(request, VoiceDesignRequest)
    preview = media_of(body.trial_audio or "", encoding="hex", role="preview", mime="audio/mpeg")
    if not body.voice_id and not preview:
        return unreadable(reply, "voice id")
    warnings = [_VOICE_NOTE]
    if not body.voice_id:
        warnings = ["the reply has no voice id; only the preview was delivered"]
    elif not preview:
        warnings.append("the reply has no usable preview")
    return Outcome(
        "succeeded",
        outputs=(preview,) if preview else (),
        charge="charged",
        usage=Usage("character", len(request.preview)),
        facts=facts_of(reply, voice_id=body.voice_id),
        warnings=tuple(warnings),
    )


def _voice_clone(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    assert isinstance(request, VoiceCloneRequest)
    if code_of(reply) != 0:
        # Nothing else in the reply shows success: neither the id nor a preview must be there.
        return unreadable(reply, "verdict (base_resp)")
    demo = media_of(body.demo_audio or "", encoding="hex", role="preview", mime="audio/mpeg")
    # The preview's life is not documented.
    outputs = (replace(demo, expires_in=None),) if demo else ()
    warnings = [_VOICE_NOTE]
    if sensitive := _sensitive(body):
        warnings.append(f"MiniMax marks the input as sensitive (type {sensitive})")
    return Outcome(
        "succeeded",
        outputs=outputs,
        charge="charged",
        # The reply does not echo the id that the caller chose.
        facts=facts_of(
            reply, voice_id=request.voice_id, preview_characters=body.extra_info.usage_characters,
            duration_ms=body.extra_info.audio_length,
        ),
        warnings=tuple(warnings),
    )  # fmt: skip


def _sensitive(body: NativeReply) -> int:
    value = body.input_sensitive
    if isinstance(value, dict):
        return as_int(value.get("type")) or 0
    other = 7  # MiniMax's number for a kind that it does not name
    return (body.input_sensitive_type or other) if value is True else 0


_READ: Mapping[str, Callable[[Request, NativeReply, Reply], Outcome]] = {
    "image": _image,
    "speech": _speech,
    "video": _video,
    "agent": _video,
    "lyrics": read_lyrics,
    "cover-preprocess": read_cover_preprocess,
    "music": _music,
    "search": read_search,
    "describe": read_describe,
    "voice-design": _voice_design,
    "voice-clone": _voice_clone,
}


def read_poll(locator: Json, reply: Reply) -> Outcome:
    """Read a video's status. The status counts also beside a code: a failed task may answer 1026 and ``Fail``."""
    code = code_of(reply) or 0
    body = NativeReply.read(reply.data)
    outcome = classify_poll(reply)
    if outcome is None:
        spoken = long_state(locator, body, reply, code) if locator.get("of") == "speech" else None
        outcome = replace(spoken or _task(body, reply, code), raw_state=body.status)
    elif code in codes.MINIMAX:
        outcome = read_failed(read_error(code, reply))
    return replace(outcome, task_id=as_id(locator.get("task_id")) or body.task_id, locator=locator)


def _task(body: NativeReply, reply: Reply, code: int) -> Outcome:
    word = (body.status or "").strip().lower()
    if word in _FAILED or (not word and code in _CONTENT_CODES):
        # The documents do not say whether a failed task is charged.
        row = codes.minimax_code(code or 1013)
        if row.paid != "rejected":
            row = replace(row, next_step="Run the cell again; nothing is sent again by itself.")
        message = body.base_resp.status_msg if code else "MiniMax reports that the video failed"
        return job_failed(row, message or "the video failed", reply, code=str(code) if code else None)
    if word in SUCCEEDED and body.file_id:
        output = Output(file_id=body.file_id, mime="video/mp4")
        facts = facts_of(reply, width=body.video_width or None, height=body.video_height or None)
        return Outcome("succeeded", outputs=(output,), charge="charged", facts=facts)
    if word in SUCCEEDED:
        return read_failed(ErrorInfo("protocol", "the video is done, but the reply has no file id yet"))
    if word in _QUEUED:
        return Outcome("queued")
    if word in _RUNNING:
        return Outcome("running")
    if code:
        return read_failed(read_error(code, reply))
    if not word:
        return read_failed(ErrorInfo("protocol", "the reply has no status", http_status=reply.status))
    return Outcome("running", warnings=(f"MiniMax answers with an unknown state, {body.status!r}",))


def read_fetch(output: Output, reply: Reply) -> Output | ErrorInfo:
    """Return the output with its download URL, or what went wrong."""
    judged = judge_submit(reply, paid=False)
    if judged and judged.error:
        if judged.error.code == "2013":
            return read_error(2013, reply)
        if "expired" in judged.error.message.lower():
            return replace(judged.error, category="result_expired")
        return judged.error
    file = NativeReply.read(reply.data).file
    url = next((item for item in (file.download_url, file.backup_download_url) if is_url(item)), None)
    if url is None:
        return ErrorInfo("protocol", "the reply has no download URL", http_status=reply.status)
    return replace(output, url=url, file_id=None, expires_in=VIDEO_URL)
