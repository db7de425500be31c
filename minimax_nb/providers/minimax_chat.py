"""MiniMax's text models: the request of a turn, and its answer, whole or streamed.

Four endpoints say the same in four ways (MiniMax docs, api-reference: text-anthropic-api, text-chat-openai,
text-chat): the Anthropic-compatible one, which MiniMax recommends, OpenAI's two forms, and the native one for
role play. Thinking comes beside the text, or in it between ``<think>`` and ``</think>``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.kinds.chat import ChatRequest
from minimax_nb.providers import codes
from minimax_nb.providers.base import Outcome, Output, Usage
from minimax_nb.providers.carry import model_of
from minimax_nb.providers.minimax_answer import AnswerReader, Said, is_stream, whole
from minimax_nb.providers.minimax_replies import code_error, judge_submit
from minimax_nb.providers.replies import error_of, outcome_of, trace_of, unreadable
from minimax_nb.wire import HttpCall, Json, Reply

_NAME = "minimax"
#: Seconds without a byte; an answer in one piece is silent until it is done.
_QUIET = 600.0
MARKDOWN = "text/markdown"

_PATHS = {
    "anthropic": "/anthropic/v1/messages",
    "openai": "/v1/chat/completions",
    "responses": "/v1/responses",
    "native": "/v1/text/chatcompletion_v2",
}
#: Where the tokens of a request are counted, free; by the form of the request.
_COUNTS = {"anthropic": "/anthropic/v1/messages/count_tokens", "responses": "/v1/responses/input_tokens"}
_MOST = {"anthropic": "max_tokens", "responses": "max_output_tokens"}
#: OpenAI's newer form knows how much thinking, not whether.
_EFFORT = {"adaptive": "medium", "disabled": "none"}
_VERSION = {"anthropic-version": "2023-06-01"}


def build(request: ChatRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the paid request of one turn."""
    api = _api(request)
    body = _said(request, api)
    body[_MOST.get(api, "max_completion_tokens")] = request.max_tokens
    for name in ("temperature", "top_p"):
        if getattr(request, name) is not None:
            body[name] = getattr(request, name)
    if request.stream:
        body["stream"] = True
        if api == "openai":
            body["stream_options"] = {"include_usage": True}
    body = {name: value for name, value in body.items() if value is not None}
    return HttpCall("POST", _PATHS[api], headers=_headers(api), body=body, timeout=_QUIET)


def _said(request: ChatRequest, api: str) -> Json:
    """Return the part of the body that counts as input: model, turns, and how to think."""
    body: Json = {"model": model_of(_NAME, request).wire or request.model}
    if api == "anthropic":
        body |= {"system": request.system} if request.system else {}
        body["messages"] = list(_messages(request, _anthropic_picture))
    elif api == "responses":
        body |= {"instructions": request.system} if request.system else {}
        body["input"] = list(_messages(request, _responses_picture, "input_text"))
    else:
        system = [{"role": "system", "content": request.system}] if request.system else []
        body["messages"] = [*system, *_messages(request, _openai_picture)]
    if request.thinking is not None:
        if api == "responses":
            body["reasoning"] = {"effort": _EFFORT[request.thinking]}
        else:
            body["thinking"] = {"type": request.thinking}
    return body


def _headers(api: str) -> Mapping[str, str]:
    return _VERSION if api == "anthropic" else {}


def count_call(request: ChatRequest) -> HttpCall | None:
    """Build the (free) question for the tokens of a turn's input; ``None`` where nobody counts them.

    OpenAI's older form has no count of its own; the newer one's is asked, which says the same in other words.
    Only models that take pictures are counted by the Anthropic-compatible one.
    """
    api = _api(request)
    if api == "native":
        return None
    if api == "openai" or not model_of(_NAME, request).limits.get("inputs"):
        api = "responses"
    return HttpCall("POST", _COUNTS[api], headers=_headers(api), body=_said(request, api), timeout=60.0)


def _api(request: ChatRequest) -> str:
    return "native" if "role-play" in model_of(_NAME, request).modes else request.api or "anthropic"


def _messages(request: ChatRequest, picture: Any, words: str = "text") -> Iterator[Json]:
    """Yield the turns, oldest first; a turn without pictures is plain text."""
    texts = [*(request.history or ()), request.prompt]
    for index, text in enumerate(texts):
        shown = request.pictures[index // 2] if index % 2 == 0 else ()
        content = [*map(picture, shown), {"type": words, "text": text}] if shown else text
        yield {"role": "assistant" if index % 2 else "user", "content": content}


def _anthropic_picture(media: MediaInput) -> Json:
    if media.data is None:
        return {"type": "image", "source": {"type": "url", "url": media.wire}}
    data = base64.b64encode(media.data).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": media.mime, "data": data}}


def _openai_picture(media: MediaInput) -> Json:
    return {"type": "image_url", "image_url": {"url": media.wire}}


def _responses_picture(media: MediaInput) -> Json:
    return {"type": "input_image", "image_url": media.wire}


def reader(request: ChatRequest) -> AnswerReader | None:
    """Return what reads the answer while it comes; ``None`` when it comes in one piece."""
    return AnswerReader() if request.stream else None


def read(request: Request, reply: Reply) -> Outcome:
    """Read the reply to :func:`build`.

    An answer that breaks off is ``unknown`` with what came of it: it was accepted, so it is charged, and
    nobody said how much. One that the provider ends with an error is ``failed`` in the same way, unless
    nothing had come yet.
    """
    assert isinstance(request, ChatRequest)
    if 200 <= reply.status < 300 and is_stream(reply):
        stream = AnswerReader()
        stream.feed(reply.content)
        stream.close()
        said = stream.said
    else:
        judged = judge_submit(reply)
        if judged is not None:
            return judged
        said = whole(reply.data)
        if not said.ended:
            return unreadable(reply, "answer")
    return _broken(said, reply) or _answered(request, said, reply)


def _outputs(said: Said) -> tuple[Output, ...]:
    parts: tuple[tuple[Literal["output", "thinking"], str], ...]
    parts = (("output", said.text), ("thinking", said.thinking))
    return tuple(
        Output(role, data=text.encode("utf-8", "replace"), mime=MARKDOWN) for role, text in parts if text
    )


def _broken(said: Said, reply: Reply) -> Outcome | None:
    """Return the outcome of an answer that did not come to its end; ``None`` when it did."""
    if said.refusal is not None:
        inner = Reply(said.refusal.status, reply.headers, said.refusal.body)
        judged = judge_submit(inner) or outcome_of(codes.UNREADABLE, error_of(codes.UNREADABLE, inner))
        if not _outputs(said):
            return judged
        error = judged.error or code_error(1000, inner)
        error = replace(error, next_step="What came of the answer is kept; %minimax resend asks once more.")
        return Outcome("failed", error=error, charge="unknown", outputs=_outputs(said))
    if said.ended:
        return None
    broken = unreadable(reply, "end: the answer breaks off")
    return replace(broken, outputs=_outputs(said))


def _answered(request: ChatRequest, said: Said, reply: Reply) -> Outcome:
    warnings = []
    if said.finish == "length":
        spent = "" if said.text else ", all of them for thinking"
        warnings.append(f"the answer is cut off: it reached --max-tokens {request.max_tokens}{spent}")
    elif said.finish == "content_filter":
        warnings.append("MiniMax's filter ended the answer")
    counted = said.counted
    if counted is None:
        warnings.append("MiniMax does not say how many tokens it counted; the cost is the most it can be")
    facts = {
        "finish_reason": said.finish,
        **({} if counted is None else _told(counted)),
        "thinking_tokens": said.thinking_tokens,
        "provider_id": said.id,
        "trace_id": trace_of(reply),
    }
    return Outcome(
        "succeeded",
        outputs=_outputs(said),
        charge="charged",
        usage=None if counted is None else Usage("token", sum(counted.values()), counted),
        facts={key: value for key, value in facts.items() if value is not None},
        warnings=tuple(warnings),
    )


def _told(counted: Mapping[str, int]) -> Json:
    told = {"prompt_tokens": counted["prompt_tokens"], "cached_tokens": counted["cache_read_tokens"]}
    return {**told, "output_tokens": counted["output_tokens"]}
