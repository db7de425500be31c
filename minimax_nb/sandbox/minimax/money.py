"""``GET /account/query_balance``."""

from __future__ import annotations

from decimal import Decimal

from minimax_nb.sandbox.accounts import NANO
from minimax_nb.sandbox.wire import Call, Json


async def balance(call: Call) -> Json:
    """Return what the wallet holds; amounts are decimal strings."""
    amount = str((Decimal(call.account.available_nano) / NANO).quantize(Decimal("0.0001")))
    return {
        "available_amount": amount,
        "cash_balance": amount,
        "voucher_balance": "0.0000",
        "credit_balance": "0.0000",
        "owed_amount": "0.0000",
        "balance_alert_switch": False,
        "balance_alert_threshold": "0.0000",
    }
