"""Synchronous images: ``t2i`` and ``i2i``, answered with addresses at the top level."""

from __future__ import annotations

import asyncio
import base64
from functools import partial
from typing import Any

from starlette.responses import Response

from minimax_nb.catalog import Model
from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.pixazo.common import IMAGE, check_funds, fields_of
from minimax_nb.sandbox.pixazo.words import Refused
from minimax_nb.sandbox.sizes import size_of
from minimax_nb.sandbox.studio import ImageWork, lost_images
from minimax_nb.sandbox.wire import FAILING, REFUSED_INPUT, REFUSED_OUTPUT, Call, Json, json_reply

_DAY = 86_400
_PNG_OR_JPEG = media_links.ImageRule(("jpg", "png"), 10 * 2**20)


async def text_to_image(call: Call) -> Response:
    """``POST /image-generation/v1/t2i``."""
    fields = fields_of(call)
    prompt = fields.text("prompt", required=True, low=1)
    fields.text("prompt", high=1500)
    return await _make(call, fields, "t2i", prompt or "", None)


async def image_to_image(call: Call) -> Response:
    """``POST /image-generation/v1/i2i``; no limit of the prompt is stated."""
    fields = fields_of(call)
    prompt = fields.text("prompt", required=True, low=1)
    references = fields.items("subject_reference", required=True)
    if not references:
        raise fields.fail("subject_reference", "must not be empty")
    subjects = [await _subject(call, fields, index, item) for index, item in enumerate(references)]
    return await _make(call, fields, "i2i", prompt or "", next((data for data in subjects if data), None))


async def _subject(call: Call, fields: Fields, index: int, item: Any) -> bytes | None:
    if not isinstance(item, dict):
        raise fields.fail(f"subject_reference[{index}]", "must be an object")
    reference = Fields(item, f"subject_reference[{index}].")
    reference.text("type", required=True, low=1)
    value = reference.text("image_file", required=True, low=1) or ""
    if not value.startswith(("http://", "https://", "data:")):
        value = f"data:;base64,{value}"
    try:
        return await media_links.image(call.world.blobs, value, _PNG_OR_JPEG)
    except ValueError as error:
        raise reference.fail("image_file", str(error)) from None


def _model(fields: Fields) -> Model:
    models = rates.models("pixazo", "image")
    name = fields.choice("model", tuple(models))
    return models[name] if name else next(iter(models.values()))


async def _make(call: Call, fields: Fields, tool: str, prompt: str, subject: bytes | None) -> Response:
    world, model = call.world, _model(fields)
    width, height = size_of(fields, model)
    count = fields.integer("n", low=1, high=9) or 1
    form = fields.choice("response_format", ("url", "base64")) or "url"
    fields.integer("seed")
    fields.flag("prompt_optimizer")
    call.entry.ignored = fields.unknown()
    check_funds(call, IMAGE, rates.price_nano("pixazo", "image", model.name, n=count))
    if FAILING in prompt or "fail" in call.faults:
        raise Refused(500)
    number = world.next_rng("image").randbytes(16).hex()
    refused = (
        1026
        if "sensitive" in call.faults or REFUSED_INPUT in prompt
        else 1027
        if REFUSED_OUTPUT in prompt
        else 0
    )
    if refused:
        return json_reply(_refusal(number, count, refused))
    seed = world.content_seed(call.account, call.path, fields.data)
    lost = lost_images(call, prompt, count)
    made = [index for index in range(count) if index not in lost]
    price = rates.price_nano("pixazo", "image", model.name, n=len(made)) if made else 0
    world.pay_now(call.account, price, call.entry, f"{len(made)} × {model.name}")
    work = ImageWork(prompt, width, height, seed, model.name, subject, None, "PNG")
    blobs = {index: Blob(partial(work.make, index), "image/png") for index in made}
    body: Json = {
        "id": number,
        **await _images(call, blobs, form, tool, seed, count),
        "image_count": len(made),
    }
    # The document's minimal request is answered without these two.
    if form == "url" and set(fields.data) - {"prompt", "subject_reference"}:
        body["metadata"] = {"success_count": str(len(made)), "failed_count": str(len(lost))}
        body["base_resp"] = {"status_code": 0, "status_msg": "success"}
    return json_reply(body)


def _refusal(number: str, count: int, code: int) -> Json:
    words = {1026: "input new_sensitive", 1027: "output new_sensitive"}
    return {
        "id": number,
        "image_urls": [],
        "image_count": 0,
        "metadata": {"success_count": "0", "failed_count": str(count)},
        "base_resp": {"status_code": code, "status_msg": words[code]},
    }


async def _images(call: Call, blobs: dict[int, Blob], form: str, tool: str, seed: int, count: int) -> Json:
    world = call.world
    making = (
        [asyncio.ensure_future(world.blobs.read(blob)) for blob in blobs.values()] if form == "base64" else []
    )
    await world.clock.sleep(world.duration("image", seed, factor=1 + 0.15 * (count - 1)))
    if form == "base64":
        return {"image_base64": [base64.b64encode(data).decode() for data in await asyncio.gather(*making)]}
    rng, expires = world.next_rng("image file"), world.clock.now() + _DAY
    stem = f"minimax_images/{tool}-{rng.randrange(10**9, 10**10)}-{rng.randrange(10**5, 10**6)}"
    return {"image_urls": [world.blobs.publish(b, f"{stem}-{i + 1}.png", expires) for i, b in blobs.items()]}
