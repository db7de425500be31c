"""MiniMax's video agent: videos by a template (MiniMax docs, api-reference/video-agent-create and -query)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from minimax_nb.kinds.agent import AgentVideoRequest
from minimax_nb.kinds.base import Request
from minimax_nb.providers import minimax_replies as replies
from minimax_nb.providers.base import Outcome, Output
from minimax_nb.providers.bodies import as_text
from minimax_nb.providers.replies import classify_poll, is_url
from minimax_nb.wire import HttpCall, Json, Reply

#: What a locator says of whose task it is.
OF = "agent"
_CREATE, _READ = 60.0, 30.0
#: Seconds the address of a finished video lives (MiniMax docs, api-reference/video-agent-query).
_URL = 9 * 3_600.0


def create(request: Request, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the paid request."""
    assert isinstance(request, AgentVideoRequest)
    body: Json = {"template_id": request.template_id}
    if request.texts:
        body["text_inputs"] = [{"value": text} for text in request.texts]
    if request.image:
        body["media_inputs"] = [{"value": media.wire} for media in request.image]
    return HttpCall("POST", "/v1/video_template_generation", body=body, timeout=_CREATE)


def read_created(request: Request, reply: Reply) -> Outcome:
    """Read the reply to the paid request: the id of a task."""
    outcome = replies.read_submit(request, reply)
    return outcome if outcome.locator is None else replace(outcome, locator={**outcome.locator, "of": OF})


def poll(locator: Json) -> HttpCall:
    """Build the status request."""
    query = {"task_id": str(locator["task_id"])}
    return HttpCall("GET", "/v1/query/video_template_generation", query=query, timeout=_READ)


def read_poll(locator: Json, reply: Reply) -> Outcome:
    """Read a task's status, as that of any video; a finished one comes with its address, not with a file id."""
    outcome = replies.read_poll(locator, reply)
    word = (as_text(reply.data.get("status")) or "").strip().lower()
    url = reply.data.get("video_url")
    if classify_poll(reply) is not None or word not in replies.SUCCEEDED or not is_url(url):
        return outcome
    output = Output(url=url, mime="video/mp4", expires_in=_URL)
    facts = {**outcome.facts, **replies.facts_of(reply)}
    return replace(outcome, state="succeeded", outputs=(output,), charge="charged", error=None, facts=facts)
