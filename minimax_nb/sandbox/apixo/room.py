"""The APIXO port: routes, keys, limits, balance."""

from __future__ import annotations

from decimal import Decimal

from starlette.responses import Response

from minimax_nb.sandbox import rates
from minimax_nb.sandbox.accounts import NANO
from minimax_nb.sandbox.apixo import voice, works
from minimax_nb.sandbox.apixo.words import Refused, answer
from minimax_nb.sandbox.checks import Invalid
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.wire import Call, json_reply

_SUBMIT, _STATUS = "/api/v1/generateTask/", "/api/v1/statusTask/"
_BALANCE = "/api/v1/apikeys/current-balance"


class ApixoRoom:
    """APIXO's gateway.

    Parameters
    ----------
    world
        What the rooms share.
    """

    name = "apixo"

    def __init__(self, world: World) -> None:
        self.world = world

    def is_control(self, path: str) -> bool:
        """Every path is the provider's."""
        return False

    def refuse(self, call: Call, status: int, retry_after: float | None) -> Response:
        """Answer an HTTP status in the envelope."""
        return answer(Refused(status, retry_after=retry_after))

    async def handle(self, call: Call) -> Response:
        """Answer a request."""
        try:
            return await self._route(call)
        except Invalid as error:
            text = f"Missing required field: {error.field}" if error.missing else str(error)
            return answer(Refused(400, error=text))
        except Refused as error:
            return answer(error)

    async def _route(self, call: Call) -> Response:
        account = self.world.account("apixo", call.bearer() or "")
        if account is None:
            raise Refused(401)
        call.account = account
        path = call.path
        if call.method == "POST" and path.startswith(_SUBMIT):
            task = path.removeprefix(_SUBMIT)
            if task != voice.MODEL and task not in (works.models("speech") | works.models("video")):
                raise Refused(404, "Model not found")
            window = rates.WINDOW_S / self.world.speed
            rpm = rates.limit("apixo", "voice-design").rpm
            wait = account.admit("voice", rpm, window, self.world.clock.now())
            if wait is not None:
                raise Refused(429, retry_after=wait)
            return voice.submit(call) if task == voice.MODEL else await works.submit(call, task)
        if call.method == "GET" and path.startswith(_STATUS):
            return voice.status(call, path.removeprefix(_STATUS))
        if call.method == "GET" and path == _BALANCE:
            balance = float(Decimal(account.available_nano) / NANO)
            return json_reply(
                {
                    "code": 200,
                    "message": "success",
                    "data": {"balance": balance, "currency": account.currency},
                }
            )
        raise Refused(404, "Not found")
