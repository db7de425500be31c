"""Budgets in a person's hands: the setting, the limits, what is left, and what needs a word first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from minimax_nb.amounts import PERIODS, Limit, amount_of, count, limit_of, money
from minimax_nb.catalog import Quote
from minimax_nb.engine.session import session_id
from minimax_nb.errors import ApprovalNeededError, BudgetExceededError, ConfigError
from minimax_nb.kinds import request_class
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.budgets import SCOPES, Budget, BudgetStatus
from minimax_nb.ledger.record import JobRecord
from minimax_nb.providers import provider as find_provider
from minimax_nb.settings import Settings

NOTE = "setting"  #: on budgets that the setting made


class Budgets:
    """The budgets of a ledger, kept in line with the setting ``budget``.

    Parameters
    ----------
    settings
        Where the setting is read. It is applied when the ledger is first used and when its value
        changes in this process; then the limit it set before is taken back.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: tuple[Limit, str] | None = None  #: what the setting made, and its id

    def apply(self, ledger: Ledger) -> None:
        """Make the limit that the setting asks for; nothing is written while it stays the same."""
        value = self._settings.value("budget")
        wanted = None if value is None else limit_of(value)
        made = self._made
        if wanted == (made[0] if made else None):
            return
        if made is not None:
            ledger.remove_budget(made[1])
            self._made = None
        if wanted is not None:
            budget = set_budget(ledger, wanted, note=NOTE)
            self._made = wanted, budget.id


def set_budget(
    ledger: Ledger,
    limit: Limit,
    *,
    soft: bool = False,
    sandbox: bool = False,
    scope: Mapping[str, str] | None = None,
    note: str | None = None,
) -> Budget:
    """Set the hard (or soft) limit of a budget; its other limit stays as it is.

    Raises
    ------
    ConfigError
        For a hard limit where none can be kept.
    """
    scope = dict(scope or {})
    limits: dict[str, int | None] = {"hard_nano": None, "soft_nano": None}
    for status in ledger.budgets():
        budget = status.budget
        key = (dict(budget.scope), budget.period, budget.currency, budget.sandbox)
        if key == (scope, limit.period, limit.currency, sandbox):
            limits = {"hard_nano": budget.hard_nano, "soft_nano": budget.soft_nano}
    limits["soft_nano" if soft else "hard_nano"] = limit.nano
    return ledger.set_budget(
        **limits, period=limit.period, scope=scope, currency=limit.currency, sandbox=sandbox, note=note
    )


def limit_for(amount: object, per: str | None) -> Limit:
    """Return the limit of an amount as a person gives it: ``5`` with a period, or ``5/day``.

    Raises
    ------
    ConfigError
        It is no amount, or the period is given twice or is none.
    """
    try:
        limit = limit_of(amount)
    except ValueError as error:
        raise ConfigError(f"budget {amount}: must be {error}") from None
    if per is None:
        return limit
    if per not in PERIODS or "/" in str(amount):
        raise ConfigError(f"budget {amount} per {per}: give one period of {', '.join(PERIODS)}")
    return replace(limit, period=per)


def scope_of(
    kind: str | None, provider: str | None, project: str | None, batch: str | None = None, *, session: bool
) -> dict[str, str]:
    """Return what a budget is limited to, its names checked: one that is mistyped would never hold.

    Raises
    ------
    GrammarError, ConfigError
        No such kind or provider; names the nearest.
    """
    scope = {
        "kind": request_class(kind).kind if kind else None,
        "provider": find_provider(provider).name if provider else None,
        "project": project,
        "session_id": session_id() if session else None,
        "batch": batch,
    }
    return {key: value for key, value in scope.items() if value}


def remove_budget(ledger: Ledger, budget_id: str) -> Budget:
    """Stop the budget with this id, or with this beginning of one.

    Raises
    ------
    ConfigError
        No budget, or several, have it.
    """
    found = [item.budget for item in ledger.budgets() if budget_id and item.budget.id.startswith(budget_id)]
    if len(found) != 1:
        why = "several budgets begin so" if found else "no such budget"
        raise ConfigError(f"budget {budget_id!r}: {why}", hint="%minimax budget lists them with their ids")
    ledger.remove_budget(found[0].id)
    return found[0]


# --- before a job is sent ---------------------------------------------------------------------------


def check_approval(settings: Settings, quote: Quote, *, approved: bool) -> None:
    """Refuse what may cost more than goes without a word; never asks, because nobody may be there.

    Raises
    ------
    ApprovalNeededError
        In one line: what it can cost, and how to say yes.
    """
    value = settings.value("approve")
    if value is None or approved:
        return
    limit = amount_of(value)
    todo = "nothing was sent; to send it add --yes"
    if quote.amount_nano is None:
        raise ApprovalNeededError(f"no price is known for this, and approve={value} asks for a word: {todo}")
    if quote.currency != limit.currency:
        shown = money(quote.amount_nano, quote.currency)
        raise ApprovalNeededError(
            f"this can cost {shown}, and approve={value} is in {limit.currency}: {todo}"
        )
    if quote.amount_nano > limit.nano:
        shown, most = money(quote.amount_nano, quote.currency), money(limit.nano, limit.currency)
        raise ApprovalNeededError(f"this can cost {shown}, and above {most} a job needs a yes: {todo}")


def check_currency(statuses: Sequence[BudgetStatus], record: JobRecord, *, allow_unpriced: bool) -> None:
    """Refuse a job that a hard budget covers, when no hard budget that covers it counts in its currency.

    Raises
    ------
    BudgetExceededError
        The limit could not be kept.
    """
    if allow_unpriced or record.estimate_nano == 0:
        return
    columns = columns_of(record)
    hard = [item.budget for item in statuses if item.budget.hard_nano is not None]
    covering = [budget for budget in hard if budget.covers(columns, sandbox=record.sandbox)]
    if covering and not any(budget.currency == record.currency for budget in covering):
        raise BudgetExceededError(
            f"this is priced in {record.currency}, so the budget of {covering[0]} cannot be kept",
            hint=f"Nothing was sent. Set one in {record.currency} too (%minimax budget '5 {record.currency}'),"
            " or add --allow-unpriced.",
        )


def columns_of(record: JobRecord) -> dict[str, str | None]:
    """Return what budgets may be limited to, of one job."""
    return {key: getattr(record, key) for key in SCOPES}


# --- a price in one line ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request would cost, and what the budgets it counts against have left.

    ``str()`` says it in one line. ``tokens`` is the provider's own count of the input, where it was asked for.
    """

    quote: Quote
    provider: str
    kind: str
    model: str
    sandbox: bool
    budgets: tuple[BudgetStatus, ...]
    tokens: int | None = None

    def __str__(self) -> str:
        parts = [f"{_priced(self.quote)}{' (sandbox)' if self.sandbox else ''}"]
        parts.append(f"{self.kind} by {self.model} of {self.provider}")
        parts += [] if self.tokens is None else [f"{self.tokens:,} tokens go in, counted by {self.provider}"]
        if self.quote.amount_nano is None and self.quote.note:
            parts[1] = self.quote.note
        parts += [self.quote.source] if self.quote.amount_nano is not None and self.quote.source else []
        parts += [left_of(item) for item in self.budgets]
        return " · ".join(parts)

    def __repr__(self) -> str:
        return str(self)


def _priced(quote: Quote) -> str:
    """Return a price with how it comes about: ``$0.014 = 4 images x $0.0035``."""
    total = money(quote.amount_nano, quote.currency)
    if quote.amount_nano is not None and (quote.unit or "").endswith("-token"):
        return f"at most {total}"  # how many tokens come of it, only the answer tells
    if quote.amount_nano is None or quote.unit is None or quote.unit_price is None:
        return total
    return f"{total} = {' + '.join(map(_units, quote.parts or (quote,)))}"


def _units(quote: Quote) -> str:
    number = quote.quantity or 0
    assert quote.unit is not None
    assert quote.unit_price is not None
    each = money(int(quote.unit_price.scaleb(9)), quote.currency)
    per = f" per {quote.per:,}" if quote.per != 1 else ""
    return f"{count(number, quote.unit.replace('-', ' '))} at {each}{per}"


def left_of(status: BudgetStatus) -> str:
    """Return what a budget has left, in words: ``$4.72 left of $5.00 a day``."""
    budget, left = status.budget, status.left_nano
    if left is None:
        used = money(status.spent_nano + status.reserved_nano, budget.currency)
        return f"{used} spent or reserved of {budget} (soft)"
    return f"{money(left, budget.currency)} left of {budget}"


def row_of(status: BudgetStatus) -> tuple[str, ...]:
    """Return one budget under :data:`HEADERS`."""
    budget = status.budget
    left = status.left_nano
    amounts = (status.spent_nano, status.possible_nano, status.reserved_nano - status.possible_nano)
    return (
        budget.id,
        scope_words(budget),
        *(_maybe(limit, budget.currency) for limit in (budget.hard_nano, budget.soft_nano)),
        budget.period,
        *(money(amount, budget.currency) for amount in amounts),
        _maybe(left, budget.currency),
    )


HEADERS = ("id", "counts", "hard limit", "soft limit", "per", "spent", "possibly spent", "reserved", "left")


def _maybe(nano: int | None, currency: str) -> str:
    return "" if nano is None else money(nano, currency)


def scope_words(budget: Budget) -> str:
    """Return what a budget counts: ``real money``, ``real money, kind video``."""
    parts = ["sandbox" if budget.sandbox else "real money"]
    for key, value in budget.scope.items():
        own = key == "session_id"
        parts.append(
            ("this kernel" if value == session_id() else "another kernel") if own else f"{key} {value}"
        )
    return ", ".join(parts)
