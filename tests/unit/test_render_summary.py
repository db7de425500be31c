from __future__ import annotations

import pytest

from minimax_nb.ledger.record import JobState
from minimax_nb.render import summary
from minimax_nb.render.view import JobView
from tests.unit.render_samples import ID, running_view, sample_view

FAILED = sample_view(
    state=JobState.FAILED, stage="failed", media=(), amount_nano=0, cost="not charged", elapsed_s=8.0
)


def test_summary_counts_and_adds_up() -> None:
    views = [sample_view(amount_nano=140_000_000), running_view(amount_nano=140_000_000, elapsed_s=71.4)]
    assert summary.summary(views) == "1 of 2 done · 1 min 11 s · $0.14 of $0.28"


def test_summary_of_what_is_over_has_one_amount() -> None:
    assert summary.summary([sample_view(), sample_view()]) == "2 of 2 done · 12 s · $0.007"


@pytest.mark.parametrize(
    ("views", "text"),
    [
        ([FAILED, sample_view()], "1 of 2 done · 1 failed · 12 s · $0.0035"),
        ([sample_view(amount_nano=None)] * 2, "2 of 2 done · 12 s · no price known"),
        ([sample_view(), sample_view(amount_nano=None)], "2 of 2 done · 12 s · $0.0035 + 1 unpriced"),
        ([sample_view(sandbox=True)] * 2, "2 of 2 done · 12 s · $0.007 (sandbox)"),
        ([sample_view(sandbox=True), sample_view()], "2 of 2 done · 12 s · $0.007"),
        (
            [running_view(state=JobState.UNKNOWN, stage="outcome unknown"), sample_view()],
            "1 of 2 done · 1 unknown · 34 s · $0.0035 of $0.2835",
        ),
    ],
)
def test_summary(views: list[JobView], text: str) -> None:
    assert summary.summary(views) == text


def test_static_summary_has_no_time() -> None:
    assert summary.summary([sample_view()] * 2, static=True) == "2 of 2 done · $0.007"


def test_fact_line_of_a_finished_job() -> None:
    assert " · ".join(words for _, words in summary.fact_line(sample_view())) == (
        f"image · image-01 · minimax · seed 7 · 12 s · $0.0035 · job {ID}"
    )


def test_static_fact_line_has_no_ids_and_no_times() -> None:
    view = sample_view(facts=(*sample_view().facts, ("voice id", "warm001"), ("new voice id", "ttv-9")))
    assert " · ".join(words for _, words in summary.fact_line(view, static=True)) == (
        "image · image-01 · minimax · voice id warm001 · seed 7 · $0.0035"
    )


def test_fact_line_says_what_is_not_plainly_done() -> None:
    assert dict(summary.fact_line(FAILED))["state"] == "failed"
    assert dict(summary.fact_line(running_view()))["state"] == "running"
    assert "state" not in dict(summary.fact_line(FAILED, without=("state", "cost")))


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (running_view(), "34 s · about 40 s left"),
        (running_view(eta_s=None), "34 s"),
        (sample_view(eta_s=3.0), "12 s"),
    ],
)
def test_time_line(view: JobView, text: str) -> None:
    assert summary.time_line(view) == text


def test_visible_keeps_what_needs_attention_in_its_order() -> None:
    done = [sample_view(id=f"done {n}") for n in range(8)]
    views = [*done[:4], FAILED, *done[4:], running_view(id="running")]
    shown, more = summary.visible(views, 4)
    assert [view.id for view in shown] == ["done 0", "done 1", FAILED.id, "running"]
    assert more == "and 6 more: 6 done"
    assert summary.visible(views, 10) == (views, "")


def test_shared_labels_name_what_all_have() -> None:
    views = [sample_view(), sample_view(facts=(("model", "image-01-live"), ("provider", "minimax")))]
    assert summary.shared_labels(views) == ["kind", "provider"]
    assert summary.shared_line(views[0], ["kind", "provider"]) == "image · minimax"


def test_shared_prompt() -> None:
    assert summary.shared_prompt([sample_view(), sample_view()]) == "A red fox"
    assert summary.shared_prompt([sample_view(), sample_view(prompt="other")]) is None


def test_advice_tells_how_to_get_a_job_back() -> None:
    assert f"%minimax wait {ID}" in summary.advice(running_view())
    assert ID not in summary.advice(running_view(), static=True)
    assert summary.advice(sample_view()) == ""
    unknown = running_view(state=JobState.UNKNOWN)
    assert f"%minimax resend {ID} " in summary.advice(unknown)
    assert ID not in summary.advice(unknown, static=True)


def test_long_facts_stand_apart() -> None:
    view = sample_view(facts=(("seed", "7"), ("lyrics", "[Verse]\nla la"), ("preview", "x" * 200)))
    assert [label for label, _ in summary.long_facts(view)] == ["lyrics", "preview"]
    assert summary.short_facts(view) == [("seed", "7")]
