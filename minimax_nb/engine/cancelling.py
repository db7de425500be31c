"""Cancels a job that waits at the provider, where it can be cancelled at no cost."""

from __future__ import annotations

from minimax_nb.engine.calls import look
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import MiniMaxError
from minimax_nb.http import Transport
from minimax_nb.ledger.record import JobState
from minimax_nb.providers.base import HasCancel


def can_cancel(job: LiveJob) -> bool:
    """Tell whether the provider has a cancellation for this job as it stands."""
    provider, locator = job.plan.connection.provider, job.record.locator
    if not isinstance(provider, HasCancel) or locator is None or job.record.state is not JobState.QUEUED:
        return False
    return provider.cancel_call(locator) is not None


async def cancel_queued(job: LiveJob, transport: Transport) -> bool:
    """Cancel a job that still waits; the provider's next word on it ends it here.

    It is looked at first: where a finished task's record is deleted by the same call, its result would be lost.
    """
    connection, locator = job.plan.connection, job.record.locator
    provider = connection.provider
    if not can_cancel(job) or not isinstance(provider, HasCancel) or locator is None:
        return False
    if (await look(job, transport)).state != "queued":
        job.woken.set()  # there is news of it
        return False
    call = provider.cancel_call(locator)
    assert call is not None, "can_cancel has seen it"
    try:
        reply = await transport.send(call, host=connection.host, auth=connection.auth)
    except MiniMaxError:
        return False
    finally:
        job.woken.set()
    return provider.parse_cancel(reply) is True
