"""The paths beyond the first generation: V2 video, templates, text, lyrics, plans."""

from __future__ import annotations

from collections.abc import Mapping

from minimax_nb.sandbox.minimax import (
    agent,
    anthropic,
    chat,
    cover,
    embeddings,
    lyrics,
    plans,
    responses,
    roleplay,
    v2,
    v2_more,
)
from minimax_nb.sandbox.minimax.operation import Operation

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v2/video_generation"): Operation(v2.generate, "video-v2"),
    ("GET", "/v2/query/video_generation"): Operation(v2.listing),
    ("GET", "/v2/query/video_generation/{id}"): Operation(v2.query),
    ("DELETE", "/v2/video_generation/{id}"): Operation(v2.delete),
    ("POST", "/v2/h3_context_ir"): Operation(v2_more.context_ir, "context-ir"),
    ("POST", "/v2/video_regeneration"): Operation(v2_more.regenerate, "video-regeneration"),
    ("POST", "/v1/video_template_generation"): Operation(agent.generate, "agent", {"task_id": ""}),
    ("GET", "/v1/query/video_template_generation"): Operation(agent.query),
    ("POST", "/v1/chat/completions"): Operation(chat.complete),
    ("GET", "/v1/models"): Operation(chat.models),
    ("GET", "/v1/models/{id}"): Operation(chat.model),
    ("POST", "/v1/responses"): Operation(responses.create),
    ("POST", "/v1/responses/input_tokens"): Operation(responses.input_tokens),
    ("POST", "/v1/text/chatcompletion_v2"): Operation(roleplay.complete),
    ("POST", "/anthropic/v1/messages"): Operation(anthropic.messages),
    ("POST", "/anthropic/v1/messages/count_tokens"): Operation(anthropic.count_tokens),
    ("GET", "/anthropic/v1/models"): Operation(anthropic.models),
    ("GET", "/anthropic/v1/models/{id}"): Operation(anthropic.model),
    ("POST", "/v1/lyrics_generation"): Operation(lyrics.generate, "lyrics"),
    ("POST", "/v1/music_cover_preprocess"): Operation(cover.preprocess, "cover-preprocess"),
    ("POST", "/v1/embeddings"): Operation(embeddings.embed),
    ("GET", "/v1/token_plan/remains"): Operation(plans.remains),
    ("POST", "/v1/coding_plan/search"): Operation(plans.search),
    ("POST", "/v1/coding_plan/vlm"): Operation(plans.look),
}


def find(method: str, path: str) -> Operation | None:
    """Return the operation of a path; its last part may be an id."""
    return OPERATIONS.get((method, path)) or OPERATIONS.get((method, f"{path.rpartition('/')[0]}/{{id}}"))
