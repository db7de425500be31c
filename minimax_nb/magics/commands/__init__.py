"""The subcommands of ``%minimax``: one table, one small module each, imported when it is called.

A module's ``run(context, words, options)`` gets the words of the line and its options by name; what it
returns becomes the cell's ``Out``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from minimax_nb.amounts import PERIODS
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
    arrives
        True where it reads the ledger, so that jobs of dead kernels are adopted first.
    of_kind
        True when its words are the line of a kind; it may then have a text below.
    """

    name: str
    usage: str
    help: str
    words: int = 0
    options: tuple[Opt, ...] = ()
    arrives: bool = False
    of_kind: bool = False


_COST_BY = ("provider", "model", "kind", "day", "project")

COMMANDS: Mapping[str, Subcommand] = {
    command.name: command
    for command in (
        Subcommand("status", "", "where am I: provider, key, running jobs, spent today", arrives=True),
        Subcommand(
            "jobs", "jobs [--unknown]", "the latest jobs and what they are doing", 0,
            (Opt("unknown", "Only those of unknown outcome, with what they may have cost.", bool, default=False),),
            arrives=True,
        ),
        Subcommand(
            "wait", "wait [ID …] [-o NAME]", "wait for jobs and show them; without an id for all that run", 20,
            (Opt("out", "Store the result under this name.", short="o", value="NAME"),),
        ),
        Subcommand("resume", "resume", "go on with the jobs of kernels that died"),
        Subcommand("cancel", "cancel ID", "stop a job that was not sent yet", 1, arrives=True),
        Subcommand(
            "resend", "resend ID [-o NAME] [--yes]", "send an unknown, given up or failed job again, as a new one", 1,
            (
                Opt("out", "Store the result under this name.", short="o", value="NAME"),
                Opt("yes", "Send it also when it may cost more than the setting approve.", bool, default=False),
                Opt("allow-unpriced", "Send it also when a hard budget cannot be kept.", bool, default=False),
            ),
            arrives=True,
        ),
        Subcommand(
            "abandon", "abandon ID [--charged yes|no]", "give up on a job whose outcome is unknown", 1,
            (
                Opt(
                    "charged",
                    "What the provider's console says; without it the estimate stays counted as possibly spent.",
                    choices=("yes", "no"),
                ),
            ),
            arrives=True,
        ),
        Subcommand("log", "log [N]", "the last N jobs (20) as a DataFrame", 1, arrives=True),
        Subcommand(
            "cost", "cost [--by provider]", "what was spent and possibly spent, as a DataFrame", 0,
            (Opt("by", "What to sum by.", choices=_COST_BY),),
            arrives=True,
        ),
        Subcommand(
            "budget", "budget [AMOUNT] [--per day]", "the budgets and what is left; with an amount, set one", 1,
            (
                Opt("per", "When it begins anew; a total never does.", choices=PERIODS),
                Opt("soft", "Warn, refuse nothing.", bool, default=False),
                Opt("kind", "Only jobs of this kind.", value="KIND"),
                Opt("provider", "Only jobs of this provider.", value="NAME"),
                Opt("project", "Only jobs of this project.", value="NAME"),
                Opt("session", "Only jobs of this kernel's life.", bool, default=False),
                Opt("sandbox", "Only sandbox jobs; without it only real money counts.", bool, default=False),
                Opt("remove", "Stop the budget with this id.", value="ID"),
            ),
            arrives=True,
        ),
        Subcommand(
            "estimate", "estimate KIND [options] TEXT", "what a request would cost; nothing is sent", of_kind=True
        ),
        Subcommand("replay", "replay [on|off]", "answer every request from the ledger and send nothing", 1),
        Subcommand("models", "models [KIND]", "the models of the catalog", 1),
        Subcommand(
            "voices", "voices [FILTER] [--language L]", "the system voices whose id or name contains FILTER", 1,
            (Opt("language", "Only voices of this language.", value="L"),),
        ),
        Subcommand(
            "config", "config [NAME=VALUE …] [--save]", "settings and sources; a key named alone is asked for", 20,
            (Opt("save", "Keep it for later kernels: keys in the keyring, the rest in the settings file.", bool),),
        ),
        Subcommand("doctor", "doctor", "check keys, hosts, balance, clock, ledger, disk, versions; with the fix"),
        Subcommand("traceback", "traceback", "the full traceback of the last error"),
        Subcommand("help", "help [KIND or SUBCOMMAND]", "what there is; the options of a kind", 1),
    )
}  # fmt: skip
