"""The two tools of a plan: a search and a look at a picture, kept in the ledger like everything else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import ProviderError, RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.providers import provider
from minimax_nb.wire import Reply


def test_a_search_lists_pages(lab: Lab, control: Any) -> None:
    result = lab.search("lighthouse keepers")
    assert result.text.startswith(
        "1. [Lighthouse keepers: page 1](<https://example.com/lighthouse-keepers/1>) ("
    )
    assert "\nAlso: lighthouse keepers guide" in result.text
    assert result.facts["pages"] == 5
    assert result.path.suffix == ".md"
    assert (result.cost, control.charges) == (0, 0)
    assert lab.job(result.job_id).record.prompt == "lighthouse keepers"


@pytest.fixture
def elsewhere() -> Iterator[tuple[dict[str, bytes], str]]:
    """A host that has files: what it has, and its address."""
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = files[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield files, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_picture_is_described(lab: Lab, control: Any, elsewhere: tuple[dict[str, bytes], str]) -> None:
    picture = lab.image("A red fox")[0]
    files, host = elsewhere
    files["/fox.jpg"] = picture.bytes()
    for given in (picture, f"{host}/fox.jpg"):
        result = lab.describe(given, "What is it?")
        assert result.text.startswith("A picture of 1024 × 1024 px.")
        assert "What is it?" in result.text
        body = control.requests("POST")[-1]["body"]
        assert body["image_url"].startswith("data:image/jpeg;base64,"), "it takes no addresses"
    assert lab.describe(picture).prompt == "Describe this picture."


def test_a_key_without_a_plan_left_is_told(lab: Lab, control: Any) -> None:
    control.fault("code:2062", path="coding_plan")
    with pytest.raises(ProviderError) as caught:
        lab.search("lighthouses")
    assert len(caught.value.lines()) <= 3
    assert caught.value.info is not None
    assert caught.value.info.code == "2062"


def test_what_is_no_picture_is_not_sent(lab: Lab, control: Any) -> None:
    with pytest.raises(RequestInvalidError, match="--image .*cannot be read as an image"):
        lab.describe(b"no picture")
    assert control.requests() == []


def test_what_a_page_says_is_no_list_of_ours() -> None:
    pages = [{"title": "A [b]", "link": "https://a.example/1", "snippet": "1. one\n2. two", "date": ""}]
    body = json.dumps({"organic": pages, "base_resp": {"status_code": 0}}).encode()
    outcome = provider("minimax").parse_submit(
        build("search", "x", {}), Reply(200, {"content-type": "application/json"}, body)
    )
    (output,) = outcome.outputs
    assert (output.data or b"").decode() == "1. [A (b)](<https://a.example/1>)\n   1\\. one 2. two"
