"""The front port: home page, media host, and the sandbox's own controls."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.responses import Response

from minimax_nb.sandbox import home, mediahost
from minimax_nb.sandbox.accounts import NANO, Account
from minimax_nb.sandbox.child import DEFAULT_KEYS
from minimax_nb.sandbox.clock import iso
from minimax_nb.sandbox.faults import FaultBook, Rule
from minimax_nb.sandbox.planting import plant
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.wire import Call, Json, json_reply

_BASE = "/__sandbox__/"


def info(world: World) -> Json:
    """Return the addresses and keys, as the ready line and ``GET /__sandbox__/info`` say them."""
    return {
        "url": world.bases["front"],
        **{name: world.bases[name] for name in DEFAULT_KEYS},
        "key": dict(DEFAULT_KEYS),
        "speed": world.speed,
        "seed": world.seed,
        "instance": world.instance,
    }


class FrontRoom:
    """The front port.

    Parameters
    ----------
    world
        What it shows and controls.
    """

    name = "media"

    def __init__(self, world: World) -> None:
        self.world = world

    def is_control(self, path: str) -> bool:
        """Return whether ``path`` is the sandbox's own."""
        return not path.startswith("/media/")

    def refuse(self, call: Call, status: int, retry_after: float | None) -> Response:
        """Answer ``status`` as a plain file host."""
        return Response(f"{status}\n", status, media_type="text/plain")

    async def handle(self, call: Call) -> Response:
        """Answer a request on the front port."""
        if call.path.startswith("/media/"):
            return await mediahost.serve(call)
        if call.path == "/" and call.method in {"GET", "HEAD"}:
            return Response(home.page(self.world), media_type="text/html")
        action = getattr(self, f"_{call.method.lower()}_{call.path.removeprefix(_BASE)}", None)
        if not call.path.startswith(_BASE) or action is None:
            return Response("404 page not found", 404, media_type="text/plain")
        body = call.json_object() or {}
        try:
            return json_reply(action(body))
        except (ValueError, TypeError, KeyError, InvalidOperation) as error:
            return json_reply({"error": f"{call.path}: {error}"}, 400)

    def _get_info(self, _: Json) -> Json:
        return {
            **info(self.world),
            "now": iso(self.world.clock.now()),
            "settings": asdict(self.world.switches),
        }

    def _get_journal(self, _: Json) -> Json:
        return self.world.journal.to_json()

    def _delete_journal(self, _: Json) -> Json:
        self.world.journal.clear()
        return {}

    def _post_clock(self, body: Json) -> Json:
        seconds = float(body["advance"])
        if seconds < 0:
            raise ValueError("advance must not be negative; time runs one way")
        self.world.clock.advance(seconds)
        return {"now": iso(self.world.clock.now())}

    def _get_faults(self, _: Json) -> Json:
        return {"rules": [rule.to_json() for rule in self.world.faults.rules]}

    def _post_faults(self, body: Json) -> Json:
        rules = body.get("rules", [body])
        self.world.faults.rules += [Rule.of(item) for item in rules]
        return self._get_faults({})

    def _delete_faults(self, _: Json) -> Json:
        self.world.faults = FaultBook()
        return {"rules": []}

    def _post_settings(self, body: Json) -> Json:
        known = asdict(self.world.switches)
        for name, value in body.items():
            if name not in known:
                raise ValueError(f"no setting {name!r}; there are {', '.join(known)}")
            if type(value) is not type(known[name]):
                raise ValueError(f"{name} takes a value like {known[name]!r}")
            setattr(self.world.switches, name, value)
        return asdict(self.world.switches)

    def _get_accounts(self, _: Json) -> Json:
        return {"accounts": [_shown(account) for account in self.world.accounts]}

    def _post_accounts(self, body: Json) -> Json:
        """Create an account, or change the one with this key."""
        provider = body["provider"]
        if provider not in DEFAULT_KEYS:
            raise ValueError(f"no provider {provider!r}; there are {', '.join(DEFAULT_KEYS)}")
        key = body.get("key") or f"sandbox-{provider}-key-{len(self.world.accounts)}"
        account = self.world.account(provider, key)
        if account is None:
            account = Account(
                str(body.get("name") or f"{provider} {len(self.world.accounts)}"), provider, key
            )
            self.world.accounts.append(account)
        if "balance" in body:
            account.balance_nano = int(Decimal(str(body["balance"])) * NANO)
        if "kind" in body:
            if body["kind"] not in {"pay-as-you-go", "plan", "expired-plan"}:
                raise ValueError("kind is 'pay-as-you-go', 'plan' or 'expired-plan'")
            account.kind = body["kind"]
        for name in {"rpm", "quota"} & set(body):
            setattr(account, name, None if body[name] is None else int(body[name]))
        if "quota" in body:
            account.quota_start = account.quota
        if "models" in body:
            account.models = None if body["models"] is None else tuple(body["models"])
        return {**_shown(account), "key": account.key}

    def _post_tasks(self, body: Json) -> Json:
        return plant(self.world, body)


def _shown(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "provider": account.provider,
        "kind": account.kind,
        "currency": account.currency,
        "balance": str(Decimal(account.balance_nano) / NANO),
        "held": str(Decimal(account.held_nano) / NANO),
        "rpm": account.rpm,
        "models": account.models,
        "quota": account.quota,
    }
