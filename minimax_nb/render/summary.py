"""The lines that HTML and text have in common: one job in a line, many jobs in a line, which rows fit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from minimax_nb.ledger.record import JobState
from minimax_nb.render import format as fmt
from minimax_nb.render.view import STABLE_FACTS, JobView

_LINE = (
    "model", "provider", "template", "voice", "voice id", "new voice id", "seed", "took", "tokens", "cost", "reused",
    "job",
)  # fmt: skip
_NAMED = frozenset({"template", "tokens", "voice", "voice id", "new voice id", "seed", "job"})
#: Rows a board gives way to first when there are too many: what needs no attention.
_URGENCY = {"bad": 0, "warn": 0, "busy": 1, "idle": 2, "good": 3}


def fact_line(view: JobView, *, static: bool = False, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the one line of facts as (label, words) parts, the kind first.

    Parameters
    ----------
    view
        The job.
    static
        Leave out what differs from run to run: ids, times.
    without
        Labels to leave out, because they are said elsewhere.
    """
    facts = dict(view.facts) | {"cost": view.cost}
    parts = [("kind", view.kind)] if "kind" not in without else []
    if view.stage != "done" and "state" not in without:
        parts.append(("state", view.stage))
    for label in _LINE:
        value = facts.get(label)
        if not value or label in without or (label == "cost" and "reused" in facts and not static):
            continue
        if not static or label in STABLE_FACTS or label == "cost":
            parts.append((label, f"{label} {value}" if label in _NAMED else value))
    return parts


def caption(view_facts: Sequence[tuple[str, str]], *, static: bool = False) -> str:
    """Return the facts of one file in a line; the static form leaves out the file's size."""
    return " · ".join(value for label, value in view_facts if not (static and label == "file"))


def summary(views: Sequence[JobView], *, static: bool = False) -> str:
    """Return many jobs in a line: ``2 of 4 done · 1 min 11 s · $0.14 of $0.28``."""
    done = sum(view.finished and view.state is JobState.SUCCEEDED for view in views)
    failed = sum(view.tone == "bad" for view in views)
    unknown = sum(view.state is JobState.UNKNOWN for view in views)
    spent = fmt.total((view.amount_nano, view.currency) for view in views if view.finished)
    whole = fmt.total((view.amount_nano, view.currency) for view in views)
    money = f"{spent} of {whole}" if spent and spent != whole else whole
    if views and all(view.sandbox for view in views):
        money += " (sandbox)"
    parts = (
        f"{done} of {len(views)} done",
        f"{failed} failed" if failed else "",
        f"{unknown} unknown" if unknown else "",
        "" if static else fmt.elapsed(max((view.elapsed_s for view in views), default=0.0)),
        money,
    )
    return " · ".join(part for part in parts if part)


def time_line(view: JobView) -> str:
    """Return the running time and what is left of it: ``34 s · about 40 s left``."""
    remaining = fmt.left(view.eta_s) if view.eta_s is not None and not view.finished else ""
    return " · ".join(part for part in (fmt.elapsed(view.elapsed_s), remaining) if part)


def visible(views: Sequence[JobView], limit: int) -> tuple[list[JobView], str]:
    """Return at most ``limit`` jobs, in their order, and a line that says what was left out.

    Failed, unknown and running jobs stay; finished ones go first.
    """
    if len(views) <= limit:
        return list(views), ""
    kept = set(sorted(range(len(views)), key=lambda index: (_URGENCY[views[index].tone], index))[:limit])
    stages: dict[str, int] = {}
    for index, view in enumerate(views):
        if index not in kept:
            stages[view.stage] = stages.get(view.stage, 0) + 1
    words = ", ".join(f"{count:,} {stage}" for stage, count in stages.items())
    return [views[index] for index in sorted(kept)], f"and {len(views) - limit:,} more: {words}"


def shared_labels(views: Sequence[JobView]) -> list[str]:
    """Return what is the same for all jobs among kind, provider, model and voice; a gallery says it once."""
    lines = [dict(fact_line(view)) for view in views]
    return [
        label
        for label in ("kind", "model", "provider", "voice")
        if len({line.get(label) for line in lines}) == 1 and lines[0].get(label)
    ]


def shared_line(view: JobView, labels: Collection[str]) -> str:
    """Return what :func:`shared_labels` found, in a line."""
    return " · ".join(words for label, words in fact_line(view) if label in labels)


def shared_prompt(views: Sequence[JobView]) -> str | None:
    """Return the prompt when all jobs have the same one."""
    prompts = {view.prompt for view in views}
    return prompts.pop() if len(prompts) == 1 else None


def short_facts(view: JobView) -> list[tuple[str, str]]:
    """Return the facts that fit a table of labelled values."""
    return [pair for pair in view.facts if not _is_long(pair[1])]


def long_facts(view: JobView) -> list[tuple[str, str]]:
    """Return the facts that are texts of their own: lyrics, a preview text."""
    shown = {label for label, _ in view.captions}
    return [pair for pair in view.facts if _is_long(pair[1]) and pair[0] not in shown]


def _is_long(value: str) -> bool:
    return len(value) > 160 or "\n" in value


def advice(view: JobView, *, static: bool = False) -> str:
    """Return the line under a job that is not over: what goes on, or what only its user can decide."""
    if view.terminal:
        return ""
    if view.state is JobState.UNKNOWN:
        which = "" if static else f" {view.id}"
        return f"Then %minimax resend{which} asks for it once more, or %minimax abandon{which} gives it up"
    wait = "%minimax wait" if static else f"%minimax wait {view.id}"
    return f"It goes on without this cell; get it with {wait}"
