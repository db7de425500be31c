"""One turn of a conversation: its rules, its price, its form in the ledger."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from minimax_nb.catalog import catalog
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import ChatRequest, build, to_command


def ask(text: str = "Hello", **options: Any) -> ChatRequest:
    request = build("chat", text, options).resolve("minimax")
    assert isinstance(request, ChatRequest)
    return request


def picture(form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(buffer, form)
    return buffer.getvalue()


#: One broken rule each, and the line it gives.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"temperature": 3}, "--temperature 3: 0 to 2 ("),
    ({"top_p": 1.5}, "--top-p 1.5: 0 to 1 ("),
    ({"max_tokens": 0}, "--max-tokens 0: 1 to 524288 tokens ("),
    ({"max_tokens": 600_000}, "--max-tokens 600000: 1 to 524288 tokens for MiniMax-M3"),
    ({"max_tokens": 300_000, "model": "MiniMax-M2.7"}, "1 to 204800 tokens for MiniMax-M2.7"),
    ({"thinking": "disabled", "model": "MiniMax-M2"}, "MiniMax-M2 always thinks; MiniMax-M3 can be told not to"),
    ({"thinking": "on"}, "--thinking on: adaptive or disabled"),
    ({"image": "https://x.y/z.png", "model": "MiniMax-M2.5"}, "MiniMax-M2.5 takes no pictures; MiniMax-M3 or"),
    ({"image": picture("BMP")}, "jpeg, png, gif or webp"),
    ({"image": picture() + bytes(11 * 2**20)}, "11 MB; less than 10 MB"),
    ({"thread": "a/b"}, "--thread a/b: a name of at most 64 letters"),
    ({"new_thread": True}, "--new-thread: say which, with --thread NAME"),
    ({"history": ["hello"]}, "--history: 1 texts; what you said and the answer come in pairs"),
    ({"earlier_image": picture()}, "--earlier-image: each needs its turn"),
    ({"api": "cohere"}, "--api cohere: anthropic, openai or responses"),
    ({"api": "openai", "model": "M2-her"}, "M2-her has an interface of its own"),
    ({"temperature": 0, "model": "M2-her"}, "--temperature 0: more than 0, at most 1 for M2-her"),
    ({"top_p": 0, "model": "M2-her"}, "--top-p 0: more than 0, at most 1 for M2-her"),
    ({"thinking": "adaptive", "model": "M2-her"}, "M2-her does not think"),
    ({"max_tokens": 4096, "model": "M2-her"}, "1 to 2048 tokens for M2-her"),
    ({"model": "MiniMax-M4"}, "did you mean 'MiniMax-M3'?"),
    ({"systen": "x"}, "--systen is not an option of chat; did you mean 'system'?"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "line"), BAD, ids=[line[:40] for _, line in BAD])
def test_a_broken_rule_is_one_line(options: dict[str, Any], line: str) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ask(**options)
    (problem,) = caught.value.problems
    assert line in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("model", "resolved", "tokens", "thinking"),
    [
        (None, "MiniMax-M3", 131_072, "adaptive"),
        ("MiniMax-M2.7-highspeed", "MiniMax-M2.7-highspeed", 65_536, None),
        ("MiniMax-M2.1-lightning", "MiniMax-M2.1-highspeed", 65_536, None),
        ("M2-her", "M2-her", 2_048, None),
    ],
)
def test_models_bring_their_defaults(
    model: str | None, resolved: str, tokens: int, thinking: str | None
) -> None:
    request = ask(**({"model": model} if model else {}))
    assert (request.model, request.max_tokens, request.thinking) == (resolved, tokens, thinking)


def test_what_is_reserved_is_the_most_it_can_cost() -> None:
    book = catalog().book("minimax-2026-11", provider="minimax")
    short = ask("Hi", model="MiniMax-M2.7", max_tokens=1000)
    quote = book.quote("minimax", "chat", "MiniMax-M2.7", short.price_facts())
    assert quote.amount_nano == 1000 * 1200 + (256 + 16 + 2) * 300
    assert (quote.quantity, quote.unit_price) == (None, None)
    # Every byte may be a token, and so may every byte of what was said before.
    longer = ask("火", system="ä", history=["a", "b"], max_tokens=1)
    assert longer.price_facts()["input_tokens"] == 256 + 4 * 16 + 3 + 2 + 1 + 1
    # A prompt that may be beyond the step of the price is reserved at the higher one.
    many = book.quote("minimax", "chat", "MiniMax-M3", ask("x" * 600_000, max_tokens=1).price_facts())
    assert many.amount_nano == 2400 + (600_000 + 256 + 16) * 600
    assert book.quote("minimax", "chat", "M2-her", ask(model="M2-her").price_facts()).amount_nano is None


def test_pictures_stay_with_their_turn() -> None:
    first, last = picture(), picture("JPEG")
    request = ask(
        "And now?", history=["a", "b", "c", "d"], earlier_image=[first], earlier_turn=[1], image=[last]
    )
    assert [len(items) for items in request.pictures] == [0, 1, 1]
    assert ask(image=picture("GIF")).image[0].mime == "image/gif"


def test_a_row_makes_an_equal_request_again() -> None:
    request = ask("And now?", history=["a", "b"], thread="t", system="Be brief.", stream=False)
    assert build("chat", None, request.to_json()).resolve("minimax") == request


def test_the_cell_to_copy_leaves_out_what_the_thread_brings() -> None:
    request = build("chat", "And now?", {"history": ["a", "b"], "thread": "trip", "system": "Be brief."})
    assert to_command(request) == "%%minimax chat --system 'Be brief.' --thread trip\nAnd now?"
