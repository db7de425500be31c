"""What every magic line can carry besides the options of its kind, in the form of the kinds' option table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class OptionRow(Protocol):
    """What the grammar and the help need to know of an option; :class:`minimax_nb.kinds.base.Option` has it."""

    @property
    def name(self) -> str:
        """The spelling on the line, without dashes in front."""

    @property
    def field(self) -> str:
        """The key of the parsed value."""

    @property
    def type(self) -> Any:
        """``str``, ``int``, ``float``, ``bool`` (a flag), or a class that takes objects."""

    @property
    def repeated(self) -> bool:
        """True when it may be given several times."""

    @property
    def default(self) -> Any:
        """The value when it is not given."""

    @property
    def required(self) -> bool:
        """True when it must be given."""

    @property
    def choices(self) -> tuple[Any, ...]:
        """All allowed values; empty when there is no such list."""

    @property
    def allowed(self) -> str:
        """The allowed values in words."""

    @property
    def help(self) -> str:
        """One line for people."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other accepted names."""

    @property
    def short(self) -> str:
        """One-letter form, without the dash."""

    @property
    def hidden(self) -> bool:
        """True when help leaves it out."""


@dataclass(frozen=True, slots=True)
class Opt:
    """One option of the magic itself or of a subcommand; see :class:`OptionRow` for the fields."""

    name: str
    help: str
    type: Any = str
    short: str = ""
    repeated: bool = False
    choices: tuple[Any, ...] = ()
    default: Any = None
    required: bool = False
    aliases: tuple[str, ...] = ()
    hidden: bool = False
    value: str = ""

    @property
    def field(self) -> str:
        """The key of the parsed value."""
        return self.name.replace("-", "_")

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        return ", ".join(str(choice) for choice in self.choices) or self.value


#: Options of every ``%%minimax KIND``. ``value`` names the value in help.
MAGIC_OPTIONS: tuple[Opt, ...] = (
    Opt("out", "Store the result under this name (the job, with --background).", short="o", value="NAME"),
    Opt("provider", "Send to this provider.", value="NAME"),
    Opt("tag", "Keep this with the job.", repeated=True, value="KEY=VALUE"),
    Opt("yes", "Send it also when it may cost more than the setting approve.", bool),
    Opt("allow-unpriced", "Send it also when no price is known and a hard budget cannot be kept.", bool),
    Opt("reuse", "Answer from the ledger, at no cost, when it has the same request.", bool),
    Opt("again", "Send it also when the ledger has the same request and the setting reuse is on.", bool),
    Opt("dry-run", "Show the exact request and its price; send nothing.", bool),
    Opt("background", "Return at once; the card goes on by itself.", bool),
    Opt("raw", "Fill nothing into the text: {name} stays as typed.", bool),
    Opt("strict", "Fail when a {name} is left unfilled.", bool),
    Opt("quiet", "Show nothing, only store.", bool),
    Opt("vary", "One job a value: a list, a range, or {a_list}; several give every combination.",
        repeated=True, value="NAME=A,B or NAME=1..4"),
    Opt("each", "One job a row of a DataFrame or list of dicts; {column} is filled in.", value="ROWS"),
    Opt("budget", "The most that a sweep (--vary, --each) may cost.", value="AMOUNT"),
    Opt("max-jobs", "The most jobs that a sweep may have; 1,000 without it.", value="N"),
    Opt("help", "Show the options.", bool, short="h"),
)  # fmt: skip
#: Those that a sweep reads for itself.
SWEEPING = frozenset({"vary", "each", "max_jobs"})
