"""``%minimax voices --mine``, ``files`` and ``balance``, on a real lab and a real sandbox."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.magics.suggest import suggest
from tests.contract.wires import wav
from tests.engine.conftest import Control
from tests.shell.conftest import Notebook
from tests.unit import samples

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture
def control(sandbox: Any) -> Control:
    return Control(sandbox.url)


@pytest.fixture
def sample() -> Path:
    path = Path("sample.wav")
    path.write_bytes(wav(11))
    return path


def show(notebook: Notebook, line: str) -> str:
    ran = notebook.run(line)
    assert ran.error is None, ran.printed
    return "\n".join(ran.shown)


def refused(notebook: Notebook, control: Control, line: str) -> str:
    """Run a line that must fail in one line (and a caret, or a hint), with nothing sent."""
    lines = notebook.fails(line)
    assert len(lines) <= 3
    assert control.requests() == []
    return "\n".join(lines)


def test_own_voices_from_making_to_deleting(notebook: Notebook, control: Control) -> None:
    text = show(notebook, "%minimax voices narrator-01 --mine")
    assert text.startswith("No voices of your own with 'narrator-01'")
    notebook.run("%minimax voice-design --voice-id narrator-01 --preview Welcome. A warm old narrator")
    text = show(notebook, "%minimax voices --mine")
    assert "narrator-01  designed" in text
    assert "7 days left to use it" in text
    assert "unused voices  narrator-01: 7 days left to use it" in show(notebook, "%minimax")
    spoken = notebook.run("%minimax speech --voice narrator-01 Good evening.")
    assert "its fee is part of the price" in "".join(spoken.shown)
    text = show(notebook, "%minimax voices narrator --mine")
    assert "used, so kept" in text
    assert "unused voices" not in show(notebook, "%minimax")
    posts = control.posts
    lines = notebook.fails("%minimax voices --delete narrator-01")
    assert "a deleted voice cannot be used again" in lines[0]
    assert "%minimax voices --delete narrator-01 --yes" in lines[1]
    assert control.posts == posts
    assert show(notebook, "%minimax voices --delete narrator-01 --yes") == "Voice narrator-01 is deleted."
    assert "narrator-01" not in show(notebook, "%minimax voices --mine")
    ran = notebook.run("%minimax speech --voice narrator-01 Good evening.")
    assert "voice id not exist (2054)" in ran.printed


def test_voices_by_type(notebook: Notebook) -> None:
    assert "English_Graceful_Lady" in show(notebook, "%minimax voices Graceful --type system")
    assert "English_Graceful_Lady" not in show(notebook, "%minimax voices --type cloned")


def test_files_from_upload_to_deleting(notebook: Notebook, control: Control, sample: Path) -> None:
    text = show(notebook, f"%minimax files upload {sample} --purpose voice_clone")
    assert text.startswith("sample.wav (88 kB) is file ")
    file_id = text.split()[5]
    assert show(notebook, f"%minimax files upload {sample} --purpose voice_clone") == text
    assert len(control.requests("POST")) == 1  # the same content is named again
    row = next(line for line in show(notebook, "%minimax files").split("\n") if line.startswith(file_id))
    assert row.split()[1:3] == ["sample.wav", "voice_clone"]
    assert file_id not in show(notebook, "%minimax files --purpose prompt_audio")
    [line, hint] = notebook.fails(f"%minimax files get {file_id}")
    assert line.endswith("sample.wav is there already")
    assert "--save" in hint
    assert "copy.wav" in show(notebook, f"%minimax files get {file_id} --save copy.wav")
    assert Path("copy.wav").read_bytes() == sample.read_bytes()
    [line, hint] = notebook.fails(f"%minimax files delete {file_id}")
    assert hint.endswith(f"%minimax files delete {file_id} --yes deletes it")
    assert show(notebook, f"%minimax files delete {file_id} --yes") == f"File {file_id} is deleted."
    assert show(notebook, "%minimax files").startswith("No files")


def test_the_balance_of_every_provider(notebook: Notebook, lab: Lab, control: Control) -> None:
    text = show(notebook, "%minimax balance")
    for part in ("minimax (sandbox)", "can be spent", "Pixazo does not tell", '"balance"'):
        assert part in text
    assert "Plan of" not in text
    assert control.posts == 0
    assert "pixazo" not in show(notebook, "%minimax balance apixo")


def test_what_is_left_of_a_plan(
    sandbox: Any, home: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    import minimax_nb.lab.lab

    key = "sk-cp-0123456789abcdef"
    body = json.dumps({"provider": "minimax", "key": key, "kind": "plan", "quota": 50}).encode()
    urllib.request.urlopen(f"{sandbox.url}/__sandbox__/accounts", data=body, timeout=10).close()
    monkeypatch.setenv("MINIMAX_API_KEY", key)
    monkeypatch.setenv("MINIMAX_API_HOST", sandbox.minimax)
    with Lab(sandbox="off") as lab:
        monkeypatch.setattr(minimax_nb.lab.lab, "_current", lab)
        text = show(notebook, "%minimax balance")
    assert "Plan of the minimax key" in text
    row = next(line for line in text.split("\n") if line.startswith("speech-hd"))
    assert "active" in row
    assert "%" in row


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("voices --type sytem", "--type sytem"),
        ("voices --yes", "--yes goes with --delete"),
        ("voices --provider minimax", "--provider goes with --mine"),
        ("voices --mine --language English", "--language is of the system voices"),
        ("voices warm --delete x --yes", "--delete stands alone"),
        ("files upload sample.wav", "--purpose is missing: voice_clone, prompt_audio"),
        ("files upload sample.wav --purpose voice_cloning", "did you mean 'voice_clone'?"),
        ("files upload sample.wav --purpose prompt_audio", "11 s long; less than 8 s"),
        ("files upload sample.wav --purpose t2a_async_input", "txt or zip"),
        ("files upload nothing.wav --purpose voice_clone", "no file 'nothing.wav'"),
        ("files upload empty.mp3 --purpose voice_clone", "the file is empty"),
        ("files fetch 12", "list, get, upload or delete"),
        ("files get", "usage: %minimax files"),
        ("files list --save x", "--save is not for files list"),
        ("files --purpose nonsense", "--purpose 'nonsense': one of voice_clone"),
        ("files --provider apixo", "APIXO keeps no files for an account"),
        ("voices --delete x --yes --provider pixazo", "Pixazo deletes no voices"),
        ("files upload short.wav --purpose voice_clone", "1 s long; 10 to 300 s"),
        ("files upload https://a.example/a.mp3 --purpose voice_clone", "an upload takes a file, bytes"),
        ("files upload long.txt --purpose t2a_async_input", "1,000,000 characters; fewer than 1,000,000"),
        ("files upload big.mp3 --purpose voice_clone", "20 MB; at most 20 MB of mp3"),
        ("balance nobody", "no provider 'nobody'"),
        ("models imgae", "did you mean 'image'?"),
        ("models --api openai", "--api asks an account; add --account"),
        ("models --account --api anthropi", "did you mean 'anthropic'?"),
        ("models --account --provider pixazo", "Pixazo lists no models for an account"),
        ("estimate image --count A fox", "--count counts the tokens of a chat"),
        ("estimate chat --count --vary max_tokens=1,2 Hello", "--count counts one request"),
        ("estimate chat --count --model M2-her Hello", "MiniMax counts no tokens of M2-her"),
        ("search", "no prompt: write it after the options"),
        ("describe", "--image is missing"),
        ("describe nothing.png", "nothing.png"),
        (
            "speech --transport bidi --format wav Hello",
            "--format wav: mp3, pcm or pcmu_raw with --transport bidi",
        ),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_sent(
    notebook: Notebook, control: Control, sample: Path, line: str, words: str
) -> None:
    Path("empty.mp3").touch()
    Path("short.wav").write_bytes(samples.wav(1))
    if "long.txt" in line:
        Path("long.txt").write_text("a" * 1_000_000)
    if "big.mp3" in line:
        Path("big.mp3").write_bytes(b"\0" * (20 * 2**20 + 1))
    assert words in refused(notebook, control, f"%minimax {line}")


def test_no_such_voice_and_no_such_file(notebook: Notebook, control: Control) -> None:
    notebook.run("%minimax voice-design --voice-id narrator-02 --preview Welcome. A warm old narrator")
    [line, *_] = notebook.fails("%minimax voices --delete narrator-03 --yes")
    assert "the account has no voice 'narrator-03'; did you mean 'narrator-02'?" in line
    [line, *_] = notebook.fails("%minimax voices --delete English_Graceful_Lady --yes")
    assert "is a voice of MiniMax, not of the account" in line
    assert not [item for item in control.requests("POST") if item["path"] == "/v1/delete_voice"]
    for line in ("get 12345", "delete 12345 --yes"):
        [first, *_] = notebook.fails(f"%minimax files {line}")
        assert "no such file (2013)" in first


def test_the_models_of_the_account_and_a_counted_estimate(notebook: Notebook, control: Control) -> None:
    text = show(notebook, "%minimax models --account")
    row = next(line for line in text.split("\n") if line.startswith("MiniMax-M3 "))
    assert row.split() == ["MiniMax-M3", "yes", "yes"]
    assert "MiniMax-M2.7" not in show(notebook, "%minimax models --account MiniMax-M3 --api anthropic")
    told = show(notebook, "%minimax estimate chat --count --max-tokens 100 Why is the sea salt")
    assert " tokens go in, counted by minimax · " in told
    assert notebook.run("%%minimax estimate chat --count\nWhy?").shown[0].startswith("at most $")
    assert control.charges == 0


def test_a_search_and_a_look_are_shown_as_words(notebook: Notebook) -> None:
    ran = notebook.run("%minimax search found << lighthouse keepers")
    assert "Lighthouse keepers: page 1" in ran.shown[0]
    assert 'href="https://example.com/lighthouse-keepers/1"' in ran.html
    notebook.run("%minimax image fox << A red fox")
    for cell in ("%minimax describe {fox[0]} Which animal", "%%minimax describe {fox[0]}\nWhich animal?"):
        assert "A picture of 1024 × 1024 px." in notebook.run(cell).shown[0]


def test_help_and_completion_know_them(notebook: Notebook, lab: Lab) -> None:
    assert "--mine" in show(notebook, "%minimax help voices")
    assert "--purpose" in show(notebook, "%minimax files --help")
    notebook.run("%minimax voice-design --voice-id narrator-04 --preview Welcome. A warm old narrator")

    def offered(line: str) -> list[str]:
        return [text for text, _ in suggest(line, 0, len(line), {})[1]]

    assert offered("%minimax files ") == ["list", "get", "upload", "delete"]
    assert "voice_clone" in offered("%minimax files upload x --purpose ")
    assert offered("%minimax voices --delete ") == ["narrator-04"]
    assert "narrator-04" in offered("%minimax speech --voice narr")
    assert offered("%minimax balance pix") == ["pixazo"]
    assert "--count" in offered("%minimax estimate chat --c")
    assert offered("%minimax models --account --api ") == ["openai", "anthropic"]
