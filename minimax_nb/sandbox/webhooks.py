"""Webhooks as the providers send them; delivered to loopback only."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from minimax_nb.sandbox.clock import iso
from minimax_nb.sandbox.faults import Active
from minimax_nb.sandbox.state import Task, World

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def acceptable(world: World, url: str) -> bool:
    """Return whether a gateway takes this webhook address: https, or http on loopback where switched on."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    return world.switches.allow_http_webhooks and parts.scheme == "http" and parts.hostname in _LOOPBACK


def copies(faults: Active) -> int:
    """Return how often each event is delivered."""
    if "no-webhook" in faults:
        return 0
    return int(faults.number("duplicate", 2)) if "duplicate" in faults else 1


async def deliver(
    world: World, task: Task, url: str, payload: Any, *, timeout: float
) -> tuple[int | None, bytes]:
    """POST ``payload`` once and write it down.

    Parameters
    ----------
    task
        The task it tells of.
    url
        Where to. An address off this machine is written down and not contacted.
    timeout
        Seconds the receiver has to answer.

    Returns
    -------
    tuple
        The receiver's HTTP status (``None`` when there was none) and its body.
    """
    status: int | None = None
    body, problem = b"", None
    if urlsplit(url).hostname in _LOOPBACK:
        try:
            status, body = await asyncio.to_thread(_post, url, json.dumps(payload).encode(), timeout)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = str(error) or type(error).__name__
    else:
        problem = "not delivered: the sandbox contacts this machine only"
    world.journal.webhooks.append(
        {
            "time": iso(world.clock.now()),
            "provider": task.provider,
            "task_id": task.id,
            "url": url,
            "payload": payload,
            "status": status,
            "problem": problem,
        }
    )
    return status, body


def _post(url: str, body: bytes, timeout: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target or "/", body, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, reply.read(65536)
    finally:
        connection.close()
