"""The subcommands of ``%minimax``: one table, one small module each, imported when it is called.

A module's ``run(context, words, options)`` gets the words of the line and its options by name; what it
returns becomes the cell's ``Out``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from minimax_nb.amounts import PERIODS
from minimax_nb.magics.options import Opt

#: How help lists them; what is in no group comes first, with the kinds.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Jobs": ("status", "board", "jobs", "wait", "resume", "cancel", "resend", "abandon"),
    "Money": ("estimate", "budget", "cost", "balance"),
    "Results": ("log", "star", "tag", "note", "thread", "sheet", "compare", "rate", "leaderboard", "measure"),
    "Files": ("export", "import", "bake", "link", "files"),
    "What there is": ("models", "voices", "templates"),
    "Setting up": ("config", "doctor", "replay", "traceback", "help"),
}


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


_COST_BY = ("provider", "model", "kind", "day", "month", "project", "notebook", "tag")
#: Which jobs; filters of the ledger, by their names there.
_WHICH = (
    Opt("kind", "Only jobs of this kind.", value="KIND"),
    Opt("provider", "Only jobs of this provider.", value="NAME"),
    Opt("model", "Only jobs of this model.", value="NAME"),
    Opt("project", "Only jobs of this project.", value="NAME"),
    Opt("batch", "Only jobs of this sweep.", value="ID"),
    Opt("session", "Only jobs of this kernel's life: this, or a kernel's id.", value="ID"),
    Opt("tag", "Only jobs with this tag.", repeated=True, value="KEY[=VALUE]"),
    Opt("since", "Only jobs asked for since then: 7d, 36h, 90min, 2026-11-01.", value="TIME"),
    Opt("until", "Only jobs asked for before then.", value="TIME"),
    Opt("money", "Only real jobs, or only the sandbox's.", choices=("real", "sandbox")),
)

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
        Subcommand("resume", "resume", "go on with jobs of kernels that died (one never sent: resend ID)"),
        Subcommand("cancel", "cancel ID", "stop a job that was not sent yet, or can still be stopped", 1, arrives=True),
        Subcommand(
            "resend", "resend ID [-o NAME] [--yes]", "send a job again that is unknown, given up or failed", 1,
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
        Subcommand("panel", "panel [KIND]", "a form with sliders and lists, live price and checks", 1, arrives=True),
        Subcommand("board", "board", "the running jobs of all kernels, with buttons", arrives=True),
        Subcommand(
            "log", "log [N] [--since 7d] [--text fox] …", "the last N jobs (20): pictures, players, cost", 1,
            (
                *_WHICH,
                Opt("state", "Only jobs in this state; open: those with work left.", value="STATE"),
                Opt("text", "Only jobs whose prompt has this text.", value="TEXT"),
                Opt("starred", "Only jobs with a star.", bool, default=False),
                Opt("sort", "Which come first: the newest, dearest, slowest …",
                    choices=("time", "cost", "seconds", "model", "kind", "prompt", "state"), default="time"),
                Opt("ascending", "Turn the order round.", bool, default=False),
                Opt("grid", "Pictures alone, 200 on one page.", bool, default=False),
            ),
            arrives=True,
        ),
        Subcommand("star", "star ID [--off]", "mark a job in the log", 1,
            (Opt("off", "Take the star away.", bool, default=False),)),
        Subcommand("tag", "tag ID KEY=VALUE …", "tag a job; KEY= takes a tag away", 20),
        Subcommand("note", "note ID TEXT", "add a note to a job; without a text show its notes", 1000),
        Subcommand(
            "cost", "cost [--by day] [--plot]", "what was spent and possibly spent, and a forecast", 0,
            (
                Opt("by", "What to sum by.", choices=_COST_BY),
                *_WHICH,
                Opt("plot", "Show it as a picture too.", bool, default=False),
            ),
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
            "estimate", "estimate KIND [options] TEXT", "what a request would cost; nothing is sent", 0,
            (Opt("count", "Let the provider count the tokens of a chat first, free.", bool, default=False),),
            of_kind=True,
        ),
        Subcommand("compare", "compare A B …", "results side by side: names of variables, job ids, a sweep", 26,
            arrives=True),
        Subcommand(
            "rate", "rate [WHAT …] [--by model] [--name NAME]", "judge results in pairs, blind; alone: which there are",
            200,
            (
                Opt("by", "What the contenders are: model, voice, any option or tag; else what varies.", value="NAME"),
                Opt("name", "What to call it; the same name goes on where it stopped.", value="NAME"),
                Opt("rater", "Who answers; your login name by default.", value="NAME"),
                Opt("seed", "Of the order and of the sides; a fresh one by default.", int, value="N"),
                Opt("vote", "Answer the pair that is shown, where there are no buttons.",
                    choices=("A", "B", "tie", "both bad")),
                Opt("undo", "Take the last answer back.", bool, default=False),
            ),
            arrives=True,
        ),
        Subcommand(
            "leaderboard", "leaderboard [NAME] [--plot]", "what came of a rating, and what may be concluded", 1,
            (Opt("plot", "Show it as a picture too.", bool, default=False),), arrives=True,
        ),
        Subcommand("measure", "measure [WHAT …] [MEASURE …]", "loudness, silence, sharpness … of results", 200,
            arrives=True),
        Subcommand(
            "export", "export FILE [WHAT …]", "a bundle (.zip), a report (.html) or a table (.csv, .parquet)", 200,
            (
                Opt("with", "Put this file into the bundle too: a notebook, inputs.", repeated=True, value="PATH"),
                Opt("question", "The heading of the report.", value="TEXT"),
                Opt("rating", "The rating whose leaderboard goes into the report.", value="NAME"),
            ),
            arrives=True,
        ),
        Subcommand("import", "import FILE [--folder DIR]", "take a colleague's bundle into this ledger", 1,
            (Opt("folder", "Where its notebook and other files go.", value="DIR"),), arrives=True),
        Subcommand("thread", "thread [NAME]", "a conversation of this project, or which there are", 1, arrives=True),
        Subcommand("replay", "replay [on|off]", "answer every request from the ledger and send nothing", 1),
        Subcommand("templates", "templates [FILTER]", "the video templates of the agent, and what each needs", 5),
        Subcommand(
            "models", "models [KIND] [--account]", "the models of the catalog, or those that your account lists", 1,
            (
                Opt("account", "The text models that the account lists; a word is a model to look up.", bool,
                    default=False),
                Opt("api", "Ask this list of theirs.", choices=("openai", "anthropic")),
                Opt("provider", "Ask this provider.", value="NAME"),
            ),
        ),
        Subcommand(
            "voices", "voices [FILTER] [--language L] [--mine]", "the system voices that match FILTER, or your own", 1,
            (
                Opt("language", "Only voices of this language.", value="L"),
                Opt("mine", "Your designed and cloned voices, and how long they are kept.", bool, default=False),
                Opt("type", "Of this origin; with it --mine can be left out.",
                    choices=("cloned", "designed", "system", "all")),
                Opt("delete", "Delete this voice of yours; it cannot be used again.", value="VOICE"),
                Opt("yes", "Really delete it.", bool, default=False),
                Opt("provider", "Ask this provider.", value="NAME"),
            ),
        ),
        Subcommand(
            "files", "files [list|get|upload|delete] [FILE] [--purpose P]", "the account's files at the provider", 2,
            (
                Opt("purpose", "What a file is for; needed to upload.", value="P"),
                Opt("save", "Write the fetched file here.", value="PATH"),
                Opt("name", "Upload it under this file name.", value="NAME"),
                Opt("yes", "Really delete it.", bool, default=False),
                Opt("provider", "Ask this provider.", value="NAME"),
            ),
        ),
        Subcommand("balance", "balance [PROVIDER]", "what the accounts hold, and what is left of a plan", 1),
        Subcommand(
            "config", "config [NAME=VALUE …] [--save]", "settings and sources; a key named alone is asked for", 20,
            (Opt("save", "Keep it for later kernels: keys in the keyring, the rest in the settings file.", bool,
                default=False),),
        ),
        Subcommand("doctor", "doctor", "check keys, hosts, balance, clock, ledger, disk, versions; with the fix"),
        Subcommand(
            "bake", "bake [NOTEBOOK] [--max-mb N] [--to FILE]", "put the media into a saved notebook; one file", 1,
            (
                Opt("max-mb", "What the notebook may weigh then; the rest stays linked (25).", float, value="N"),
                Opt("to", "Write it here, and leave the notebook alone.", value="FILE"),
            ),
        ),
        Subcommand(
            "link", "link [NOTEBOOK] [--to FILE]", "the reverse of bake: files beside the notebook, and links", 1,
            (Opt("to", "Write it here, and leave the notebook alone.", value="FILE"),),
        ),
        Subcommand(
            "sheet", "sheet [ID or NAME …] [--to FILE]", "a contact sheet of results: their pictures on one", 200,
            (
                Opt("to", "Write it as this JPEG too.", value="FILE"),
                Opt("columns", "Pictures in a row.", int, value="N"),
                Opt("width", "Of the sheet, in px (1200).", int, value="PX"),
            ),
            arrives=True,
        ),
        Subcommand("traceback", "traceback", "the full traceback of the last error"),
        Subcommand("help", "help [KIND or SUBCOMMAND]", "what there is; the options of a kind", 1),
    )
}  # fmt: skip
