"""Made voices: written down when they are made, and told apart when they speak for the first time.

A made voice costs its fee with its first use, and is dropped by the provider when it was not used for some days.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from minimax_nb.catalog import catalog
from minimax_nb.engine.live import LiveJob
from minimax_nb.kinds.spoken import mix_of
from minimax_nb.ledger.record import JobRecord

ORIGINS = {"voice-design": "designed", "voice-clone": "cloned"}
#: The facts that price the fees of first uses: how many new voices of each origin speak.
FEE_FACTS = {"designed": "designed_voices", "cloned": "cloned_voices"}
_DAY_US = 86_400 * 10**6


def speakers(kind: str, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield the voices that a request speaks with; several where they are mixed."""
    if kind != "speech":
        return
    if isinstance(request.get("mix"), str):
        with suppress(ValueError):
            yield from (voice_id for voice_id, _ in mix_of(request["mix"]))
    elif isinstance(request.get("voice"), str):
        yield request["voice"]


def fees(origins: Iterable[str]) -> dict[str, int]:
    """Return the facts that price the fees of new voices of these origins; empty for none."""
    counted = Counter(origins)
    return {FEE_FACTS[origin]: count for origin, count in counted.items() if origin in FEE_FACTS}


async def first_uses(job: LiveJob) -> dict[str, int]:
    """Note which voices spoke in a finished job; return the facts that price those that had not before."""
    ledger, account = job.plan.ledger, job.plan.connection.account
    found = [
        await asyncio.wrap_future(ledger.use_voice(account, voice_id, job.id))
        for voice_id in dict.fromkeys(speakers(job.record.kind, job.record.request))
        if not catalog().has_voice(voice_id)
    ]
    return fees(origin for origin in found if origin)


async def remember(job: LiveJob) -> None:
    """Write down the voice that a finished job made."""
    record = job.record
    origin, voice_id = ORIGINS.get(record.kind), record.facts.get("voice_id")
    if origin is None or not voice_id:
        return
    days = job.plan.model.limits.get("unused_days")
    expires = None if days is None else _made_us(record) + days * _DAY_US
    written = job.plan.ledger.add_voice(
        job.plan.connection.account,
        str(voice_id),
        origin=origin,
        provider=record.provider,
        job_id=record.id,
        expires_us=expires,
    )
    await asyncio.wrap_future(written)


def _made_us(record: JobRecord) -> int:
    # Some providers count from the creation, others from the end; the earlier moment is the safe one.
    return record.submitted_us or record.created_us
