"""``/v2``: videos of the H3 family, with HTTP statuses, a list, and a DELETE that cancels."""

from __future__ import annotations

import math
from typing import Any

from starlette.responses import Response

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.accounts import Hold
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import callbacks, v2_content, video
from minimax_nb.sandbox.minimax.common import fields_of, hold, model_of
from minimax_nb.sandbox.minimax.envelope import MESSAGES, Refused
from minimax_nb.sandbox.minimax.v2_content import Material
from minimax_nb.sandbox.state import Task, World
from minimax_nb.sandbox.studio import VideoWork
from minimax_nb.sandbox.wire import REFUSED_INPUT, Call, Json, json_reply

KIND = "video-v2"
_BODY_MAX = 64 * 2**20
_KEPT_S = 7 * 86_400
_STATUSES = ("queued", "running", "succeeded", "failed", "cancelled")
_TYPES = ("generation", "h3_context_ir", "regeneration")


async def generate(call: Call) -> Response:
    """``POST /v2/video_generation``: accept a task."""
    fields = body_of(call)
    model = model_of(call, fields, "video", api="v2")
    assert model is not None
    duration, resolution = _shape(fields, model)
    found = await v2_content.read(call, fields, model)
    ratio = v2_content.ratio(fields, model, found)
    modes = model.limits.get("prompt_expansion")
    if fields.has("extra"):
        extra = fields.child("extra")
        if extra.has("prompt_expansion_mode") and not modes:
            raise extra.fail("prompt_expansion_mode", f"not supported by {model.name}")
        extra.choice("prompt_expansion_mode", modes or ())
    fields.flag("aigc_watermark")
    callback = callbacks.asked(fields)
    call.entry.ignored = fields.unknown()
    refuse(call, found.text)
    price = rates.price_nano(
        "minimax",
        "video",
        model.name,
        resolution=resolution,
        duration=duration,
        reference_images=len(found.of("reference_image")),
        reference_seconds=found.input_seconds,
    )
    money = pay_as_you_go(call, model, price)
    width, height = v2_content.size(ratio, resolution)
    seed = call.world.content_seed(call.account, call.path, fields.data)
    work = VideoWork(
        found.text,
        width,
        height,
        duration,
        seed,
        model.name,
        _first(found, "first_frame"),
        _first(found, "last_frame"),
        _first(found, "reference_image"),
        h3=True,
    )
    facts = {
        "model": model.name,
        "resolution": resolution,
        "duration": duration,
        "ratio": ratio,
        "task_type": "generation",
        "usage": found.usage(duration),
        "work": work,
        **callbacks.facts(callback, call.faults),
    }
    slower = (duration / 5) ** 0.7 * (2.0 if resolution == "2K" else 1.0)
    return accept(call, facts, money, call.world.duration("video", seed, factor=slower), work)


def _first(found: Material, role: str) -> bytes | None:
    return next((medium.data for medium in found.of(role)), None)


def body_of(call: Call) -> Fields:
    """Return the JSON body under check, if it is not too big."""
    if len(call.body) > _BODY_MAX:
        raise Refused(2013, "invalid params, body must be at most 64 MB")
    return fields_of(call)


def refuse(call: Call, text: str) -> None:
    """Refuse sensitive input at once; sensitive output fails the task later."""
    if "sensitive" in call.faults or REFUSED_INPUT in text:
        raise Refused(1026)


def pay_as_you_go(call: Call, model: Model, price: int) -> Hold:
    """Set money aside; no plan covers H3."""
    if call.account.kind != "pay-as-you-go":
        raise Refused(2061, f"your current token plan not support model, {model.name}")
    return hold(call, model.name, price)


def _shape(fields: Fields, model: Model) -> tuple[int, str]:
    duration = fields.integer("duration", required=True)
    resolution = fields.text("resolution", required=True)
    assert duration is not None
    assert resolution is not None
    if duration not in model.durations:
        seconds = sorted(model.durations)
        raise fields.fail("duration", f"must be between {seconds[0]} and {seconds[-1]} for {model.name}")
    if resolution not in model.durations[duration]:
        raise fields.fail(
            "resolution", f"must be one of {', '.join(model.durations[duration])} for {model.name}"
        )
    return duration, resolution


def accept(call: Call, facts: Json, money: Hold, seconds: float, work: VideoWork | None) -> Response:
    """Put a task on its way; return its id."""
    world = call.world
    task = Task(
        str(world.next_rng("v2 task").randrange(10**14, 10**15)),
        "minimax",
        KIND,
        call.account,
        world.clock.now(),
        queue_s=0.2 * seconds,
        run_s=0.8 * seconds,
        failure=video.failure_of(call, work.prompt if work else ""),
        hold=money,
        entry=call.entry,
        blob=Blob(work.make, "video/mp4") if work else None,
        facts=facts,
    )
    callbacks.launch(world, task, lambda: {"task": describe(world, task)})
    return json_reply({"task_id": task.id})


def status(world: World, task: Task) -> str:
    """Return the word for where a task stands."""
    now = world.clock.now()
    if "cancelled" in task.facts:
        return "cancelled"
    if now < task.running_at:
        return "queued"
    if now < task.done_at:
        return "running"
    world.settle(task)
    return "failed" if task.failure else "succeeded"


def describe(world: World, task: Task) -> Json:
    """Return the object that the query, the list and the callbacks show."""
    word, facts = status(world, task), task.facts
    updated = {"queued": task.created, "running": task.running_at, "cancelled": facts.get("cancelled")}
    body: Json = {
        "id": task.id,
        "model": facts["model"],
        "status": word,
        "created_at": int(task.created),
        "updated_at": int(updated.get(word) or task.done_at),
        "content": {},
        **{name: facts[name] for name in ("resolution", "duration", "ratio") if name in facts},
        "task_type": facts["task_type"],
        "modality": "video" if task.blob else "text",
        "usage": {},
    }
    if word == "failed" and task.failure is not None:
        code = int(task.failure.word) if task.failure.word.isdigit() else 0
        body["error"] = {"code": str(code or 1000), "message": MESSAGES.get(code or 1000, "")}
    elif word == "succeeded":
        body["usage"] = facts["usage"]
        body["content"] = {"url": _url(world, task)} if task.blob else {"prompt": facts["prompt"]}
    return body


def _url(world: World, task: Task) -> str:
    """Return a new address of a finished video: every look gives another."""
    assert task.blob is not None
    name = f"inference_output/{world.next_rng('v2 file').randbytes(8).hex()}.mp4"
    expires = world.clock.now() + world.switches.minimax_url_hours * 3600
    return world.blobs.publish(task.blob, name, expires, gone_status=403)


def _mine(call: Call) -> list[Task]:
    """Return the account's tasks of the last 7 days, newest first."""
    since = call.world.clock.now() - _KEPT_S
    found = [
        task for task in call.world.tasks.values()
        if task.op == KIND and task.account is call.account and task.created >= since
    ]  # fmt: skip
    return found[::-1]


def find(call: Call, task_id: str) -> Task:
    """Return a task of the account by id."""
    for task in _mine(call):
        if task.id == task_id:
            call.entry.task_id = task_id
            return task
    if call.world.switches.minimax_v2_unknown_500:
        raise Refused(1000, "record not found")
    raise Refused(2013, "invalid params, invalid task_id")


async def query(call: Call) -> Response:
    """``GET /v2/query/video_generation/{task_id}``."""
    return json_reply({"task": describe(call.world, find(call, call.path.rpartition("/")[2]))})


async def listing(call: Call) -> Response:
    """``GET /v2/query/video_generation``: the tasks of the last 7 days, newest first, in pages."""
    page, size = _number(call, "page_num", 1, math.inf), _number(call, "page_size", 10, 100)
    params = call.request.query_params
    fields = Fields(
        {
            name: params[f"filter.{name}"]
            for name in ("status", "task_type", "model")
            if f"filter.{name}" in params
        },
        "filter.",
    )
    word = fields.choice("status", _STATUSES)
    kind, model = fields.choice("task_type", _TYPES), fields.text("model")
    ids = {part for value in params.getlist("filter.task_ids") for part in value.split(",") if part}
    tasks = [
        task for task in _mine(call)
        if word in (None, status(call.world, task))
        and kind in (None, task.facts["task_type"])
        and model in (None, task.facts["model"])
        and (not ids or task.id in ids)
    ]  # fmt: skip
    shown = tasks[(page - 1) * size : page * size]
    return json_reply({"items": [describe(call.world, task) for task in shown], "total": len(tasks)})


def _number(call: Call, name: str, default: int, high: float) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isdigit() or not 1 <= int(text) <= high:
        raise Refused(2013, f"invalid params, {name}: must be a positive integer")
    return int(text)


async def delete(call: Call) -> Response:
    """``DELETE /v2/video_generation/{task_id}``: cancel what is queued, forget what has ended."""
    task = find(call, call.path.rpartition("/")[2])
    word = status(call.world, task)
    if word in {"running", "cancelled"}:
        raise Refused(2013, f"invalid params, task is {word} and cannot be deleted")
    answer: dict[str, Any] = {"task_id": task.id, "action": "deleted", "status": word}
    if word == "queued":
        task.facts["cancelled"], task.settled = call.world.clock.now(), True
        if task.hold is not None:
            call.account.release(task.hold)
        if task.entry is not None:
            task.entry.charged_nano = 0
        told = {"task": describe(call.world, task)}
        call.world.spawn(callbacks.tell(call.world, task, told))
        answer |= {"action": "cancelled", "status": "cancelled"}
    else:
        del call.world.tasks[task.id]
    return json_reply(answer)
