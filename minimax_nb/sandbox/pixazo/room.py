"""The Pixazo port: routes, keys, limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from minimax_nb.catalog import catalog
from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Invalid
from minimax_nb.sandbox.pixazo import images, later, queue, status
from minimax_nb.sandbox.pixazo.words import Refused, answer
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.wire import Call, json_reply


@dataclass(frozen=True)
class _Operation:
    handler: Callable[[Call], Awaitable[Response]]
    kind: str | None = None


_VOICE = "/minimax-voice-design-api-363/v1/minimax-voice-design-api-request"
_LEGACY_PATH = f"{_VOICE}-result"
_STATUS = "/v2/requests/status/"
_OPERATIONS: Mapping[tuple[str, str], _Operation] = {
    ("POST", "/minimax-music-generation-2-6/v1/generate"): _Operation(queue.music, "music"),
    ("POST", "/minimax-hailuo-ai-music/v1/getAudioResult"): _Operation(queue.audio_result),
    ("POST", _VOICE): _Operation(queue.voice_design, "voice-design"),
    ("POST", _LEGACY_PATH): _Operation(status.legacy),
    ("POST", "/image-generation/v1/t2i"): _Operation(images.text_to_image, "image"),
    ("POST", "/image-generation/v1/i2i"): _Operation(images.image_to_image, "image"),
    ("POST", "/minimax-hailuo-ai-music/v1/getAudio"): _Operation(later.get_audio, "speech"),
    ("POST", "/minimax-hailuo-ai/v1/generate"): _Operation(later.film, "video"),
    ("POST", "/minimax-hailuo-ai/v1/imageToVideo"): _Operation(later.film, "video"),
}
#: Kinds whose models may have a path of their own, and what answers there.
_BY_PATH = {"speech": later.speak, "music": later.sing}


def _of_model(path: str) -> _Operation | None:
    """Return the operation of a model whose wire name is a whole path."""
    for model in catalog().models("pixazo"):
        if model.wire == path and model.kind in _BY_PATH:
            return _Operation(_BY_PATH[model.kind], model.kind)
    return None


class PixazoRoom:
    """Pixazo's gateway.

    Parameters
    ----------
    world
        What the rooms share.
    """

    name = "pixazo"

    def __init__(self, world: World) -> None:
        self.world = world

    def is_control(self, path: str) -> bool:
        """Every path is the provider's."""
        return False

    def refuse(self, call: Call, status: int, retry_after: float | None) -> Response:
        """Answer an HTTP status in the operation's words."""
        return answer(Refused(status, retry_after=retry_after), legacy=call.path == _LEGACY_PATH)

    async def handle(self, call: Call) -> Response:
        """Answer a request."""
        operation = _OPERATIONS.get((call.method, call.path))
        if operation is None and call.method == "POST":
            operation = _of_model(call.path)
        if call.method == "GET" and call.path.startswith(_STATUS):
            operation = _Operation(status.universal)
        if operation is None:
            return json_reply({"error": "Endpoint not found"}, 404)
        try:
            self._enter(call, operation)
            return await operation.handler(call)
        except Invalid as error:
            refusal = Refused(400, str(error))
        except Refused as error:
            refusal = error
        return answer(refusal, legacy=call.path == _LEGACY_PATH)

    def _enter(self, call: Call, operation: _Operation) -> None:
        account = self.world.account("pixazo", call.request.headers.get("ocp-apim-subscription-key", ""))
        if account is None:
            raise Refused(401)
        call.account = account
        if operation.kind is not None:
            window = rates.WINDOW_S / self.world.speed
            rpm = rates.limit("pixazo", operation.kind).rpm
            wait = account.admit(operation.kind, rpm, window, self.world.clock.now())
            if wait is not None:
                raise Refused(429, retry_after=wait)
