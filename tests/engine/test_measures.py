"""Measured numbers of real results: worked out once, kept, and tried again where they failed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import ConfigError


def test_numbers_are_worked_out_once_and_kept(lab: Lab, sandbox: Any) -> None:
    spoken = lab.speech("The fox jumps over the lazy dog, and the dog sleeps on.")
    drawn = lab.image("a red fox", n=2)
    frame = lab.measure([spoken, drawn])
    assert frame.index.tolist() == [spoken.job_id, drawn.job_id]
    assert -45 < frame["loudness"].iloc[0] < -5
    assert 5 < frame["speech_rate"].iloc[0] < 40
    assert frame["sharpness"].isna().tolist() == [True, False]
    assert frame["colourfulness"].iloc[1] > 0
    kept = lab.ledger.measures([drawn.job_id])
    assert sum(one.value or 0 for one in kept if one.name == "sharpness") / 2 == frame["sharpness"].iloc[1]
    # What is kept is what another kernel shows, without looking at the files.
    lab.ledger.keep_measures([replace(one, value=7.0) for one in kept if one.name == "sharpness"]).result()
    with Lab(sandbox=sandbox.url) as other:
        assert other.measure([drawn.job_id], "sharpness")["sharpness"].iloc[0] == 7.0


def test_a_function_of_the_users(lab: Lab) -> None:
    drawn = [lab.image("a red fox"), lab.image("a blue hen")]
    calls = []

    def letters(media: Any, record: Any) -> float:
        calls.append(record.id)
        return len(record.prompt)

    assert lab.measure(drawn, letters)["letters"].tolist() == [9, 10]
    assert lab.measure(drawn, letters)["letters"].tolist() == [9, 10]
    assert len(calls) == 2
    both = lab.measure(drawn, "sharpness", words=lambda media, record: len(str(record.prompt).split()))
    assert both.columns.tolist() == ["model", "sharpness", "words"]
    assert both["words"].tolist() == [3, 3]


def test_a_failing_function_costs_only_its_own_number(lab: Lab) -> None:
    drawn = lab.image("a red fox")

    def fragile(media: Any, record: Any) -> float:
        raise ValueError("no horizon found")

    with pytest.warns(UserWarning, match=r"fragile of .* failed: no horizon found"):
        frame = lab.measure(drawn, fragile, "sharpness")
    assert frame["fragile"].isna().all()
    assert frame["sharpness"].notna().all()


@pytest.mark.parametrize(
    ("asked", "named", "says"),
    [
        (("sharpnes",), {}, "no measure 'sharpnes'; did you mean 'sharpness'"),
        ((), {"loudness": lambda media, record: 1.0}, "'loudness' is a measure that comes with minimax_nb"),
    ],
)
def test_a_wrong_name_is_said(lab: Lab, asked: Any, named: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        lab.measure([], *asked, **named)


def test_a_plug_in_brings_a_measure(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = tmp_path / "plugin"
    (plugin / "length-1.0.dist-info").mkdir(parents=True)
    (plugin / "length-1.0.dist-info" / "entry_points.txt").write_text(
        "[minimax_nb.measures]\nweight = weighty:kilo\n"
    )
    (plugin / "length-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: length\nVersion: 1.0\n"
    )
    (plugin / "weighty.py").write_text("def kilo(media, record):\n    return media.bytes_size / 1000\n")
    from minimax_nb.measures.measure import known

    monkeypatch.syspath_prepend(str(plugin))
    known.cache_clear()
    try:
        drawn = lab.image("a red fox")
        assert lab.measure(drawn, "weight")["weight"].iloc[0] == drawn[0].bytes_size / 1000
    finally:
        known.cache_clear()
        sys.modules.pop("weighty", None)
