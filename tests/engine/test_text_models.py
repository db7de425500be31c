"""What is asked of an account's text models, free: which there are, and how many tokens go in."""

from __future__ import annotations

from typing import Any

import pytest

from minimax_nb import ChatRequest, ImageRequest, Lab
from minimax_nb.catalog import catalog
from minimax_nb.errors import ProviderError, RequestInvalidError


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_the_models_that_an_account_lists(lab: Lab, control: Any, api: str) -> None:
    rows = lab.account_models(api=api)
    known = {model.name for model in catalog().models("minimax", "chat") if "chat" in model.modes}
    assert {row.id for row in rows} == known
    assert all(row.listed and row.known for row in rows)
    (asked,) = control.requests()
    assert asked["path"] == ("/v1/models" if api == "openai" else "/anthropic/v1/models")


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_one_model_is_looked_up(lab: Lab, control: Any, api: str) -> None:
    (row,) = lab.account_models("MiniMax-M3", api=api)
    assert (row.id, row.listed, row.known) == ("MiniMax-M3", True, True)
    assert control.requests()[0]["path"].endswith("/v1/models/MiniMax-M3")
    with pytest.raises(ProviderError, match="nothing-4") as caught:
        lab.account_models("nothing-4", api=api)
    assert caught.value.info is not None
    assert caught.value.info.category == "not_found"
    assert len(caught.value.lines()) <= 3


def test_no_list_is_asked_for_by_mistake(lab: Lab, control: Any) -> None:
    with pytest.raises(RequestInvalidError, match="openai or anthropic; did you mean 'openai'"):
        lab.account_models(api="openia")
    with pytest.raises(RequestInvalidError, match="Pixazo lists no models"):
        lab.account_models(provider="pixazo")
    assert control.requests() == []


@pytest.mark.parametrize("options", [{}, {"api": "responses"}, {"api": "openai"}, {"model": "MiniMax-M2.7"}])
def test_tokens_are_counted_by_the_form_of_the_request(
    lab: Lab, control: Any, options: dict[str, Any]
) -> None:
    request = ChatRequest(prompt="Why is the sea salt?", system="Be brief.", max_tokens=100, **options)
    tokens = lab.count_tokens(request)
    assert control.requests()[0]["path"].endswith("_tokens")
    assert control.charges == 0
    assert lab.jobs() == []
    assert lab.submit(request).result().facts["prompt_tokens"] == tokens


def test_a_turn_of_a_thread_is_counted_with_all_before_it(lab: Lab) -> None:
    lab.chat("My name is Ada. " * 20, thread="us", max_tokens=200)
    alone = lab.count_tokens(ChatRequest(prompt="What is my name?"))
    assert lab.count_tokens(ChatRequest(prompt="What is my name?", thread="us")) > alone + 80


def test_a_counted_estimate_is_tighter(lab: Lab) -> None:
    request = ChatRequest(prompt="Why is the sea salt?", max_tokens=100)
    rough, exact = lab.forecast(request), lab.forecast(request, count=True)
    assert exact.tokens == lab.count_tokens(request)
    assert (exact.quote.amount_nano or 0) == 300 * (exact.tokens or 0) + 1200 * 100
    assert (exact.quote.amount_nano or 0) < (rough.quote.amount_nano or 0)
    assert f"{exact.tokens} tokens go in, counted by minimax" in str(exact)


@pytest.mark.parametrize("request_", [ChatRequest(prompt="Hi", model="M2-her"), ImageRequest(prompt="A fox")])
def test_what_nobody_counts(lab: Lab, control: Any, request_: Any) -> None:
    with pytest.raises(RequestInvalidError, match="counts no tokens of"):
        lab.count_tokens(request_)
    assert control.requests() == []
