"""Steps that Pixazo's paid operations share."""

from __future__ import annotations

from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.pixazo.words import Refused
from minimax_nb.sandbox.wire import Call

MUSIC = "minimax-music-generation-2-6"
AUDIO = "minimax-hailuo-audio"
VOICE = "minimax-voice-design-api-363"
IMAGE = "minimax-image-generation"

#: What the 402 of Music names, which is not what it costs: the document contradicts itself.
_REQUIRED = {MUSIC: " Required: $0.08"}


def fields_of(call: Call) -> Fields:
    """Return the JSON body under check."""
    body = call.json_object()
    if body is None:
        raise Refused(400, "body must be a JSON object")
    return Fields(body)


def check_funds(call: Call, model_id: str, amount_nano: int) -> None:
    """Refuse a model that is switched off, then a wallet that is too small."""
    account = call.account
    if "model-disabled" in call.faults or (account.models is not None and model_id not in account.models):
        raise Refused(400, f"Model '{model_id}' not found or is disabled", "Model not found")
    if "balance" in call.faults or not account.can_pay(amount_nano):
        raise Refused(402, f"Your wallet does not have enough balance.{_REQUIRED.get(model_id, '')}")
