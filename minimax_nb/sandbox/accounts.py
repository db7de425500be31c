"""Accounts: a key, a wallet, rate windows, and what belongs to the key (files, voices)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

NANO = 1_000_000_000


@dataclass
class Hold:
    """Money set aside for one task: debited by :meth:`Account.settle`, given back by :meth:`Account.release`."""

    amount_nano: int
    open: bool = True


@dataclass
class Account:
    """One account of one provider.

    Parameters
    ----------
    name
        What the journal calls it.
    provider
        ``minimax``, ``pixazo`` or ``apixo``.
    key
        The API key; compared, never shown.
    currency
        Currency of the wallet.
    balance_nano
        Money in the wallet, in billionths of the currency, holds included.
    kind
        ``pay-as-you-go``, ``plan`` (not charged) or ``expired-plan`` (refused).
    rpm
        Requests a minute in every class, in place of the catalog's limits; 0 lifts all limits.
    models
        The models the account may use; ``None`` for all. Others answer "not in your plan".
    quota
        Paid requests a plan has left; ``None`` for no end.
    """

    name: str
    provider: str
    key: str = field(repr=False)
    currency: str = "USD"
    balance_nano: int = 1000 * NANO
    kind: str = "pay-as-you-go"
    rpm: int | None = None
    models: tuple[str, ...] | None = None
    quota: int | None = None
    held_nano: int = 0
    files: dict[int, Any] = field(default_factory=dict, repr=False)
    voices: dict[str, Any] = field(default_factory=dict, repr=False)
    windows: dict[str, deque[float]] = field(default_factory=dict, repr=False)
    quota_start: int | None = None
    spent: dict[str, deque[tuple[float, int]]] = field(default_factory=dict, repr=False)
    prefixes: dict[str, float] = field(default_factory=dict, repr=False)
    features: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def available_nano(self) -> int:
        """Money that can be spent: the balance without the holds."""
        return self.balance_nano - self.held_nano

    def can_pay(self, amount_nano: int) -> bool:
        """Return whether the wallet (or the plan) covers ``amount_nano``."""
        if self.kind == "expired-plan":
            return False
        if self.kind == "plan":
            return self.quota is None or self.quota > 0
        # An empty wallet refuses everything, also what costs nothing yet.
        return self.available_nano >= amount_nano and self.available_nano > 0

    def hold(self, amount_nano: int) -> Hold:
        """Set ``amount_nano`` aside."""
        if self.quota is not None:
            self.quota -= 1
        amount = 0 if self.kind == "plan" else amount_nano
        self.held_nano += amount
        return Hold(amount)

    def settle(self, hold: Hold) -> int:
        """Debit a hold once; return the amount debited now."""
        amount = self.release(hold)
        self.balance_nano -= amount
        return amount

    def release(self, hold: Hold) -> int:
        """Give a hold back once; return the amount given back now."""
        if not hold.open:
            return 0
        hold.open = False
        self.held_nano -= hold.amount_nano
        return hold.amount_nano

    def admit(self, rate_class: str, rpm: int | None, window: float, now: float) -> float | None:
        """Count a request against a sliding window.

        Parameters
        ----------
        rate_class
            The endpoint class; each has a window of its own.
        rpm
            Requests allowed in ``window``; ``None`` or 0 for no limit.
        window
            Length of the window in seconds.
        now
            Virtual time in seconds.

        Returns
        -------
        float or None
            Seconds until a request is welcome again, or ``None`` when this one is.
        """
        limit = rpm if self.rpm is None else self.rpm
        if not limit:
            return None
        seen = self.windows.setdefault(rate_class, deque())
        while seen and seen[0] <= now - window:
            seen.popleft()
        if len(seen) >= limit:
            return seen[0] + window - now
        seen.append(now)
        return None

    def has_room(self, rate_class: str, tpm: int | None, window: float, now: float) -> bool:
        """Return whether a class of requests has tokens left in ``window`` (s); no limit where ``tpm`` is None.

        Tokens are counted when an answer is done (:meth:`spend`), so the request that passes the limit is answered.
        """
        spent = self.spent.setdefault(rate_class, deque())
        while spent and spent[0][0] <= now - window:
            spent.popleft()
        return tpm is None or self.rpm == 0 or sum(count for _, count in spent) < tpm

    def spend(self, rate_class: str, tokens: int, now: float) -> None:
        """Count the tokens of an answer, in and out."""
        self.spent.setdefault(rate_class, deque()).append((now, tokens))
