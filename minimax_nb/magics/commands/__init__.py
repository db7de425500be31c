"""The subcommands of ``%minimax``: one table, one small module each, imported when it is called.

A module's ``run(context, words, options)`` gets the words of the line and its options by name; what it
returns becomes the cell's ``Out``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from minimax_nb.magics.options import Opt


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One row of the table.

    Parameters
    ----------
    name
        What is typed.
    usage
        The whole form, for help and error messages.
    help
        One line for people.
    words
        The most words it takes.
    options
        Its options.
    """

    name: str
    usage: str
    help: str
    words: int = 0
    options: tuple[Opt, ...] = ()


_COST_BY = ("provider", "model", "kind", "day", "project")

COMMANDS: Mapping[str, Subcommand] = {
    command.name: command
    for command in (
        Subcommand("status", "", "where am I: provider, key, running jobs, spent today"),
        Subcommand("jobs", "jobs", "the latest jobs and what they are doing"),
        Subcommand(
            "wait", "wait [ID …] [-o NAME]", "wait for jobs and show them; without an id for all that run", 20,
            (Opt("out", "Store the result under this name.", short="o", value="NAME"),),
        ),
        Subcommand("resume", "resume", "go on with the jobs of kernels that died"),
        Subcommand("log", "log [N]", "the last N jobs (20) as a DataFrame", 1),
        Subcommand(
            "cost", "cost [--by provider]", "what was spent, as a DataFrame", 0,
            (Opt("by", "What to sum by.", choices=_COST_BY),),
        ),
        Subcommand("models", "models [KIND]", "the models of the catalog", 1),
        Subcommand(
            "voices", "voices [FILTER] [--language L]", "the system voices whose id or name contains FILTER", 1,
            (Opt("language", "Only voices of this language.", value="L"),),
        ),
        Subcommand("config", "config [NAME=VALUE …]", "settings and their sources; a key named alone is asked for", 20),
        Subcommand("traceback", "traceback", "the full traceback of the last error"),
        Subcommand("help", "help [KIND or SUBCOMMAND]", "what there is; the options of a kind", 1),
    )
}  # fmt: skip
