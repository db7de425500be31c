"""``/v2/h3_context_ir`` writes a prompt out; ``/v2/video_regeneration`` makes a video again in 2K."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import callbacks, tokens, v2, v2_content, v2_media
from minimax_nb.sandbox.minimax.common import model_of
from minimax_nb.sandbox.minimax.v2_content import Material
from minimax_nb.sandbox.studio import VideoWork
from minimax_nb.sandbox.wire import Call, Json

if TYPE_CHECKING:
    from minimax_nb.sandbox.state import Task

_SHOTS = (
    "wide establishing shot, slow push in",
    "medium shot, the camera tracks sideways",
    "close-up, shallow focus",
    "low angle, the light changes",
    "pull out to the whole scene",
)


async def context_ir(call: Call) -> Response:
    """``POST /v2/h3_context_ir``: a task whose result is a prompt, billed by tokens."""
    fields = v2.body_of(call)
    model = model_of(call, fields, "context-ir", api="v2")
    assert model is not None
    duration = fields.integer("duration", required=True, low=4, high=15)
    assert duration is not None
    found = await v2_content.read(call, fields, model)
    ratio = v2_content.ratio(fields, model, found)
    callback = callbacks.asked(fields)
    call.entry.ignored = fields.unknown()
    v2.refuse(call, found.text)
    prompt = _written_out(found, duration, ratio)
    pictures = sum(medium.seconds == 0 for _, medium in found.media)
    asked = tokens.count(found.text) + tokens.IMAGE * pictures + tokens.VIDEO * (len(found.media) - pictures)
    usage = {**found.usage(0), "prompt_tokens": asked, "completion_tokens": tokens.count(prompt)}
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    price = rates.price_nano(
        "minimax", "context-ir", model.name, input_tokens=asked, output_tokens=usage["completion_tokens"]
    )
    money = v2.pay_as_you_go(call, model, price)
    facts = {
        "model": model.name,
        "duration": duration,
        "ratio": ratio,
        "task_type": "h3_context_ir",
        "usage": usage,
        "prompt": prompt,
        **callbacks.facts(callback, call.faults),
    }
    return v2.accept(call, facts, money, call.world.duration("video", prompt, factor=0.1), None)


def _written_out(found: Material, duration: int, ratio: str) -> str:
    """Return the prompt as a list of shots of whole seconds."""
    sentences = [part.strip() for part in found.text.replace("\n", ". ").split(".") if part.strip()]
    shots = min(len(_SHOTS), max(2, duration // 3))
    lines = [f"Scene: {found.text.strip()}", f"Length {duration} s, ratio {ratio}, 24 frames per second."]
    for index in range(shots):
        begin, end = index * duration // shots, (index + 1) * duration // shots
        lines.append(f"[{begin}-{end} s] {_SHOTS[index]}: {sentences[index % len(sentences)]}.")
    names = ", ".join(dict.fromkeys(role for role, _ in found.media))
    return "\n".join([*lines, *([f"Made from: {names}."] if names else [])])


async def regenerate(call: Call) -> Response:
    """``POST /v2/video_regeneration``: a task that makes a finished video again in 2K."""
    fields = v2.body_of(call)
    model = model_of(call, fields, "video-regeneration", api="v2")
    assert model is not None
    fields.choice("resolution", ("2K",), required=True)
    fields.flag("aigc_watermark")
    callback = callbacks.asked(fields)
    if fields.has("source_task_id") == fields.has("content"):
        raise fields.fail("source_task_id", "give either source_task_id or content")
    source, found = None, Material()
    if fields.has("source_task_id"):
        source = _source(call, fields)
    else:
        found = await _base(call, fields, model)
    call.entry.ignored = fields.unknown()
    v2.refuse(call, found.text)
    facts, work = _again(call, fields, source, found)
    price = rates.price_nano(
        "minimax",
        "video-regeneration",
        model.name,
        duration=facts["duration"],
        reference_images=len(found.of("reference_image")),
        reference_seconds=found.input_seconds,
    )
    money = v2.pay_as_you_go(call, model, price)
    facts |= {"model": model.name, "resolution": "2K", "task_type": "regeneration", "work": work}
    facts |= {"usage": found.usage(facts["duration"]), **callbacks.facts(callback, call.faults)}
    return v2.accept(call, facts, money, call.world.duration("video", work.seed, factor=2.0), work)


def _source(call: Call, fields: Fields) -> Task:
    task_id = fields.text("source_task_id", low=1) or ""
    if not call.world.switches.minimax_regeneration:
        raise fields.fail("source_task_id", "not available for this account")
    task = v2.find(call, task_id)
    call.entry.task_id = None
    if task.blob is None or v2.status(call.world, task) != "succeeded":
        raise fields.fail("source_task_id", "must be a video that succeeded")
    return task


async def _base(call: Call, fields: Fields, model: Model) -> Material:
    found = await v2_content.read(call, fields, model, base_video=True)
    problem = v2_media.base_problem(found.of("base_video")[0].clip)
    if problem:
        raise fields.fail("content", f"base_video {problem}")
    return found


def _again(call: Call, fields: Fields, source: Task | None, found: Material) -> tuple[Json, VideoWork]:
    """Return length and ratio, and the order for the same video in 2K."""
    if source is not None:
        duration, ratio, old = source.facts["duration"], source.facts["ratio"], source.facts["work"]
        width, height = v2_content.size(ratio, "2K")
        work = VideoWork(
            old.prompt,
            width,
            height,
            duration,
            old.seed,
            old.model,
            old.first,
            old.last,
            old.subject,
            h3=True,
        )
        return {"duration": duration, "ratio": ratio}, work
    base = found.of("base_video")[0]
    duration = max(4, int((base.clip.frames if base.clip else 24 * base.seconds) // 24))
    shape = base.ratio or 16 / 9
    long = int(1440 * max(shape, 1 / shape)) // 32 * 32
    width, height = (long, 1440) if shape >= 1 else (1440, long)
    seed = call.world.content_seed(call.account, call.path, fields.data)
    first = _frame(base.data) if base.data else None
    work = VideoWork(found.text, width, height, duration, seed, "MiniMax-H3", first, None, None, h3=True)
    return {"duration": duration, "ratio": "adaptive"}, work


def _frame(data: bytes) -> bytes:
    """Return the first frame of a video as a picture."""
    import io

    import av

    with av.open(io.BytesIO(data)) as container:
        frame = next(container.decode(video=0))
        buffer = io.BytesIO()
        frame.to_image().save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
