"""``POST /v1/image_generation``: synchronous, one to nine images, by address or as base64."""

from __future__ import annotations

import asyncio
import base64
from functools import partial

from minimax_nb.catalog import Model
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.sizes import size_of
from minimax_nb.sandbox.studio import ImageWork, lost_images
from minimax_nb.sandbox.wire import FAILING, Call, Json

_DAY = 86_400


async def generate(call: Call) -> Json:
    """Make images."""
    fields = fields_of(call)
    model = model_of(call, fields, "image")
    assert model is not None
    limits = model.limits
    prompt = fields.text("prompt", required=True, low=1, high=limits.get("prompt_max")) or ""
    width, height = size_of(fields, model)
    count = fields.integer("n", low=1, high=limits.get("n_max", 9)) or 1
    form = fields.choice("response_format", ("url", "base64")) or "url"
    fields.integer("seed")
    fields.flag("prompt_optimizer")
    fields.flag("aigc_watermark")
    style = _style(fields, model)
    subject = await _subject(call, fields, model)
    call.entry.ignored = fields.unknown()
    refuse_content(call, prompt)
    check_funds(call, model.name, rates.price_nano("minimax", "image", model.name, n=count))
    lost = lost_images(call, prompt, count)
    if FAILING in prompt or "fail" in call.faults:
        raise Refused(1013)
    seed = call.world.content_seed(call.account, call.path, fields.data)
    made = count - len(lost)
    price = rates.price_nano("minimax", "image", model.name, n=made) if made else 0
    call.world.pay_now(call.account, price, call.entry, f"{made} × {model.name}")
    work = ImageWork(prompt, width, height, seed, model.name, subject, style)
    blobs = [Blob(partial(work.make, index), "image/jpeg") for index in range(count) if index not in lost]
    data = await _data(call, blobs, form, seed, count)
    return {
        "id": call.world.next_rng("image").randbytes(16).hex(),
        "data": data,
        "metadata": {"success_count": str(made), "failed_count": str(len(lost))},
    }


async def _data(call: Call, blobs: list[Blob], form: str, seed: int, count: int) -> Json:
    """Return the images after the time they take."""
    world = call.world
    making = [asyncio.ensure_future(world.blobs.read(blob)) for blob in blobs] if form == "base64" else []
    await world.clock.sleep(world.duration("image", seed, factor=1 + 0.15 * (count - 1)))
    if form == "base64":
        return {"image_base64": [base64.b64encode(data).decode() for data in await asyncio.gather(*making)]}
    expires = world.clock.now() + _DAY
    stem = world.next_rng("image file").randbytes(8).hex()
    names = [f"image_inference_output/{stem}-{index}.jpeg" for index in range(len(blobs))]
    return {
        "image_urls": [
            world.blobs.publish(b, n, expires, gone_status=403) for b, n in zip(blobs, names, strict=True)
        ]
    }


def _style(fields: Fields, model: Model) -> str | None:
    if not fields.has("style"):
        fields.get("style")
        return None
    styles = model.limits.get("styles", ())
    if not styles:
        raise fields.fail("style", f"not supported by {model.name}")
    style = fields.child("style")
    style.number("style_weight", 0, 1, open_low=True)
    return style.choice("style_type", styles, required=True)


async def _subject(call: Call, fields: Fields, model: Model) -> bytes | None:
    references = fields.items("subject_reference")
    if not references:
        return None
    limits = model.limits
    if len(references) > limits.get("subject_max", 1) or not isinstance(references[0], dict):
        raise fields.fail("subject_reference", "must be one object")
    reference = Fields(references[0], "subject_reference[0].")
    reference.choice("type", limits.get("subject_types", ("character",)), required=True)
    value = reference.text("image_file", required=True, low=1) or ""
    rule = media_links.ImageRule(("jpg", "png"), limits.get("image_bytes_max", 10 * 2**20))
    try:
        return await media_links.image(call.world.blobs, value, rule)
    except ValueError as error:
        raise reference.fail("image_file", str(error)) from None
