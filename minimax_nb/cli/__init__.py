"""The ``minimax-nb`` command: the magic's grammar and tables from a shell.

This file loads little, so that help and completion answer at once: ``table`` says what there is, ``making``
reads the line of a kind, ``looking`` and ``acting`` answer commands, ``watching`` follows jobs, ``shapes`` is
what scripts read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from minimax_nb.errors import Detached, GrammarError, MiniMaxError

_HELP = ("-h", "--help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words; those of the process by default.

    Returns
    -------
    int
        The exit code; :data:`minimax_nb.cli.table.CODES` lists them.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(words)
        sys.stdout.flush()
    except (MiniMaxError, Detached) as error:
        from minimax_nb.cli.codes import INTERRUPTED, code_of
        from minimax_nb.cli.terminal import complain

        complain(error)
        return code_of(error) if isinstance(error, MiniMaxError) else INTERRUPTED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # as of ``| head``: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def _run(words: list[str]) -> int:
    if not words:
        from minimax_nb.cli.helptext import overview

        print(overview(), file=sys.stderr)
        return 2
    first = words[0]
    if first == "--version":
        from minimax_nb._version import __version__

        print(f"minimax-nb {__version__}")
        return 0
    if first == "__complete":
        from minimax_nb.cli.completion import answer

        return answer(words[1:])
    before_text = words[: words.index("--")] if "--" in words else words
    if first == "help" or any(word in _HELP for word in before_text):
        from minimax_nb.cli.helptext import help_for

        topics = [word for word in words if word not in _HELP]
        print(help_for(topics[1:] if first == "help" else topics[:1]))
        return 0
    if any(word.partition("=")[0] == "--task" for word in before_text):
        from minimax_nb.cli.documents import rewritten

        words = rewritten(words)
    return _one(words)


def _one(words: list[str]) -> int:
    from minimax_nb.kinds import KIND_NAMES

    first = words[0]
    if first.replace("_", "-") in KIND_NAMES:
        from minimax_nb.cli.making import make

        return make(words)
    from minimax_nb.cli.table import NOTEBOOK, SHELL_COMMANDS

    if first in SHELL_COMMANDS:
        from minimax_nb.cli.dispatch import command

        return command(words)
    if first in NOTEBOOK:
        raise GrammarError(f"{first}: {NOTEBOOK[first]}")
    from minimax_nb.catalog import nearest

    if first.startswith("-"):
        raise GrammarError("the kind or command comes first: image, video, log …; then the options")
    hint = nearest(first, [*KIND_NAMES, *SHELL_COMMANDS]) or "; minimax-nb --help lists them"
    raise GrammarError(f"no kind or command {first!r}{hint}")
