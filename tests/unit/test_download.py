"""Downloads against real sockets: where they may go, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading

import pytest

from minimax_nb.download import LinkExpiredError, RefusedError, download
from minimax_nb.errors import MediaError
from tests.unit.rawserver import reply, serving
from tests.unit.sinks import BODY, Kept, cut, fetch


def test_download_sends_no_credentials() -> None:
    with serving(lambda _: reply("200 OK", b"bytes", Content_Type="image/png; x=y")) as served:
        assert fetch(f"{served.url}/a.png") == (b"bytes", "image/png")
    assert b"authorization" not in served.requests[0].lower()
    assert b"cookie" not in served.requests[0].lower()


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_a_dead_link_says_so(status: str) -> None:
    with serving(lambda _: reply(status)) as served, pytest.raises(LinkExpiredError):
        fetch(f"{served.url}/a.png")


def test_a_short_download_is_refused() -> None:
    cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"
    with serving(lambda _: cut) as served, pytest.raises(MediaError, match="broke off"):
        fetch(f"{served.url}/a.png")


def test_a_large_download_is_refused() -> None:
    with (
        serving(lambda _: reply("200 OK", b"x" * 2000)) as served,
        pytest.raises(MediaError, match="larger than"),
    ):
        fetch(f"{served.url}/a.png")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "https://127.0.0.1:1/x",
        "https://localhost:1/x",
        "https://[::1]:1/x",
        "https://[::ffff:127.0.0.1]:1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "http://example.com/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
    ],
)
def test_private_and_plain_addresses_are_refused(url: str) -> None:
    with pytest.raises(MediaError, match="refused to fetch"):
        fetch(url, local=False)


def test_a_redirect_to_a_private_address_is_refused() -> None:
    with (
        serving(lambda _: reply("302 Found", b"", Location="https://10.0.0.1/x")) as served,
        pytest.raises(MediaError, match="refused to fetch"),
    ):
        fetch(f"{served.url}/a.png")


@pytest.mark.parametrize(
    ("headers", "digest"),
    [
        ({}, None),
        (
            {"Content_MD5": base64.b64encode(hashlib.md5(BODY).digest()).decode()},
            ("md5", hashlib.md5(BODY).hexdigest()),
        ),
        (
            {"Repr_Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(BODY).digest()).decode()}:"},
            ("sha256", hashlib.sha256(BODY).hexdigest()),
        ),
        ({"Content_MD5": "not base64!"}, None),
    ],
    ids=["none", "md5", "sha256", "nonsense"],
)
def test_a_checksum_of_the_server_is_handed_on(
    headers: dict[str, str], digest: tuple[str, str] | None
) -> None:
    sink = Kept()
    with serving(lambda _: reply("200 OK", BODY, **headers)) as served:
        fetch(f"{served.url}/a.bin", sink)
    assert sink.head is not None
    assert sink.head.digest == digest


def test_an_announced_length_too_large_is_refused_before_a_byte_is_taken() -> None:
    sink = Kept()
    with (
        serving(lambda _: cut(10, b"x" * 2000)) as served,
        pytest.raises(RefusedError, match="larger than"),
    ):
        fetch(f"{served.url}/a.bin", sink)
    assert sink.written == 0


def test_writing_is_done_off_the_loops_thread() -> None:
    sink = Kept()
    with serving(lambda _: reply("200 OK", BODY)) as served:
        fetch(f"{served.url}/a.bin", sink)
    assert sink.threads
    assert threading.get_ident() not in sink.threads


def test_plain_http_to_a_private_address_is_refused_even_when_the_user_says_http() -> None:
    sink = Kept()
    with pytest.raises(RefusedError, match="not a public address"):
        asyncio.run(download("http://10.0.0.1/a.wav", sink, max_bytes=10, plain=True))
    with pytest.raises(RefusedError, match="not a public address"):
        asyncio.run(download("http://127.0.0.1:1/a.wav", sink, max_bytes=10, plain=True))
