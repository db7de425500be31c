"""Completion of ``minimax-nb`` lines in bash, zsh and fish, read off the tables that the grammar reads.

The shell's part is a few lines that hand the words over; what fits is worked out here, so that models, voices,
files and job ids are completed too. Nothing is asked of the network, and nothing is written.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minimax_nb.cli.table import KIND_OPTIONS, SHELL_COMMANDS
from minimax_nb.cli.terminal import Terminal
from minimax_nb.errors import GrammarError, MiniMaxError
from minimax_nb.kinds import KIND_NAMES
from minimax_nb.magics import candidates
from minimax_nb.magics.candidates import Found
from minimax_nb.magics.options import OptionRow
from minimax_nb.magics.suggest import Suggester, Typed
from minimax_nb.magics.tokenizer import Token

#: Options whose value is a file or folder; the shell completes those better itself.
_PATHS = frozenset({"out", "with", "faults", "dir", "each", "save", "to", "folder"})
#: Commands whose words are files.
_FILES = frozenset({"import", "export", "bake", "link", "sheet"})

SCRIPTS: Mapping[str, str] = {
    "bash": """\
# minimax-nb completion for bash: eval "$(minimax-nb completion bash)" in ~/.bashrc
_minimax_nb() {
    local IFS=$'\\n'
    COMPREPLY=($(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        "${COMP_WORDS[0]}" __complete bash 2>/dev/null))
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -o default -o bashdefault -o nosort -F _minimax_nb minimax-nb 2>/dev/null ||
    complete -o default -o bashdefault -F _minimax_nb minimax-nb
""",
    "zsh": """\
#compdef minimax-nb
# minimax-nb completion for zsh: eval "$(minimax-nb completion zsh)" in ~/.zshrc, below compinit
_minimax_nb() {
    local -a texts shown
    local text what
    while IFS=$'\\t' read -r text what; do
        texts+=("$text")
        shown+=("$text${what:+  -- $what}")
    done < <("${words[1]}" __complete zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    if (( ! ${#texts} )); then
        _files
    elif (( ${#texts} == 1 )) && [[ ${texts[1]} == *[=/] ]]; then
        compadd -U -S '' -- "${texts[@]}"
    else
        compadd -U -l -d shown -- "${texts[@]}"
    fi
}
compdef _minimax_nb minimax-nb
""",
    "fish": """\
# minimax-nb completion for fish: minimax-nb completion fish | source in ~/.config/fish/config.fish
function __minimax_nb_complete
    set -l words (commandline -opc)
    set -l found ($words[1] __complete fish $words[2..-1] -- (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c minimax-nb -f -a '(__minimax_nb_complete)'
""",
}


class ShellSuggester(Suggester):
    """What may stand at the cursor of a shell's line."""

    commands = SHELL_COMMANDS
    of_every_kind: Sequence[OptionRow] = KIND_OPTIONS

    def suggest(self) -> tuple[str, list[Found]]:
        """Return what may stand at the cursor; nothing where a file may, which the shell completes itself."""
        row = self.option_at_cursor()
        if row is not None and (row.name in _PATHS or candidates.takes_media(row)):
            return self.typed.fragment, []
        words = [word for index, word in enumerate(self.own) if not self._is_value(index)]
        if (
            self.command is not None
            and self.command.name in _FILES
            and not self.typed.fragment.startswith("-")
        ):
            ids = self.command.name == "export" and words
            return self.typed.fragment, candidates.job_ids("export") if ids and row is None else []
        if self.command is not None and self.command.name == "completion":
            return self.typed.fragment, candidates.matching(
                [(name, "shell") for name in SCRIPTS], self.typed.fragment
            )
        if self.command is not None and self.command.name == "help" and not self.own:
            found = [
                *((name, "kind") for name in KIND_NAMES),
                *((name, "command") for name in SHELL_COMMANDS),
            ]
            return self.typed.fragment, candidates.matching(found, self.typed.fragment)
        return super().suggest()

    def _values(self, found: Sequence[Found]) -> tuple[str, list[Found]]:
        return self.typed.fragment, list(found)  # quoted for the shell, later


def script(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    """Print what makes a shell complete ``minimax-nb`` lines."""
    shell = words[0] if words else Path(os.environ.get("SHELL", "")).name
    if shell not in SCRIPTS:
        raise GrammarError(f"completion {shell}: allowed: {', '.join(SCRIPTS)}".replace("  ", " "))
    print(SCRIPTS[shell], end="")


def answer(words: Sequence[str]) -> int:
    """Answer what a shell asks: the words up to the cursor, the last of them as far as it is typed."""
    shell, given = (words[0] if words else ""), list(words[1:])
    try:
        if shell == "bash":
            _for_bash(os.environ.get("COMP_LINE", ""), int(os.environ.get("COMP_POINT") or 0))
        elif shell == "fish":
            before, fragment = given[: given.index("--")], (given[given.index("--") + 1 :] or [""])[0]
            _described(suggestions(before, fragment))
        else:
            _described(suggestions(given[:-1], given[-1] if given else ""), quote=True)
    except (MiniMaxError, ValueError, OSError):
        return 1  # a completion that fails says nothing
    return 0


def suggestions(before: Sequence[str], fragment: str) -> list[Found]:
    """Return what may stand in place of ``fragment``, behind the words ``before``, whole words each.

    Parameters
    ----------
    before
        The words behind the command's name.
    fragment
        What is typed of the word at the cursor.
    """
    option, equals, value = fragment.partition("=")
    inline = bool(equals) and fragment.startswith("-")
    tokens = tuple(Token(word, at, at + 1) for at, word in enumerate(before))
    typed = Typed(tokens, value if inline else fragment, option=option if inline else "")
    cut, found = ShellSuggester(typed, {}, in_cell=False).suggest()
    head = f"{option}=" if inline else ""
    # Of ``name=value`` words the suggester replaces the value alone.
    kept = typed.fragment[: len(typed.fragment) - len(cut)] if typed.fragment.endswith(cut) else ""
    openings = [("help", "command"), ("--help", "option"), ("--version", "option")]
    extra = candidates.matching(openings, fragment) if not before and fragment.startswith("-") else []
    return list(dict.fromkeys([(f"{head}{kept}{text}", what) for text, what in found] + extra))


def _for_bash(line: str, point: int) -> None:
    """Print what replaces the part of the word that bash takes for a word of its own."""
    words, fragment, quote = _split(line.encode()[:point].decode(errors="ignore"))
    breaks = os.environ.get("COMP_WORDBREAKS", " \t\n\"'><=;|&(:")
    cut = 0 if quote else max((fragment.rfind(mark) for mark in "=:" if mark in breaks), default=-1) + 1
    for text, _ in suggestions(words[1:], fragment):
        rest = text[cut:] if text.casefold().startswith(fragment[:cut].casefold()) else text
        print(rest if quote else _quoted(rest))


def _split(line: str) -> tuple[list[str], str, str]:
    """Return the whole words before the cursor, the beginning of one at it, and the quote that it is in."""
    for quote in ("", '"', "'"):
        lexer = shlex.shlex(line + quote, posix=True, punctuation_chars=False)
        lexer.whitespace_split, lexer.commenters = True, ""
        try:
            words = list(lexer)
        except ValueError:
            continue
        at_word = quote or (line and not line[-1].isspace())
        return (words[:-1], words[-1], quote) if at_word and words else (words, "", "")
    raise ValueError(line)


def _quoted(text: str) -> str:
    """Return a text as the shell takes it for one word; ``=`` and ``/`` at its end are typed on."""
    if all(char.isalnum() or char in "-_=/.,:+@%~" for char in text):
        return text
    return shlex.quote(text)


def _described(found: Sequence[Found], *, quote: bool = False) -> None:
    for text, what in found:
        shown = _quoted(text) if quote else text
        sys.stdout.write(f"{shown}\t{' '.join(what.split())}\n")
