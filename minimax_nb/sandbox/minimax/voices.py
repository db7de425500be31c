"""Voices: design, clone, list, delete, and who may speak.

A made voice costs nothing until it first speaks (cloned $1.5, designed $3), is listed only from then on,
and is gone after seven days of silence. Its id can never be used again.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from minimax_nb.catalog import catalog
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.accounts import NANO
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import files
from minimax_nb.sandbox.minimax.common import check_funds, fields_of, model_of, pay, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.studio import SpeechWork, seconds_of
from minimax_nb.sandbox.wire import FAILING, Call, Json

_DAY = 86_400
_SILENT_DAYS = 7
_FEES_NANO = {"voice_cloning": 3 * NANO // 2, "voice_generation": 3 * NANO}
#: What a recording must reach against its prompt text.
_PROMPT_LIKENESS = 0.7
#: What it must reach against ``text_validation``, unless ``accuracy`` says otherwise.
_ACCURACY = 0.7
#: Words in a recording's file name that tell what is wrong with it: the sandbox has no ears.
_SILENT, _NOISY = "silent", "noisy"
_VOICE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{6,254}[A-Za-z0-9]")
#: Voices that work although no list has them.
_UNLISTED = {
    "presenter_male",
    "presenter_female",
    "audiobook_male_1",
    "audiobook_female_1",
    "Persian_female_1_v1",
}


@dataclass
class MadeVoice:
    """A cloned or designed voice of one account.

    ``hint`` is what the voice maker is told, so that a description is heard; ``used`` is the virtual time of
    the first synthesis.
    """

    id: str
    kind: str
    created: float
    hint: str
    description: str = ""
    used: float | None = None
    deleted: bool = False

    def alive(self, now: float) -> bool:
        """Return whether the voice can speak."""
        return not self.deleted and (self.used is not None or now < self.created + _SILENT_DAYS * _DAY)


def speaker(call: Call, voice_id: str) -> tuple[str, int]:
    """Return what the voice maker is told for a voice id, and the fee that its use brings.

    Raises
    ------
    Refused
        2054 for an unknown id; ids are compared byte for byte.
    """
    made = call.account.voices.get(voice_id)
    if isinstance(made, MadeVoice):
        if not made.alive(call.world.clock.now()):
            raise Refused(2054)
        return made.hint, _FEES_NANO[made.kind] if made.used is None else 0
    if voice_id in _UNLISTED or any(voice.id == voice_id for voice in catalog().voices()):
        return voice_id, 0
    raise Refused(2054)


def mark_used(call: Call, voice_id: str) -> None:
    """Note that a voice spoke."""
    made = call.account.voices.get(voice_id)
    if isinstance(made, MadeVoice) and made.used is None:
        made.used = call.world.clock.now()


def new_id(call: Call, fields: Fields, name: str = "voice_id") -> str:
    """Return the id that a request chooses for a voice."""
    voice_id = fields.text(name, required=True, low=1) or ""
    if not _VOICE_ID.fullmatch(voice_id):
        raise fields.fail(
            name,
            "8-256 characters, first a letter, then letters, digits, - and _, not ending in - or _",
        )
    if voice_id in call.account.voices or any(voice.id == voice_id for voice in catalog().voices()):
        raise Refused(2039)
    return voice_id


async def design(call: Call) -> Json:
    """``POST /v1/voice_design``: a voice from a description, with a spoken preview."""
    fields = fields_of(call)
    limits = catalog().model("minimax", "voice-design").limits
    prompt = fields.text("prompt", required=True, low=1, high=limits.get("prompt_max")) or ""
    preview = fields.text("preview_text", required=True, low=1, high=limits.get("preview_max", 500)) or ""
    voice_id = None if fields.get("voice_id") is None else new_id(call, fields)
    fields.flag("aigc_watermark")
    call.entry.ignored = fields.unknown()
    refuse_content(call, prompt, preview)
    price = rates.price_nano("minimax", "voice-design", "voice-design", characters=len(preview))
    check_funds(call, "voice-design", price)
    if FAILING in prompt or "fail" in call.faults:
        raise Refused(1013)
    world = call.world
    pay(call, "voice-design", price, "voice design preview")
    now = world.clock.now()
    if voice_id is None:
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S%f")[:16]
        tail = world.next_rng("designed voice").choices(string.ascii_letters + string.digits, k=8)
        voice_id = f"ttv-voice-{stamp}-{''.join(tail)}"
    hint = f"{prompt} {world.content_seed(call.account, call.path, fields.data)}"
    clip = await world.blobs.run(SpeechWork(preview, hint).clip)
    world.hearing.note(clip.data, preview, clip.words)
    await world.clock.sleep(world.duration("voice-design", prompt, preview))
    call.account.voices[voice_id] = MadeVoice(voice_id, "voice_generation", now, hint, prompt)
    return {"trial_audio": clip.data.hex(), "voice_id": voice_id}


async def keep_clone(call: Call, voice_id: str, hint: str) -> Json:
    """Keep a cloned voice and return the reply."""
    world = call.world
    call.account.voices[voice_id] = MadeVoice(voice_id, "voice_cloning", world.clock.now(), hint)
    await world.clock.sleep(world.duration("voice-clone", voice_id))
    if world.switches.minimax_object_sensitive:
        return {"input_sensitive": {"type": 0}, "demo_audio": ""}
    return {"input_sensitive": False, "input_sensitive_type": 0, "demo_audio": ""}


async def clone(call: Call) -> Json:
    """``POST /v1/voice_clone``: a voice from an uploaded recording."""
    fields = fields_of(call)
    if call.world.switches.minimax_clone_closed:
        raise Refused(2038)
    file_id = fields.integer("file_id", required=True) or 0
    voice_id = new_id(call, fields)
    text = fields.text("text", high=1000)
    model = model_of(call, fields, "voice-clone", required=text is not None)
    fields.choice("language_boost", catalog().model("minimax", "speech").limits["languages"])
    spoken = fields.text("text_validation", high=200)
    accuracy = fields.number("accuracy", 0, 1)
    cleaned = fields.flag("need_noise_reduction")
    for name in ("need_volume_normalization", "aigc_watermark"):
        fields.flag(name)
    example = _example(call, fields)
    call.entry.ignored = fields.unknown()
    recording = files.of(call, file_id, "voice_clone", fields.fail("file_id", "no such file"))
    refuse_content(call, text)
    used = model.name if model else "voice-clone"
    price = rates.price_nano("minimax", "voice-clone", used, characters=len(text)) if text else 0
    check_funds(call, used, price)
    if "fail" in call.faults:
        raise Refused(1000)
    if _SILENT in recording.filename or (_NOISY in recording.filename and not cleaned):
        raise Refused(1000)
    await _check_recordings(call, recording, example)
    wanted = _ACCURACY if accuracy is None else accuracy
    if spoken and call.world.hearing.likeness(recording.data, spoken) < wanted:
        raise Refused(1043)
    pay(call, used, price, "voice clone preview")
    answer = await keep_clone(call, voice_id, f"clone {recording.sha256}")
    made = call.account.voices[voice_id]
    return answer | (await _preview(call, made, text) if text else {})


def _example(call: Call, fields: Fields) -> tuple[files.StoredFile, str] | None:
    """Return the prompt recording that goes with its words, where there is one."""
    given = fields.has("clone_prompt")
    prompt = fields.child("clone_prompt")
    file_id = prompt.integer("prompt_audio", required=given)
    sentence = prompt.text("prompt_text", required=given, low=1)
    if sentence is not None and sentence.rstrip()[-1:].isalnum():
        raise prompt.fail("prompt_text", "must end with punctuation")
    if file_id is None:
        return None
    missing = prompt.fail("prompt_audio", "no such file")
    return files.of(call, file_id, "prompt_audio", missing), sentence or ""


async def _preview(call: Call, made: MadeVoice, text: str) -> Json:
    """Return the preview of a clone."""
    blobs, work = call.world.blobs, SpeechWork(text, made.hint)
    clip = await blobs.run(work.clip)
    call.world.hearing.note(clip.data, text, clip.words)
    blob = blobs.keep(Blob(work.make, "audio/mpeg"), clip.data)
    expires = call.world.clock.now() + _DAY
    return {
        "demo_audio": blobs.publish(blob, f"clone/{made.id}.mp3", expires, gone_status=403),
        "extra_info": {
            "audio_length": clip.duration_ms,
            "audio_size": len(clip.data),
            "usage_characters": len(text),
            "audio_format": "mp3",
        },
    }


async def _check_recordings(
    call: Call, recording: files.StoredFile, example: tuple[files.StoredFile, str] | None
) -> None:
    """Refuse a recording that is unusable, too short or too long, or says something else."""
    seconds = await call.world.blobs.run(partial(seconds_of, recording.data))
    if seconds is None:
        raise Refused(1000)
    if not 10 <= seconds <= 300:
        raise Refused(2037)
    if example is not None:
        file, sentence = example
        seconds = await call.world.blobs.run(partial(seconds_of, file.data))
        if seconds is None:
            raise Refused(1000)
        if seconds >= 8:
            raise Refused(2048)
        if call.world.hearing.likeness(file.data, sentence) < _PROMPT_LIKENESS:
            raise Refused(1044)


async def listing(call: Call) -> Json:
    """``POST /v1/get_voice``: system voices, and made ones that have spoken."""
    kind = fields_of(call).choice(
        "voice_type", ("system", "voice_cloning", "voice_generation", "all"), required=True
    )
    answer: Json = {}
    if kind in {"system", "all"}:
        answer["system_voice"] = [
            {"voice_id": voice.id, "voice_name": voice.name, "description": []}
            for voice in catalog().voices()
        ]
    now = call.world.clock.now()
    for group in ("voice_cloning", "voice_generation"):
        if kind in {group, "all"}:
            answer[group] = [
                {
                    "voice_id": made.id,
                    "description": [made.description] if made.description else [],
                    "created_time": _day(made),
                }
                for made in call.account.voices.values()
                if made.kind == group and made.used is not None and made.alive(now)
            ]
    return answer


async def delete(call: Call) -> Json:
    """``POST /v1/delete_voice``."""
    fields = fields_of(call)
    kind = fields.choice("voice_type", ("voice_cloning", "voice_generation"), required=True)
    voice_id = fields.text("voice_id", required=True, low=1) or ""
    made = call.account.voices.get(voice_id)
    if made is None or made.kind != kind or not made.alive(call.world.clock.now()):
        raise fields.fail("voice_id", "no such voice")
    made.deleted = True
    return {"voice_id": voice_id, "created_time": _day(made)}


def _day(made: MadeVoice) -> str:
    return datetime.fromtimestamp(made.created, UTC).strftime("%Y-%m-%d")
