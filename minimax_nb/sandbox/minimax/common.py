"""Steps that the paid operations share: body, model, content, payment."""

from __future__ import annotations

from minimax_nb.catalog import Model
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.accounts import Hold
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.wire import REFUSED_INPUT, REFUSED_OUTPUT, Call


def fields_of(call: Call) -> Fields:
    """Return the JSON body under check."""
    body = call.json_object()
    if body is None:
        raise Refused(2013, "invalid params, body is not a JSON object")
    return Fields(body)


def model_of(
    call: Call, fields: Fields, kind: str, name: str = "model", *, required: bool = True, api: str = ""
) -> Model | None:
    """Return the model a request names, of those that this endpoint serves."""
    wanted = fields.text(name, required=required, low=1)
    if wanted is None:
        return None
    model = rates.models("minimax", kind, api).get(wanted)
    if model is None:
        raise fields.fail(name, f"no such model '{wanted}'")
    return model


def refuse_content(call: Call, *texts: str | None) -> None:
    """Refuse texts with the words this sandbox takes for sensitive; the answer of synchronous operations."""
    text = "\n".join(filter(None, texts))
    if "sensitive" in call.faults or REFUSED_INPUT in text:
        raise Refused(1026)
    if REFUSED_OUTPUT in text:
        raise Refused(1027)


def check_funds(call: Call, model: str, amount_nano: int) -> None:
    """Refuse what the plan or the wallet does not cover; runs after all checks of the body."""
    account = call.account
    if "model-disabled" in call.faults or (account.models is not None and model not in account.models):
        raise Refused(2061, f"your current token plan not support model, {model}")
    if "balance" in call.faults or not account.can_pay(amount_nano):
        raise Refused({"plan": 2056, "expired-plan": 2062}.get(account.kind, 1008))


def pay(call: Call, model: str, amount_nano: int, what: str) -> None:
    """Debit a synchronous operation."""
    check_funds(call, model, amount_nano)
    call.world.pay_now(call.account, amount_nano, call.entry, what)


def hold(call: Call, model: str, amount_nano: int) -> Hold:
    """Set money aside for a task."""
    check_funds(call, model, amount_nano)
    return call.account.hold(amount_nano)
