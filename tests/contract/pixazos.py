"""Requests to Pixazo as the vectors have them."""

from __future__ import annotations

from minimax_nb.kinds import build
from minimax_nb.kinds.base import Request
from minimax_nb.providers import provider
from tests.contract.wires import RID, VECTORS

PIXAZO = provider("pixazo")
MINE = {key: row for key, row in VECTORS.items() if key.startswith("P")}
#: Polls; results of the older endpoint; callbacks, which read as status replies.
READS = {key for key in MINE if key.startswith(("P4", "P5", "P8"))}


def typed(key: str) -> Request:
    """Return the typed request that equals a vector's body."""
    path, body = VECTORS[key]["req"]["path"], dict(VECTORS[key]["req"]["body"])
    if path.startswith("/image-generation/"):
        subjects = body.pop("subject_reference", [])
        if subjects:
            body |= {
                "subject_reference": [item["image_file"] for item in subjects],
                "subject_type": [item["type"] for item in subjects],
            }
        return build("image", None, body)
    if "music" in path:
        renamed = {
            "instrumental" if name == "is_instrumental" else name: value for name, value in body.items()
        }
        return build("music", None, renamed)
    return build("voice-design", None, body)


def ask(request: Request) -> Request:
    """Return a request as the engine sees it: resolved and accepted by the provider."""
    resolved = request.resolve("pixazo")
    PIXAZO.check(resolved)
    return resolved


MUSIC = ask(build("music", "calm lo-fi", {"instrumental": True}))
IMAGE = ask(build("image", "a sunset", {"n": 3}))
DESIGN = ask(build("voice-design", "bubbly", {"preview": "Oh my gosh, hi."}))
LOCATOR = {"request_id": RID, "path": f"/v2/requests/status/{RID}", "role": "output", "asked": 0}
