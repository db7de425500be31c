"""Subscriptions: what is left of a plan, and the two tools that come with one.

The counts of ``/v1/token_plan/remains`` are 0 in observed replies; only the percentages say anything.
"""

from __future__ import annotations

from minimax_nb.sandbox import media_links, rates
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.clock import iso
from minimax_nb.sandbox.minimax.common import fields_of, pay, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.minimax.writer import Turn, excerpt, keywords, write
from minimax_nb.sandbox.wire import Call, Json

_HOURS_5 = 5 * 3600
_WEEK = 7 * 86_400
_PLAN = ("MiniMax-M*", "speech-hd", "image-01", "MiniMax-Hailuo-2.3-6s-768p", "music-2.6")


async def remains(call: Call) -> Json:
    """``GET /v1/token_plan/remains``."""
    account, now = call.account, call.world.clock.now()
    if account.kind != "plan":
        raise Refused(2062)
    start, week = now // _HOURS_5 * _HOURS_5, now // _WEEK * _WEEK
    left = 100
    if account.quota is not None:
        left = max(0, round(100 * account.quota / max(account.quota, account.quota_start or 1)))
    names = [name for name in _PLAN if account.models is None or name in account.models]
    rows = [
        {
            "model_name": name,
            "start_time": int(start * 1000),
            "end_time": int((start + _HOURS_5) * 1000),
            "remains_time": int((start + _HOURS_5 - now) * 1000),
            "current_interval_total_count": 0,
            "current_interval_usage_count": 0,
            "current_interval_remaining_percent": left,
            "current_interval_status": 1 if left else 2,
            "current_weekly_total_count": 0,
            "current_weekly_usage_count": 0,
            "current_weekly_remaining_percent": left,
            "weekly_start_time": int(week * 1000),
            "weekly_end_time": int((week + _WEEK) * 1000),
            "weekly_remains_time": int((week + _WEEK - now) * 1000),
        }
        for name in (names or list(account.models or _PLAN))
    ]
    return {"model_remains": rows}


async def search(call: Call) -> Json:
    """``POST /v1/coding_plan/search``: pages of a web that is not there."""
    fields = fields_of(call)
    query = fields.text("q", required=True, low=1) or ""
    call.entry.ignored = fields.unknown()
    refuse_content(call, query)
    pay(
        call,
        "coding-plan-search",
        rates.price_nano("minimax", "search", "coding-plan-search"),
        "a web search",
    )
    rng = call.world.rng("search", query)
    words = keywords(query) or [query.strip() or "nothing"]
    slug = "-".join(word.lower() for word in words[:3])
    rows = []
    for number in range(1, 6):
        told = write([Turn("user", f"Give me 2 points about {query}")], rng).text
        rows.append(
            {
                "title": f"{' '.join(words).capitalize()}: page {number}",
                "link": f"https://example.com/{slug}/{number}",
                "snippet": excerpt(told, 160),
                "date": iso(call.world.clock.now() - 86_400 * rng.randrange(1, 400))[:10],
            }
        )
    return {
        "organic": rows,
        "related_searches": [{"query": f"{query} {word}"} for word in ("guide", "history")],
    }


async def look(call: Call) -> Json:
    """``POST /v1/coding_plan/vlm``: say what is on a picture given as a data URL."""
    fields = fields_of(call)
    prompt = fields.text("prompt", required=True, low=1) or ""
    url = fields.text("image_url", required=True, low=1) or ""
    call.entry.ignored = fields.unknown()
    size = await call.world.blobs.run(lambda: _size(fields, url))
    refuse_content(call, prompt)
    pay(
        call,
        "coding-plan-vlm",
        rates.price_nano("minimax", "describe", "coding-plan-vlm"),
        "a look at a picture",
    )
    rng = call.world.rng("vlm", prompt, url)
    text = write([Turn("user", prompt, images=1)], rng).text
    return {"content": f"A picture of {size[0]} × {size[1]} px.\n\n{text}"}


def _size(fields: Fields, url: str) -> tuple[int, int]:
    import io

    from PIL import Image

    try:
        data = media_links.decode(url)
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (ValueError, OSError):
        raise fields.fail("image_url", "must be a data URL of a picture") from None
