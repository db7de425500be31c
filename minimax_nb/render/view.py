"""What surfaces draw: one frozen view of a job, made from its ledger row and its media."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import UNPRICED, money
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.render import format as fmt
from minimax_nb.render import words
from minimax_nb.render.captions import captions_of
from minimax_nb.render.pictures import InputView, MediaView, input_views, media_views

if TYPE_CHECKING:
    from minimax_nb.media import Media
    from minimax_nb.render.playing import Sound
    from minimax_nb.wire import Piece

__all__ = ["JobView", "MediaView", "view_of"]

#: Kinds whose result is words, shown as they are.
WORDS = frozenset({"chat", "lyrics", "cover-preprocess", "context-ir", "transcribe", "search", "describe"})
#: Facts that are the same whenever the same request is run; the static form shows no others.
STABLE_FACTS = frozenset({"model", "provider", "template", "voice", "voice id", "seed"})
#: Others that a job of a sweep is shown with; their previews are small.
BESIDE = 8
_TEXT_FIELDS = frozenset({"prompt", "text", "model", "voice", "mix", "voice_id", "seed"})
_TOKENS = ("prompt_tokens", "cached_tokens", "output_tokens", "thinking_tokens")
_INNER_FACTS = frozenset({"voice_id", "seed", "price_facts", "filled", "trace_id", *_TOKENS})
_FIELD = re.compile(r"\{([A-Za-z_]\w*)[^{}]*\}")
_LONGEST_FACT = 4000


@dataclass(frozen=True, slots=True)
class JobView:
    """What is shown of one job.

    Parameters
    ----------
    id, kind, provider, model, state
        As in the ledger.
    stage
        What is happening, in plain words: ``queued``, ``waiting for the 5/min limit``, ``done`` ….
    elapsed_s
        Seconds since it was asked for, until its end.
    eta_s
        Expected seconds to go; ``None`` when not known.
    progress
        0 to 1, from ``eta_s``; ``None`` when not known.
    cost
        In words: ``$0.28``, ``$0.28 (sandbox)``, ``no price known``.
    prompt, template, filled
        The text as sent; as typed, when fields were filled in; the names that were filled.
    media
        The files so far.
    facts
        (label, value) pairs: model, provider, voice id, seed, options, took, cost, job ….
    error
        What happened, why, what to do: one line each.
    warnings
        Remarks.
    command
        The cell that would make the same request.
    sandbox
        True when the sandbox works on it and nothing is paid.
    terminal
        True when the provider's part is over.
    amount_nano, currency
        What ``cost`` says, as a number: nano-units; ``None`` when no price is known.
    name
        The notebook variable it was asked into.
    batch, axes
        The sweep it belongs to, and its place there: (axis, value) pairs.
    sound, listen
        What can be played while it comes, and where a player on the page finds it.
    text, thinking
        An answer in Markdown, and the thoughts before it; while it is streamed, what came so far.
    captions
        (label, text) pairs that belong under the player: subtitles with their times, lyrics.
    inputs
        What went in: first frames, references, recordings.
    """

    id: str
    kind: str
    provider: str
    model: str
    state: JobState
    stage: str
    elapsed_s: float = 0.0
    eta_s: float | None = None
    progress: float | None = None
    cost: str = UNPRICED
    prompt: str = ""
    template: str | None = None
    filled: tuple[str, ...] = ()
    media: tuple[MediaView, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    error: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    command: str | None = None
    sandbox: bool = False
    terminal: bool = False
    amount_nano: int | None = None
    currency: str = "USD"
    name: str | None = None
    batch: str | None = None
    axes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    thinking: str = ""
    captions: tuple[tuple[str, str], ...] = ()
    inputs: tuple[InputView, ...] = ()
    sound: Sound | None = field(default=None, compare=False)
    listen: str | None = None

    @property
    def finished(self) -> bool:
        """True when there is nothing more to wait for: the job is over and its media are here."""
        return self.terminal and self.stage != words.DOWNLOADING

    @property
    def tone(self) -> words.Tone:
        """The colour family: ``good``, ``busy``, ``idle``, ``warn`` or ``bad``."""
        if self.state is JobState.SUCCEEDED and not self.finished:
            return "busy"
        if self.state is JobState.SUCCEEDED and self.error:
            return "warn"
        return words.TONES.get(self.state, "idle")

    def fact(self, label: str) -> str | None:
        """Return the value of one fact."""
        return dict(self.facts).get(label)


def view_of(
    record: JobRecord,
    media: Sequence[Media] = (),
    *,
    now_us: int | None = None,
    eta_s: float | None = None,
    stage: str | None = None,
    problem: BaseException | None = None,
    link_base: Path | None = None,
    pieces: Sequence[Piece] = (),
) -> JobView:
    """Return the view of a job; never raises, whatever the row holds.

    Parameters
    ----------
    record
        The job's row.
    media
        Its files.
    now_us
        The time, in microseconds since the epoch, for jobs that go on; the row's last change by default.
    eta_s
        Expected seconds to go.
    stage
        What is happening, where the caller knows better than the row.
    problem
        An error of this process that the row does not hold.
    link_base
        Folder that media links are relative to; the working folder by default.
    pieces
        What came so far of a streamed result.
    """
    try:
        return _view_of(record, media, now_us, eta_s, stage, problem, link_base, pieces)
    except Exception as error:  # the display must not fail the cell whose result is paid for
        return JobView(
            id=str(record.id),
            kind=str(record.kind),
            provider=str(record.provider),
            model=str(record.model),
            state=record.state,
            stage=str(stage or record.state),
            facts=(("job", str(record.id)),),
            warnings=(f"this card is incomplete: its data could not be read ({type(error).__name__})",),
            terminal=bool(getattr(record.state, "terminal", True)),
        )


def _view_of(
    record: JobRecord,
    media: Sequence[Media],
    now_us: int | None,
    eta_s: float | None,
    stage: str | None,
    problem: BaseException | None,
    link_base: Path | None,
    pieces: Sequence[Piece],
) -> JobView:
    terminal = record.state.terminal
    took = _took(record, now_us)
    cost = words.cost_of(record)
    shown = [item for item in media if item.role != "thinking"]
    return JobView(
        id=record.id,
        kind=record.kind,
        provider=record.provider,
        model=record.model,
        state=record.state,
        stage=stage or words.stage_of(record),
        elapsed_s=took,
        eta_s=None if terminal else eta_s,
        progress=None if terminal else _progress(record, took, eta_s),
        cost=cost,
        prompt=record.prompt or "",
        template=record.template,
        filled=_filled(record),
        media=media_views(
            shown, alt=record.prompt or "", link_base=link_base, beside=BESIDE if record.batch else 0
        ),
        facts=tuple(_facts(record, took, cost)),
        error=words.error_of(record, problem) if terminal or record.state is JobState.UNKNOWN else (),
        warnings=tuple(str(item) for item in record.warnings),
        command=_command(record) if terminal else None,
        sandbox=record.sandbox,
        terminal=terminal,
        amount_nano=words.amount_of(record),
        currency=record.currency,
        name=record.name,
        batch=record.batch,
        axes=tuple((str(name), str(value)) for name, value in (record.axes or {}).items()),
        captions=captions_of(record, media) if terminal else (),
        inputs=input_views(record.request, media) if terminal and not record.batch else (),
        text=_said(record, media, pieces, "output", "text"),
        thinking=_said(record, media, pieces, "thinking", "thinking"),
    )


def _said(record: JobRecord, media: Sequence[Media], pieces: Sequence[Piece], role: str, kind: str) -> str:
    """Return an answer, or the thoughts before it: from its file, else from what came of it so far."""
    if record.kind not in WORDS:
        return ""
    if media:
        return "".join(_content(item) for item in media if item.role == role)
    return "".join(piece.text for piece in pieces if piece.kind == kind)


@lru_cache(maxsize=128)
def _content(item: Media) -> str:
    """Return a text's content, kept in memory: a live board asks for it many times a second."""
    try:
        return item.text()
    except Exception:  # a file that is gone is said so in its caption
        return ""


def _took(record: JobRecord, now_us: int | None) -> float:
    over = record.state.terminal or record.state is JobState.UNKNOWN
    end = (
        (record.stored_us or record.finished_us or record.updated_us) if over else now_us or record.updated_us
    )
    return max(0.0, (end - record.created_us) / 1e6)


def _progress(record: JobRecord, took: float, eta_s: float | None) -> float | None:
    if eta_s is None or record.submitted_us is None:
        return None
    worked = max(0.0, took - (record.submitted_us - record.created_us) / 1e6)
    whole = worked + max(eta_s, 0.0)
    return min(0.97, worked / whole) if whole > 0 else 0.0


def _filled(record: JobRecord) -> tuple[str, ...]:
    if not record.template:
        return ()
    told = record.facts.get("filled")
    if isinstance(told, list | tuple):
        return tuple(str(name) for name in told)
    found = _FIELD.finditer(record.template)
    return tuple(dict.fromkeys(item[1] for item in found if item[0] not in (record.prompt or "")))


def _facts(record: JobRecord, took: float, cost: str) -> Iterator[tuple[str, str]]:
    request, facts = record.request, record.facts
    voice_id = facts.get("voice_id")
    seed = request.get("seed", facts.get("seed"))
    own = voice_id is not None and voice_id == request.get("voice_id")
    first: tuple[tuple[str, Any], ...] = (
        ("model", record.model),
        ("provider", record.provider),
        ("voice", request.get("voice") or request.get("mix")),
        ("voice id" if own else "new voice id", voice_id),
        ("seed", seed),
        ("reused", _reused(record)),
        ("took", fmt.seconds(took) if record.state.terminal else None),
        ("tokens", _tokens(facts)),
        ("cost", cost),
        ("price from", None if record.cost_source == "unpriced" else record.cost_source),
    )
    last: tuple[tuple[str, Any], ...] = (
        *((f"tag {name}", value) for name, value in record.tags.items()),
        ("attempts", record.attempts if record.attempts > 1 else None),
        ("job", record.id),
        ("task", record.task_id),
        ("trace id", record.trace_id or facts.get("trace_id")),
    )
    options = _plain(request, _TEXT_FIELDS)
    told = set()
    for label, value in (*first, *options, *_plain(facts, _INNER_FACTS), *last):
        if value not in (None, "") and (label, str(value)) not in told:
            told.add((label, str(value)))
            yield label, str(value)[:_LONGEST_FACT]


def _tokens(facts: Mapping[str, Any]) -> str | None:
    """Return the tokens billed, in words: ``1,204 in (1,024 cached), 71 out (21 thinking)``."""
    prompt, cached, output, thinking = (facts.get(name) for name in _TOKENS)
    if not isinstance(prompt, int) or not isinstance(output, int):
        return None
    kept = f" ({cached:,} cached)" if cached else ""
    thought = f" ({thinking:,} thinking)" if thinking else ""
    return f"{prompt:,} in{kept}, {output:,} out{thought}"


def _reused(record: JobRecord) -> str | None:
    if not record.cached_from:
        return None
    return f"from the ledger, {money(0, record.currency)}: job {record.cached_from}"


def _plain(values: Mapping[str, Any], known: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield what a person can read of a JSON object; nested data and flags left at off are passed over."""
    for key, value in values.items():
        label = str(key).replace("_", " ")
        if key in known or value is False:
            continue
        if isinstance(value, bool):
            yield label, "on"
        elif isinstance(value, str | int | float):
            yield label, value
        elif isinstance(value, Mapping) and (name := _name(value)):
            yield label, name
        elif (
            isinstance(value, list | tuple)
            and value
            and (names := [_name(item) for item in value])
            and all(names)
        ):
            yield label, ", ".join(names)


def _name(value: Any) -> str:
    """Return the name of a file or address that went in."""
    found = (value.get("name") or value.get("url")) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def _command(record: JobRecord) -> str | None:
    return _command_of(record.kind, record.provider, json.dumps(record.request, sort_keys=True, default=str))


@lru_cache(maxsize=512)
def _command_of(kind: str, provider: str, request: str) -> str | None:
    """Return the equal cell, or ``None`` for a row that today's request classes cannot read."""
    from minimax_nb.kinds import build, to_command

    try:
        return to_command(build(kind, None, json.loads(request)), provider)
    except Exception:  # a row of another version: the card is complete without this line
        return None
