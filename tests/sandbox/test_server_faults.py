"""Faults, seen from the socket."""

from __future__ import annotations

import socket
import time
from typing import Any

import httpx
import pytest

IMAGE = {"model": "image-01", "prompt": "a lighthouse"}
PATH = "/v1/image_generation"
PRICE = 3_500_000


def raw(box: Any, fault: str) -> bytes:
    """Send the image request over a bare socket; return every byte that comes before the end."""
    host, port = box.running.minimax.removeprefix("http://").split(":")
    body = b'{"model":"image-01","prompt":"a lighthouse"}'
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {box.keys['minimax']}\r\n"
        f"X-Sandbox-Fault: {fault}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    received = b""
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(head.encode() + body)
        while chunk := sock.recv(65536):
            received += chunk
    return received


def test_drop_accepts_charges_and_closes_without_a_byte(box: Any) -> None:
    assert raw(box, "drop") == b""
    entry = box.journal()[-1]
    assert (entry["status"], entry["charged_nano"], entry["faults"]) == (None, PRICE, ["drop"])


def test_drop_before_charges_nothing(box: Any) -> None:
    before = len(box.control("GET", "journal")["charges"])
    assert raw(box, "drop-before") == b""
    assert len(box.control("GET", "journal")["charges"]) == before


def test_reset_is_a_reset_of_the_connection(box: Any) -> None:
    with pytest.raises(ConnectionResetError):
        raw(box, "reset")
    assert box.charged() == PRICE


def test_reset_at_a_byte_sends_that_much_first(box: Any) -> None:
    host, port = box.running.minimax.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nX-Sandbox-Fault: reset:7\r\n\r\n")
        received = b""
        while not received.endswith(b"\r\n\r\n404 pag"):
            received += sock.recv(65536)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_truncate_promises_more_than_it_sends(box: Any) -> None:
    received = raw(box, "truncate:20")
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    assert len(body) == 20 < length
    with pytest.raises(httpx.RemoteProtocolError):
        box.call("minimax", "POST", PATH, IMAGE, fault="truncate")


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_status_after_accepting_is_charged(box: Any, status: int) -> None:
    assert box.call("minimax", "POST", PATH, IMAGE, fault=f"after-{status}").status_code == status
    assert box.charged() == PRICE


@pytest.mark.parametrize("status", [500, 503, 429, 524])
def test_a_status_before_accepting_is_not_charged(box: Any, status: int) -> None:
    reply = box.call("minimax", "POST", PATH, IMAGE, fault=f"before-{status}")
    assert reply.status_code == status
    assert ("retry-after" in reply.headers) == (status == 429)
    assert box.charged() == 0


def test_429_says_how_long_to_wait(box: Any) -> None:
    reply = box.call("pixazo", "POST", "/image-generation/v1/t2i", {"prompt": "a"}, fault="before-429:3")
    assert reply.headers["retry-after"] == "3"
    assert reply.json() == {
        "error": "Too Many Requests",
        "message": "Rate limit exceeded, please retry later",
    }


def test_the_edge_challenge_is_html(box: Any) -> None:
    reply = box.call("pixazo", "GET", "/v2/requests/status/x", fault="challenge")
    assert reply.status_code == 403
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.text.startswith("<!DOCTYPE html>")
    assert "<title>Just a moment...</title>" in reply.text


@pytest.mark.parametrize("code", [1000, 1002, 1013, 1033, 1039, 1041, 2056])
def test_a_code_before_accepting_is_not_charged(box: Any, code: int) -> None:
    assert box.code(PATH, IMAGE, fault=f"code:{code}") == code
    assert box.charged() == 0


def test_a_code_after_accepting_is_charged(box: Any) -> None:
    assert box.code(PATH, IMAGE, fault="after-code:1000") == 1000
    assert box.charged() == PRICE


def test_garbage_is_a_200_that_is_no_json(box: Any) -> None:
    reply = box.call("minimax", "POST", PATH, IMAGE, fault="garbage")
    assert reply.status_code == 200
    with pytest.raises(ValueError):
        reply.json()


def test_slow_waits_before_the_reply_and_a_clock_jump_ends_it(box: Any) -> None:
    began = time.monotonic()
    box.call("minimax", "GET", "/nothing", fault="slow:0.2")
    assert time.monotonic() - began >= 0.2


def test_trickle_sends_a_whole_reply_in_pieces(box: Any) -> None:
    began = time.monotonic()
    assert box.code(PATH, IMAGE, fault="trickle:0.2") == 0
    assert time.monotonic() - began >= 0.2


def test_rules_match_by_provider_method_and_path_and_run_out(box: Any) -> None:
    rule = {"fault": "before-503", "provider": "minimax", "method": "POST", "path": "^/v1/image", "times": 2}
    box.control("POST", "faults", rule)
    assert box.code("/v1/get_voice", {"voice_type": "voice_cloning"}) == 0
    assert box.call("pixazo", "POST", "/image-generation/v1/t2i", {"prompt": "a"}).status_code == 200
    statuses = [box.call("minimax", "POST", PATH, IMAGE).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert box.control("GET", "faults") == {"rules": []}


def test_a_rule_without_end_stays_until_it_is_deleted(box: Any) -> None:
    box.control("POST", "faults", {"rules": [{"fault": "balance", "provider": "minimax", "times": None}]})
    assert [box.code(PATH, IMAGE) for _ in range(3)] == [1008] * 3
    box.control("DELETE", "faults")
    assert box.code(PATH, IMAGE) == 0


def test_an_unknown_fault_in_the_header_is_refused(box: Any) -> None:
    reply = box.call("minimax", "POST", PATH, IMAGE, fault="explode")
    assert reply.status_code == 400
    assert "no fault 'explode'" in reply.text


def test_the_media_host_can_fail_too(box: Any) -> None:
    url = box.minimax(PATH, IMAGE)["data"]["image_urls"][0]
    box.control("POST", "faults", {"fault": "before-503", "provider": "media"})
    assert [box.http.get(url).status_code for _ in range(2)] == [503, 200]


def test_other_connections_live_on_after_a_drop(box: Any) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        box.call("minimax", "POST", PATH, IMAGE, fault="drop")
    assert box.code(PATH, IMAGE) == 0
    assert len(box.journal()) == 2
