"""Free questions about an account, outside jobs: sent on the engine's loop, again after a failure."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from minimax_nb.engine.calls import FREE_TRIES
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.pace import backoff
from minimax_nb.errors import ErrorInfo, NotSentError, OutcomeUnknownError, ProviderError
from minimax_nb.http import Transport
from minimax_nb.wire import HttpCall, Reply

Answer = TypeVar("Answer")

#: Seconds that a provider may ask to wait; who sits before a cell is told rather than kept.
PATIENCE = 20.0
_UNHEARD = "Nothing can have been charged; look at the list before you repeat it."


@dataclass(frozen=True, slots=True)
class Question:
    """One free call.

    Parameters
    ----------
    connection
        Where it goes.
    call
        What is sent.
    again
        True where asking twice does no harm; a deletion is sent again only when nothing of it was written.
    tries
        How often it is sent at most.
    with_key
        False where the answer needs no key.
    """

    connection: Connection
    call: HttpCall
    again: bool = True
    tries: int = FREE_TRIES
    with_key: bool = True


async def ask(
    transport: Transport, question: Question, read: Callable[[Reply], Answer | ErrorInfo]
) -> Answer:
    """Send a free call and return what its reply says.

    Raises
    ------
    NotSentError
        The host cannot be reached.
    ProviderError
        The provider refused, or its reply was lost each time.
    """
    connection, jitter = question.connection, random.Random()  # noqa: S311 - spreads tries, protects nothing
    title = connection.provider.title
    auth = connection.auth if question.with_key else {}
    for attempt in range(1, question.tries + 1):
        last, wait = attempt == question.tries, backoff(attempt - 1, jitter, None, connection.speed)
        try:
            reply = await transport.send(question.call, host=connection.host, auth=auth)
        except NotSentError:
            if last:
                raise
        except OutcomeUnknownError as error:
            if last or not question.again:
                raise ProviderError(f"{title}: {error.message}", hint=_UNHEARD, info=error.info) from error
        else:
            answer = read(reply)
            if not isinstance(answer, ErrorInfo):
                return answer
            wait = wait if answer.retry_after is None else answer.retry_after
            if last or answer.category != "rate_limited" or wait > PATIENCE:
                raise refusal(title, answer)
        await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


def refusal(title: str, info: ErrorInfo) -> ProviderError:
    """Return the error that a refused question raises."""
    code = f" ({info.code})" if info.code else ""
    return ProviderError(f"{title}: {info.message}{code}", info=info)
