"""What the tests of webhooks share: jobs of each provider, and what anybody could send to their addresses."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from minimax_nb import Lab, MusicRequest, VideoRequest, VoiceDesignRequest
from minimax_nb.lab.job import Job

ASK: dict[str, Callable[[Lab], Job]] = {
    "minimax": lambda lab: lab.submit(VideoRequest(prompt="A red fox runs")),
    "pixazo": lambda lab: lab.submit(MusicRequest(prompt="lo-fi", instrumental=True), provider="pixazo"),
    "apixo": lambda lab: lab.submit(
        VoiceDesignRequest(prompt="warm", preview="Hello.", voice_prefix="warm001"), provider="apixo"
    ),
}
HOUR = 3600
#: Seconds between polls: in these tests whatever is seen in time is seen because of a webhook.
HARDLY_EVER = "60"


def post(url: str, body: Any) -> int:
    """POST to a webhook address as anybody could."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", parts.path, raw, {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


def polls(control: Any) -> int:
    return len(
        [
            item
            for item in control.requests("GET")
            if re.search("query|requests/status|statusTask", item["path"])
        ]
    )


def address_of(control: Any) -> str:
    """The address that the last video request carried, from the sandbox's journal."""
    return str(control.requests("POST")[-1]["body"]["callback_url"])


def names(lab: Lab, job: Job) -> list[str]:
    return [event.event for event in lab.ledger.events(job.id)]
