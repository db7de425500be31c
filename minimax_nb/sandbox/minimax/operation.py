"""One operation of the MiniMax port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from minimax_nb.sandbox.wire import Call, Json

Handler = Callable[[Call], Awaitable[Json | Response]]


@dataclass(frozen=True)
class Operation:
    """One path.

    Parameters
    ----------
    handler
        Answers it: the body of a success without its envelope, or a whole reply.
    kind
        The catalog's kind whose limit counts it; ``None`` for reads.
    empty
        What a refusal carries beside its code.
    """

    handler: Handler
    kind: str | None = None
    empty: Mapping[str, object] = field(default_factory=dict)
