"""``POST /v1/video_generation`` and ``GET /v1/query/video_generation``."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from minimax_nb.catalog import Model
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.accounts import Hold
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax import callbacks
from minimax_nb.sandbox.minimax.common import fields_of, hold, model_of
from minimax_nb.sandbox.minimax.envelope import reply
from minimax_nb.sandbox.minimax.files import StoredFile
from minimax_nb.sandbox.state import Failure, Task, World
from minimax_nb.sandbox.studio import VideoWork
from minimax_nb.sandbox.wire import FAILING, REFUSED_INPUT, REFUSED_OUTPUT, Call, Json

_SHORT_SIDE = {"512P": 512, "720P": 720, "768P": 768, "1080P": 1080}


@dataclass(frozen=True)
class _Frames:
    mode: str
    first: bytes | None
    last: bytes | None
    subject: bytes | None


async def generate(call: Call) -> Json:
    """Accept a video task."""
    fields = fields_of(call)
    model = model_of(call, fields, "video")
    assert model is not None
    mode = _mode(fields, model)
    asked = mode == "text"
    prompt = fields.text("prompt", required=asked, low=int(asked), high=model.limits.get("prompt_max", 2000))
    duration, resolution = _shape(fields, model, mode)
    for name in ("prompt_optimizer", "fast_pretreatment", "aigc_watermark"):
        fields.flag(name)
    if fields.has("fast_pretreatment") and not model.limits.get("fast_pretreatment"):
        raise fields.fail("fast_pretreatment", f"not supported by {model.name}")
    callback = callbacks.asked(fields)
    frames = await _frames(call, fields, model, mode)
    call.entry.ignored = fields.unknown()
    price = rates.price_nano(
        "minimax", "video", model.name, duration=duration, resolution=resolution, mode=mode
    )
    money = hold(call, model.name, price)
    seed = call.world.content_seed(call.account, call.path, fields.data)
    width, height = size_of(resolution, frames.first)
    work = VideoWork(
        prompt or "", width, height, duration, seed, model.name, frames.first, frames.last, frames.subject
    )
    slower = (duration / 6) ** 0.7 * (1.3 if resolution == "1080P" else 1.0)
    task = _launch(call, work, call.world.duration("video", seed, factor=slower), money, callback)
    return {"task_id": task.id}


def _launch(call: Call, work: VideoWork, seconds: float, money: Hold, callback: str | None) -> Task:
    """Put a task on its way."""
    world = call.world
    task = Task(
        str(world.next_rng("video task").randrange(10**14, 10**15)),
        "minimax",
        "video",
        call.account,
        world.clock.now(),
        queue_s=0.2 * seconds,
        run_s=0.8 * seconds,
        failure=failure_of(call, work.prompt),
        hold=money,
        entry=call.entry,
        blob=Blob(work.make, "video/mp4"),
        facts={
            "width": work.width,
            "height": work.height,
            **callbacks.facts(callback, call.faults),
        },
    )
    callbacks.launch(world, task, lambda: _told(world, task))
    return task


def failure_of(call: Call, prompt: str) -> Failure | None:
    """Return how a task with this prompt fails, if it does."""
    word = call.faults.word("fail")
    if "fail" in call.faults:
        return Failure(word or "0", "")
    if "sensitive" in call.faults or REFUSED_INPUT in prompt:
        return Failure("1026", "")
    if REFUSED_OUTPUT in prompt:
        return Failure("1027", "")
    # Whether every Fail carries a code is not documented; both forms occur here.
    return Failure("0", "") if FAILING in prompt else None


def _mode(fields: Fields, model: Model) -> str:
    if fields.has("subject_reference"):
        mode = "subject"
    elif fields.has("last_frame_image"):
        mode = "first-last-frame"
    else:
        mode = "first-frame" if fields.has("first_frame_image") else "text"
    if mode not in model.modes:
        if len(model.modes) == 1:
            wanted = {"text": "prompt", "subject": "subject_reference", "first-frame": "first_frame_image"}[
                model.modes[0]
            ]
            raise fields.fail(wanted, f"model {model.name} needs it and takes no other input")
        raise fields.fail("model", f"{model.name} does not support {mode} generation")
    return mode


def _shape(fields: Fields, model: Model, mode: str) -> tuple[int, str]:
    """Return seconds and resolution, checked against the model's matrix."""
    duration = fields.integer("duration")
    resolution = fields.text("resolution")
    if not model.durations:
        if duration is not None or resolution is not None:
            raise fields.fail(
                "duration" if duration is not None else "resolution", f"not supported by {model.name}"
            )
        return model.limits.get("fixed_duration", 6), model.limits.get("fixed_resolution", "720P")
    duration = model.defaults.get("duration", 6) if duration is None else duration
    resolution = model.defaults.get("resolution", "768P") if resolution is None else resolution
    if duration not in model.durations:
        raise fields.fail("duration", f"must be one of {', '.join(map(str, model.durations))}")
    allowed = [
        r
        for r in model.durations[duration]
        if mode in model.limits.get("resolution_modes", {}).get(r, (mode,))
    ]
    if resolution not in allowed:
        raise fields.fail(
            "resolution", f"model {model.name} does not support {resolution} at {duration} s in {mode} mode"
        )
    return duration, resolution


async def _frames(call: Call, fields: Fields, model: Model, mode: str) -> _Frames:
    limits = model.limits
    rule = media_links.ImageRule(
        ("jpg", "png", "webp"),
        limits.get("image_bytes_max", 20 * 2**20),
        limits.get("image_side_min", 300),
        limits.get("image_ratio_min", 0.4),
        limits.get("image_ratio_max", 2.5),
    )

    async def read(owner: Fields, name: str, value: str | None) -> bytes | None:
        if value is None:
            return None
        try:
            return await media_links.image(call.world.blobs, value, rule)
        except ValueError as error:
            raise owner.fail(name, str(error)) from None

    first = await read(fields, "first_frame_image", fields.text("first_frame_image", low=1))
    last = await read(fields, "last_frame_image", fields.text("last_frame_image", low=1))
    subject = None
    if mode == "subject":
        references = fields.items("subject_reference")
        if len(references) != 1 or not isinstance(references[0], dict):
            raise fields.fail("subject_reference", "must be exactly one object")
        reference = Fields(references[0], "subject_reference[0].")
        reference.choice("type", limits.get("subject_types", ("character",)), required=True)
        images = reference.texts("image")
        if len(images) != 1:
            raise reference.fail("image", "must be an array of exactly one image")
        subject = await read(reference, "image[0]", images[0])
    return _Frames(mode, first, last, subject)


def size_of(resolution: str, first: bytes | None) -> tuple[int, int]:
    """Return even width and height; the picture's shape follows the first frame, 16:9 without one."""
    short = _SHORT_SIDE.get(resolution, 768)
    ratio = 16 / 9
    if first is not None:
        import io

        from PIL import Image

        with Image.open(io.BytesIO(first)) as image:
            ratio = image.width / image.height
    long = round(short * max(ratio, 1 / ratio) / 2) * 2
    return (long, short) if ratio >= 1 else (short, long)


async def query(call: Call) -> Response:
    """Tell where a task stands; a failed one may come with a code in ``base_resp``."""
    task_id = Fields(dict(call.query)).text("task_id", required=True, low=1) or ""
    task = call.world.tasks.get(task_id)
    if task is None or task.op != "video" or task.account is not call.account:
        raise Invalid("task_id", "no such task")
    call.entry.task_id = task.id
    return reply(*_state(call.world, task))


def _state(world: World, task: Task) -> tuple[Json, int]:
    """Return the query's body and its code."""
    now = world.clock.now()
    body: Json = {
        "task_id": task.id,
        "status": "Processing",
        "file_id": "",
        "video_width": 0,
        "video_height": 0,
    }
    if now < task.created + task.queue_s / 4:
        body["status"] = "Preparing"
    elif now < task.running_at:
        body["status"] = "Queueing"
    elif now >= task.done_at:
        world.settle(task)
        if task.failure is not None:
            body["status"] = "Fail"
            return body, int(task.failure.word) if task.failure.word.isdigit() else 0
        body |= {"status": "Success", "file_id": str(_file(world, task).file_id)}
        body |= {"video_width": task.facts["width"], "video_height": task.facts["height"]}
    return body, 0


def _file(world: World, task: Task) -> StoredFile:
    """Return the file of a finished task."""
    if "file" not in task.facts:
        file_id = world.rng("video file", task.id).randrange(10**14, 10**15)
        file = StoredFile(file_id, "output_aigc.mp4", "video_generation", task.done_at, blob=task.blob)
        task.facts["file"] = task.account.files[file_id] = file
    found = task.facts["file"]
    assert isinstance(found, StoredFile)
    return found


def _told(world: World, task: Task) -> Json:
    """Return what the callback is told: the query's body with lower-case words."""
    body, code = _state(world, task)
    ended = {"Success": "success", "Fail": "failed"}
    text = {"status_code": code, "status_msg": "success" if code == 0 else "failed"}
    return {**body, "status": ended.get(body["status"], "processing"), "base_resp": text}
