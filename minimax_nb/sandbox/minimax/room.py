"""The MiniMax port: routes, keys, limits, and what every operation shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from starlette.responses import Response

from minimax_nb.sandbox import rates
from minimax_nb.sandbox.checks import Invalid
from minimax_nb.sandbox.minimax import (
    conventions,
    dialect,
    files,
    image,
    listening,
    money,
    music,
    routes,
    speech,
    speech_async,
    speech_bidi,
    speech_socket,
    video,
    voices,
)
from minimax_nb.sandbox.minimax.envelope import Refused, base_resp, reply
from minimax_nb.sandbox.minimax.operation import Operation
from minimax_nb.sandbox.sockets import Wire
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.wire import Call, json_reply

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v1/image_generation"): Operation(image.generate, "image"),
    ("POST", "/v1/t2a_v2"): Operation(speech.speak, "speech", {"data": None}),
    ("POST", "/v1/t2a_async_v2"): Operation(speech_async.create, "speech", {"task_id": ""}),
    ("GET", "/v1/query/t2a_async_query_v2"): Operation(speech_async.query),
    ("POST", "/v1/speech_to_text"): Operation(listening.transcribe),
    **{("POST", path): Operation(dialect.speak, "speech", {"data": None}) for path in dialect.PATHS},
    ("POST", "/v1/video_generation"): Operation(video.generate, "video", {"task_id": ""}),
    ("GET", "/v1/query/video_generation"): Operation(video.query),
    ("POST", "/v1/music_generation"): Operation(music.compose, "music", {"data": None}),
    ("POST", "/v1/voice_design"): Operation(voices.design, "voice-design"),
    ("POST", "/v1/voice_clone"): Operation(dialect.clone, "voice-clone"),
    ("POST", "/v1/get_voice"): Operation(voices.listing),
    ("POST", "/v1/delete_voice"): Operation(voices.delete),
    ("POST", "/v1/files/upload"): Operation(files.upload),
    ("GET", "/v1/files/list"): Operation(files.listing),
    ("GET", "/v1/files/retrieve"): Operation(files.retrieve),
    ("GET", "/v1/files/retrieve_content"): Operation(files.content),
    ("POST", "/v1/files/delete"): Operation(files.delete),
    ("GET", "/account/query_balance"): Operation(money.balance),
}


_SOCKETS = {speech_socket.PATH: speech_socket.Session, speech_bidi.PATH: speech_bidi.BidiSession}


class MiniMaxRoom:
    """MiniMax's own API.

    Parameters
    ----------
    world
        What the rooms share.
    """

    name = "minimax"

    def __init__(self, world: World) -> None:
        self.world = world
        self._busy: Counter[tuple[str, str | None]] = Counter()

    def is_control(self, path: str) -> bool:
        """Every path is the provider's."""
        return False

    def refuse(self, call: Call, status: int, retry_after: float | None) -> Response:
        """Answer an HTTP status as the hosts' edge does."""
        told = conventions.edge(call, status, retry_after)
        if told is not None:
            return told
        if status == 429:
            headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
            return json_reply(base_resp(1002), 429, headers)
        if status == 500:
            return json_reply(base_resp(1000), 500)
        text = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"
        return Response(text, status, media_type="text/html")

    async def handle(self, call: Call) -> Response:
        """Answer a request."""
        operation = OPERATIONS.get((call.method, call.path)) or routes.find(call.method, call.path)
        if operation is None or dialect.closed(call):
            return Response("404 page not found", 404, media_type="text/plain")
        entered = False
        try:
            self._enter(call, operation)
            entered = self._begin(call, operation)
            answer = await operation.handler(call)
            after = call.faults.word("after-code")
            if after:
                raise Refused(int(after))
            result = answer if isinstance(answer, Response) else reply(answer)
        except Invalid as error:
            result = conventions.refusal(call, dict(operation.empty), 2013, f"invalid params, {error}")
        except Refused as error:
            result = conventions.refusal(call, dict(operation.empty), error.code, error.message)
        finally:
            if entered:
                self._busy[call.account.key, operation.kind] -= 1
        trace = call.world.next_rng("trace").randbytes(16).hex()
        result.headers["Trace-Id"] = result.headers["Minimax-Request-Id"] = trace
        return result

    def has_socket(self, path: str) -> bool:
        """Return whether a WebSocket is at ``path``."""
        return path in _SOCKETS

    async def converse(self, call: Call, wire: Wire) -> None:
        """Hold a conversation."""
        await _SOCKETS[call.path](call, wire).run()

    def _enter(self, call: Call, operation: Operation) -> None:
        """Check the key and the rate."""
        key = call.bearer()
        if key is None and conventions.of(call.path) == "C":
            key = call.request.headers.get("x-api-key") or None
        if key is None:
            raise Refused(1004)
        account = self.world.account("minimax", key)
        if account is None:
            raise Refused(2049)
        call.account = account
        code = call.faults.word("code")
        if code:
            raise Refused(int(code))
        if operation.kind is not None:
            window = rates.WINDOW_S / self.world.speed
            rpm = rates.limit("minimax", operation.kind).rpm
            wait = account.admit(operation.kind, rpm, window, self.world.clock.now())
            if wait is not None:
                raise Refused(1002)

    def _begin(self, call: Call, operation: Operation) -> bool:
        """Count a request in flight; refuse one more than the class allows at a time."""
        if operation.kind is None:
            return False
        allowed = rates.limit("minimax", operation.kind).concurrency
        busy = (call.account.key, operation.kind)
        if allowed is not None and self._busy[busy] >= allowed:
            raise Refused(1041)
        self._busy[busy] += 1
        return True
