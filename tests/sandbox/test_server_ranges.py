"""The media host in parts: ranges, their versions, and faults on what is left."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.fixture
def picture(box: Any) -> str:
    """The address of a finished image."""
    answer = box.minimax("/v1/image_generation", {"model": "image-01", "prompt": "A red fox", "seed": 1})
    return str(answer["data"]["image_urls"][0])


def get(url: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(url, headers=names, trust_env=False, timeout=20)


def test_a_whole_file_names_its_version(picture: str) -> None:
    first, again = get(picture), get(picture)
    assert (first.status_code, first.headers["accept-ranges"]) == (200, "bytes")
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["etag"].startswith('"')


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=1000-", 1000, None), ("bytes=0-0", 0, 1), ("bytes=5-9", 5, 10), ("bytes=-7", -7, None),
     ("bytes=10-99999999", 10, None)],
)  # fmt: skip
def test_a_part_is_what_was_asked_for(picture: str, asked: str, start: int, end: int | None) -> None:
    whole = get(picture)
    part = get(picture, Range=asked, If_Range=whole.headers["etag"])
    assert (part.status_code, part.content) == (206, whole.content[start:end])
    first = start % len(whole.content)
    last = first + len(part.content) - 1
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole.content)}"
    assert part.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=5-", "If_Range": '"another"'},
        {"Range": "bytes=5-", "If_Range": "Fri, 20 Nov 2026 10:00:00 GMT"},
        {"Range": "bytes=0-1,5-6"},
        {"Range": "lines=5-"},
        {"Range": "bytes=-"},
    ],
)
def test_another_version_or_an_odd_range_gets_everything(picture: str, headers: dict[str, str]) -> None:
    whole = get(picture)
    answer = get(picture, **headers)
    assert (answer.status_code, answer.content) == (200, whole.content)


def test_behind_the_end_is_nothing(picture: str) -> None:
    size = len(get(picture).content)
    answer = get(picture, Range=f"bytes={size}-")
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")


def test_the_journal_tells_what_was_moved(box: Any, picture: str) -> None:
    whole = get(picture).content
    with pytest.raises(httpx.RemoteProtocolError):
        get(picture, Range="bytes=1000-", X_Sandbox_Fault="truncate:500")
    get(picture, Range="bytes=1500-")
    path = httpx.URL(picture).path
    seen = [item for item in box.control("GET", "journal")["requests"] if item["path"] == path]
    last = len(whole) - 1
    assert [(item["status"], item["range"], item["sent_bytes"]) for item in seen] == [
        (200, None, len(whole)),
        (206, [1000, last], 500),
        (206, [1500, last], len(whole) - 1500),
    ]


def test_rules_take_turns_by_skipping(box: Any, picture: str) -> None:
    path = httpx.URL(picture).path
    for skip, fault in enumerate(["before-503", "before-403"], start=1):
        box.control("POST", "faults", {"fault": fault, "path": path, "skip": skip})
    assert [get(picture).status_code for _ in range(4)] == [200, 503, 403, 200]
    assert box.control("GET", "faults") == {"rules": []}
