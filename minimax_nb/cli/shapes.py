"""What scripts read: plain dicts of jobs, money and the rest. Times are ISO 8601 in UTC, money is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from minimax_nb.ledger.record import JobRecord

if TYPE_CHECKING:
    from minimax_nb.lab.job import Job
    from minimax_nb.lab.sweeps.sweep import Sweep
    from minimax_nb.ledger.budgets import BudgetStatus


def exact(nano: int | None) -> str | None:
    """Return nano-units as text in whole units, nothing rounded; ``None`` when not known."""
    if nano is None:
        return None
    text = format(Decimal(nano).scaleb(-9), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(microseconds: int | None) -> str | None:
    """Return a moment as ISO text."""
    if microseconds is None:
        return None
    return (
        datetime.fromtimestamp(microseconds / 1e6, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def row_of(record: JobRecord) -> dict[str, Any]:
    """Return one job without its files."""
    end = record.stored_us or record.finished_us
    return {
        "job": record.id,
        "kind": record.kind,
        "provider": record.provider,
        "model": record.model,
        "state": record.state.value,
        "result": record.result.value,
        "charge": record.charge.value,
        "sandbox": record.sandbox,
        "cost": exact(record.cost_nano),
        "cost_nano": record.cost_nano,
        "estimate": exact(record.estimate_nano),
        "estimate_nano": record.estimate_nano,
        "currency": record.currency,
        "project": record.project,
        "sweep": record.batch,
        "axes": record.axes,
        "prompt": record.prompt,
        "seed": record.request.get("seed", record.facts.get("seed")),
        "voice_id": record.facts.get("voice_id"),
        "tags": dict(record.tags),
        "asked": moment(record.created_us),
        "seconds": None if end is None else round((end - record.created_us) / 1e6, 3),
        "error": record.error,
    }


def job_of(job: Job) -> dict[str, Any]:
    """Return one job with its files, and its text where it is words."""
    files = list(job.media)
    outputs = [item for item in files if item.role == "output"]
    record = job.record
    texts = [item.text() for item in outputs if item.kind == "text"]
    return {
        **row_of(record),
        "warnings": list(record.warnings),
        "files": [str(item.path) for item in files],
        "text": texts[0] if len(texts) == 1 else None,
    }


def sweep_of(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep with its jobs."""
    return {
        "sweep": sweep.id,
        "axes": {name: list(found) for name, found in sweep.axes.items()},
        "jobs": [job_of(job) for job in sweep.jobs],
    }


def budget_of(status: BudgetStatus) -> dict[str, Any]:
    """Return one budget with what is left of it."""
    budget = status.budget
    amounts = {
        "hard": budget.hard_nano,
        "soft": budget.soft_nano,
        "spent": status.spent_nano,
        "reserved": status.reserved_nano,
        "possibly_spent": status.possible_nano,
        "left": status.left_nano,
    }
    return {
        "id": budget.id,
        "scope": dict(budget.scope),
        "per": budget.period,
        "currency": budget.currency,
        "sandbox": budget.sandbox,
        **money(amounts),
    }


def money(amounts: Mapping[str, int | None]) -> dict[str, Any]:
    """Return amounts as text, and in nano-units under ``…_nano``."""
    return {
        key: value
        for name, nano in amounts.items()
        for key, value in ((name, exact(nano)), (f"{name}_nano", nano))
    }


def frame_rows(frame: Any) -> list[dict[str, Any]]:
    """Return a DataFrame's rows; JSON texts become what they say, and nothing is NaN."""
    import json

    found = []
    for row in frame.to_dict(orient="records"):
        plain = {name: _plain(value) for name, value in row.items()}
        if "cost" in plain and "cost_nano" in plain:
            plain["cost"] = exact(plain["cost_nano"])
        for name in ("options", "tags", "axes", "warnings", "facts", "request"):
            if isinstance(plain.get(name), str):
                plain[name] = json.loads(plain[name])
        found.append(plain)
    return found


def _plain(value: Any) -> Any:
    import pandas as pd

    if not isinstance(value, Sequence | Mapping) and pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.item() if hasattr(value, "item") else value


def row_of_request(provider: str, request: Any) -> dict[str, Any]:
    """Return a request that was not sent."""
    return {
        "kind": request.kind,
        "provider": provider,
        "model": getattr(request, "model", None),
        "prompt": getattr(request, request.text_field, None),
    }
