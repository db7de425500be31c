"""``%minimax sheet [ID or NAME …]``: a contact sheet."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the pictures of jobs, sweeps and variables on one; of the last result, when nothing is named."""
    from IPython.display import display

    names = context.names()
    what = [names.get(word, word) for word in words] or [context.lab.last]
    if what == [None]:
        raise RequestInvalidError(
            "there is no result yet", hint="%minimax sheet ID or NAME; %minimax jobs lists ids"
        )
    sheet = context.lab.contact_sheet(
        what, columns=options.get("columns"), width=options.get("width") or 1200
    )
    if options.get("to"):
        sheet.save(options["to"])
    display(sheet)
