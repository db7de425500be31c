"""MiniMax's second API (``/v2``): videos of the H3 family, regeneration, and prompts written out.

It has its own error convention, a real HTTP status with an error object, and what the first one lacks: a list
of the last 7 days' tasks, and a deletion that cancels what still waits. Source: MiniMax docs, api-reference
(video-generation-v2-create, -query, -h3-context-ir, -regeneration).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from minimax_nb.catalog import catalog
from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.kinds.context_ir import ContextIRRequest
from minimax_nb.kinds.scene import Referring, Scene
from minimax_nb.kinds.video import VideoRequest
from minimax_nb.kinds.video_regeneration import VideoRegenerationRequest
from minimax_nb.providers import codes
from minimax_nb.providers.base import Listed, Outcome, Output, Upload, Usage
from minimax_nb.providers.bodies import as_id, as_int, as_object, as_text
from minimax_nb.providers.carry import model_of, present
from minimax_nb.providers.minimax_replies import code_of, judge_submit, misses_file, read_error
from minimax_nb.providers.replies import (
    classify_poll,
    error_of,
    is_url,
    job_failed,
    read_failed,
    trace_of,
    unreadable,
)
from minimax_nb.wire import HttpCall, Json, Reply

#: What a locator says of whose task it is.
OF = "v2"
_NAME = "minimax"
_CREATE_PATH, _QUERY_PATH = "/v2/video_generation", "/v2/query/video_generation"
_PATHS = {
    "video": _CREATE_PATH, "context-ir": "/v2/h3_context_ir", "video-regeneration": "/v2/video_regeneration",
}  # fmt: skip
_TASK_TYPES = {"video": "generation", "context-ir": "h3_context_ir", "video-regeneration": "regeneration"}

# Seconds without a byte. A body may have 64 MB.
_CREATE, _READ = 300.0, 30.0
#: Media of more bytes than this are uploaded and named: twelve of them, in base64, still fit into one body.
_INLINE = 3 * 2**20
_PURPOSE = "video_generation_input"
#: Seconds for which an uploaded file is named again; MiniMax deletes it after 7 days.
_KEPT = 6 * 86_400.0
#: Seconds for which the address of a finished video is taken to live; no document says it.
_URL = 3_600.0
#: Tasks on one page of the list.
_PAGE = 100

_GOING = {"queued": "queued", "running": "running"}
_MIMES = {"audio/mpeg": "audio/mp3", "audio/x-wav": "audio/wav", "video/quicktime": "video/mp4"}
#: Fact of a price → where a finished task counts it.
_COUNTED = {
    "duration": "output_seconds", "reference_seconds": "input_seconds", "reference_images": "input_image_count",
}  # fmt: skip
_TOKENS = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}


def serves(request: Request) -> bool:
    """Tell whether a request goes this way."""
    return request.kind in _PATHS and model_of(_NAME, request).api == OF


def uploads(request: Request) -> Sequence[Upload]:
    """Return the local media that are too big to be sent inside the request."""
    return [
        Upload(name, _PURPOSE, media, _KEPT)
        for name, media in request.inputs().items()
        if media.data is not None and len(media.data) > _INLINE
    ]


def create(request: Request, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the paid request."""
    model = model_of(_NAME, request)
    body: Json = {"model": model.wire or model.name}
    match request:
        case VideoRequest():
            body |= present(
                resolution=request.resolution,
                duration=request.duration,
                ratio=request.aspect_ratio,
                aigc_watermark=request.aigc_watermark,
            )
            if request.prompt_expansion_mode is not None:
                body["extra"] = {"prompt_expansion_mode": request.prompt_expansion_mode}
        case ContextIRRequest():
            body |= present(duration=request.duration, ratio=request.aspect_ratio)
        case VideoRegenerationRequest():
            body |= present(
                resolution=request.resolution,
                source_task_id=request.source_task_id,
                aigc_watermark=request.aigc_watermark,
            )
    if not body.get("source_task_id"):
        assert isinstance(request, Referring)
        body["content"] = list(_content(request, uploaded))
    return HttpCall("POST", _PATHS[request.kind], body=body, timeout=_CREATE)


def _content(request: Referring, uploaded: Mapping[str, str]) -> Iterator[Json]:
    """Yield the items: the text first, then the media with their roles."""
    if request.prompt is not None:
        yield {"type": "text", "text": request.prompt}
    if isinstance(request, Scene):
        for role in ("first_frame", "last_frame"):
            media = getattr(request, role)
            if media is not None:
                yield _item("image", role, media, uploaded.get(role))
    if isinstance(request, VideoRegenerationRequest) and request.base_video is not None:
        yield _item("video", "base_video", request.base_video, uploaded.get("base_video"))
    for kind, items in request.references.items():
        role = f"reference_{kind}"
        for number, media in enumerate(items):
            yield _item(kind, role, media, uploaded.get(f"{role}[{number}]"))


def _item(kind: str, role: str, media: MediaInput, file_id: str | None) -> Json:
    url = media.wire if file_id is None else f"mm_file://{file_id}"
    head, comma, content = url.partition(",")
    if comma and media.url is None and file_id is None:
        mime = head.removeprefix("data:").removesuffix(";base64")
        url = f"data:{_MIMES.get(mime, mime)};base64,{content}"
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url}, "role": role}


def read_created(request: Request, reply: Reply) -> Outcome:
    """Read the reply to the paid request: the id of a task and nothing else, or an error."""
    task_id = as_id(reply.data.get("task_id"))
    if task_id and 200 <= reply.status < 300:
        facts = {key: value for key, value in {"trace_id": trace_of(reply)}.items() if value}
        return Outcome("queued", task_id=task_id, locator=locator_of(task_id), charge="held", facts=facts)
    judged = judge_submit(reply) or unreadable(reply, "task id")
    stale = judged.state == "rejected" and judged.error is not None and misses_file(judged.error)
    return replace(judged, stale_upload=stale)


def locator_of(task_id: str) -> Json:
    """Return what a task is asked for by."""
    return {"task_id": task_id, "of": OF}


def adopt(delivery: Json) -> Outcome | None:
    """Return the task that a callback names: as the query tells of it, or by its id alone."""
    task_id = as_id(as_object(delivery.get("task")).get("id")) or as_id(delivery.get("task_id"))
    return Outcome("queued", task_id=task_id, locator=locator_of(task_id)) if task_id else None


def poll(locator: Json) -> HttpCall:
    """Build the status request; the id is part of the path here."""
    return HttpCall("GET", f"{_QUERY_PATH}/{_quoted(locator)}", timeout=_READ)


def _quoted(locator: Json) -> str:
    return quote(str(locator["task_id"]), safe="")


def read_poll(locator: Json, reply: Reply) -> Outcome:
    """Read a task's status."""
    task_id = as_id(locator.get("task_id"))
    failed = _unreadable_task(reply)
    if failed is not None:
        return replace(failed, task_id=task_id, locator=locator)
    task = as_object(reply.data.get("task"))
    word = (as_text(task.get("status")) or "").strip().lower()
    found = replace(
        _of_status(word, task, reply), raw_state=as_text(task.get("status")), task_id=task_id, locator=locator
    )
    ratio = as_text(task.get("ratio"))
    return replace(found, facts={"ratio": ratio}) if ratio and found.outputs else found


def _unreadable_task(reply: Reply) -> Outcome | None:
    """Return the failed read that a reply is; an unknown task may be a 400, or a 500 that says so."""
    judged = classify_poll(reply)
    code = code_of(reply)
    if judged is None:
        return (
            None
            if reply.data.get("task")
            else read_failed(ErrorInfo("protocol", "the reply has no task", http_status=reply.status))
        )
    said = str(as_object(reply.data.get("error")).get("message") or "").lower()
    if code == 2013 or "record not found" in said or "invalid task_id" in said:
        return read_failed(read_error(2013, reply))
    return read_failed(read_error(code, reply)) if code in codes.MINIMAX else judged


def _of_status(word: str, task: Json, reply: Reply) -> Outcome:
    if word == "succeeded":
        return _finished(task)
    if word == "failed":
        said = as_object(task.get("error"))
        code = as_int(said.get("code"))
        row = codes.minimax_code(code or 1013)
        message = as_text(said.get("message")) or "MiniMax reports that the task failed"
        # Only what succeeded is billed (MiniMax docs, guides/pricing-paygo).
        return job_failed(row, message, reply, code=str(code) if code else None, charge="not_charged")
    if word in ("cancelled", "canceled"):
        error = ErrorInfo("unknown", "the task was cancelled before it began; it costs nothing")
        return Outcome("cancelled", error=error, charge="not_charged")
    if word == "expired":
        error = ErrorInfo("timeout", "the task expired before it was done")
        return Outcome("expired", error=error, charge="unknown")
    if word in _GOING:
        return Outcome("queued" if word == "queued" else "running")
    if not word:
        return read_failed(ErrorInfo("protocol", "the reply has no status", http_status=reply.status))
    return Outcome("running", warnings=(f"MiniMax answers with an unknown state, {word!r}",))


def _finished(task: Json) -> Outcome:
    content = as_object(task.get("content"))
    url, prompt = content.get("url"), as_text(content.get("prompt"))
    if is_url(url):
        output = Output(url=url, mime="video/mp4", expires_in=_URL)
    elif prompt:
        output = Output(data=prompt.encode("utf-8", "replace"), mime="text/plain")
    else:
        return read_failed(ErrorInfo("protocol", "the task is done, but the reply has no result yet"))
    return Outcome(
        "succeeded", outputs=(output,), charge="charged", usage=_usage(as_object(task.get("usage")))
    )


def _usage(counts: Json) -> Usage | None:
    """Return the billed units: seconds and references of a video, tokens of a text."""
    for unit, fact, names in (("second", "duration", _COUNTED), ("token", "input_tokens", _TOKENS)):
        found = {name: as_int(counts.get(key)) for name, key in names.items()}
        if found[fact]:
            known = {name: count for name, count in found.items() if count is not None}
            return Usage(unit, known[fact], known)
    return None


# --- the list, and the deletion ---------------------------------------------------------------------


class MiniMaxTasks:
    """The part of the MiniMax provider that lists tasks and cancels them; the first API can do neither."""

    def lists(self, kind: str, model: str) -> bool:
        """Tell whether tasks of a kind and model are listed."""
        return kind in _PATHS and catalog().model(_NAME, kind, model).api == OF

    def list_call(self, request: Request, page: int) -> HttpCall:
        """Build the list of the tasks of the last 7 days that are like the request's, newest first."""
        model = model_of(_NAME, request)
        query = {
            "page_num": str(page), "page_size": str(_PAGE),
            "filter.model": model.wire or model.name, "filter.task_type": _TASK_TYPES[request.kind],
        }  # fmt: skip
        return HttpCall("GET", _QUERY_PATH, query=query, timeout=_READ)

    def parse_list(self, request: Request, reply: Reply) -> Sequence[Listed] | ErrorInfo:
        """Read one page; the list tells no prompt and no callback."""
        judged = judge_submit(reply, paid=False)
        if judged is not None and judged.error is not None:
            return judged.error
        items = reply.data.get("items")
        if not isinstance(items, list):
            return error_of(codes.UNREADABLE, reply, message="the reply has no items")
        return tuple(_listed(request, as_object(item)) for item in items if as_id(as_object(item).get("id")))

    def cancel_call(self, locator: Json) -> HttpCall | None:
        """Build the deletion, which cancels a task that still waits, at no cost."""
        if locator.get("of") != OF:
            return None
        return HttpCall("DELETE", f"{_CREATE_PATH}/{_quoted(locator)}", timeout=_READ)

    def parse_cancel(self, reply: Reply) -> bool | ErrorInfo:
        """Return whether the task was cancelled, and not only the record of a finished one deleted."""
        judged = judge_submit(reply, paid=False)
        if judged is not None and judged.error is not None:
            return judged.error
        return (as_text(reply.data.get("action")) or "").lower() == "cancelled"


def _listed(request: Request, item: Json) -> Listed:
    task_id = as_id(item.get("id")) or ""
    created = as_int(item.get("created_at"))
    fits = all(item.get(key, value) == value for key, value in _shape(request).items())
    return Listed(task_id, locator_of(task_id), None if created is None else float(created), fits)


def _shape(request: Request) -> Json:
    """Return what the list tells of a task and the request decides."""
    model = model_of(_NAME, request)
    shape: Json = {"model": model.wire or model.name, "task_type": _TASK_TYPES[request.kind]}
    named = {name: getattr(request, name, None) for name in ("resolution", "duration")}
    shape |= {name: value for name, value in named.items() if value is not None}
    if (
        isinstance(request, Scene)
        and "frame" not in request.mode
        and request.aspect_ratio not in (None, "adaptive")
    ):
        shape["ratio"] = request.aspect_ratio
    return shape
