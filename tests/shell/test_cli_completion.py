"""Completion of ``minimax-nb`` lines, in the shells themselves where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minimax_nb.cli.completion import SCRIPTS, suggestions

BIN = Path(sys.executable).parent

_BASH = """
eval "$(minimax-nb completion bash)"
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE}; COMP_WORDS=(minimax-nb); COMPREPLY=()
    _minimax_nb 2>/dev/null
    (IFS='|'; echo "${COMPREPLY[*]}")
done
"""


def shell(name: str, script: str, stdin: str = "") -> list[str]:
    path = shutil.which(name)
    if path is None:
        assert "CI" not in os.environ, f"{name} has to be installed where the checks run"
        pytest.skip(f"{name} is not installed")
    environ = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    flags = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    done = subprocess.run(
        [path, *flags, "-c", script],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environ,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_bash(home: Path) -> None:
    Path("clips").mkdir()
    asked = {
        "minimax-nb im": "image|import",
        "minimax-nb image --asp": "--aspect-ratio",
        "minimax-nb image --aspect-ratio 1": "1:1|16:9",
        "minimax-nb image --aspect-ratio=16": "16:9",
        "minimax-nb image --aspect-ratio 16:": "9",  # bash parts words at a colon
        "minimax-nb image --model image-01,": "",
        "minimax-nb image 'A fox' --jso": "--json",
        "minimax-nb image --out cl": "",  # the shell's own completion of files
        "minimax-nb config provider=p": "pixazo",
        "minimax-nb estimate spee": "speech",
        "minimax-nb log --sort c": "cost",
        "minimax-nb completion ": "bash|zsh|fish",
        "minimax-nb speech --voice Chinese\\ (Mandarin)_Warm_B": "'Chinese (Mandarin)_Warm_Bestie'",
    }
    found = shell("bash", _BASH, "\n".join(asked) + "\n")
    assert dict(zip(asked, found, strict=True)) == asked


def test_bash_registers_it(home: Path) -> None:
    (line,) = shell("bash", 'eval "$(minimax-nb completion bash)"; complete -p minimax-nb')
    assert "-F _minimax_nb" in line


def test_fish(home: Path) -> None:
    script = "minimax-nb completion fish | source; complete -C 'minimax-nb image --asp'"
    assert [line.split("\t")[0] for line in shell("fish", script)] == ["--aspect-ratio"]


def test_zsh(home: Path) -> None:
    script = """
        compdef() { : }; eval "$(minimax-nb completion zsh)"
        compadd() { print -rl -- $texts }
        words=(minimax-nb image --asp); CURRENT=3; _minimax_nb
    """
    assert shell("zsh", script) == ["--aspect-ratio"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_shell_has_a_script_that_asks_for_the_words(name: str) -> None:
    assert f"__complete {name}" in SCRIPTS[name]


def test_words_of_a_line(home: Path) -> None:
    def texts(*words: str) -> list[str]:
        return [text for text, _ in suggestions(words[:-1], words[-1])]

    assert texts("--v") == ["--version"]
    assert "--detach" in texts("video", "--")
    assert "--strict" not in texts("video", "--")
    assert "--voice" not in texts("speech", "--voice", "x", "--")
    assert texts("image", "--vary", "seed") == ["seed="]
    assert texts("export", "fox") == []
    assert texts("log", "--format=c") == ["--format=csv"]
    assert texts("help", "exp") == ["export"]
