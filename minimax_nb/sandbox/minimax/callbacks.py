"""MiniMax's callbacks: a challenge first, then every change of a task's state.

The receiver has 3 s to echo the challenge; one that does not is told nothing (MiniMax docs,
api-reference/video-generation-t2v).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from minimax_nb.sandbox import webhooks
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.faults import Active
from minimax_nb.sandbox.state import Task, World
from minimax_nb.sandbox.wire import Json

_CHALLENGE_S = 3.0


def asked(fields: Fields) -> str | None:
    """Return the address a request wants to be called back at."""
    url = fields.text("callback_url")
    if url is not None and not url.startswith(("https://", "http://")):
        raise fields.fail("callback_url", "must be a URL")
    return url


def facts(url: str | None, faults: Active) -> Json:
    """Return what :func:`launch` needs to find in a task's facts."""
    return {"callback": url, "copies": webhooks.copies(faults)}


def launch(world: World, task: Task, body: Callable[[], Json]) -> None:
    """Put a task on its way; POST ``body()`` to its callback when work begins and when it ends."""
    world.launch(task, lambda done: _finished(world, done, body))
    if task.facts["callback"]:
        world.spawn(_announce(world, task, body))


async def tell(world: World, task: Task, body: Json) -> None:
    """POST a state to the callback, if it has passed the challenge."""
    if not task.facts["callback"]:
        return
    while "callback_ok" not in task.facts:
        await asyncio.sleep(0.02)
    for _ in range(task.facts["copies"] if task.facts["callback_ok"] else 0):
        await webhooks.deliver(world, task, task.facts["callback"], body, timeout=_CHALLENGE_S)


async def _announce(world: World, task: Task, body: Callable[[], Json]) -> None:
    challenge = world.next_rng("challenge").randbytes(16).hex()
    status, answer = await webhooks.deliver(
        world, task, task.facts["callback"], {"challenge": challenge}, timeout=_CHALLENGE_S
    )
    try:
        task.facts["callback_ok"] = status == 200 and json.loads(answer).get("challenge") == challenge
    except (ValueError, AttributeError):
        task.facts["callback_ok"] = False
    await world.clock.sleep_until(task.running_at)
    if world.clock.now() < task.done_at and "cancelled" not in task.facts:
        await tell(world, task, body())


async def _finished(world: World, task: Task, body: Callable[[], Json]) -> None:
    if "cancelled" not in task.facts:
        await tell(world, task, body())
