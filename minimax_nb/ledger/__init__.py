"""The durable record: jobs, their history, money, budgets, limits and media, in one SQLite file."""

from minimax_nb.ledger.budgets import Budget, BudgetStatus
from minimax_nb.ledger.costs import CostSum
from minimax_nb.ledger.ledger import Ledger
from minimax_nb.ledger.record import OPEN_STATES, Charge, JobRecord, JobState, ResultState
from minimax_nb.ledger.rows import CostLine, Event, MediaRow, VoiceRow

__all__ = [
    "OPEN_STATES",
    "Budget",
    "BudgetStatus",
    "Charge",
    "CostLine",
    "CostSum",
    "Event",
    "JobRecord",
    "JobState",
    "Ledger",
    "MediaRow",
    "ResultState",
    "VoiceRow",
]
