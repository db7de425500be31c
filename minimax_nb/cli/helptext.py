"""Help in a shell, made from the tables that the grammar reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minimax_nb.cli.table import CODES, KIND_OPTIONS, NOTEBOOK, SHELL_COMMANDS
from minimax_nb.cli.terminal import in_shell
from minimax_nb.errors import GrammarError
from minimax_nb.kinds import KIND_NAMES, KIND_TITLES
from minimax_nb.magics.helptext import HEADERS, option_rows

_HEAD = """minimax-nb KIND TEXT [options]     make something; - reads the text from standard input
minimax-nb COMMAND [options]       look after what was made

Results go to standard output, a path a line; progress and errors to standard error. --json is for scripts.
minimax-nb KIND --help lists the options of a kind, minimax-nb COMMAND --help those of a command."""


def overview() -> str:
    """Return the page of ``minimax-nb --help``."""
    width = max(len(name) for name in (*KIND_NAMES, *SHELL_COMMANDS))
    parts = [_HEAD, "", "kinds:"]
    parts += [f"  {name:{width}}  {title}" for name, title in KIND_TITLES.items()]
    parts += ["", "commands:"]
    parts += [f"  {name:{width}}  {row.help}" for name, row in SHELL_COMMANDS.items()]
    parts += ["", "exit codes:", *exit_codes()]
    return "\n".join(parts)


def exit_codes() -> Iterator[str]:
    """Yield one line an exit code."""
    for code, meaning in CODES.items():
        yield f"  {code:<3}  {meaning}"


def help_for(topics: Sequence[str]) -> str:
    """Return the help of a kind or command; the overview without one.

    Raises
    ------
    GrammarError
        There is no such topic; names the nearest.
    """
    if not topics or topics[0].startswith("-"):
        return overview()
    topic = topics[0]
    if topic in SHELL_COMMANDS:
        return _of_command(topic)
    if topic in NOTEBOOK:
        raise GrammarError(f"{topic}: {NOTEBOOK[topic]}")
    kind = topic.replace("_", "-")
    if kind in KIND_NAMES:
        return _of_kind(kind)
    from minimax_nb.catalog import nearest

    hint = nearest(topic, [*KIND_NAMES, *SHELL_COMMANDS]) or "; minimax-nb --help lists them"
    raise GrammarError(f"no kind or command {topic!r}{hint}")


def usage_of(kind: str) -> str:
    """Return how a line of a kind is written."""
    from minimax_nb.kinds import request_class

    cls = request_class(kind)
    word = "" if cls.word_field == cls.text_field else f" {cls.word_field.upper()}"
    return f"minimax-nb {kind}{word} {cls.text_field.upper()} [options]"


def rows_of_kind(kind: str) -> list[tuple[str, str, str, str]]:
    """Return the options of a kind, and of all kinds, under the headers of the magic's help."""
    from minimax_nb.kinds import option_table, request_class

    cls = request_class(kind)
    rows = option_rows((*option_table(cls), *KIND_OPTIONS), body=cls.text_field)
    return [
        (name, allowed, default.replace(" below", ""), in_shell(text))
        for name, allowed, default, text in rows
    ]


def rows_of_command(name: str) -> list[tuple[str, str, str, str]]:
    """Return the options of a command."""
    rows = option_rows(SHELL_COMMANDS[name].options)
    return [(option, allowed, default, in_shell(text)) for option, allowed, default, text in rows]


def _of_kind(kind: str) -> str:
    from minimax_nb.render.text import table_text

    return table_text(usage_of(kind), HEADERS, rows_of_kind(kind))


def _of_command(name: str) -> str:
    row = SHELL_COMMANDS[name]
    rows = rows_of_command(name)
    title = f"minimax-nb {row.usage}\n{row.help}"
    if not rows:
        return title
    from minimax_nb.render.text import table_text

    return f"{title}\n{table_text('', HEADERS, rows)}"
