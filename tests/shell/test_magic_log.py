"""``%minimax log``, ``star``, ``tag``, ``note`` and ``cost``, on a real lab and a real sandbox."""

from __future__ import annotations

import re

import pytest

from minimax_nb import Lab
from minimax_nb.errors import ConfigError, MediaError, RequestInvalidError
from minimax_nb.ledger import Charge, JobState
from minimax_nb.render.plots import Plot
from tests.shell.conftest import Notebook, Ran


@pytest.fixture
def made(notebook: Notebook, lab: Lab) -> Lab:
    """A lab with a picture, a voice and a refused picture, newest last."""
    lab.image("A <b>red</b> fox", n=2, seed=7, tags={"round": "1"})
    lab.speech("Hello, and welcome.")
    with pytest.raises(Exception, match="1026"):
        lab.image("forbidden-content")
    return lab


def prompts(ran: Ran) -> list[str]:
    assert ran.error is None, ran.printed
    return [record.prompt for record in ran.result.records]


def test_the_table_shows_pictures_and_players(notebook: Notebook, made: Lab) -> None:
    table = notebook.run("%minimax log").result
    bundle = table._repr_mimebundle_()
    html = bundle["text/html"]
    assert html.count('<img src="data:image/jpeg;base64,') == 1
    assert html.count('<img src="data:image/png;base64,') == 1
    assert html.count("<audio src=") == 1
    assert "+1 more" in html
    assert "A &lt;b&gt;red&lt;/b&gt; fox" in html
    assert html.count("<script>") == 1
    assert "n 2 · seed 7" in html
    assert "round=1" in html
    assert "$0.007" in html
    # Without the script nothing but sorting and filtering is missing, and the text says the same.
    for record in made.jobs():
        assert record.id in re.sub(r"<script>.*</script>", "", html, flags=re.DOTALL)
    assert "Hello, and welcome." in bundle["text/plain"]
    assert len(html) < 60_000


def test_filters_and_order(notebook: Notebook, made: Lab) -> None:
    fox, hello, bad = "A <b>red</b> fox", "Hello, and welcome.", "forbidden-content"
    for line, expected in {
        "": [bad, hello, fox],
        "2": [bad, hello],
        "--kind image": [bad, fox],
        "--model speech-2.8-hd": [hello],
        "--state failed": [],
        "--state rejected": [bad],
        "--text FOX": [fox],
        "--tag round=1": [fox],
        "--tag round": [fox],
        "--tag round=2": [],
        "--since 1h --session this": [bad, hello, fox],
        "--until 1h": [],
        "--starred": [],
        "--money real": [],
        "--money sandbox 1": [bad],
        "--sort cost": [fox, hello, bad],
        "--sort prompt --ascending": [fox, hello, bad],
    }.items():
        ran = notebook.run(f"%minimax log {line}")
        assert prompts(ran) == expected, line
    assert repr(notebook.run("%minimax log --state lost").result) == "No jobs match."
    [said] = notebook.fails("%minimax log --since yesterday")
    assert said.startswith(
        "RequestInvalid: since 'yesterday': a date (2026-11-01), a time (2026-11-01T09:30), or"
    )
    assert said.endswith("how long ago: 7d, 36h, 90min, 2w")
    assert notebook.fails("%minimax log --state gone")[0].startswith(
        "RequestInvalid: state 'gone'; allowed: open, new"
    )


def test_the_grid_is_pictures_alone(notebook: Notebook, made: Lab) -> None:
    html = notebook.run("%minimax log --grid").result.html()
    assert html.count("<img ") == 2
    assert "<script" not in html
    assert "<audio" not in html


def test_a_row_whose_file_is_gone_is_shown_all_the_same(notebook: Notebook, made: Lab) -> None:
    for path in (made.store.root / "sha256").rglob("*.*"):
        path.unlink()
    table = notebook.run("%minimax log").result
    assert "welcome" in table.html()


def test_marks_from_the_magic(notebook: Notebook, made: Lab) -> None:
    job = made.jobs()[1].id
    said = [
        notebook.run(line).shown[0]
        for line in (
            f"%minimax star {job[-8:]}",
            f"%minimax tag {job} who=ada 'mood=rather good'",
            f"%minimax tag {job} who=",
            f"%minimax note {job} too fast at the end",
            f"%minimax note {job}",
        )
    ]
    assert said == [
        f"Job {job} has a star: %minimax log --starred",
        f"Job {job}: mood=rather good, who=ada",
        f"Job {job}: mood=rather good",
        f"Noted on job {job}.",
        "too fast at the end",
    ]
    ran = notebook.run("%minimax log --starred")
    assert prompts(ran) == ["Hello, and welcome."]
    for part in ("★", "mood=rather good", "too fast at the end"):
        assert part in ran.result.html()
    notebook.run(f"%minimax star {job} --off")
    assert prompts(notebook.run("%minimax log --starred")) == []
    assert notebook.fails("%minimax tag")[0] == "Grammar: usage: %minimax tag ID KEY=VALUE …"
    assert notebook.fails(f"%minimax tag {job} who") == [
        "Grammar: usage: %minimax tag ID KEY=VALUE …; KEY= takes one away"
    ]
    assert notebook.fails(f"%minimax note {made.jobs()[0].id}")[0].endswith("this job has no notes yet")


def test_marks_from_python(lab: Lab) -> None:
    result = lab.image("A fox")
    result.star()
    result.tag(round=2, who="ada")
    result.note("soft light")
    job = lab.job(result.job_id)
    job.tag(who=None)
    assert job.record.tags == {"round": "2"}
    row = lab.log(["starred", "notes", "tags"], starred=True).iloc[0]
    assert (row.starred, row.notes, row.tags) == (True, "soft light", '{"round":"2"}')
    lab.star(result.job_id, on=False)
    assert lab.log(starred=True).empty
    with pytest.raises(RequestInvalidError, match="no job 'nix'"):
        lab.note("nix", "text")
    from minimax_nb.lab.result import Result

    with pytest.raises(MediaError, match="does not know its lab"):
        Result(job.record, ()).star()


def test_cost_tells_estimate_bill_and_what_may_be_spent(notebook: Notebook, made: Lab) -> None:
    made.image("one more")
    report = notebook.run("%minimax cost --by model").result
    frame = report.frame
    assert list(frame["model"]) == ["image-01", "speech-2.8-hd"]
    assert frame["cost"].sum() == pytest.approx(0.007 + 0.0035 + 0.0019)
    text = repr(report)
    assert text.startswith("Cost by model, sandbox: nothing was paid\nmodel")
    assert "total" in text
    assert "<table" in report._repr_mimebundle_()["text/html"]
    assert repr(notebook.run("%minimax cost --since 0s").result) == "Nothing was asked for since 0s."


def test_real_money_has_a_forecast(lab: Lab, notebook: Notebook) -> None:
    lab.image("A fox")
    row = lab.jobs()[0].record
    from dataclasses import replace

    real = replace(row, id=row.id[:-4] + "REAL", sandbox=False, state=JobState.SUBMITTING, charge=Charge.HELD,
                   cost_nano=None, cost_source=None, estimate_nano=2_000_000_000)  # fmt: skip
    lab.ledger.insert_job(real)
    lab.ledger.settle(real.id, charge=Charge.CHARGED, source="reported", amount_nano=3_000_000_000).result()
    text = repr(notebook.run("%minimax cost").result)
    assert "minimax   1     $2.00      $3.00   +50.0%" in text
    assert "this month: $3.00 spent" in text
    lab.budget(2, per="month")
    text = repr(notebook.run("%minimax cost").result)
    assert "budget of $2.00 a month: $3.00 spent" in text
    assert "Cost by provider, sandbox: nothing was paid" in text


def test_a_plot_is_a_picture_that_stays(notebook: Notebook, made: Lab) -> None:
    ran = notebook.run("%minimax cost --by day --plot")
    [picture] = [output for output in ran.outputs if "image/png" in output.data]
    assert picture.data["text/plain"].startswith("Cost by day (plot): sandbox $0.0")
    assert picture.metadata["image/png"]["width"] == 826
    plot = made.cost_plot("tag")
    assert isinstance(plot, Plot)
    assert plot.png.startswith(b"\x89PNG")
    with pytest.raises(ConfigError, match="nothing to plot"):
        made.cost_plot(kind="music")
