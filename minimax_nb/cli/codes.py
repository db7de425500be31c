"""Which exit code an error is; :data:`minimax_nb.cli.table.CODES` says what each means."""

from __future__ import annotations

from minimax_nb.errors import (
    BudgetExceededError,
    ConfigError,
    GrammarError,
    MiniMaxError,
    OutcomeUnknownError,
    RequestInvalidError,
)

INTERRUPTED = 130


def code_of(error: MiniMaxError) -> int:
    """Return the exit code of an error."""
    if isinstance(error, GrammarError | RequestInvalidError | ConfigError):
        return 2
    if isinstance(error, BudgetExceededError):
        return 3
    return 4 if isinstance(error, OutcomeUnknownError) else 1
