"""Queued operations: music, the audio result, voice design. Each answers 202 and is polled."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from minimax_nb.sandbox import rates, webhooks
from minimax_nb.sandbox.accounts import NANO, Account
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.pixazo import status
from minimax_nb.sandbox.pixazo.common import AUDIO, MUSIC, VOICE, check_funds, fields_of
from minimax_nb.sandbox.pixazo.words import Refused
from minimax_nb.sandbox.state import Failure, Task, World
from minimax_nb.sandbox.studio import MusicWork, SpeechWork, VideoWork, audio_mime
from minimax_nb.sandbox.wire import FAILING, REFUSED_INPUT, REFUSED_OUTPUT, Call, json_reply

_AUDIO_RESULT_NANO = NANO // 10
_UPSTREAM = "Processing failed: upstream provider returned an error"


@dataclass(frozen=True)
class Order:
    """What a queued task makes.

    Parameters
    ----------
    model_id
        The id that replies carry; not derivable from the path.
    op
        Kind of work, for its duration.
    work
        Makes the file.
    ending
        Format and file ending of the result.
    prompt
        The describing text, echoed by the legacy status.
    """

    model_id: str
    op: str
    work: MusicWork | SpeechWork | VideoWork
    ending: str
    prompt: str = ""


async def music(call: Call) -> Response:
    """``POST /minimax-music-generation-2-6/v1/generate``."""
    fields = fields_of(call)
    prompt = fields.text("prompt", required=True, low=1, high=2000) or ""
    lyrics = fields.text("lyrics", low=1, high=3500)
    rate = fields.integer("sample_rate", choices=(16_000, 24_000, 32_000, 44_100)) or 44_100
    bitrate = fields.integer("bitrate", choices=(32_000, 64_000, 128_000, 256_000)) or 256_000
    form = fields.choice("format", ("mp3", "wav")) or "mp3"
    fields.flag("lyrics_optimizer")
    instrumental = fields.flag("is_instrumental")
    seed = call.world.content_seed(call.account, call.path, fields.data)
    work = MusicWork(prompt, None if instrumental else lyrics, instrumental, seed, form, rate, bitrate)
    call.entry.ignored = fields.unknown()
    return submit(
        call,
        Order(MUSIC, "music", work, form, prompt),
        rates.price_nano("pixazo", "music", "music-2.6"),
        seed,
    )


async def audio_result(call: Call) -> Response:
    """``POST /minimax-hailuo-ai-music/v1/getAudioResult``: named a result, and queued all the same."""
    fields = fields_of(call)
    task_id = fields.text("task_id", required=True, low=1) or ""
    seed = call.world.content_seed(call.account, call.path, fields.data)
    work = SpeechWork(
        f"Audio result of task {' '.join(task_id[-6:])}.",
        "English_expressive_narrator",
        format="wav",
        sample_rate=24_000,
    )
    call.entry.ignored = fields.unknown()
    return submit(call, Order(AUDIO, "speech", work, "wav"), _AUDIO_RESULT_NANO, seed)


async def voice_design(call: Call) -> Response:
    """``POST /minimax-voice-design-api-363/v1/minimax-voice-design-api-request``: a preview, no voice id."""
    fields = fields_of(call)
    prompt = fields.text("prompt", required=True, low=1) or ""
    preview = fields.text("preview_text", required=True, low=1) or ""
    seed = call.world.content_seed(call.account, call.path, fields.data)
    work = SpeechWork(preview, f"{prompt} {seed}", format="wav", sample_rate=24_000)
    call.entry.ignored = fields.unknown()
    price = rates.price_nano("pixazo", "voice-design", VOICE, characters=len(preview))
    return submit(call, Order(VOICE, "voice-design", work, "wav", prompt), price, seed)


def submit(call: Call, order: Order, price: int, seed: int) -> Response:
    """Check the webhook and the wallet, queue the task, answer 202."""
    world = call.world
    url, mode = _webhook(call)
    check_funds(call, order.model_id, price)
    task = make_task(world, call.account, order, new_id(world, order.model_id))
    total = world.duration(order.op, seed)
    task.queue_s, task.run_s = 0.2 * total, 0.8 * total
    task.failure = _failure(call, order.prompt)
    task.hold = call.account.hold(price)
    task.entry = call.entry
    task.facts |= {"webhook": url, "copies": webhooks.copies(call.faults)}
    world.launch(task, lambda done: status.notify(world, done))
    if url and mode == "sync":
        world.spawn(status.notify_progress(world, task))
    polling = f"{world.bases['pixazo']}/v2/requests/status/{task.id}"
    return json_reply({"request_id": task.id, "status": "QUEUED", "polling_url": polling}, 202)


def make_task(world: World, account: Account, order: Order, task_id: str) -> Task:
    """Return a task that makes what ``order`` says, accepted now."""
    facts = {
        "model_id": order.model_id,
        "ending": order.ending,
        "prompt": order.prompt,
        "work": order.work,
        "copies": 1,
    }
    mime = "video/mp4" if order.ending == "mp4" else audio_mime(order.ending)
    blob = Blob(order.work.make, mime)
    return Task(task_id, "pixazo", order.op, account, world.clock.now(), 0.0, 0.0, blob=blob, facts=facts)


def new_id(world: World, model_id: str) -> str:
    """Return ``{model_id}_019d…``, in the shape of the real ones (the last group has 13 characters)."""
    digits = world.next_rng("request id").randbytes(16).hex()
    return f"{model_id}_019d{digits[:4]}-{digits[4:8]}-7{digits[8:11]}-b{digits[11:14]}-{digits[14:27]}"


def _webhook(call: Call) -> tuple[str | None, str]:
    headers = call.request.headers
    url, mode = headers.get("x-webhook-url"), headers.get("x-webhook-mode", "terminal")
    if url is not None and not webhooks.acceptable(call.world, url):
        raise Refused(400, "X-Webhook-URL must be an https URL")
    if mode not in {"terminal", "sync"}:
        raise Refused(400, "X-Webhook-Mode must be terminal or sync")
    return url, mode


def _failure(call: Call, prompt: str) -> Failure | None:
    charged = call.world.switches.pixazo_failed_charged
    if "fail" in call.faults:
        if (call.faults.word("fail") or "FAILED").upper() == "ERROR":
            return Failure("ERROR", "System error")
        return Failure("FAILED", _UPSTREAM, charged)
    if "sensitive" in call.faults or REFUSED_INPUT in prompt or REFUSED_OUTPUT in prompt:
        return Failure("FAILED", "Content violates the usage policy", charged)
    return Failure("FAILED", _UPSTREAM, charged) if FAILING in prompt else None
