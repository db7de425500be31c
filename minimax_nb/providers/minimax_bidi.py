"""Speech of a text that goes out in parts: the replies of MiniMax's bidirectional WebSocket.

The provider finds the sentences; each is a recording of its own, with a count of its own, and they are joined
here. A part that is refused alone (2203 empty, 2204 too long, 2205 too many at a time) is left out, no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.providers.base import Outcome, Output, Usage
from minimax_nb.providers.bodies import as_int, as_object, as_text
from minimax_nb.providers.minimax_streams import MIMES, broken, failed, frames, hex_bytes, illegal_note
from minimax_nb.providers.replies import trace_of
from minimax_nb.wire import Json, Reply

_SOFT: Mapping[int, str] = {
    2204: "it was too long for one message",
    2205: "too much came at a time",
}
_EMPTY = 2203


def read(request: SpeechRequest, reply: Reply) -> Outcome:
    """Read the whole conversation: its audio, its sentences with their times, and what was counted."""
    sounds, sentences, warnings = [], list[Json](), list[str]()
    last, failure, spoken = None, None, ""
    for frame in frames(reply):
        code = as_int(as_object(frame.get("base_resp")).get("status_code")) or 0
        data = as_object(frame.get("data"))
        sounds.append(hex_bytes(data.get("audio")))
        if frame.get("event") == "sentence_start":
            spoken = as_text(data.get("text")) or ""
        if code in _SOFT:
            warnings.append(f"MiniMax left out a part of the text: {_SOFT[code]}")
        elif code and code != _EMPTY:
            failure = failure or frame
        elif frame.get("is_final") is True:
            sentences.append({"text": spoken, **as_object(frame.get("extra_info"))})
            warnings += illegal_note(frame)
        elif frame.get("event") == "task_finished":
            last = frame
    audio = b"".join(sounds)
    outputs = (Output(data=audio, mime=MIMES.get(request.format)),) if audio else ()
    if failure is not None:
        return failed(failure, reply, outputs)
    if last is None or not outputs:
        return broken(reply, outputs, "the stream has no end" if last is None else "no usable audio came")
    return Outcome(
        "succeeded",
        outputs=(*outputs, *_captions(request, sentences)),
        charge="charged",
        usage=_usage(sentences),
        facts=_facts(request, sentences, trace_of(Reply(200, reply.headers, json.dumps(last).encode()))),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _usage(sentences: list[Json]) -> Usage | None:
    counted = [as_int(row.get("usage_characters")) for row in sentences]
    told = [count for count in counted if count is not None and count >= 0]
    return Usage("character", sum(told)) if told and len(told) == len(counted) else None


def _facts(request: SpeechRequest, sentences: list[Json], trace: str | None) -> dict[str, Any]:
    lengths = [as_int(row.get("audio_length")) for row in sentences]
    facts = {
        "trace_id": trace,
        "sentences": len(sentences),
        "duration_ms": sum(filter(None, lengths)) if all(lengths) else None,
        "sample_rate": request.sample_rate,
        "channels": request.channel,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _captions(request: SpeechRequest, sentences: list[Json]) -> tuple[Output, ...]:
    """Return the sentences with their times in ms, where captions are asked for and the times are told."""
    rows, begin = [], 0
    for row in sentences if request.subtitle else ():
        length = as_int(row.get("audio_length"))
        if length is None:
            return ()
        rows.append({"text": row["text"], "time_begin": begin, "time_end": begin + length})
        begin += length
    data = json.dumps(rows, ensure_ascii=False).encode()
    return (Output("subtitle", data=data, mime="application/json"),) if rows else ()
