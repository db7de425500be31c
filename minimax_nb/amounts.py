"""Amounts of money as people write them: ``5``, ``$0.50``, ``20 CNY``, and limits like ``5/day``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

Period = Literal["total", "day", "week", "month"]
PERIODS: tuple[Period, ...] = get_args(Period)

_SYMBOLS = {"$": "USD", "¥": "CNY"}
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
    currency = (found["code"] or _SYMBOLS.get(found["symbol"] or "$", "USD")).upper()
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
