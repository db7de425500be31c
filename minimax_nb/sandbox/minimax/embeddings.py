"""``POST /v1/embeddings``: vectors of texts, in MiniMax's own form.

No tokenizer and no model of theirs is published: a word adds the same to each vector it is in, so that texts
with words in common lie near each other, and a text is always at the same place.
"""

from __future__ import annotations

import hashlib
import math
import re

from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import tokens
from minimax_nb.sandbox.minimax.common import fields_of
from minimax_nb.sandbox.wire import Call, Json

SIZE = 1536
_WORD = re.compile(r"\w+")


async def embed(call: Call) -> Json:
    """Return one vector a text; ``type`` says whether it is stored (``db``) or looked for (``query``)."""
    fields = fields_of(call)
    fields.text("model", required=True, low=1)
    fields.choice("type", ("db", "query"), required=True)
    texts = _texts(fields)
    call.entry.ignored = fields.unknown()
    return {"vectors": [_vector(text) for text in texts], "total_tokens": sum(map(tokens.count, texts))}


def _texts(fields: Fields) -> list[str]:
    texts = fields.items("texts", required=True)
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise fields.fail("texts", "must be an array of texts")
    return [str(text) for text in texts]


def _vector(text: str) -> list[float]:
    sums = [0.0] * SIZE
    for word in _WORD.findall(text.lower()) or [text]:
        stream = hashlib.shake_128(word.encode()).digest(2 * SIZE)
        for place in range(SIZE):
            sums[place] += int.from_bytes(stream[2 * place : 2 * place + 2], "little") / 32768 - 1
    length = math.sqrt(sum(value * value for value in sums)) or 1.0
    return [round(value / length, 7) for value in sums]
