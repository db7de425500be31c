"""The class that IPython knows: one magic, and the edge where errors become plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from minimax_nb.errors import Detached, GrammarError, MiniMaxError

if TYPE_CHECKING:
    from minimax_nb.magics.context import Context


@magics_class
class MiniMaxMagics(Magics):  # type: ignore[misc]
    """``%minimax`` and ``%%minimax``.

    Parameters
    ----------
    shell
        The running ``InteractiveShell``.
    """

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._context: Context | None = None

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def minimax(self, line: str, cell: str | None = None) -> Any:
        """Make images, video, speech, music and voices, and look after the jobs.

        A cell makes one request; the text below the first line is the prompt::

            %%minimax image hero << --aspect-ratio 16:9 -n 2
            A girl looking into the distance from a library window

        ``NAME <<`` (or ``-o NAME``) stores the result; it is shown either way. A line does the same with
        the prompt after the options, and looks after what was asked::

            %minimax image --seed 7 A red fox at dawn
            %minimax                    # where am I: provider, key, running jobs, spent today
            %minimax jobs               # the latest jobs
            %minimax help               # kinds and subcommands; %minimax help image for the options

        The magic returns nothing, because the card is already shown: write ``-o x``, not ``x = %minimax``.
        Without a name the result is ``minimax_nb.current_lab().last``. A text that ends with a question
        mark stands in quotes or in a cell: IPython takes a line that ends so for a question to itself.
        """
        if self._context is None:
            from minimax_nb.magics.context import Context

            self._context = Context(self.shell)
        failure: MiniMaxError | Detached
        try:
            from minimax_nb.magics.dispatch import dispatch

            return dispatch(self._context, line, cell)
        except (MiniMaxError, Detached) as error:
            self._context.remember(error)
            failure = error
        # Raised here, outside the handler: IPython looks through the whole context of an exception.
        raise _plain(failure, "%minimax " if cell is None else "%%minimax ")


def _plain(error: MiniMaxError | Detached, prefix: str) -> MiniMaxError | Detached:
    """Return a copy that IPython shows as its own lines, without a traceback, and that fails the cell.

    A copy, because the engine may hand the same error to Python code, which gets an ordinary traceback.
    """
    shown = type(error).__new__(type(error), *error.args)
    shown.__dict__.update(error.__dict__)
    if isinstance(shown, GrammarError) and shown.position is not None:
        if "api_key" in shown.line.lower():
            shown.position = None  # a line that may hold a key is never shown again
        else:
            shown.line, shown.position = prefix + shown.line, shown.position + len(prefix)
    shown._render_traceback_ = shown.lines  # type: ignore[union-attr]
    return shown
