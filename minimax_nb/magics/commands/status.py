"""``%minimax``: where am I."""

from __future__ import annotations

from typing import Any

from minimax_nb.amounts import count, money
from minimax_nb.lab.budgeting import left_of
from minimax_nb.lab.newvoice import kept
from minimax_nb.ledger import VoiceRow
from minimax_nb.magics.context import Context
from minimax_nb.render.html import status_page
from minimax_nb.render.text import status_text

NOTE = "%minimax help lists what there is"


def _unused(voices: tuple[VoiceRow, ...]) -> str:
    others = f" ({len(voices) - 1} more: %minimax voices --mine)" if len(voices) > 1 else ""
    return f"{voices[0].voice_id}: {kept(voices[0])}{others}"


def _place(host: str) -> str:
    return f"on the {host}" if " " in host else f"at {host}"


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show what a new job would use, what runs, and what was spent today."""
    lab = context.lab
    status = lab.status()
    spent = [
        money(int(amount.scaleb(9)), currency) + (" (sandbox)" if sandbox else "")
        for currency, amount, sandbox in status.spent
        if amount or not status.unpriced
    ]
    if status.unpriced:
        spent.append(f"{count(status.unpriced, 'job')} at a price not known")
    rows = [
        ("provider", f"{status.provider}, {_place(status.host)}"),
        ("key", status.key_source),
        ("project", status.project),
        ("ledger", status.ledger),
        ("running", count(status.running, "job") if status.running else "nothing"),
        ("spent today", ", ".join(spent) or "nothing"),
        ("budget", ", ".join(map(left_of, status.budgets)) or "none"),
    ]
    if status.voices:
        rows.append(("unused voices", _unused(status.voices)))
    if status.unknown:
        rows.append(("unknown", f"{count(status.unknown, 'job')}: %minimax jobs --unknown"))
    if lab.settings.value("replay") == "on":
        rows.append(("replay", "on: nothing is sent"))
    running = [job.view() for job in lab.jobs(state="open")]
    chip = "sandbox" if status.sandbox else ""
    context.show(
        status_text(rows, views=running, note=NOTE), status_page(rows, chip=chip, views=running, note=NOTE)
    )
