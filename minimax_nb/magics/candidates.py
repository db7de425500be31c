"""What completion can offer: options, values, names, jobs. Files of this machine are read, no network is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from minimax_nb.magics.options import MAGIC_OPTIONS, OptionRow

if TYPE_CHECKING:
    from minimax_nb.catalog import Model
    from minimax_nb.ledger.record import JobRecord
    from minimax_nb.settings import Settings

T = TypeVar("T")

#: A text and what it is, as the front end shows it.
Found = tuple[str, str]

_PLAIN: tuple[Any, ...] = (str, int, float, bool)
_RECENT = 50  #: jobs that are offered
_MEDIA = frozenset(
    ".jpg .jpeg .png .webp .gif .mp3 .wav .m4a .flac .ogg .opus .mp4 .mov .webm".split()  # noqa: SIM905
)
_FILES = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a value that begins with ``fragment``, on a line that says all this."""

    kind: str
    fragment: str
    model: str | None
    provider: str | None
    names: Mapping[str, Any]


def matching(found: Iterable[Found], fragment: str) -> list[Found]:
    """Return what begins with the fragment, or, when nothing does, what holds it; case is ignored."""
    items = list(dict.fromkeys(found))
    wanted = fragment.casefold()
    begin = [item for item in items if item[0].casefold().startswith(wanted)]
    return begin or [item for item in items if wanted in item[0].casefold()]


def quoted(value: str, quote: str, closed: bool) -> str:
    """Return a value as it is typed: in quotes where it has blanks, or where a quote is open already."""
    if not quote:
        if value and value[0] not in "'\"-" and not any(map(str.isspace, value)):
            return value
        quote = "'" if '"' in value else '"'
    return f"{quote}{value}{'' if closed else quote}"


def around_parentheses(fragment: str, found: list[Found]) -> tuple[str, list[Found]]:
    """Return the same completions in a form that JupyterLab shows.

    It takes what follows a ``(`` in a label for a signature and hides every label whose beginning, up to
    there, is shorter than what is typed or than what all labels share (seen in JupyterLab 4.6).
    """
    texts = [text for text, _ in found]
    cut = fragment.rfind("(") + 1
    if cut and all(text.startswith(fragment) for text in texts):
        return fragment[cut:], [(text[cut:], what) for text, what in found]
    shared = commonprefix(texts)  # noqa: RUF071 - characters are meant, not parts of a path
    if len(found) > 1 and "(" in shared:
        return fragment, [(shared, found[0][1])]
    return fragment, found


# --- options ----------------------------------------------------------------------------------------


def spellings(rows: Iterable[OptionRow]) -> dict[str, OptionRow]:
    """Return every way to write an option, with its dashes; the first row of a name counts, as in the grammar."""
    found: dict[str, OptionRow] = {}
    for row in rows:
        for name in (row.name, *row.aliases):
            found.setdefault(f"--{name}", row)
        if row.short or len(row.name) == 1:
            found.setdefault(f"-{row.short or row.name}", row)
    return found


def options(rows: Sequence[OptionRow], fragment: str) -> list[Found]:
    """Return the options as typed; other names of one, and ``--no-``, only when they are asked for."""
    shown = [(_flag(row), "option") for row in rows if not row.hidden]
    denied = [
        (f"--no-{row.name}", "option")
        for row in rows
        if row.type is bool and row.default is not False and not any(row is own for own in MAGIC_OPTIONS)
    ]
    if fragment.startswith("--no") or not fragment.strip("-"):
        shown += denied
    else:
        aliases = [(f"--{name}", "option") for row in rows for name in row.aliases if not row.hidden]
        begin = [item for item in (*shown, *aliases) if item[0].startswith(fragment)]
        if begin:
            return begin
    typed = fragment.replace("_", "-")
    begin = [item for item in shown if item[0].startswith(typed)]
    return begin or matching(shown, typed.lstrip("-"))


def _flag(row: OptionRow) -> str:
    return f"-{row.name}" if len(row.name) == 1 else f"--{row.name}"


# --- values -----------------------------------------------------------------------------------------


def takes_media(row: OptionRow) -> bool:
    """Return True for an option that takes a file, an address or an earlier result."""
    return row.type not in _PLAIN


def values(row: OptionRow, wanted: Wanted) -> list[Found]:
    """Return the values that an option may have, the most fitting first."""
    if row.name in ("vary", "each"):
        from minimax_nb.magics.varying import axes, row_sets

        return axes(wanted) if row.name == "vary" else row_sets(wanted.names, wanted.fragment)
    if takes_media(row):
        return _media(wanted)
    if row.name == "voice":
        return _voices(wanted.fragment)
    if row.name == "thread":
        return matching(threads(), wanted.fragment)
    if row.name == "template":
        return _templates(wanted.fragment)
    return matching(_listed(row, wanted), wanted.fragment)


def _listed(row: OptionRow, wanted: Wanted) -> list[Found]:
    from minimax_nb.kinds import KIND_NAMES

    if row.name == "provider":
        return providers_of(wanted.kind)
    if row.name == "purpose":
        return _purposes()
    if row.name == "delete":
        return _own_voices()
    if row.name == "tag":
        return [(tag, "tag") for tag in _tags()]
    if row.name == "state":
        from minimax_nb.ledger.record import JobState

        return [(state, "state") for state in ("open", *map(str, JobState))]
    if row.name == "rating":
        return ratings()
    if row.name == "kind":
        return [(name, "kind") for name in KIND_NAMES]
    if row.name == "language":
        from minimax_nb.catalog import catalog

        return [(voice.language, "language") for voice in catalog().voices()]
    if row.type is bool:
        return [("true", "value"), ("false", "value")]
    return [(str(choice), row.name.replace("-", " ")) for choice in _choices(row, wanted)]


def _choices(row: OptionRow, wanted: Wanted) -> Sequence[Any]:
    """Return the choices that the line's model and provider leave."""
    key = getattr(row, "by_model", {}).get("choices")
    if key is None:
        return row.choices
    if key == "models":
        return [model.name for model in _models(replace(wanted, model=None))]
    from minimax_nb.kinds.options import of_model

    told = [values for model in _models(wanted) if (values := of_model(model, key)) is not None]
    left = {choice for choices in told for choice in choices}
    return [choice for choice in row.choices if choice in left] if told else row.choices


def _models(wanted: Wanted) -> Sequence[Model]:
    from minimax_nb.catalog import catalog

    provider = wanted.provider or str(current_settings().value("provider"))
    found = catalog().models(provider, wanted.kind)
    named = [model for model in found if wanted.model and wanted.model in (model.name, *model.aliases)]
    return named or found


def providers_of(kind: str) -> list[Found]:
    """Return the providers; of a kind, those that are not known to lack it."""
    from minimax_nb.catalog import catalog
    from minimax_nb.providers import provider_names

    known = {model.provider for model in catalog().models()}
    able = catalog().providers_for(kind) if kind else tuple(known)
    return [(name, "provider") for name in provider_names() if name in able or name not in known]


def providers() -> list[Found]:
    """Return the providers."""
    from minimax_nb.providers import provider_names

    return [(name, "provider") for name in provider_names()]


def _purposes() -> list[Found]:
    """Return what files of an account may be for."""
    from minimax_nb.catalog import catalog
    from minimax_nb.providers import provider_names

    rules = [rule for name in provider_names() for rule in catalog().file_purposes(name)]
    return [(rule.name, rule.title) for rule in rules]


def _voices(fragment: str) -> list[Found]:
    """Return the voices whose id begins with the fragment, then those with all its words in id, name or language."""
    from minimax_nb.catalog import catalog

    wanted = fragment.casefold()
    own = [found for found in _own_voices() if wanted in found[0].casefold()]
    begin = [voice for voice in catalog().voices() if voice.id.casefold().startswith(wanted)]
    others = catalog().voices(fragment) if wanted else ()
    return list(
        dict.fromkeys([*own, *((voice.id, voice.language or "voice") for voice in (*begin, *others))])
    )


def _own_voices() -> list[Found]:
    """Return the voices that the ledger knows to be the user's own."""
    from minimax_nb.ledger.voices import of_account

    return [(row.voice_id, f"{row.origin} voice") for row in _read(of_account) or ()]


def _templates(fragment: str) -> list[Found]:
    """Return the video templates whose name holds the fragment, and those whose id begins with it."""
    from minimax_nb.kinds.agent import template_names

    found = [(name, template.description) for name, template in template_names().items()]
    named = [item for item in found if fragment.casefold() in item[0].casefold()]
    ids = [(template.id, template.name) for template in template_names().values() if fragment]
    return named + [item for item in ids if item[0].startswith(fragment) and item not in named]


def _media(wanted: Wanted) -> list[Found]:
    """Return variables that hold media, in braces, and the media files of the folder that is being typed."""
    results = [(f"{{{name}}}", what) for name, what in names(wanted.names, "", media=True)]
    head, slash, _ = wanted.fragment.rpartition("/")
    folder = Path(f"{head}{slash}" or ".").expanduser()
    found: list[Found] = []
    for item in sorted(folder.iterdir()) if folder.is_dir() else ():
        if item.name.startswith("."):
            continue
        if item.is_dir():
            found.append((f"{head}{slash}{item.name}/", "folder"))
        elif item.suffix.lower() in _MEDIA:
            found.append((f"{head}{slash}{item.name}", "file"))
        if len(found) == _FILES:
            break
    return matching([*results, *found], wanted.fragment)


# --- the user's names -------------------------------------------------------------------------------


def names(variables: Mapping[str, Any], prefix: str, *, media: bool = False) -> list[Found]:
    """Return the variables that a ``{name}`` may name: media as a whole value, anything with words in a text."""
    found = [
        (name, type(value).__name__)
        for name, value in variables.items()
        if name.startswith(prefix) and not name.startswith("_") and _fits(value, media)
    ]
    return sorted(found, key=lambda item: item[0].casefold())


def _fits(value: Any, media: bool) -> bool:
    kind = type(value)
    if kind.__module__ == "minimax_nb.lab.result" and value.is_text:
        return not media
    holds = (
        issubclass(kind, bytes | bytearray)
        or hasattr(kind, "_repr_mimebundle_")
        or hasattr(kind, "_repr_png_")
    )
    if media:
        return holds or issubclass(kind, Path)
    return not holds and not issubclass(kind, type | ModuleType) and not callable(value)


def job_names(variables: Mapping[str, Any]) -> list[Found]:
    """Return the variables that hold a job, or the result of one."""
    job = getattr(sys.modules.get("minimax_nb.lab.job"), "Job", None)
    result = getattr(sys.modules.get("minimax_nb.lab.result"), "Result", None)
    held = {kind: word for kind, word in ((job, "job"), (result, "result")) if kind is not None}
    return [
        (name, held[type(value)])
        for name, value in variables.items()
        if type(value) in held and name[0] != "_"
    ]


# --- the ledger and the settings --------------------------------------------------------------------


def job_ids(command: str) -> list[Found]:
    """Return the latest jobs that a subcommand may mean, newest first, each with its kind and state."""
    states = {"abandon": ("unknown",), "cancel": ("new", "submitting", "queued")}.get(command)
    jobs = [job for job in _jobs() if states is None or job.state in states]
    if command == "wait":
        jobs.sort(key=lambda job: job.state.terminal)  # stable: the open ones first, each part newest first
    return [(job.id, f"{job.kind} {job.state}") for job in jobs]


def threads() -> list[Found]:
    """Return the conversations of the latest jobs, of any project."""
    return list(
        dict.fromkeys((str(job.request["thread"]), "thread") for job in _jobs() if job.request.get("thread"))
    )


def ratings() -> list[Found]:
    """Return the names of the ratings."""
    names = "SELECT name FROM rating_sessions ORDER BY rowid DESC"
    rows = _read(lambda connection: connection.execute(names).fetchall())
    return [(str(row[0]), "rating") for row in rows or ()]


def templates() -> list[Found]:
    """Return the video templates by name."""
    from minimax_nb.kinds.agent import template_names

    return [(name, item.description) for name, item in template_names().items()]


def _tags() -> list[str]:
    return list(dict.fromkeys(f"{key}={value}" for job in _jobs() for key, value in job.tags.items()))


def _jobs() -> list[JobRecord]:
    from minimax_nb.ledger.filter import Filter
    from minimax_nb.ledger.reader import jobs

    return _read(lambda connection: jobs(connection, Filter(), _RECENT)) or []


def _read(question: Callable[[Any], T]) -> T | None:
    """Ask the ledger's file alone: nothing is made, migrated or waited for; ``None`` where there is no file."""
    path = current_settings().ledger_path
    if not path.is_file():
        return None
    from minimax_nb.ledger.connect import ReaderPool

    pool = ReaderPool(path)
    try:
        with pool.connection() as connection:
            return question(connection)
    finally:
        pool.close()


def settings() -> list[Found]:
    """Return the settings as ``config`` takes them: ``name=``, a key by its name alone."""
    from minimax_nb.settings import DEFINITIONS

    return [(row.name if row.secret else f"{row.name}=", "setting") for row in DEFINITIONS]


def setting_values(name: str) -> list[Found]:
    """Return the values of a setting, where there is a list of them."""
    from minimax_nb.settings import DEFINITIONS

    if name == "provider":
        return providers_of("")
    found = next((row for row in DEFINITIONS if row.name == name), None)
    choices = ("auto", "on", "off") if name == "sandbox" else found.choices if found else ()
    return [(choice, "value") for choice in choices]


def current_settings() -> Settings:
    """Return the settings of the lab where there is one; completion does not make it."""
    lab = getattr(sys.modules.get("minimax_nb.lab.lab"), "_current", None)
    if lab is not None:
        found: Settings = lab.settings
        return found
    from minimax_nb.settings import Settings

    return Settings()
