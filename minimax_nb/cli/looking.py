"""The answers of commands as data: what a table shows a person, whole and exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from minimax_nb.cli import shapes
from minimax_nb.cli.terminal import Terminal
from minimax_nb.cli.words import number
from minimax_nb.errors import GrammarError
from minimax_nb.ledger.record import JobState
from minimax_nb.magics.commands.log import DEFAULT, which

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.account import MyVoice
    from minimax_nb.providers.account import AccountFile

LATEST = 20  #: jobs that ``jobs`` lists
MOST = 1000  #: unknown jobs that are listed


def answer(terminal: Terminal, name: str, words: list[str], options: dict[str, Any]) -> Any:
    """Return a command's answer; one that does something does it first.

    Raises
    ------
    MiniMaxError
        As the command itself.
    """
    if name in _ANSWERS:
        return _ANSWERS[name](terminal, words, options)
    if name == "cancel":
        terminal.lab.arrive()
        terminal.lab._arrival.wait()
    import_module(f"minimax_nb.magics.commands.{name}").run(terminal, words, options)
    return shapes.row_of(terminal.lab.job(words[0]).record)  # all others do something to one job


def _status(terminal: Terminal, words: list[str], options: dict[str, Any]) -> dict[str, Any]:
    lab = terminal.lab
    found = lab.status()
    return {
        "provider": found.provider,
        "host": found.host,
        "sandbox": found.sandbox,
        "key": found.key_source,
        "project": found.project,
        "ledger": found.ledger,
        "open": [shapes.row_of(job.record) for job in lab.jobs(state="open")],
        "unknown": found.unknown,
        "spent_today": [
            {"currency": currency, "sandbox": sandbox, **shapes.money({"cost": int(amount.scaleb(9))})}
            for currency, amount, sandbox in found.spent
        ],
        "budgets": [shapes.budget_of(item) for item in found.budgets],
    }


def _jobs(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    unknown = options.get("unknown")
    lab = terminal.lab
    found = lab.jobs(state=JobState.UNKNOWN, limit=MOST) if unknown else lab.jobs(limit=LATEST)
    return [shapes.row_of(job.record) for job in found]


def _log(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the last jobs, the newest first, in the ledger's columns."""
    if words and "limit" in options:
        raise GrammarError(f"log {words[0]} and --limit say the same; use one")
    asked = {"limit": words[0]} if words else options
    many = number(asked, "limit", 1 if words else 0)
    latest = DEFAULT if many is None else many or None
    columns: Any = options.pop("columns", "main")
    columns = columns.split(",") if "," in columns else columns
    options.pop("limit", None)
    sort, ascending = options.pop("sort", "time"), options.pop("ascending", False)
    filters = which(options)
    lab = terminal.lab
    if sort == "time":
        frame = lab.log(columns, latest=None if ascending else latest, **filters)
        frame = (frame.head(latest) if latest else frame) if ascending else frame[::-1]
    else:
        records = lab.ledger.jobs(limit=latest or 10**9, sort=sort, ascending=ascending, **filters)
        ids = [record.id for record in records]
        wanted = columns if isinstance(columns, str) else list(dict.fromkeys(["job", *columns]))
        frame = lab.ledger.frame(wanted, ids=ids).set_index("job", drop=False).loc[ids]
    return shapes.frame_rows(frame)


def _cost(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    by = options.pop("by", "provider")
    report = terminal.lab.cost_report(by, **which(options))
    return [
        {
            by: row.key,
            "currency": row.currency,
            "sandbox": row.sandbox,
            "jobs": row.jobs,
            **shapes.money(
                {
                    "cost": row.cost_nano,
                    "estimated": row.estimate_nano,
                    "possibly_spent": row.possible_nano,
                    "running": row.open_nano,
                }
            ),
            "possible_jobs": row.possible_jobs,
            "unpriced_jobs": row.unpriced_jobs,
        }
        for row in report.sums
    ]


def _budget(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    from minimax_nb.magics.commands import budget

    if words or options:
        budget.run(terminal, words, options)
    return [shapes.budget_of(item) for item in terminal.lab.budgets()]


def _models(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    from minimax_nb.kinds import request_class
    from minimax_nb.magics.commands import models

    if options.get("account"):
        asked = {name: options[name] for name in ("api", "provider") if name in options}
        listed = terminal.lab.account_models(words[0] if words else None, **asked)
        return [{"model": item.id, "listed": item.listed, "known": item.known} for item in listed]
    if options.keys() & {"api", "provider"}:
        models.run(terminal, words, options)  # says what these go with
    kind = request_class(words[0]).kind if words else None
    return [
        {
            "provider": model.provider,
            "kind": model.kind,
            "model": model.name,
            "title": model.title,
            "default": model.default,
            "status": model.status,
            "modes": list(model.modes),
            "durations": {str(length): list(sizes) for length, sizes in model.durations.items()},
            "aliases": list(model.aliases),
            "note": model.note,
        }
        for model in terminal.lab.models(kind)
    ]


def _templates(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    from minimax_nb.kinds.agent import template_names

    wanted = " ".join(words).casefold()
    return [
        {
            "template": name,
            "id": item.id,
            "images": item.media_inputs,
            "texts": item.text_inputs,
            "makes": item.description,
            "region": item.region,
        }
        for name, item in template_names().items()
        if wanted in f"{item.name} {item.description} {item.id}".casefold()
    ]


def _voices(terminal: Terminal, words: list[str], options: dict[str, Any]) -> Any:
    from minimax_nb.magics.commands import voices

    lab = terminal.lab
    if "delete" in options:
        doomed = options["delete"]
        voices.run(terminal, words, options)
        return {"deleted": doomed}
    if options.pop("mine", False) or "type" in options:
        wanted = words[0].casefold() if words else ""
        mine = lab.account_voices(options.get("type"), provider=options.get("provider"))
        return [_own(voice) for voice in mine if wanted in f"{voice.id} {voice.name}".casefold()]
    if "provider" in options or "yes" in options:
        voices.run(terminal, words, options)  # says what these options go with
    found = lab.voices(words[0] if words else None, options.get("language"))
    return [
        {"voice": item.id, "name": item.name, "language": item.language, "gender": item.gender}
        for item in found
    ]


def _own(voice: MyVoice) -> dict[str, Any]:
    return {
        "voice": voice.id,
        "origin": voice.origin,
        "provider": voice.provider,
        "name": voice.name,
        "made": voice.made.isoformat() if voice.made else None,
        "used": voice.used.isoformat() if voice.used else None,
        "kept": voice.kept,
        "job": voice.job_id,
    }


def _files(terminal: Terminal, words: list[str], options: dict[str, Any]) -> Any:
    from minimax_nb.magics.commands import files

    lab, provider = terminal.lab, options.get("provider")
    action = words[0] if words else "list"
    if action == "list" and len(words) < 2 and not set(options) - {"purpose", "provider"}:
        return [_file(item) for item in lab.files(options.get("purpose"), provider=provider)]
    before = {item.id for item in lab.files(provider=provider)} if action == "upload" else set()
    files.run(terminal, words, options)
    if action == "upload":
        return next(_file(item) for item in lab.files(provider=provider) if item.id not in before)
    return {"deleted": words[1]} if action == "delete" else {"file": words[1]}


def _file(item: AccountFile) -> dict[str, Any]:
    return {
        "file": item.id,
        "name": item.name,
        "purpose": item.purpose,
        "bytes": item.size,
        "since": shapes.moment(item.created_us),
        "until": shapes.moment(item.expires_us),
    }


def _balance(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "provider": item.provider,
            "sandbox": item.sandbox,
            "says": item.text,
            "available": None if item.available is None else format(item.available, "f"),
            "plan": [
                {
                    "model": row.model,
                    "state": row.state,
                    "left_percent": row.left,
                    "resets_in_s": row.resets_in,
                    "week_left_percent": row.week_left,
                    "week_resets_in_s": row.week_resets_in,
                }
                for row in item.plan
            ],
        }
        for item in terminal.lab.balance(words[0] if words else None)
    ]


def _thread(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    lab = terminal.lab
    if words:
        found = lab.thread(words[0])
        return [{"said": turn.said, "answer": turn.answer} for turn in found] or _no_thread(lab, words[0])
    return [
        {
            "thread": item.name,
            "turns": len(item),
            "model": item.model,
            "asked": shapes.moment(item.last_us),
            "said": item[-1].said if item else None,
        }
        for item in lab.threads()
    ]


def _measure(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    from minimax_nb.magics.meant import objects, one_or_all
    from minimax_nb.measures import known

    lab = terminal.lab
    names = [word for word in words if word in known()]
    found = objects(terminal, [word for word in words if word not in names])
    what = one_or_all(found) if found else lab.log(["job"], project=lab.project)
    return shapes.frame_rows(lab.measure(what, *names).reset_index())


def _leaderboard(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    board = import_module("minimax_nb.magics.commands.leaderboard").run(terminal, words, options)
    return shapes.frame_rows(board.frame)


def _no_thread(lab: Lab, name: str) -> list[dict[str, Any]]:
    from minimax_nb.catalog import nearest

    hint = nearest(name, [thread.name for thread in lab.threads()])
    raise GrammarError(f"project {lab.project} has no thread {name!r}{hint}")


_ANSWERS: Mapping[str, Callable[[Terminal, list[str], dict[str, Any]], Any]] = {
    "status": _status,
    "jobs": _jobs,
    "log": _log,
    "cost": _cost,
    "budget": _budget,
    "models": _models,
    "templates": _templates,
    "voices": _voices,
    "files": _files,
    "balance": _balance,
    "thread": _thread,
    "measure": _measure,
    "leaderboard": _leaderboard,
}
