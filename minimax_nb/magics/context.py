"""What the magic's parts share: the shell, the lab, the user's names, and the ways to show something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from traceback import TracebackException
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

TEXT_CELL = 72  #: characters of a cell in the text form of a table


class Context:
    """One shell's side of the magic.

    Parameters
    ----------
    shell
        The running ``InteractiveShell``.

    Attributes
    ----------
    failure
        The last error shown in short, with its full chain; ``None`` when there was none.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.failure: TracebackException | None = None

    @property
    def lab(self) -> Lab:
        """The lab that all magics of this process share."""
        from minimax_nb.lab import current_lab

        return current_lab()

    def arrive(self) -> None:
        """At the first use of the ledger, say which jobs of dead kernels go on here."""
        for line in self.lab.arrive():
            self.show(line)

    def names(self) -> dict[str, Any]:
        """Return the user's own variables, without what IPython put among them (``In``, ``exit`` …)."""
        hidden: Mapping[str, Any] = self.shell.user_ns_hidden
        missing = object()
        return {
            name: value
            for name, value in self.shell.user_ns.items()
            if hidden.get(name, missing) is not value
        }

    def store(self, name: str, value: Any) -> None:
        """Set one of the user's variables."""
        self.shell.push({name: value})

    def remember(self, error: BaseException) -> None:
        """Keep the full chain of an error for ``%minimax traceback``; frames and their values are not kept."""
        self.failure = TracebackException.from_exception(error)

    def show(self, text: str, html: str | None = None) -> None:
        """Display a text, and its HTML form where there is one."""
        from IPython.display import display

        display({"text/plain": text} | ({"text/html": html} if html else {}), raw=True)

    def table(
        self, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
    ) -> None:
        """Display a table as HTML and as aligned text, whose cells are cut at 72 characters."""
        from minimax_nb.render.format import shorten
        from minimax_nb.render.html import table
        from minimax_nb.render.text import table_text

        narrow = [[shorten(cell, TEXT_CELL) for cell in row] for row in rows]
        self.show(table_text(title, headers, narrow, note), table(title, headers, rows, note))
