"""Help, made from the tables that the grammar reads: nothing is described twice."""

from __future__ import annotations

from collections.abc import Iterable

from minimax_nb.errors import GrammarError
from minimax_nb.magics.commands import COMMANDS, GROUPS, Subcommand
from minimax_nb.magics.context import Context
from minimax_nb.magics.options import MAGIC_OPTIONS, OptionRow

HEADERS = ("option", "values", "default", "meaning")


def show_help(context: Context, topic: str | None) -> None:
    """Display the overview, a kind's options or a subcommand's.

    Parameters
    ----------
    context
        The shell's side.
    topic
        A kind or subcommand; ``None`` for the overview.

    Raises
    ------
    GrammarError
        When there is no such topic; names the nearest.
    """
    if topic is None:
        _show_overview(context)
    elif topic in COMMANDS:
        _show_command(context, COMMANDS[topic])
    else:
        _show_kind(context, topic)


def _show_overview(context: Context) -> None:
    from minimax_nb.kinds import KIND_TITLES

    rows: list[tuple[str, ...]] = [(f"%%minimax {kind}", title) for kind, title in KIND_TITLES.items()]
    grouped = {name for names in GROUPS.values() for name in names}
    rows += [_usage(row) for row in COMMANDS.values() if row.name not in grouped]
    for title, names in GROUPS.items():
        rows += [(title,), *(_usage(COMMANDS[name]) for name in names)]
    note = "%minimax help image lists the options of a kind, %minimax help cost those of a line"
    context.table("%%minimax KIND [NAME <<] [options], the text below", ("line", "does"), rows, note)


def _usage(command: Subcommand) -> tuple[str, str]:
    return f"%minimax {command.usage}".strip(), command.help


def _show_command(context: Context, command: Subcommand) -> None:
    rows = option_rows(command.options)
    if rows:
        context.table(f"%minimax {command.usage}", HEADERS, rows, command.help)
    else:
        context.show(f"%minimax {command.usage}".strip() + f"\n{command.help}")


def _show_kind(context: Context, topic: str) -> None:
    from minimax_nb.catalog import nearest
    from minimax_nb.kinds import KIND_NAMES, option_table, request_class

    kind = topic.replace("_", "-")
    if kind not in KIND_NAMES:
        hint = nearest(topic, [*KIND_NAMES, *COMMANDS]) or "; %minimax help lists them"
        raise GrammarError(f"no kind or subcommand {topic!r}{hint}")
    cls = request_class(kind)
    word = "" if cls.word_field == cls.text_field else f" {cls.word_field.upper()}"
    title = f"%%minimax {kind} [NAME <<]{word} [options], the {cls.text_field} below"
    rows = option_rows((*option_table(cls), *MAGIC_OPTIONS), body=cls.text_field)
    note = f"On one line: %minimax {kind}{word} [options] {cls.text_field} (in quotes when it ends with a ?)"
    context.table(title, HEADERS, rows, note)


def option_rows(options: Iterable[OptionRow], body: str = "") -> list[tuple[str, str, str, str]]:
    """Return options under :data:`HEADERS`; ``body`` is the field that the text gives."""
    return [
        (
            _names(row),
            "" if row.type is bool else row.allowed,
            "the text below" if row.field == body else _default(row),
            _meaning(row),
        )
        for row in options
        if not row.hidden
    ]


def _names(row: OptionRow) -> str:
    dashes = "-" if len(row.name) == 1 else "--"
    negatable = row.type is bool and row.default is not False and not any(row is own for own in MAGIC_OPTIONS)
    short = f", -{row.short}" if row.short and row.short != row.name else ""
    return f"{dashes}{'[no-]' if negatable else ''}{row.name}{short}"


def _default(row: OptionRow) -> str:
    if row.required:
        return "required"
    if row.type is bool:
        return {True: "on", False: ""}.get(row.default, "")
    if isinstance(row.default, tuple):
        return ", ".join(map(str, row.default))
    return "" if row.default is None else str(row.default)


def _meaning(row: OptionRow) -> str:
    also = [f"--{name}" for name in row.aliases]
    repeated = " Repeatable." if row.repeated else ""
    return row.help + repeated + (f" Also {', '.join(also)}." if also else "")
