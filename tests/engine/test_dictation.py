"""Speech of a text that is still being written: the bidirectional WebSocket, end to end."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import ChatRequest, Lab, SpeechRequest
from minimax_nb.errors import JobFailedError, OutcomeUnknownError, RequestInvalidError
from minimax_nb.ledger.record import Charge, JobState, ResultState

TEXT = "Good evening. Here is what the harbour heard today, before the tide turned. The boats came home."
WORDS = [f"{word} " for word in TEXT.split()]


def test_an_answer_is_spoken_while_it_is_written(lab: Lab, control: Any) -> None:
    answer = lab.submit(ChatRequest(prompt="Give me 5 reasons to see Lisbon by tram"))
    result = lab.speech(answer.stream())
    assert result.prompt == answer.result().text, "every word, and no thought"
    assert result[0].facts.duration_s == pytest.approx(result.facts["duration_ms"] / 1000, rel=0.05)
    spoken = control.requests()[-1]
    assert spoken["path"] == "/ws/v1/t2a_v2_bidi"
    assert result._record.cost_nano == spoken["charged_nano"]
    assert result._record.charge is Charge.CHARGED


def test_it_is_heard_before_the_text_is_at_its_end(lab: Lab) -> None:
    heard = threading.Event()

    def writer() -> Iterator[str]:
        yield "Good evening. Here is what "
        assert heard.wait(20), "the first sentence is spoken while the second is written"
        yield "the harbour heard. And that is all."

    job = lab.dictate(writer())
    pieces = []
    for piece in job.stream():
        heard.set()
        pieces.append(piece.data)
    assert b"".join(pieces) == job.result().bytes()
    assert job.record.prompt == "Good evening. Here is what the harbour heard. And that is all."


@pytest.mark.parametrize("form", ["mp3", "pcm", "pcmu_raw"])
def test_a_whole_text_has_captions_of_its_sentences(lab: Lab, control: Any, form: str) -> None:
    result = lab.speech(TEXT, transport="bidi", subtitle=True, format=form)
    (captions,) = [item for item in result.media if item.role == "subtitle"]
    rows = json.loads(captions.text())
    assert [row["text"] for row in rows] == [f"{part}." for part in TEXT.rstrip(".").split(". ")]
    assert [row["time_begin"] for row in rows[1:]] == [row["time_end"] for row in rows[:-1]]
    assert rows[-1]["time_end"] == result.facts["duration_ms"]
    assert (control.charges, result.facts["sentences"]) == (1, 3)
    assert control.requests()[0]["ignored"] == []


def test_what_was_reserved_and_not_spoken_is_given_back(lab: Lab, control: Any) -> None:
    lab.budget(1, sandbox=True)
    job = lab.dictate(WORDS, max_characters=2_000)
    assert job.record.estimate_nano == 2_000 * 100_000
    result = job.result()
    assert job.record.cost_nano == control.charged_nano
    assert (job.record.cost_nano or 0) <= len(result.prompt or "") * 100_000
    (status,) = lab.budgets()
    assert (status.reserved_nano, status.spent_nano) == (0, job.record.cost_nano)


def test_no_more_is_spoken_than_was_said(lab: Lab, control: Any) -> None:
    result = lab.speech(WORDS * 3, max_characters=60)
    assert result.prompt == "".join(WORDS * 3)[:60]
    assert result.warnings[-1] == "the text is cut off after 60 characters (--max-characters)"
    assert control.charged_nano <= 60 * 100_000
    assert lab.speech([TEXT], max_characters=13).prompt == "Good evening."


def test_a_writer_that_breaks_off_is_told_and_what_came_is_spoken(lab: Lab) -> None:
    def writer() -> Iterator[str]:
        yield "Good evening. "
        raise ValueError("no more ink")

    result = lab.speech(writer())
    assert result.prompt == "Good evening. "
    assert result.warnings == ("the text broke off: ValueError: no more ink",)


def test_nothing_is_sent_without_a_text(lab: Lab, control: Any) -> None:
    with pytest.raises(RequestInvalidError, match="there is no text"):
        lab.speech([" ", "\n"])

    def writer() -> Iterator[str]:
        raise ValueError("no ink")
        yield ""

    with pytest.raises(ValueError, match="no ink"):
        lab.speech(writer())
    for options, said in (
        ({"format": "flac"}, "--format flac: mp3, pcm or pcmu_raw with --transport bidi"),
        ({"max_characters": 0}, "--max-characters 0: 1 to 1,000,000"),
        ({"max_characters": "many"}, "--max-characters many"),
        ({"subtitle_type": "word"}, "--subtitle-type word: sentence with --transport bidi"),
    ):
        with pytest.raises(RequestInvalidError, match=said):
            lab.speech([TEXT], **options)
    assert control.requests() == []


def test_the_whole_text_is_what_the_ledger_knows(lab: Lab, control: Any) -> None:
    first = lab.speech(WORDS)
    again = lab.speech(WORDS, reuse=True)
    assert (again[0].sha256, again.cost, control.charges) == (first[0].sha256, 0, 1)
    assert lab.submit(SpeechRequest(text="".join(WORDS)), reuse=True).result()[0].sha256 == first[0].sha256
    assert lab.speech(WORDS[:1], reuse=True)[0].sha256 != first[0].sha256, (
        "the first word alone is another request"
    )


def test_it_is_never_sent_again_and_what_came_is_kept(lab: Lab, control: Any) -> None:
    control.fault("reset:20000", path="t2a_v2_bidi")
    job = lab.dictate(WORDS * 2)
    with pytest.raises(OutcomeUnknownError) as caught:
        job.result()
    assert "Listen to what came" in "\n".join(caught.value.lines())
    assert (len(control.requests()), control.charges) == (1, 1)
    record = lab.ledger.job(job.id)
    assert (record.state, record.charge, record.result) == (
        JobState.UNKNOWN, Charge.UNKNOWN, ResultState.PARTIAL,
    )  # fmt: skip
    assert (record.prompt or "").startswith("Good evening. ")
    assert record.request["text"] == record.prompt
    control._call("DELETE", "faults")
    again = lab.resend(job.id).result()
    assert again.prompt == record.prompt


def test_an_error_of_the_provider_ends_the_text(lab: Lab, control: Any) -> None:
    control.fault("mid-code:1002", path="t2a_v2_bidi")
    with pytest.raises(JobFailedError):
        lab.speech(WORDS)
    assert control.charges == 1


def test_a_refusal_before_the_first_word_is_sent_again_as_a_whole(lab: Lab, control: Any) -> None:
    control.fault("code:1002", path="t2a_v2_bidi", times=1)
    result = lab.speech(WORDS)
    assert result.prompt == "".join(WORDS)
    assert (len(control.requests()), control.charges) == (2, 1)


DIES = """
    import os, sys, threading
    from minimax_nb import Lab
    lab = Lab(sandbox=sys.argv[1])
    heard = threading.Event()
    def writer():
        yield "Good evening. Here is what "
        heard.wait(20)
        os._exit(9)
    for piece in lab.dictate(writer()).stream():
        heard.set()
"""


def test_a_kernel_that_dies_leaves_the_text_that_was_sent(home: Path, sandbox: Any, control: Any) -> None:
    script = textwrap.dedent(DIES)
    done = subprocess.run([sys.executable, "-c", script, sandbox.url], timeout=60, check=False)
    assert done.returncode == 9
    with Lab(sandbox=sandbox.url) as later:
        later.ledger.release(later.jobs()[0].id, later.jobs()[0].record.lease_owner or "")
        later.resume()
        (job,) = later.jobs()
        job.wait(20)
        record = later.ledger.job(job.id)
        assert record.prompt == "Good evening. Here is what "
        assert (record.state, record.result) == (JobState.UNKNOWN, ResultState.PARTIAL)
    assert len(control.requests()) == 1
