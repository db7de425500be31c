"""Requests to MiniMax video V2, and what is said of their replies; shared by its tests."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

CREATE = "/v2/video_generation"
QUERY = "/v2/query/video_generation"
WEEK = 7 * 86_400
TEXT = {"type": "text", "text": "a lighthouse at dusk"}
CENT = 10_000_000


def picture(width: int = 640, height: int = 360) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def sound(seconds: int) -> str:
    import wave

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(16_000 * seconds))
    return f"data:audio/wav;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def image(role: str | None, url: str | None = None) -> dict[str, Any]:
    item = {"type": "image_url", "image_url": {"url": url or picture()}, "role": role}
    return {key: value for key, value in item.items() if value is not None}


def audio(seconds: int = 3) -> dict[str, Any]:
    return {"type": "audio_url", "audio_url": {"url": sound(seconds)}, "role": "reference_audio"}


def film(url: str = "https://a.example/a.mp4", role: str = "reference_video") -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": url}, "role": role}


def body(*content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base = {"model": "MiniMax-H3", "resolution": "768P", "duration": 5, "ratio": "16:9"}
    return {**base, "content": [*content] or [TEXT], **changes}


def post(box: Any, request: dict[str, Any], **options: Any) -> Any:
    return box.call("minimax", "POST", CREATE, request, **options)


def create(box: Any, request: dict[str, Any] | None = None, **options: Any) -> str:
    reply = post(box, request or body(), **options)
    assert reply.status_code == 200, reply.text
    assert set(reply.json()) == {"task_id"}
    return reply.json()["task_id"]


def task(box: Any, task_id: str) -> dict[str, Any]:
    reply = box.call("minimax", "GET", f"{QUERY}/{task_id}")
    assert reply.status_code == 200, reply.text
    return reply.json()["task"]


def finished(box: Any, request: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    task_id = create(box, request, **options)
    box.advance(3600)
    return task(box, task_id)


def refused(reply: Any, status: int, name: str, code: int) -> str:
    assert reply.status_code == status, reply.text
    error = reply.json()
    assert set(error) == {"type", "error", "request_id"}
    assert error["type"] == "error"
    assert error["error"]["type"] == name
    assert error["error"]["http_code"] == str(status)
    assert error["error"]["message"].endswith(f"({code})")
    return error["error"]["message"]
