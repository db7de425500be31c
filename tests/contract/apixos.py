"""Requests to APIXO as the vectors have them."""

from __future__ import annotations

from minimax_nb.kinds import build
from minimax_nb.kinds.base import Request
from minimax_nb.providers import provider
from tests.contract.wires import VECTORS

APIXO = provider("apixo")
MINE = {key: row for key, row in VECTORS.items() if key.startswith("A")}
#: Polls, and callbacks, which read as status replies.
READS = {key for key in MINE if key.startswith(("A3", "A4"))}
RENAMED = {
    "voice_id_prefix": "voice_prefix", "preview_text": "preview", "need_noise_reduction": "noise_reduction",
    "need_volume_normalization": "volume_normalization",
}  # fmt: skip


def typed(key: str) -> Request:
    """Return the typed request that equals a vector's body."""
    values = {RENAMED.get(name, name): value for name, value in VECTORS[key]["req"]["body"]["input"].items()}
    if "audio_urls" in values:
        values["audio"] = values.pop("audio_urls")
    return build("voice-design" if values.pop("mode") == "design" else "voice-clone", None, values)


def ask(request: Request) -> Request:
    """Return a request as the engine sees it: resolved and accepted by the provider."""
    resolved = request.resolve("apixo")
    APIXO.check(resolved)
    return resolved


DESIGN = ask(typed("A1-02"))
CLONE = ask(typed("A1-01"))
LOCATOR = {"task_id": "task_12345678", "model": "minimax-voice", "voice_id": "warm001-a1b2c3"}
