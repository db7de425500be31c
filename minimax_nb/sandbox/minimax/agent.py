"""Video templates: ``POST /v1/video_template_generation`` and its query, which says the address itself."""

from __future__ import annotations

from starlette.responses import Response

from minimax_nb.catalog import Template, catalog
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax import callbacks, video
from minimax_nb.sandbox.minimax.common import fields_of, hold
from minimax_nb.sandbox.minimax.envelope import reply
from minimax_nb.sandbox.state import Task, World
from minimax_nb.sandbox.studio import VideoWork
from minimax_nb.sandbox.wire import Call, Json

KIND = "agent"
_NAME = "video-agent"
_URL_S = 9 * 3600
_SECONDS = 6
_SIZE = (1280, 720)


async def generate(call: Call) -> Json:
    """Accept a task by template."""
    fields = fields_of(call)
    template = _template(fields)
    media = _values(fields, "media_inputs", template.media_inputs)
    texts = _values(fields, "text_inputs", template.text_inputs)
    limits = rates.models("minimax", KIND)[_NAME].limits
    rule = media_links.ImageRule(
        ("jpg", "png", "webp"),
        limits["image_bytes_max"],
        limits["image_side_min"],
        limits["image_ratio_min"],
        limits["image_ratio_max"],
    )
    pictures = []
    for index, value in enumerate(media):
        try:
            pictures.append(await media_links.image(call.world.blobs, value, rule))
        except ValueError as error:
            raise fields.fail(f"media_inputs[{index}].value", str(error)) from None
    callback = callbacks.asked(fields)
    call.entry.ignored = fields.unknown()
    money = hold(call, _NAME, rates.price_nano("minimax", KIND, _NAME))
    seed = call.world.content_seed(call.account, call.path, fields.data)
    prompt = " ".join([template.description, *texts])
    first = pictures[0] if pictures else None
    work = VideoWork(prompt, *_SIZE, _SECONDS, seed, template.name, first, None, None)
    world, seconds = call.world, call.world.duration("video", seed)
    task = Task(
        str(world.next_rng("agent task").randrange(10**14, 10**15)),
        "minimax",
        KIND,
        call.account,
        world.clock.now(),
        queue_s=0.1 * seconds,
        run_s=0.9 * seconds,
        failure=video.failure_of(call, " ".join(texts)),
        hold=money,
        entry=call.entry,
        blob=Blob(work.make, "video/mp4"),
        facts=callbacks.facts(callback, call.faults),
    )
    callbacks.launch(world, task, lambda: _told(world, task))
    return {"task_id": task.id}


def _template(fields: Fields) -> Template:
    wanted = fields.text("template_id", required=True, low=1)
    for template in catalog().templates():
        if template.id == wanted:
            return template
    raise fields.fail("template_id", f"no such template '{wanted}'")


def _values(fields: Fields, name: str, count: int) -> list[str]:
    """Return the values of ``[{"value": …}]``, as many as the template needs."""
    items = fields.items(name)
    found = []
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise fields.fail(f"{name}[{index}]", "must be an object")
        found.append(Fields(item, f"{name}[{index}].").text("value", required=True, low=1) or "")
    if len(found) != count:
        raise fields.fail(name, f"this template needs {count}")
    return found


async def query(call: Call) -> Response:
    """Tell where a task stands."""
    task_id = Fields(dict(call.query)).text("task_id", required=True, low=1) or ""
    task = call.world.tasks.get(task_id)
    if task is None or task.op != KIND or task.account is not call.account:
        raise Invalid("task_id", "no such task")
    call.entry.task_id = task.id
    return reply(*_state(call.world, task))


def _state(world: World, task: Task) -> tuple[Json, int]:
    """Return the query's body and its code; a finished video has a new address at every look."""
    now = world.clock.now()
    body: Json = {"task_id": task.id, "status": "Processing", "video_url": ""}
    if now < task.running_at:
        body["status"] = "Preparing"
    elif now >= task.done_at:
        world.settle(task)
        if task.failure is not None:
            return {**body, "status": "Fail"}, int(task.failure.word) if task.failure.word.isdigit() else 0
        assert task.blob is not None
        name = f"video_agent_output/{world.next_rng('agent file').randbytes(8).hex()}.mp4"
        body["status"] = "Success"
        body["video_url"] = world.blobs.publish(task.blob, name, now + _URL_S, gone_status=403)
    return body, 0


def _told(world: World, task: Task) -> Json:
    """Return what the callback is told: here the words are those of the query."""
    body, code = _state(world, task)
    return {**body, "base_resp": {"status_code": code, "status_msg": "success" if code == 0 else "failed"}}
