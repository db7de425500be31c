"""``POST /v1/text/chatcompletion_v2``: the native text endpoint, now for ``M2-her``.

A stream ends with a whole ``chat.completion`` object, whose text repeats that of the chunks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import Response

from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import talk as talking
from minimax_nb.sandbox.minimax.envelope import Refused, base_resp
from minimax_nb.sandbox.minimax.talk import Answer, Talk
from minimax_nb.sandbox.minimax.writer import Turn, excerpt, keywords
from minimax_nb.sandbox.streams import event, events
from minimax_nb.sandbox.wire import REFUSED_OUTPUT, Call, Json

_ROLES = ("system", "user", "assistant", "user_system", "group", "sample_message_user", "sample_message_ai")


async def complete(call: Call) -> Json | Response:
    """Stay in a role."""
    fields = talking.body_of(call)
    talk = Talk(talking.model_of(call, fields, "role-play"), thinking=False)
    items = fields.items("messages", required=True)
    names: dict[str, str] = {}
    for index, raw in enumerate(items):
        message = Fields(raw if isinstance(raw, dict) else {}, f"messages[{index}].")
        role = message.choice("role", _ROLES, required=True) or ""
        names[role] = message.text("name") or names.get(role, "")
        talk.turns.append(Turn(role, message.text("content", required=True) or ""))
    if not any(turn.role == "user" for turn in talk.turns):
        raise fields.fail("messages", "must have a message of the user")
    talk.most = fields.integer("max_completion_tokens", low=1, high=talk.model.limits["output_max"])
    fields.number("temperature", 0, 1, open_low=True)
    fields.number("top_p", 0, 1, open_low=True)
    stream = fields.flag("stream")
    call.entry.ignored = fields.unknown()
    if any(REFUSED_OUTPUT in turn.text for turn in talk.turns):
        raise Refused(1027)
    found = talking.answer(call, talk, fields.data, None)
    head: Json = {"id": call.world.next_rng("role play").randbytes(16).hex(), "model": talk.model.name}
    head["created"] = int(call.world.clock.now())
    text = _in_role(talk, found, names.get("system") or "MiniMax AI")
    whole = _whole(head, found, text, names.get("system") or "MiniMax AI")
    if stream:
        return events(_stream(call, talk, head, text, whole))
    await talking.wait(call, found, talk.model)
    return whole


def _in_role(talk: Talk, found: Answer, name: str) -> str:
    """Return a line of dialogue; a whole page would be out of character."""
    last = next(turn.text for turn in reversed(talk.turns) if turn.role == "user")
    if "\n" not in found.text:
        return found.text
    about = (keywords(last, 1) or ["that"])[0]
    return f"*{name} looks up.* “{excerpt(last, 40)}”, you say? Tell me more about {about}."


def _whole(head: Json, found: Answer, text: str, name: str) -> Json:
    message = {"role": "assistant", "name": name, "content": text, "audio_content": ""}
    return {
        **head,
        "object": "chat.completion",
        "choices": [{"index": 0, "finish_reason": found.finish, "message": message}],
        "usage": {
            "total_tokens": found.prompt_tokens + found.completion_tokens,
            "total_characters": 0,
            "prompt_tokens": found.prompt_tokens,
            "completion_tokens": found.completion_tokens,
        },
        "input_sensitive": False,
        "output_sensitive": False,
    }


async def _stream(call: Call, talk: Talk, head: Json, text: str, whole: Json) -> AsyncIterator[bytes]:
    async for piece in talking.spoken(call, talk.model, text):
        choice = {"index": 0, "delta": {"role": "assistant", "content": piece}}
        yield event({**head, "object": "chat.completion.chunk", "choices": [choice]})
    yield event({**whole, **base_resp()})
