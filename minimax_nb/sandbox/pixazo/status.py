"""Where a task stands: the universal status, the legacy one in its own words, and the webhooks."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.sandbox import webhooks
from minimax_nb.sandbox.clock import iso, plain
from minimax_nb.sandbox.pixazo.common import VOICE
from minimax_nb.sandbox.pixazo.words import Refused
from minimax_nb.sandbox.state import Task, World
from minimax_nb.sandbox.studio import SpeechWork
from minimax_nb.sandbox.wire import Call, Json, json_reply

_DAY = 86_400
_CYCLE_S = 10.0
_PATIENCE_S = 5.0


async def universal(call: Call) -> Response:
    """``GET /v2/requests/status/{request_id}``."""
    task_id = call.path.rpartition("/")[2]
    task = _own(call, task_id)
    if task is None or task.facts.get("legacy"):
        raise Refused(404, f"Request '{task_id}' not found")
    call.entry.task_id = task.id
    return json_reply(describe(call.world, task, mixed=call.world.switches.pixazo_flip_timestamps))


def _own(call: Call, task_id: str) -> Task | None:
    task = call.world.tasks.get(task_id)
    return task if task is not None and task.provider == "pixazo" and task.account is call.account else None


def stage(world: World, task: Task) -> str:
    """Return QUEUED, PROCESSING, COMPLETED, or the word of the failure."""
    now = world.clock.now()
    if now < task.running_at:
        return "QUEUED"
    if now < task.done_at:
        return "PROCESSING"
    world.settle(task)
    return task.failure.word if task.failure else "COMPLETED"


def describe(world: World, task: Task, *, mixed: bool, webhook: bool = False) -> Json:
    """Return the status object.

    Parameters
    ----------
    mixed
        Write ``updated_at`` and ``completed_at`` without a zone, beside an ISO ``created_at``.
    webhook
        A polled ``ERROR`` carries no timestamps, a delivered one does.
    """
    state = stage(world, task)
    done = state not in {"QUEUED", "PROCESSING"}
    body: Json = {
        "request_id": task.id,
        "status": state,
        "model_id": task.facts["model_id"],
        "error": task.failure.message if done and task.failure else None,
        "output": _output(world, task) if state == "COMPLETED" else None,
    }
    if state == "ERROR" and not webhook:
        return body
    show = plain if mixed else iso
    changed = task.done_at if done else task.running_at if state == "PROCESSING" else task.created
    return {
        **body,
        "created_at": iso(task.created),
        "updated_at": show(changed),
        "completed_at": show(task.done_at) if done else None,
    }


def _url(world: World, task: Task, path: str) -> str:
    """Return the one address of a task's file."""
    if "url" not in task.facts:
        assert task.blob is not None
        task.facts["url"] = world.blobs.publish(task.blob, path, task.done_at + _DAY)
    url = task.facts["url"]
    assert isinstance(url, str)
    return url


def _output(world: World, task: Task) -> Json:
    vague = world.switches.pixazo_octet_stream
    assert task.blob is not None
    ending = "ext" if vague else task.facts["ending"]
    mime = "application/octet-stream" if vague else task.blob.mime
    return {"media_url": [_url(world, task, f"v1/{task.id}/output.{ending}")], "media_type": mime}


async def legacy(call: Call) -> Response:
    """``POST …/minimax-voice-design-api-request-result``: its own states and keys, also for current ids."""
    body = call.json_object() or {}
    task_id = body.get("request_id")
    if not isinstance(task_id, str) or not task_id.strip():
        raise Refused(400)
    task = _own(call, task_id)
    if task is None or task.facts["model_id"] != VOICE:
        raise Refused(404)
    call.entry.task_id = task.id
    return json_reply(await _legacy_body(call.world, task))


async def _legacy_body(world: World, task: Task) -> Json:
    state = stage(world, task)
    if state == "QUEUED":
        return {"status": "IN_QUEUE", "request_id": task.id}
    if state == "PROCESSING":
        left = max(1, round(task.done_at - world.clock.now()))
        return {"status": "IN_PROGRESS", "request_id": task.id, "estimated_completion_time": left}
    if task.failure:
        return {"status": "FAILED", "request_id": task.id, "error_message": task.failure.message}
    work = task.facts["work"]
    assert isinstance(work, SpeechWork)
    clip = await world.blobs.run(work.clip)
    audio: Json = {
        "url": _url(world, task, f"voices/{task.id}.wav"),
        "duration_seconds": round(clip.duration_ms / 1000, 1),
    }
    if not task.facts.get("short"):
        audio |= {
            "sample_rate_hz": work.sample_rate,
            "format": work.format,
            "voice_profile": task.facts["prompt"],
        }
    return {"status": "COMPLETED", "request_id": task.id, "audio": audio}


async def notify(world: World, task: Task) -> None:
    """Deliver the end of a task."""
    if task.facts.get("webhook"):
        for _ in range(task.facts["copies"]):
            await _deliver(world, task)


async def notify_progress(world: World, task: Task) -> None:
    """Deliver every poll cycle until the end (mode ``sync``)."""
    while world.clock.now() < task.done_at:
        if task.facts["copies"]:
            await _deliver(world, task)
        await world.clock.sleep_until(min(task.done_at, world.clock.now() + _CYCLE_S / world.speed))


async def _deliver(world: World, task: Task) -> None:
    payload = describe(world, task, mixed=not world.switches.pixazo_flip_timestamps, webhook=True)
    await webhooks.deliver(world, task, task.facts["webhook"], payload, timeout=_PATIENCE_S)
