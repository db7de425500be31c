"""The two tools that come with a MiniMax plan: a web search, and a look at a picture.

Source: what MiniMax's own MCP server for plans sends and reads; a pay-as-you-go key may be refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from minimax_nb.kinds.base import Request
from minimax_nb.kinds.describe import DescribeRequest
from minimax_nb.kinds.search import SearchRequest
from minimax_nb.providers.base import Outcome, Output, Upload
from minimax_nb.providers.bodies import NativeReply, as_object, as_text
from minimax_nb.providers.replies import trace_of, unreadable
from minimax_nb.wire import HttpCall, Json, Reply

_WORK = 120.0  # seconds without a byte
_MARKDOWN = "text/markdown"
_MARK = re.compile(r"^(\d*)([.)#>+*-])")
_LARGEST = 20 * 2**20  #: bytes of a picture that is fetched first


def search(request: SearchRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the search."""
    return HttpCall("POST", "/v1/coding_plan/search", body={"q": request.prompt}, timeout=_WORK)


def describe(request: DescribeRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Build the look at a picture; it takes ``data:`` URIs alone."""
    body = {"prompt": request.prompt, "image_url": request.image.wire}
    return HttpCall("POST", "/v1/coding_plan/vlm", body=body, timeout=_WORK)


def inputs(request: DescribeRequest) -> tuple[Upload, ...]:
    """Return the picture, which travels inside the request, also where it was given as a URL."""
    return (Upload("image", "", request.image, inside=True, largest=_LARGEST),)


def read_search(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    """Read the pages that were found."""
    rows = reply.data.get("organic")
    if not isinstance(rows, list):
        return unreadable(reply, "list of pages")
    pages = [as_object(row) for row in rows]
    text = "\n".join(_page(number, page) for number, page in enumerate(pages, 1)) or "Nothing was found."
    related = reply.data.get("related_searches")
    also = [as_text(as_object(row).get("query")) for row in (related if isinstance(related, list) else ())]
    if any(also):
        text += f"\n\nAlso: {', '.join(filter(None, also))}"
    return _words(text, reply, {"pages": len(pages)})


def read_describe(request: Request, body: NativeReply, reply: Reply) -> Outcome:
    """Read the answer."""
    said = as_text(reply.data.get("content"))
    return unreadable(reply, "answer") if said is None else _words(said, reply, {})


def _page(number: int, page: Json) -> str:
    title, link = as_text(page.get("title")) or "", as_text(page.get("link")) or ""
    date, snippet = as_text(page.get("date")), " ".join((as_text(page.get("snippet")) or "").split())
    # The excerpt is a page's own words: what begins like a list or a heading is none.
    snippet = _MARK.sub(r"\1\\\2", snippet)
    name = " ".join(title.split()).replace("[", "(").replace("]", ")") or link
    return f"{number}. [{name}](<{link}>){f' ({date})' if date else ''}\n   {snippet}".rstrip()


def _words(text: str, reply: Reply, facts: Mapping[str, object]) -> Outcome:
    trace = trace_of(reply)
    return Outcome(
        "succeeded",
        outputs=(Output(data=text.encode("utf-8", "replace"), mime=_MARKDOWN),),
        charge="charged",
        facts={**facts, **({"trace_id": trace} if trace else {})},
    )
