"""Chat against the real sandbox: streams, threads that outlive a kernel, lost answers, money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minimax_nb import ChatRequest, Job, Lab
from minimax_nb.errors import (
    BudgetExceededError,
    OutcomeUnknownError,
    RequestInvalidError,
)
from minimax_nb.ledger.record import Charge, JobState, ResultState

LIST = "Give me 20 reasons to see Lisbon by tram"


def sent(control: Any) -> list[dict[str, Any]]:
    """The bodies of all requests for an answer, oldest first."""
    return [item["body"] for item in control.requests("POST") if "messages" in item["path"]]


def lose(lab: Lab, control: Any, fault: str, **options: Any) -> Job:
    control.fault(fault, method="POST", path="/anthropic")
    job = lab.submit(ChatRequest(prompt=LIST, **options))
    with pytest.raises(OutcomeUnknownError):
        job.result()
    return job


@pytest.mark.parametrize(
    "options", [{}, {"api": "openai"}, {"api": "responses"}, {"model": "M2-her"}, {"stream": False}]
)
def test_an_answer_is_streamed_stored_and_priced_to_the_token(
    lab: Lab, control: Any, options: dict[str, Any]
) -> None:
    job = lab.submit(ChatRequest(prompt=LIST, **options))
    pieces = list(job.stream())
    result = job.result()
    assert result.text
    assert result.text == str(result) == result.path.read_text("utf-8")
    assert result.path.suffix == ".md"
    assert result.path.parent.name == "media"
    assert [item.role for item in result.media] == ["output", "thinking"][: len(result.media)]
    if options.get("stream", True):
        assert len(pieces) > 2
        assert "".join(piece.text for piece in pieces if piece.kind == "text") == result.text
        assert "".join(piece.text for piece in pieces if piece.kind == "thinking").strip() == result.thinking
    else:
        assert pieces == []
    facts = result.facts
    assert facts["finish_reason"] == "stop"
    assert facts["prompt_tokens"] > 0
    if "model" not in options:
        assert job.record.cost_nano == control.charged_nano
        assert job.record.cost_nano == 300 * facts["prompt_tokens"] + 1200 * facts["output_tokens"]
        assert (job.record.estimate_nano or 0) > job.record.cost_nano
    assert lab.ledger.problems() == []


@pytest.mark.parametrize("stream", [True, False])
def test_every_form_of_the_request_says_the_same(lab: Lab, control: Any, stream: bool) -> None:
    picture = lab.image("A red fox")
    told = set()
    for api in ("anthropic", "openai", "responses"):
        lab.chat("My name is Ada.", thread=api, api=api, system="Be brief.", image=picture[0], stream=stream)
        result = lab.chat("What is my name?", thread=api, api=api, stream=stream)
        told.add((result.text, result.facts["prompt_tokens"], result.facts["output_tokens"]))
        assert result._record.cost_nano == control.requests("POST")[-1]["charged_nano"]
    assert len(told) == 1
    body = control.requests("POST")[-1]["body"]
    assert body["instructions"] == "Be brief."
    assert [part["type"] for part in body["input"][0]["content"]] == ["input_image", "input_text"]
    assert control.requests("POST")[-1]["ignored"] == []


@pytest.mark.parametrize("api", ["anthropic", "responses"])
def test_thinking_can_be_left_out(lab: Lab, api: str) -> None:
    assert lab.chat("Hello", api=api, thinking="disabled").thinking == ""
    assert lab.chat("Hello", api=api).thinking != ""


def test_what_came_of_a_broken_answer_is_to_be_read(lab: Lab, control: Any) -> None:
    control.fault("truncate:1500", method="POST", path="/v1/responses")
    with pytest.raises(OutcomeUnknownError) as caught:
        lab.chat(LIST, api="responses")
    assert "Read what came" in "\n".join(caught.value.lines())
    assert (control.posts, control.charges) == (1, 1)


def test_a_thread_goes_on_in_another_lab(lab: Lab, control: Any, home: Path, sandbox: Any) -> None:
    lab.chat("My name is Ada.", thread="us", system="Be brief.", model="MiniMax-M2.7")
    lab.chat("What is my name?", thread="others")
    lab.close()
    with Lab(sandbox=sandbox.url) as later:
        result = later.chat("What is my name?", thread="us")
        assert result.text == "Your name is Ada."
        body = sent(control)[-1]
        assert (body["model"], body["system"]) == ("MiniMax-M2.7", "Be brief.")
        assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
        thread = later.thread("us")
        assert [(turn.said, turn.answer) for turn in thread] == [
            ("My name is Ada.", "Nice to meet you, Ada."), ("What is my name?", "Your name is Ada."),
        ]  # fmt: skip
        assert (thread.model, thread.system) == ("MiniMax-M2.7", "Be brief.")
        assert [item.name for item in later.threads()] == ["us", "others"]
        assert later.thread("nobody") == later.thread("nobody")[:0] or len(later.thread("nobody")) == 0
        assert later.chat("What is my name?").text == "You have not told me your name yet."
        fresh = later.chat("What is my name?", thread="us", new_thread=True)
        assert fresh.text == "You have not told me your name yet."
        assert len(later.thread("us")) == 1
    with Lab(sandbox=sandbox.url, project="elsewhere") as other:
        assert other.threads() == []


def test_cached_tokens_of_a_long_thread_are_paid_as_such(lab: Lab, control: Any) -> None:
    lab.chat("Remember this. " * 100, thread="long")
    job = lab.submit(ChatRequest(prompt="What did I say?", thread="long"))
    facts = job.result().facts
    assert facts["cached_tokens"] >= 256
    fresh = facts["prompt_tokens"] - facts["cached_tokens"]
    assert job.record.cost_nano == 300 * fresh + 60 * facts["cached_tokens"] + 1200 * facts["output_tokens"]
    assert control.requests("POST")[-1]["charged_nano"] == job.record.cost_nano


def test_a_picture_of_an_earlier_turn_is_sent_again(lab: Lab, control: Any) -> None:
    picture = lab.image("A red fox")
    first = lab.chat("What is this?", image=picture[0], thread="pictures")
    assert "1 image" in first.text
    lab.chat("And what colour?", thread="pictures")
    earlier = sent(control)[-1]["messages"][0]["content"]
    assert [part["type"] for part in earlier] == ["image", "text"]
    assert earlier == sent(control)[0]["messages"][0]["content"]


def test_a_turn_waits_for_the_one_before_it(lab: Lab, control: Any) -> None:
    control.fault("slow:1", method="POST", path="/anthropic")
    first = lab.submit(ChatRequest(prompt="My name is Ada.", thread="us"))
    with pytest.raises(
        RequestInvalidError, match=r"its last turn \('My name is Ada.'\) has no answer yet"
    ) as caught:
        lab.chat("What is my name?", thread="us")
    assert f"%minimax wait {first.id}" in str(caught.value)
    first.result()
    assert lab.chat("What is my name?", thread="us").text == "Your name is Ada."


@pytest.mark.parametrize("fault", ["truncate:1500", "reset:1500"])
def test_a_broken_stream_keeps_what_came_and_is_never_sent_again(lab: Lab, control: Any, fault: str) -> None:
    lab.budget(1, sandbox=True)
    job = lose(lab, control, fault)
    record = lab.ledger.job(job.id)
    assert (record.state, record.charge, record.result) == (
        JobState.UNKNOWN,
        Charge.UNKNOWN,
        ResultState.PARTIAL,
    )
    assert (control.posts, control.charges) == (1, 1)
    (text, *thinking) = lab.job(job.id).media
    assert text.text().startswith("1. ") or text.role == "thinking"
    (status,) = lab.budgets()
    assert status.possible_nano == record.estimate_nano
    assert "what came of it is kept" in record.warnings[-1]
    view = lab.job(job.id).view()
    assert view.text or view.thinking
    assert lab.resume() == []
    assert control.posts == 1
    assert len(thinking) <= 1


def test_a_lost_turn_is_no_part_of_the_thread_and_can_be_sent_again(lab: Lab, control: Any) -> None:
    lab.chat("My name is Ada.", thread="us")
    lost = lose(lab, control, "drop", thread="us")
    assert lab.ledger.job(lost.id).result is ResultState.NONE
    lab.chat("What is my name?", thread="us")
    assert [turn.said for turn in lab.thread("us")] == ["My name is Ada.", "What is my name?"]
    again = lost.resend().result()
    assert again.prompt == LIST
    messages = sent(control)[-1]["messages"]
    assert [message["content"] for message in messages[::2]] == ["My name is Ada.", LIST]


def test_the_first_turn_sent_again_stays_the_first(lab: Lab, control: Any) -> None:
    lost = lose(lab, control, "drop", thread="us")
    lab.chat("My name is Ada.", thread="us")
    lost.resend().result()
    assert len(sent(control)[-1]["messages"]) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [("code:1027", "1027"), ("code:2013", "2013"), ("code:1008", "1008"), ("after-code:1013", "1013")],
)
def test_errors_are_named_by_their_code(lab: Lab, control: Any, fault: str, error: str) -> None:
    control.fault(fault, method="POST", path="/chat/completions")
    with pytest.raises(Exception, match=error):
        lab.chat("Hello", api="openai")
    assert control.posts == 1


def test_an_answer_cut_by_its_length_is_a_result(lab: Lab) -> None:
    result = lab.chat(LIST, max_tokens=40, thinking="disabled")
    assert (result.facts["finish_reason"], result.facts["output_tokens"]) == ("length", 40)
    assert result.warnings[-1] == "the answer is cut off: it reached --max-tokens 40"
    silent = lab.chat(LIST, max_tokens=5)
    assert (silent.text, bool(silent.thinking)) == ("", True)
    assert "all of them for thinking" in silent.warnings[-1]


def test_a_budget_holds_the_most_an_answer_can_cost(lab: Lab, control: Any) -> None:
    lab.budget("0.15", sandbox=True)
    with pytest.raises(BudgetExceededError):
        lab.chat("Hello")  # 131,072 tokens at $1.20 a million are $0.157
    assert control.posts == 0
    assert lab.chat("Hello", max_tokens=1000).cost is not None
    (status,) = lab.budgets()
    assert status.reserved_nano == 0
    assert status.spent_nano == control.charged_nano


def test_a_conversation_is_replayed_from_the_ledger(lab: Lab, control: Any) -> None:
    first = lab.chat("My name is Ada.", thread="us", new_thread=True)
    second = lab.chat("What is my name?", thread="us")
    posts = control.posts
    lab.settings.set("replay", "on")
    assert lab.chat("My name is Ada.", thread="us", new_thread=True).text == first.text
    again = lab.chat("What is my name?", thread="us")
    assert (again.text, again.thinking, again.cost) == (second.text, second.thinking, 0)
    assert control.posts == posts


def test_an_answer_may_be_of_any_form(lab: Lab) -> None:
    page = lab.chat("Say: <html><script>alert(1)</script></html>")
    assert page.text == "<html><script>alert(1)</script></html>"
    data = lab.chat('Say: {"a": 1}')
    assert (data.text, data.path.suffix) == ('{"a": 1}', ".md")
