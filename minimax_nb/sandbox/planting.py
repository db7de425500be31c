"""Put a task of any state into the sandbox, for tests of replies that no request leads to."""

from __future__ import annotations

from minimax_nb.sandbox.accounts import Account
from minimax_nb.sandbox.apixo import voice
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.pixazo import queue
from minimax_nb.sandbox.pixazo.common import AUDIO, MUSIC, VOICE
from minimax_nb.sandbox.state import Failure, Task, World
from minimax_nb.sandbox.studio import MusicWork, SpeechWork, VideoWork
from minimax_nb.sandbox.wire import Json

_STAGES = ("queued", "running", "done")
_TEXT = "A planted result."


def plant(world: World, body: Json) -> Json:
    """Create a task as described.

    ``{"provider", "id", "op", "stage": "queued"|"running"|"done", "seconds_left", "failure": {"word",
    "message"}, "prompt", "text", "voice_id", "legacy", "short", "key"}``. ``op`` is ``music``, ``speech`` or
    ``voice-design`` at Pixazo, and left out elsewhere. A ``text`` of ``""`` at APIXO makes a voice without a
    preview.
    """
    provider, task_id = body["provider"], str(body["id"])
    key = body.get("key")
    account = next((a for a in world.accounts if a.provider == provider and key in (None, a.key)), None)
    if account is None:
        raise ValueError(f"no such account of {provider!r}")
    task = _MAKERS[provider](world, account, task_id, body)
    _place(world, task, body.get("stage", "done"), float(body.get("seconds_left", 3600)))
    if body.get("failure"):
        task.failure = Failure(body["failure"]["word"], body["failure"]["message"])
    task.settled = True
    world.tasks[task_id] = task
    return {"id": task_id}


def _place(world: World, task: Task, stage: str, left: float) -> None:
    """Move a task to where it stands now."""
    if stage not in _STAGES:
        raise ValueError(f"stage is one of {', '.join(_STAGES)}")
    now = world.clock.now()
    if stage == "queued":
        task.created, task.queue_s, task.run_s = now, left, 60.0
    elif stage == "running":
        task.created, task.queue_s, task.run_s = now - 5, 5.0, left
    else:
        task.created, task.queue_s, task.run_s = now - 61, 1.0, 59.0


def _pixazo(world: World, account: Account, task_id: str, body: Json) -> Task:
    prompt, text = body.get("prompt", _TEXT), body.get("text", _TEXT)
    seed = world.rng(task_id).getrandbits(31)
    orders = {
        "music": queue.Order(
            MUSIC, "music", MusicWork(prompt, None, True, seed, "mp3", 44_100, 256_000), "mp3"
        ),
        "speech": queue.Order(AUDIO, "speech", SpeechWork(text, "narrator", format="wav"), "wav"),
        "voice-design": queue.Order(
            VOICE, "voice-design", SpeechWork(text, prompt, format="wav", sample_rate=24_000), "wav", prompt
        ),
    }
    task = queue.make_task(world, account, orders[body["op"]], task_id)
    task.facts |= {"legacy": body.get("legacy", False), "short": body.get("short", False)}
    return task


def _apixo(world: World, account: Account, task_id: str, body: Json) -> Task:
    text = body.get("text", _TEXT)
    work = SpeechWork(text, task_id) if text else None
    return voice.make_task(world, account, task_id, body.get("voice_id", "planted-000000"), work)


def _minimax(world: World, account: Account, task_id: str, body: Json) -> Task:
    seed = world.rng(task_id).getrandbits(31)
    work = VideoWork(body.get("prompt", _TEXT), 1366, 768, 6, seed, "MiniMax-Hailuo-2.3", None, None, None)
    facts = {"width": 1366, "height": 768, "callback": None, "copies": 1}
    blob = Blob(work.make, "video/mp4")
    return Task(task_id, "minimax", "video", account, world.clock.now(), 0.0, 0.0, blob=blob, facts=facts)


_MAKERS = {"pixazo": _pixazo, "apixo": _apixo, "minimax": _minimax}
