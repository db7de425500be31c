"""Completion: what is offered where, as a pure function of cell, cursor and names."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from minimax_nb.catalog import catalog
from minimax_nb.kinds import KIND_NAMES
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import JobState
from minimax_nb.magics.candidates import Wanted, values
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.complete import matcher
from minimax_nb.magics.options import Opt
from minimax_nb.magics.suggest import suggest
from minimax_nb.media import MediaStore


class Picture:
    """Something that shows itself."""

    def _repr_png_(self) -> bytes:
        return b""


NAMES: dict[str, Any] = {
    "colour": "red", "count": 3, "hero": Picture(), "pixels": b"", "place": Path("x.png"), "sys": sys,
    "Picture": Picture, "print_it": print, "_hidden": "x",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh home and folder; no lab is running."""
    monkeypatch.setitem(sys.modules, "minimax_nb.lab.lab", SimpleNamespace(_current=None))  # type: ignore[arg-type]


def at(cell: str) -> tuple[str, list[str]]:
    """Complete at the ``|``; returns what is replaced and by what."""
    before, _, after = cell.partition("|")
    row = before.count("\n")
    fragment, found = suggest(before + after, row, len(before.split("\n")[-1]), NAMES)
    assert before.endswith(fragment)
    return fragment, [text for text, _ in found]


def offered(cell: str) -> list[str]:
    return at(cell)[1]


def test_kinds_and_subcommands_open_a_line() -> None:
    assert offered("%minimax |") == [*KIND_NAMES, *COMMANDS]
    assert at("%minimax vo|") == ("vo", ["voice-design", "voice-clone", "voices"])
    assert offered("frame = %minimax lo|") == ["log"]
    assert offered("x = 1\n%minimax lo|\ny = 2") == ["log"]


def test_only_what_takes_a_text_opens_a_cell() -> None:
    assert offered("%%minimax |") == [*KIND_NAMES, "estimate"]
    assert offered("\n%%minimax im|\n") == ["image"]


@pytest.mark.parametrize(
    "cell",
    [
        "%minimax|", "minimax im|", "%minimaxx im|", "x = 'minimax' |", "%%minimax image\nA fo|",
        "%%minimax image\n%minimax lo|", "%minimax image A fox -- by n|", "%minimax image 'a' |'", "|%minimax ",
        "%minimax nonsense --|", "%minimax speech --voice 'x'|", "%minimax image --seed |", "%minimax image -o |",
        "%minimax image hero|", "%minimax image {nothing|", "%minimax doctor |x",
    ],
)  # fmt: skip
def test_nothing_of_ours(cell: str) -> None:
    found = offered(cell)
    assert [text for text in found if not text.startswith("-")] == []
    assert found == [] or cell == "%minimax image 'a' |'"


def test_options_of_a_kind_come_from_its_table() -> None:
    found = offered("%%minimax image |\nA fox")
    assert found[:3] == ["--model", "--prompt", "--aspect-ratio"]
    assert {"-n", "--seed", "--dry-run", "--provider", "--tag"} <= set(found)
    assert at("%%minimax image --asp|") == ("--asp", ["--aspect-ratio"])
    assert at("%%minimax image --aspect_r|") == ("--aspect_r", ["--aspect-ratio"])
    assert offered("%%minimax image --ratio|") == ["--aspect-ratio"]
    assert "--prompt-optimizer" in offered("%minimax video --|")
    assert offered("%minimax video --no-p|") == ["--no-prompt-optimizer"]
    assert offered("%%minimax estimate image --see|") == ["--seed"]


def test_other_names_of_an_option_only_when_asked_for() -> None:
    assert "--rate" not in offered("%%minimax speech --|")
    assert offered("%%minimax speech --rat|") == ["--rate"]


def test_an_option_is_offered_once_unless_it_repeats() -> None:
    cell = "%%minimax image hero << --seed 7 --tag a=b --| --model image-01"
    found = offered(cell)
    assert {"--seed", "--model"}.isdisjoint(found)
    assert {"--tag", "--aspect-ratio"} <= set(found)


def test_values_of_a_choice() -> None:
    assert offered("%%minimax image --aspect-ratio |")[:3] == ["1:1", "16:9", "4:3"]
    assert at("%%minimax image --aspect-ratio=16|") == ("16", ["16:9"])
    assert offered("%minimax cost --by |") == [
        "provider", "model", "kind", "day", "month", "project", "notebook", "tag",
    ]  # fmt: skip
    assert offered("%minimax video --prompt-optimizer=|") == ["true", "false"]
    assert offered("%minimax replay |") == ["on", "off"]


def test_models_of_the_kind_and_provider() -> None:
    for provider in ("minimax", "pixazo"):
        models = [model.name for model in catalog().models(provider, "image")]
        assert models
        assert offered(f"%%minimax image --provider {provider} --model |") == models
        assert offered(f"%%minimax image --model | --provider={provider}") == models
    assert offered("%%minimax music --provider apixo --model |") == []
    assert offered("%%minimax video --model |") == [m.name for m in catalog().models("minimax", "video")]


def test_values_are_those_of_the_model() -> None:
    assert offered("%%minimax video --duration |") != []
    named = catalog().model("minimax", "video", "MiniMax-Hailuo-02")
    assert offered(f"%%minimax video --model {named.name} --duration |") == [str(d) for d in named.durations]


def test_providers_of_the_kind() -> None:
    for kind in KIND_NAMES:
        assert offered(f"%%minimax {kind} --provider |") == list(catalog().providers_for(kind))
    assert offered("%minimax budget 5 --provider |") == ["minimax", "pixazo", "apixo"]


def test_voices_by_id_name_and_language() -> None:
    assert at("%%minimax speech --voice English_exp|") == ("English_exp", ["English_expressive_narrator"])
    assert '"Chinese (Mandarin)_Warm_Bestie"' in offered("%%minimax speech --voice bestie|")
    german = offered("%%minimax speech --voice-id german|")
    assert german
    assert {voice.id for voice in catalog().voices(language="German")} <= set(german)
    assert "Cantonese" not in offered("%minimax voices --language Ger|")
    assert offered("%minimax voices --language Ger|") == ["German"]


def test_values_with_blanks_are_quoted(home: Path) -> None:
    Path("my frame.png").write_bytes(b"")
    for typed in ("my", '"my', "'my", "=my", '="my'):
        cell = f"%%minimax video --first-frame {typed}|".replace(" =", "=")
        quote = "'" if "'" in typed else '"'
        assert at(cell) == (typed.lstrip("="), [f"{quote}my frame.png{quote}"])
    # JupyterLab writes the second quote by itself, behind the cursor.
    assert offered('%%minimax video --first-frame "my|" --duration 6') == ['"my frame.png']


def test_labels_with_parentheses_come_in_steps() -> None:
    # JupyterLab hides labels that share more than what stands before their parenthesis.
    assert at('%%minimax speech --voice "Chinese|') == ('"Chinese', ['"Chinese (Mandarin)_'])
    assert at("%%minimax speech --voice warm|") == ("warm", ['"Chinese (Mandarin)_Warm'])
    fragment, found = at('%%minimax speech --voice "Chinese (Mandarin)_Warm|')
    assert fragment == "Mandarin)_Warm"
    assert 'Mandarin)_Warm_Bestie"' in found
    assert len(found) > 1
    assert at("%%minimax speech --voice='Chinese (Mandarin)_Warm_B|") == (
        "Mandarin)_Warm_B",
        ["Mandarin)_Warm_Bestie'"],
    )


def test_templates_by_name_and_id() -> None:
    row, first = Opt("template", "x"), catalog().templates()[0]
    assert (first.name, first.description) in values(row, Wanted("", first.name[1:].upper(), None, None, {}))
    assert (first.id, first.name) in values(row, Wanted("", first.id[:-2], None, None, {}))
    assert offered("%%minimax agent --template run|") == ['"Run for Life"']


def test_names_after_a_brace() -> None:
    assert at("%%minimax image\nA {|") == ("", ["colour", "count", "place"])
    assert at("%%minimax image\nA {co|} fox") == ("co", ["colour", "count"])
    assert at("%minimax image a {col|") == ("col", ["colour"])
    assert at("%minimax image a -- b {col|") == ("col", ["colour"])
    assert at("%%minimax video --first-frame {|") == ("", ["hero", "pixels", "place"])


def test_media_values_are_names_and_files(home: Path) -> None:
    Path("frame one.png").write_bytes(b"")
    Path("notes.txt").write_bytes(b"")
    Path("shots").mkdir()
    Path("shots/a.jpg").write_bytes(b"")
    names = ["{hero}", "{pixels}", "{place}"]
    assert offered("%%minimax video --first-frame |") == [*names, '"frame one.png"', "shots/"]
    assert at("%%minimax video --first-frame shots/|") == ("shots/", ["shots/a.jpg"])
    assert offered('%%minimax video --first-frame "fra|') == ['"frame one.png"']
    assert offered("%minimax voice-clone sho|") == ["shots/"]


def test_words_of_subcommands() -> None:
    assert offered("%minimax models vi|") == ["video", "video-regeneration"]
    assert offered("%minimax help vo|") == ["voice-design", "voice-clone", "voices"]
    assert offered("%minimax models video i|") == []
    assert offered("%minimax jobs |") == ["--unknown"]


def test_words_of_the_newer_subcommands(home: Path) -> None:
    for name in ("work.ipynb", "given.zip", "fox.jpg"):
        Path(name).touch()
    Path("more").mkdir()
    assert offered("%minimax panel |") == list(KIND_NAMES)
    assert offered("%minimax bake |") == ["more/", "work.ipynb"]
    assert offered("%minimax import gi|") == ["given.zip"]
    assert offered("%minimax templates di|") == ["Diving", "Diving (China)"]
    assert offered("%minimax log --state ru|") == ["running"]
    assert offered("%minimax config --|") == ["--save"]


def test_settings_and_their_values() -> None:
    assert at("%minimax config sandb|") == ("sandb", ["sandbox=", "sandbox_speed="])
    assert offered("%minimax config minimax_api_k|") == ["minimax_api_key"]
    assert at("%minimax config live=wi|") == ("wi", ["widget"])
    assert offered("%minimax config provider=|") == ["minimax", "pixazo", "apixo"]
    assert offered("%minimax config live=widget reu|") == ["reuse="]


def test_jobs_and_tags_come_from_the_ledger(home: Path, record: Any) -> None:
    assert offered("%minimax wait |") == ["-o", "--out"][1:]
    assert not home.exists()
    with Ledger(home / "ledger.db") as ledger:
        made = [
            ledger.insert_job(record(tags={"take": str(number)}, created_us=number)) for number in (1, 2, 3)
        ]
        ledger.update_job(made[2].id, event="done", state=JobState.SUCCEEDED).result()
        ledger.update_job(made[1].id, event="lost", state=JobState.UNKNOWN).result()
    ids = [job.id for job in made]
    assert offered("%minimax wait |") == [ids[1], ids[0], ids[2]]
    assert offered(f"%minimax wait {ids[1]} |") == [ids[0], ids[2]]
    assert offered("%minimax resend |") == ids[::-1]
    assert offered("%minimax abandon |") == [ids[1]]
    assert offered("%minimax cancel |") == [ids[0]]
    assert at(f"%minimax wait {ids[0][-4:]}|") == (ids[0][-4:], [ids[0]])
    assert offered("%%minimax image --tag |") == ["take=3", "take=2", "take=1"]


def test_a_broken_ledger_or_setting_is_silence(home: Path) -> None:
    home.mkdir()
    (home / "ledger.db").write_text("this is no database")
    Path("pyproject.toml").write_text("not [ toml")
    shell = SimpleNamespace(user_ns={}, user_ns_hidden={})
    for cell in ("%minimax wait ", "%%minimax image --model "):
        context = SimpleNamespace(full_text=cell, cursor_line=0, cursor_position=len(cell))
        assert matcher(shell)(context) == {"completions": []}


@pytest.mark.parametrize("position", range(60))
def test_every_position_of_a_line_has_an_answer(position: int) -> None:
    line = """%%minimax speech hello << --voice="Wise Woman" --speed 1.2 -- 'tis {co} << --"""
    fragment, _ = suggest(line, 0, position, NAMES)
    assert line[:position].endswith(fragment)


def test_the_store_is_not_touched(home: Path) -> None:
    offered("%minimax wait |")
    offered("%%minimax image --model |")
    assert not MediaStore(home / "media").root.exists()


def test_what_varies_and_its_values() -> None:
    assert at("%%minimax image --vary mod|") == ("mod", ["model="])
    assert "provider=" in offered("%%minimax image --vary |")
    models = [model.name for model in catalog().models("minimax", "image")]
    assert offered("%%minimax image --vary model=|") == [f"model={name}" for name in models]
    assert offered(f"%%minimax image --vary model={models[0]},|") == [f"model={models[0]},{models[1]}"]
    assert offered("%%minimax image --vary=aspect-ratio=1:1,16|") == ["aspect-ratio=1:1,16:9"]
    assert offered("%%minimax image --vary provider=pi|") == ["provider=pixazo"]
    assert offered("%%minimax image --vary nothing=|") == []


def test_rows_of_each() -> None:
    from minimax_nb.magics.varying import row_sets

    names = {"rows": [{"a": 1}], "other": [1], "text": "x", "_hidden": [{"a": 1}]}
    assert [name for name, _ in row_sets(names, "")] == ["rows"]
