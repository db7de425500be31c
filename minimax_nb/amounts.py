"""Amounts as people write and read them: ``5``, ``$0.50``, ``20 CNY``, limits like ``5/day``, ``4 jobs``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

Period = Literal["total", "day", "week", "month"]
PERIODS: tuple[Period, ...] = get_args(Period)

#: How a currency is written; others by their code.
SYMBOLS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£"}
UNPRICED = "no price known"

_READ = {"$": "USD", "¥": "CNY"}
_AMOUNT = re.compile(r"(?P<symbol>[$¥])?\s*(?P<number>\d{1,9}(\.\d{1,9})?)\s*(?P<code>[A-Za-z]{3})?")
AMOUNT_FORM = "an amount of money, 0 or more: 5, 0.25, 20 CNY"
LIMIT_FORM = "an amount, or an amount for a period: 5, 5/day, 20/month"


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount: integer nano-units of ``currency``."""

    nano: int
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on spending; ``total`` never begins anew."""

    nano: int
    currency: str
    period: Period


def amount_of(text: object) -> Amount:
    """Read an amount.

    Raises
    ------
    ValueError
        Says what is allowed.
    """
    if isinstance(text, float | Decimal):  # 1e-9 is meant as written, and not as typed
        text = format(Decimal(str(text)), "f")
    found = _AMOUNT.fullmatch(str(text).strip())
    if found is None or (found["symbol"] and found["code"]):
        raise ValueError(AMOUNT_FORM)
    currency = (found["code"] or _READ.get(found["symbol"] or "$", "USD")).upper()
    return Amount(int(Decimal(found["number"]).scaleb(9)), currency)


def limit_of(text: object) -> Limit:
    """Read a limit: an amount, with ``/day``, ``/week`` or ``/month`` where it begins anew, or ``/total``.

    Raises
    ------
    ValueError
        Says what is allowed.
    """
    number, _, word = str(text).partition("/")
    period = next((item for item in PERIODS if item == (word.strip().lower() or "total")), None)
    if period is None or str(text).rstrip().endswith("/"):
        raise ValueError(LIMIT_FORM)
    try:
        amount = amount_of(number)
    except ValueError:
        raise ValueError(LIMIT_FORM) from None
    return Limit(amount.nano, amount.currency, period)


def money(nano: int | None, currency: str = "USD") -> str:
    """Return an amount exactly, with at least two decimals.

    Parameters
    ----------
    nano
        Nano-units (1e-9) of ``currency``; ``None`` when no price is known, which is never shown as 0.
    currency
        ISO 4217 code.

    Examples
    --------
    >>> money(280_000_000), money(3_500_000), money(2_000_000_000, "CNY"), money(None)
    ('$0.28', '$0.0035', '¥2.00', 'no price known')
    """
    if nano is None:
        return UNPRICED
    whole, rest = divmod(abs(nano), 10**9)
    decimals = f"{rest:09d}".rstrip("0").ljust(2, "0")
    symbol = SYMBOLS.get(currency, f"{currency} ")
    return f"{'-' if nano < 0 else ''}{symbol}{whole:,}.{decimals}"


def count(number: int, noun: str) -> str:
    """Return ``1 job``, ``4 jobs``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
