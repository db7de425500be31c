"""What the engine's other files do to a job again and again: change its row, send a free call, look at it."""

from __future__ import annotations

import asyncio
from typing import Any

from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.pace import backoff
from minimax_nb.errors import ErrorInfo, NotSentError, OutcomeUnknownError
from minimax_nb.http import Transport
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import HttpCall, Json, Reply

FREE_TRIES = 3


async def change(job: LiveJob, event: str, **changes: Any) -> None:
    """Write row changes durably, then show them."""
    job.record = await asyncio.wrap_future(job.plan.ledger.update_job(job.id, event=event, **changes))
    job.notify()


async def send_free(call: HttpCall, job: LiveJob, transport: Transport) -> Reply | ErrorInfo:
    """Send a call that costs nothing, again after a failure; the last failure when all tries fail."""
    connection = job.plan.connection
    failure = ErrorInfo("transport", "not tried")
    for attempt in range(FREE_TRIES):
        try:
            return await transport.send(call, host=connection.host, auth=connection.auth)
        except (NotSentError, OutcomeUnknownError) as error:
            failure = error.info or ErrorInfo("transport", error.message)
            await asyncio.sleep(backoff(attempt, job.jitter, None, connection.speed))
    return failure


async def look(job: LiveJob, transport: Transport, locator: Json | None = None) -> Outcome:
    """Ask the provider for the job's state once, or for another task's; a failed look is ``retry``."""
    connection, locator = job.plan.connection, locator or job.record.locator
    assert locator is not None
    call = connection.provider.poll(locator)
    try:
        reply = await transport.send(call, host=connection.host, auth=connection.auth)
    except (NotSentError, OutcomeUnknownError) as error:
        return Outcome("retry", error=error.info)
    return connection.provider.parse_poll(locator, reply)
