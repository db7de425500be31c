"""Commands that wait, send again, set, or price."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.cli import shapes
from minimax_nb.cli.table import SHELL_COMMANDS
from minimax_nb.cli.terminal import Terminal, folder_of, remark
from minimax_nb.cli.watching import deliver, deliver_all, deliver_sweep
from minimax_nb.errors import ConfigError, GrammarError
from minimax_nb.ledger.record import JobState
from minimax_nb.magics.commands.wait import MOST, Elsewhere, _settled
from minimax_nb.magics.rows import find_job

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.job import Job
    from minimax_nb.settings import Settings


def wait(terminal: Terminal, words: list[str], options: dict[str, Any]) -> int:
    """Wait for the jobs or the sweep that the words name, or for all that run, and print what they brought."""
    _into(terminal, options)
    lab, quiet = terminal.lab, options.get("quiet", False)
    if len(words) == 1 and words[0].startswith("s-"):
        return deliver_sweep(terminal, lab.find_sweep(words[0]), quiet=quiet)
    found = [lab.job(word) for word in words] or _running(lab)
    if not found:
        remark("No job is running.")
    code = deliver_all(terminal, [_watched(lab, job) for job in found], quiet=quiet) if found else 0
    if terminal.is_data:
        told = [shapes.job_of(lab.job(job.id)) for job in found]
        terminal.put(told[0] if len(words) == 1 else told)
    return code


def resume(terminal: Terminal, words: list[str], options: dict[str, Any]) -> int:
    """Take over every open job whose process is gone, wait for them and print their files."""
    _into(terminal, options)
    lab = terminal.lab
    jobs = lab.resume()
    unsent = [job for job in jobs if job.state is JobState.REJECTED]
    going = [job for job in jobs if job not in unsent]
    for job in unsent:
        remark(f"Job {job.id} was never sent and costs nothing.")
    remark(f"{count(len(going), 'open job')} taken over." if jobs else "No open jobs.")
    code = deliver_all(terminal, going, quiet=options.get("quiet", False)) if going else 0
    if terminal.is_data:
        terminal.put([shapes.job_of(lab.job(job.id)) for job in jobs])
    return code


def resend(terminal: Terminal, words: list[str], options: dict[str, Any]) -> int:
    """Send an unknown, given up or failed job again, and print what comes."""
    _into(terminal, options)
    old = find_job(terminal, "resend", words)
    job = old.resend(approved=options.get("yes", False), allow_unpriced=options.get("allow_unpriced", False))
    return deliver(terminal, job, quiet=options.get("quiet", False))


def doctor(terminal: Terminal, words: list[str], options: dict[str, Any]) -> int:
    """Check keys, hosts, balance, clock, ledger, disk and versions; 1 when something will not work."""
    from minimax_nb.doctor import examine

    report = examine(terminal.lab)
    terminal.show(str(report))
    problems = len(report.of("problem"))
    if terminal.is_data:
        findings = [
            {"level": item.level, "what": item.topic, "finding": item.text, "todo": item.todo or None}
            for item in report.ordered()
        ]
        terminal.put({"problems": problems, "findings": findings})
    return 1 if problems else 0


def config(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    """Set and keep what is given, then show it; without words show every setting."""
    from minimax_nb.magics.commands.config import HEADERS

    settings = terminal.lab.settings
    given = _given(settings, words)
    for name, value in given.items():
        settings.set(name, value, "minimax-nb config")
    notes = settings.save(given) if given else []
    shown = [settings.get(word.partition("=")[0]) for word in words] or settings.all()
    terminal.table(
        "Settings",
        HEADERS,
        [(item.name, item.shown, item.source, item.default or "", item.help) for item in shown],
        ". ".join(notes),
    )
    if terminal.is_data:
        terminal.put(
            [
                {
                    "name": item.name,
                    "value": item.shown or None,
                    "source": in_source(item.source),
                    "default": item.default,
                    "meaning": item.help,
                }
                for item in shown
            ]
        )


def in_source(source: str) -> str:
    """Return where a value comes from, as the shell names it."""
    return source.replace("%minimax", "minimax-nb")


def _given(settings: Settings, words: Sequence[str]) -> dict[str, str | None]:
    """Return what the words set; a key is asked for, or read from a pipe."""
    found: dict[str, str | None] = {}
    for word in words:
        name, equals, value = word.partition("=")
        known = settings.get(name)
        if equals and value and known.secret:
            raise ConfigError(
                "a key is not given on the line, because the shell keeps its lines",
                hint=f"minimax-nb config {known.name} asks for it and does not show it",
            )
        if equals:
            found[known.name] = value or None
        elif known.secret and (answer := _ask(known.name)):
            found[known.name] = answer
    return found


def _ask(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    from getpass import getpass

    return getpass(f"{name} (not shown; empty leaves it as it is): ").strip()


def estimate(words: Sequence[str]) -> int:
    """Print what a kind's line would cost; nothing is sent."""
    from minimax_nb.cli.making import opened, read_one
    from minimax_nb.kinds import KIND_NAMES
    from minimax_nb.magics.sweep import is_sweep, read_sweep

    kind = words[1].replace("_", "-") if len(words) > 1 else ""
    if kind not in KIND_NAMES:
        from minimax_nb.catalog import nearest

        raise GrammarError(
            f"estimate needs a kind{nearest(kind, KIND_NAMES) or ': ' + ', '.join(KIND_NAMES)}"
        )
    terminal, line, own = opened(words, SHELL_COMMANDS["estimate"].options, at=1)
    count = bool(own.get("count"))
    if count and (kind != "chat" or is_sweep(line)):
        raise GrammarError("--count counts the tokens of one chat; leave it out here")
    if is_sweep(line):
        plan, _ = read_sweep(terminal, line, kind, None)
        if terminal.is_data:
            amounts = [priced.quote.amount_nano for priced in plan.priced]
            known = [amount for amount in amounts if amount is not None]
            whole = sum(known) if len(known) == len(amounts) else None
            terminal.put(
                {"jobs": len(amounts), **shapes.money({"estimate": whole}), "currency": _currency(plan)}
            )
        terminal.show(str(plan))
        return 0
    request, command = read_one(terminal, line, kind)
    found = terminal.lab.forecast(request, provider=command.provider, count=count)
    terminal.show(str(found))
    if terminal.is_data:
        quote = found.quote
        terminal.put(
            {
                "kind": found.kind,
                "provider": found.provider,
                "model": found.model,
                "sandbox": found.sandbox,
                **shapes.money({"estimate": quote.amount_nano}),
                "currency": quote.currency,
                "unit": quote.unit,
                "quantity": quote.quantity,
                "price_note": quote.note or None,
                "price_source": quote.source or None,
                "budgets": [shapes.budget_of(item) for item in found.budgets],
            }
        )
    return 0


def _currency(plan: Any) -> str | None:
    found = {priced.quote.currency for priced in plan.priced}
    return found.pop() if len(found) == 1 else None


def _into(terminal: Terminal, options: dict[str, Any]) -> None:
    folder = folder_of(options.get("out"))
    if folder is not None:
        terminal.lab.settings.set("links", str(folder), "--out")


def _running(lab: Lab) -> list[Job]:
    """Return the open jobs; one whose outcome is unknown waits for its user, not for the provider."""
    return [job for job in lab.jobs(state="open", limit=MOST) if job.state is not JobState.UNKNOWN]


def _watched(lab: Lab, job: Job) -> Job | Elsewhere:
    """Return a job as it can be waited for, whoever drives it."""
    return job if not job.done or _settled(job.record) else Elsewhere(lab, job)
