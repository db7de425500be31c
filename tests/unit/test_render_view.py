from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minimax_nb.errors import MediaError
from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState
from minimax_nb.render import html, text
from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.render.view import JobView, view_of
from tests.unit.render_samples import ID, START_US, Page, sample_record

OPEN: dict[str, Any] = {
    "state": JobState.RUNNING,
    "charge": Charge.HELD,
    "result": ResultState.NONE,
    "cost_nano": None,
    "cost_source": None,
    "finished_us": None,
    "stored_us": None,
}


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({}, "$0.0035"),
        ({"sandbox": True}, "$0.0035 (sandbox)"),
        ({"cost_nano": None}, "$0.0035"),
        ({"cost_nano": None, "estimate_nano": None}, "no price known"),
        ({"currency": "CNY", "cost_nano": 2_000_000_000}, "¥2.00"),
        ({"charge": Charge.NOT_CHARGED}, "not charged"),
        ({"charge": Charge.UNKNOWN, "cost_nano": None}, "$0.0035, possibly spent"),
        ({"cost_source": "cached", "cost_nano": 0}, "$0.00 (reused)"),
    ],
)
def test_cost_in_words(fields: dict[str, Any], cost: str) -> None:
    assert view_of(sample_record(**fields)).cost == cost


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({}, 3_500_000),
        ({"cost_nano": None}, 3_500_000),
        ({"cost_nano": None, "estimate_nano": None}, None),
        ({"charge": Charge.NOT_CHARGED}, 0),
        ({"cost_source": "cached", "cost_nano": None}, 0),
    ],
)
def test_amount_says_what_the_words_say(fields: dict[str, Any], amount: int | None) -> None:
    assert view_of(sample_record(**fields)).amount_nano == amount


@pytest.mark.parametrize(
    ("state", "result", "stage", "tone", "finished"),
    [
        (JobState.NEW, ResultState.NONE, "waiting", "idle", False),
        (JobState.SUBMITTING, ResultState.NONE, "sending", "busy", False),
        (JobState.QUEUED, ResultState.NONE, "queued", "idle", False),
        (JobState.RUNNING, ResultState.NONE, "running", "busy", False),
        (JobState.SUCCEEDED, ResultState.AVAILABLE, "downloading", "busy", False),
        (JobState.SUCCEEDED, ResultState.STORED, "done", "good", True),
        (JobState.SUCCEEDED, ResultState.PARTIAL, "done", "good", True),
        (JobState.SUCCEEDED, ResultState.EXPIRED, "done, result expired", "good", True),
        (JobState.FAILED, ResultState.NONE, "failed", "bad", True),
        (JobState.REJECTED, ResultState.NONE, "rejected", "bad", True),
        (JobState.EXPIRED, ResultState.NONE, "expired", "bad", True),
        (JobState.CANCELLED, ResultState.NONE, "cancelled", "idle", True),
        (JobState.UNKNOWN, ResultState.NONE, "outcome unknown", "warn", False),
        (JobState.LOST, ResultState.NONE, "lost", "warn", True),
        (JobState.ABANDONED, ResultState.NONE, "given up", "warn", True),
    ],
)
def test_stage_and_tone(state: JobState, result: ResultState, stage: str, tone: str, finished: bool) -> None:
    view = view_of(sample_record(state=state, result=result))
    assert (view.stage, view.tone, view.finished) == (stage, tone, finished)


def test_every_state_has_words() -> None:
    stages = {state: view_of(sample_record(state=state)).stage for state in JobState}
    assert len(set(stages.values())) == len(JobState)


def test_the_callers_stage_wins() -> None:
    view = view_of(sample_record(**OPEN), stage="waiting for the 5/min limit")
    assert view.stage == "waiting for the 5/min limit"


def test_elapsed_runs_on_until_the_end() -> None:
    running = sample_record(**OPEN)
    assert view_of(running, now_us=START_US + 34_500_000).elapsed_s == 34.5
    assert view_of(running).elapsed_s == 12.0  # without a clock: as of the row's last change
    assert view_of(sample_record(), now_us=START_US + 99_000_000).elapsed_s == 12.0
    assert view_of(sample_record(stored_us=None), now_us=START_US + 99_000_000).elapsed_s == 11.0


def test_progress_counts_from_the_sending() -> None:
    view = view_of(sample_record(**OPEN), now_us=START_US + 31_000_000, eta_s=10)
    assert view.progress == pytest.approx(0.75)
    assert view_of(sample_record(**OPEN), now_us=START_US + 31_000_000, eta_s=0).progress == 0.97
    assert view_of(sample_record(**OPEN)).progress is None
    assert view_of(sample_record(), eta_s=10).progress is None
    assert view_of(sample_record(**OPEN | {"submitted_us": None}), eta_s=3).progress is None


def test_facts() -> None:
    record = sample_record(
        request={
            "prompt": "x",
            "model": "image-01",
            "aspect_ratio": "16:9",
            "n": 2,
            "seed": 7,
            "watermark": True,
        },
        facts={"price_facts": {"n": 2}, "delivered": 2, "trace_id": "t"},
        tags={"scene": "3"},
        attempts=2,
    )
    facts = dict(view_of(record).facts)
    assert facts == {
        "model": "image-01",
        "provider": "minimax",
        "seed": "7",
        "took": "12 s",
        "cost": "$0.0035",
        "price from": "metered",
        "aspect ratio": "16:9",
        "n": "2",
        "watermark": "on",
        "delivered": "2",
        "tag scene": "3",
        "attempts": "2",
        "job": ID,
        "task": "284391772345",
        "trace id": "04f1c9a0b87e4d2f",
    }


def test_a_voice_id_is_told_apart_from_one_that_was_asked_for() -> None:
    design = sample_record(kind="voice-design", facts={"voice_id": "ttv-voice-9"})
    clone = sample_record(kind="voice-clone", request={"voice_id": "warm001"}, facts={"voice_id": "warm001"})
    assert view_of(design).fact("new voice id") == "ttv-voice-9"
    assert view_of(clone).fact("voice id") == "warm001"


def test_filled_fields_are_named_once() -> None:
    record = sample_record(
        template="{subject} and {subject.name}, {style!r:>10}, {not_known}, {1, 2}, {{literal}}",
        prompt="a fox and Mia, 'noir', {not_known}, {1, 2}, {literal}",
    )
    assert view_of(record).filled == ("subject", "style")
    assert view_of(sample_record(template=None)).filled == ()
    assert view_of(sample_record(template="{a}", facts={"filled": ["a"]})).filled == ("a",)


def test_error_lines_say_what_why_and_what_to_do() -> None:
    error = {
        "category": "content_rejected",
        "message": "input new_sensitive",
        "code": "1026",
        "meaning": "The prompt was refused.",
        "next_step": "Change the prompt.",
    }
    view = view_of(sample_record(state=JobState.FAILED, error=error))
    assert view.error == ("input new_sensitive (1026)", "The prompt was refused.", "Change the prompt.")


def test_error_lines_without_a_reason() -> None:
    assert view_of(sample_record(state=JobState.FAILED)).error == ("The provider gave no reason.",)
    assert "may have been accepted" in view_of(sample_record(state=JobState.UNKNOWN)).error[0]
    assert view_of(sample_record()).error == ()


def test_a_problem_of_this_process_is_told() -> None:
    problem = MediaError("the disk is full", hint="Make room and run %minimax resume")
    view = view_of(sample_record(result=ResultState.AVAILABLE), stage="done, not fetched", problem=problem)
    assert view.error == ("the disk is full", "Make room and run %minimax resume")
    assert view.tone == "warn"
    assert view_of(sample_record(), problem=OSError("gone")).error == ("OSError: gone",)


def test_command_makes_the_same_request_again() -> None:
    view = view_of(sample_record())
    assert view.command == "%%minimax image --provider minimax --model image-01 --seed 7\nA red fox"
    assert view_of(sample_record(**OPEN)).command is None
    assert view_of(sample_record(kind="of another version")).command is None


def test_media_links_are_relative_to_the_notebook(tmp_path: Path) -> None:
    from minimax_nb.media import Media, MediaStore

    stored = MediaStore(tmp_path / "store").put_bytes(_png())
    media = Media.of(stored, path=tmp_path / "work" / "media" / "fox.png")
    view = view_of(sample_record(), [media], link_base=tmp_path / "work")
    assert [item.src for item in view.media] == ["media/fox.png"]


def test_what_cannot_be_read_is_said_and_never_raised() -> None:
    record = sample_record(facts=None)  # no dict: a row that another version wrote
    view = view_of(record)
    assert view.id == ID
    assert "could not be read" in view.warnings[0]
    assert "could not be read" in html.card([view])


def _png() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (64, 36), "teal").save(buffer, "PNG")
    return buffer.getvalue()


ODD_TEXT = st.text(max_size=40) | st.sampled_from(
    ["", "\x1b[2J", "<script>", "\ud83e", "{x}", "a" * 500, "l1\nl2\n" * 9, "\r\n", "&amp;", "'\">"]
)
ODD_NUMBER = st.integers() | st.floats() | st.none()
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3),
    max_leaves=8,
)
ODD_DICT = st.dictionaries(ODD_TEXT | st.sampled_from(["voice_id", "seed", "voice"]), ODD_JSON, max_size=5)
ODD_RECORDS = st.builds(
    sample_record,
    id=ODD_TEXT,
    kind=ODD_TEXT | st.sampled_from(["image", "video", "speech", "music", "voice-design", "voice-clone"]),
    provider=ODD_TEXT,
    model=ODD_TEXT,
    request=ODD_DICT,
    state=st.sampled_from(JobState),
    charge=st.sampled_from(Charge),
    result=st.sampled_from(ResultState),
    prompt=ODD_TEXT | st.none(),
    template=ODD_TEXT | st.none(),
    tags=st.dictionaries(ODD_TEXT, ODD_TEXT, max_size=2),
    error=ODD_DICT
    | st.none()
    | st.fixed_dictionaries({"message": ODD_TEXT, "code": ODD_JSON, "meaning": ODD_JSON}),
    facts=ODD_DICT,
    warnings=st.lists(ODD_TEXT, max_size=2),
    updated_us=st.integers(0, 2**60),
    finished_us=st.integers(0, 2**60) | st.none(),
    stored_us=st.integers(0, 2**60) | st.none(),
    submitted_us=st.integers(0, 2**60) | st.none(),
    currency=ODD_TEXT,
    estimate_nano=ODD_NUMBER,
    cost_nano=ODD_NUMBER,
    cost_source=ODD_TEXT | st.none(),
    sandbox=st.booleans(),
    attempts=st.integers(0, 9),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=ODD_RECORDS, eta_s=ODD_NUMBER, stage=ODD_TEXT | st.none(), now_us=st.integers(0, 2**60))
def test_odd_rows_are_shown_within_the_rules(
    record: JobRecord, eta_s: Any, stage: str | None, now_us: int
) -> None:
    view = view_of(record, eta_s=eta_s, stage=stage, now_us=now_us)
    assert isinstance(view, JobView)
    for views in ([view], [view, dataclasses.replace(view, id="other", prompt="other")]):
        for static in (False, True):
            assert Page(html.card(views, static)).problems == []
            text.card_text(views, static).encode()
        assert Page(html.board(views)).problems == []
        assert "text/html" in card_bundle(views)
        assert "text/html" in board_bundle(views)
        for content in (*card_bundle(views).values(), *board_bundle(views).values()):
            content.encode()  # no lone surrogate is left
