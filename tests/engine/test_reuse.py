"""Answers from the ledger: the same request costs nothing the second time, and a replay sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.lab.intent import fingerprint
from minimax_nb.ledger.record import Charge, JobState, ResultState


def test_the_same_request_is_answered_from_the_ledger(lab: Lab, control: Any) -> None:
    first = lab.image("a fox", seed=7, n=2)
    job = lab.submit(build("image", "a fox", {"seed": 7, "n": 2}), reuse=True, name="again")
    assert job.done
    again = job.result()
    assert [item.bytes() for item in again] == [item.bytes() for item in first]
    assert again[0].path.is_file()
    assert again.cost == 0
    assert again.job_id != first.job_id
    assert again.seed == 7
    record = lab.ledger.job(again.job_id)
    assert (record.cached_from, record.cost_source, record.cost_nano) == (first.job_id, "cached", 0)
    assert (record.state, record.result, record.charge) == (
        JobState.SUCCEEDED,
        ResultState.STORED,
        Charge.NONE,
    )
    assert f"from the ledger, $0.00: job {first.job_id}" in repr(again)
    assert first.job_id not in job.view().prompt
    assert (control.posts, control.charges) == (1, 1)
    assert lab.ledger.problems() == []


def test_reuse_is_asked_for(lab: Lab, control: Any) -> None:
    lab.image("a fox")
    lab.image("a fox")
    assert control.posts == 2
    lab.settings.set("reuse", "on")
    lab.image("a fox")
    assert control.posts == 2
    lab.image("a fox", reuse=False)
    assert control.posts == 3


def test_any_difference_that_matters_is_sent(lab: Lab, control: Any) -> None:
    lab.settings.set("reuse", "on")
    lab.image("a fox", seed=1)
    for options in ({"seed": 2}, {"seed": 1, "n": 2}, {"seed": 1, "aspect_ratio": "16:9"}, {}):
        lab.image("a fox", **options)
    assert control.posts == 5


def test_a_result_whose_file_is_gone_is_made_again(lab: Lab, control: Any) -> None:
    first = lab.image("a fox")
    lab.store.get(first[0].sha256).path.unlink()
    lab.image("a fox", reuse=True)
    assert control.posts == 2


def test_a_reused_answer_passes_an_overrun_budget(lab: Lab, control: Any) -> None:
    lab.image("a fox")
    lab.budget(0, sandbox=True)
    lab.settings.set("approve", "0")
    assert lab.image("a fox", reuse=True).cost == 0
    assert control.posts == 1


def test_the_fingerprint_counts_content_and_not_names(tmp_path: Path, lab: Lab) -> None:
    picture = lab.image("a face")
    one, two = picture.save(tmp_path / "one.jpg"), picture.save(tmp_path / "two.JPG")
    other = lab.image("another face").save(tmp_path / "other.jpg")
    prints = [_print("video", first_frame=path, model="MiniMax-Hailuo-2.3") for path in (one, two, other)]
    assert prints[0] == prints[1] != prints[2]
    assert _print("video", first_frame=picture[0], model="MiniMax-Hailuo-2.3") == prints[0]
    assert _print("image", seed=1) != _print("image", seed=2)
    assert _print("image", response_format="url") == _print("image", response_format="base64")
    request = build("image", "a fox", {}).resolve("minimax")
    assert fingerprint("minimax", request, sandbox=True) != fingerprint("minimax", request, sandbox=False)


def _print(kind: str, **options: Any) -> str:
    return fingerprint("minimax", build(kind, "a fox", options).resolve("minimax"), sandbox=False)


@pytest.fixture
def real(lab: Lab, sandbox: Any) -> Callable[..., Lab]:
    """A function that opens a lab with a key on the same ledger."""

    def make(**settings: Any) -> Lab:
        return Lab(
            sandbox="off",
            minimax_api_key=sandbox.key["minimax"],
            minimax_api_host=sandbox.minimax,
            **settings,
        )

    return make


def test_sandbox_and_provider_never_answer_for_each_other(
    lab: Lab, control: Any, real: Callable[..., Lab]
) -> None:
    lab.image("a fox")
    with real(reuse=True) as paid:
        assert not paid.image("a fox").sandbox
        assert not paid.image("a fox").sandbox
    assert control.posts == 2
    paid_only = "a hare"
    with real() as paid:
        paid.image(paid_only)
    lab.image(paid_only, reuse=True)
    assert control.posts == 4


def test_a_replay_needs_no_key_no_sandbox_and_no_network(
    lab: Lab, control: Any, real: Callable[..., Lab]
) -> None:
    with real() as paid:
        fox = paid.image("a fox", seed=7)
        spoken = paid.speech("Hello there.")
    seen = len(control.requests())
    with Lab(replay="on") as replay:
        assert replay.image("a fox", seed=7)[0] == fox[0]
        assert replay.speech("Hello there.")[0] == spoken[0]
        assert not replay.image("a fox", seed=7).sandbox
        with pytest.raises(RequestInvalidError) as caught:
            replay.image("a hare", seed=7)
        assert replay._connections._running is None
    assert caught.value.lines() == [
        'RequestInvalid: replay is on and the ledger has no image "a hare" by image-01 of minimax with these options',
        "Nothing was sent. To send it ($0.0035): %minimax replay off",
    ]
    assert len(control.requests()) == seen


def test_a_replay_makes_nothing_new(lab: Lab, control: Any) -> None:
    lab.image("a fox")
    lab.settings.set("replay", "on")
    with pytest.raises(RequestInvalidError, match="nothing is sent in a replay"):
        lab.image("a fox", reuse=False)
    assert lab.image("a fox").cost == 0
    assert control.posts == 1


def test_a_reused_voice_keeps_its_id(lab: Lab, control: Any) -> None:
    first = lab.voice_design("warm", preview="Hello.")
    again = lab.voice_design("warm", preview="Hello.", reuse=True)
    assert again.voice_id == first.voice_id
    assert again[0].role == "preview"
    assert control.charges == 1
