"""A form for one kind of request: fill in, see the price, send, watch, and take the cell along."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Accordion, Button, Dropdown, GridBox, HBox, Layout, Output, Text, VBox

from minimax_nb.amounts import count
from minimax_nb.errors import MiniMaxError
from minimax_nb.kinds import KIND_TITLES
from minimax_nb.kinds.base import Request
from minimax_nb.lab.open_jobs import stoppable
from minimax_nb.render import controls
from minimax_nb.render.bundle import card_bundle
from minimax_nb.widgets.board import as_output, close_tree
from minimax_nb.widgets.fields import LABEL, Entry, choosable, control
from minimax_nb.widgets.form import Control, Field, Form, is_missing, plain
from minimax_nb.widgets.media_field import MediaEntry
from minimax_nb.widgets.rows import JobRows
from minimax_nb.widgets.voices import VoiceEntry
from minimax_nb.widgets.worker import Worker

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.budgeting import Estimate
    from minimax_nb.lab.job import Job

EVERY = 0.25  #: seconds between two paintings while jobs of the panel run
CARDS = 6  #: results that stay in the panel; all are in the ledger
DOUBLE_CLICK = 1.5  #: seconds in which the same request is taken for a double click and sent once
_COLUMNS = "repeat(auto-fill, minmax(min(100%, 380px), 1fr))"  #: two beside each other where there is room


class Panel:
    """A form for one kind, generated from the options of its request.

    Nothing is sent but by a click on the button that says the price (or on a voice's *Hear it*). The
    jobs are ordinary ones: in the ledger, in ``%minimax jobs``, and they outlive the panel.

    Parameters
    ----------
    lab
        Where it is asked.
    kind
        What to make.

    Attributes
    ----------
    box
        The widget.
    form
        The values, and the request and the cell that they come to.
    jobs
        The panel's jobs, oldest first.
    cell
        The equal cell; empty while something is missing. A button cannot put it into the notebook: what
        ``set_next_input`` is given in a handler arrives with the reply to the next cell that is run.
    """

    def __init__(self, lab: Lab, kind: str) -> None:
        _ = lab.ledger  # opened here, before two threads can ask for it at once
        self._lab = lab
        self.form = Form(kind, str(lab.settings.value("provider")))
        self.jobs: list[Job] = []
        self._shown: set[str] = set()
        self._hidden_jobs: set[str] = set()
        self._priced: tuple[Request, str] | None = None
        self._last: tuple[Request, float] | None = None
        self._tags, self._name, self.cell = "", "", ""
        self._sending = False
        self._worker = Worker("minimax-panel", self._tick, EVERY, self._failed)
        self._entries = {field.name: self._entry(field) for field in self.form.fields}
        self.box = self._build()
        self._offer()
        self._review()

    # --- what it looks like ---

    def _entry(self, field: Field) -> Entry:
        if field.control is Control.MEDIA:
            return MediaEntry(field, self._changed, self._names)
        if field.control is Control.VOICE:
            return VoiceEntry(field, self._changed, self._lab, self.form, self._worker.aside)
        return control(field, self._changed)

    def _build(self) -> VBox:
        head = self._build_head()
        opened = [self._entries[field.name].box for field in self.form.fields if not field.folded]
        folded = [self._entries[field.name].box for field in self.form.fields if field.folded]
        fold = Accordion(
            (GridBox((*folded, *self._own_fields()), layout=_grid()),),
            titles=("More options",),
            selected_index=None,
        )
        self._price = HTML(layout=Layout(flex="1 1 200px", min_width="0"))
        self._trouble = HTML()
        self._send = Button(
            description="Make it", button_style="primary", tooltip="Send the request at this price",
            layout=Layout(width="auto", min_width="150px", height="34px"),
        )  # fmt: skip
        self._send.on_click(self._sent)
        foot = HBox(
            (self._send, self._price),
            layout=Layout(
                align_items="flex-start", flex_flow="row wrap", grid_gap="4px 16px", margin="8px 0 0"
            ),
        )
        self._cell = HTML(layout=Layout(margin="6px 0 0"))
        self._rows = JobRows(self._cancel, self._show_job, title="Queue")
        self._rows.box.layout.display = "none"
        self._results = VBox()
        form = (head, GridBox(opened, layout=_grid()), fold, foot, self._trouble, self._cell)
        return VBox(
            (*form, self._rows.box, self._results),
            layout=Layout(width="100%", max_width="1080px", padding="4px 2px 10px 0", overflow="visible"),
        )  # fmt: skip

    def _build_head(self) -> VBox:
        sandbox = self._lab._connections.uses_sandbox
        title = HTML(controls.heading(KIND_TITLES[self.form.kind], chip="sandbox" if sandbox else ""))
        style = {"description_width": LABEL}
        self._provider = Dropdown(
            options=self.form.providers, value=self.form.provider, description="Provider", style=style,
            tooltip="Who makes it", layout=Layout(width="auto"),
        )  # fmt: skip
        self._model = Dropdown(
            options=choosable(self.form.models), description="Model", style=style, layout=Layout(width="auto"),
            tooltip="Which model makes it; some options hang on it",
        )  # fmt: skip
        self._provider.observe(self._provided, names="value")
        self._model.observe(lambda change: self._modelled(change["new"] or None), names="value")
        return VBox((title, GridBox((self._provider, self._model), layout=_grid())))

    def _own_fields(self) -> tuple[Text, Text]:
        common = {"style": {"description_width": LABEL}, "layout": Layout(width="auto")}
        name = Text(
            description="Store as",
            placeholder="Variable for the result",
            tooltip="Variable for the result",
            **common,
        )
        tags = Text(
            description="Tags", placeholder="key=value, key=value", tooltip="Kept with the job", **common
        )
        name.observe(lambda change: self._own("_name", change["new"]), names="value")
        tags.observe(lambda change: self._own("_tags", change["new"]), names="value")
        return name, tags

    def _names(self) -> Mapping[str, Any]:
        from IPython import get_ipython

        shell = get_ipython()
        return {} if shell is None else shell.user_ns

    # --- what was filled in ---

    def _own(self, attribute: str, value: str) -> None:
        setattr(self, attribute, value.strip())
        self._review()

    def _changed(self, name: str, value: Any) -> None:
        self.form.put(name, value)
        self._review()

    def _provided(self, change: Any) -> None:
        self.form.choose_provider(change["new"])
        self._model.options = choosable(self.form.models)
        self._model.value = self.form.values.get("model", self._model.options[0][1])
        self._offer()
        self._review()

    def _modelled(self, name: str | None) -> None:
        self.form.put("model", name)
        self._offer()
        self._review()

    def _offer(self) -> None:
        for field in self.form.fields:
            self._entries[field.name].offer(self.form.offer(field))

    def _review(self) -> None:
        """Check everything, and write price, mistakes and the equal cell; sends nothing."""
        if not hasattr(self, "_cell"):
            return
        request, said = None, {}
        try:
            self._check_own()
            request = self.form.request()
        except MiniMaxError as error:
            said = self.form.sorted(error)
        for name, entry in self._entries.items():
            if wrong := getattr(entry, "wrong", ""):
                said.setdefault(name, []).append(wrong)
                request = None
        self._say(said)
        self._write_price(request, said)
        cell = self.form.command(request, str(self._lab.settings.value("provider"))) if request else ""
        self.cell = self._with_own(cell) if cell else ""
        _set(self._cell, "value", controls.command(self.cell) if cell else "")
        for entry in self._entries.values():
            if isinstance(entry, VoiceEntry):
                entry.reprice()

    def _check_own(self) -> None:
        from minimax_nb.errors import RequestInvalidError

        if self._name and not self._name.isidentifier():
            raise RequestInvalidError(f"Store as: {self._name!r} is not the name of a variable")
        for part in self._tag_parts():
            if not (part.partition("=")[0].strip() and part.partition("=")[2].strip()):
                raise RequestInvalidError(f"Tags: {part!r} is not key=value")

    def _tag_parts(self) -> list[str]:
        return [part.strip() for part in self._tags.split(",") if part.strip()]

    def _with_own(self, cell: str) -> str:
        """Add the name and the tags to the cell's line."""
        first, newline, rest = cell.partition("\n")
        words = [f"-o {self._name}"] if self._name else []
        words += [f"--tag '{part}'" if " " in part else f"--tag {part}" for part in self._tag_parts()]
        return " ".join([first, *words]) + newline + rest

    def _say(self, said: Mapping[str, list[str]]) -> None:
        fields = {field.name: field for field in self.form.fields}
        for name, entry in self._entries.items():
            lines = [line for line in said.get(name, []) if not is_missing(line)]
            entry.say([plain(line, fields[name]) for line in lines], wrong=True)
        general = [line for name, lines in said.items() if name not in self._entries for line in lines]
        wrong = [plain(line) for line in general if not is_missing(line)]
        _set(self._trouble, "value", controls.remarks(wrong, wrong=True) if wrong else "")

    def _write_price(self, request: Request | None, said: Mapping[str, list[str]]) -> None:
        self._priced = None
        if request is None:
            missing = [line for lines in said.values() for line in lines if is_missing(line)]
            hint = _to_do(missing, self.form) if missing else "Correct what is marked"
            _set(self._price, "value", controls.price("", hint))
            self._ready("Make it", off=True)
            return
        try:
            estimate = self._lab.forecast(request, provider=self.form.provider)
        except MiniMaxError as error:
            _set(self._price, "value", controls.price("", str(error)))
            self._ready("Make it", off=True)
            return
        amount, reckoned, detail = _worded(estimate, request)
        self._priced = request, amount
        _set(self._price, "value", controls.price(reckoned, detail, sandbox=estimate.sandbox))
        self._ready(f"Make it: {amount}", off=self._sending)

    def _ready(self, label: str, *, off: bool) -> None:
        _set(self._send, "description", label)
        _set(self._send, "disabled", off)

    # --- what was asked ---

    def _sent(self, _: Any) -> None:
        """Hand the request over to the panel's thread; a second click of a double click is no second order."""
        if self._priced is None or self._sending:
            return
        request, now = self._priced[0], time.monotonic()
        if self._last is not None and self._last[0] == request and now - self._last[1] < DOUBLE_CLICK:
            return
        self._last = request, now
        self._sending = True
        self._ready(str(self._send.description), off=True)
        name, tags, provider = self._name or None, self._tag_parts(), self.form.provider
        self._worker.do(lambda: self._submit(request, provider, name, tags))

    def _submit(self, request: Request, provider: str, name: str | None, tags: list[str]) -> None:
        pairs = {key.strip(): value.strip() for key, _, value in (part.partition("=") for part in tags)}
        try:
            # The price stood on the button that was clicked: that is the word the setting approve asks for.
            job = self._lab.submit(request, provider=provider, name=name, tags=pairs, approved=True)
        except MiniMaxError as error:
            lines = [error.message, *([error.hint] if error.hint else [])]
            _set(self._trouble, "value", controls.remarks(lines, wrong=True))
        else:
            self.jobs.append(job)
        finally:
            self._sending = False
            _set(self._send, "disabled", self._priced is None)

    def _cancel(self, job_id: str) -> None:
        for job in self.jobs:
            if job.id == job_id:
                self._worker.aside(job.cancel)

    def _show_job(self, job_id: str) -> None:
        self._worker.do(lambda: self._card(next(job for job in self.jobs if job.id == job_id)))

    def _tick(self) -> bool:
        """Paint the jobs that run, and a card for each that has ended; True while any runs."""
        for job in self.jobs:
            if job.done and job.id not in self._shown:
                self._shown.add(job.id)
                self._card(job)
                self._store(job)
        going = [job for job in self.jobs if not job.done]
        _set(self._rows.box.layout, "display", None if going else "none")
        self._rows.paint([job.view() for job in going], cancellable=stoppable())
        return bool(going)

    def _card(self, job: Job) -> None:
        """Put a job's card on top of the results, in place of an older card of the same job."""
        shown = as_output(card_bundle([job.view()]))
        for output in self._results.children:
            if getattr(output, "job_id", None) == job.id:
                output.outputs = (shown,)
                return
        made = Output(layout=Layout(margin="6px 0 0"))
        made.job_id = job.id
        made.outputs = (shown,)
        kept = (made, *self._results.children)
        self._results.children = kept[:CARDS]
        for old in kept[CARDS:]:
            close_tree(old)

    def _store(self, job: Job) -> None:
        try:
            result = job.result(0)
        except (MiniMaxError, TimeoutError):
            return  # its card says what went wrong
        self._lab.last = result
        if job.record.name:
            from IPython import get_ipython

            shell = get_ipython()
            if shell is not None:
                shell.push({job.record.name: result})

    def _failed(self, error: Exception) -> None:
        _set(self._trouble, "value", controls.remarks([f"{type(error).__name__}: {error}"], wrong=True))

    # --- its life ---

    def close(self) -> None:
        """Close every widget of the panel and end its thread; its jobs go on."""
        self._worker.close()
        close_tree(self.box)
        loose = [widget for entry in self._entries.values() for widget in entry.loose()]
        for widget in (*self._rows.loose(), *loose):
            close_tree(widget)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        title = f"Panel: {KIND_TITLES[self.form.kind].lower()}"
        magic = f"%minimax panel {self.form.kind}"
        own = {
            "text/plain": f"{title}\nRun {magic} to open it here.",
            "text/html": controls.fallback(title, magic),
        }
        return {**self.box._repr_mimebundle_(), **own}

    def __repr__(self) -> str:
        return f"<Panel {self.form.kind}: {count(len(self.jobs), 'job')}>"


def _grid() -> Layout:
    return Layout(grid_template_columns=_COLUMNS, grid_gap="2px 24px")


def _set(widget: Any, trait: str, value: Any) -> None:
    """Set a trait when it is another value; every setting is a message to the page."""
    if getattr(widget, trait) != value:
        setattr(widget, trait, value)


def _worded(estimate: Estimate, request: Request) -> tuple[str, str, str]:
    """Return the amount, how it comes about, and the rest that is known, with the request's own remarks."""
    first, _, rest = str(estimate).replace(" (sandbox)", "", 1).partition(" · ")
    amount = first.partition(" = ")[0]
    resolved = request.resolve(estimate.provider)
    remarks = [plain(str(line)) for line in resolved.warnings().items]
    return amount, first, " · ".join(part for part in (rest, *remarks) if part)


def _to_do(missing: list[str], form: Form) -> str:
    if any(", or --" in line for line in missing):  # there is more than one way
        return plain(missing[0])
    labels = {field.name: field.label.lower() for field in form.fields}
    names = [labels[name] for line in missing if (name := form._field_of(line)) in labels]
    return f"To fill in: {', '.join(dict.fromkeys(names))}" if names else plain(missing[0])


_open: dict[str, Panel] = {}


def open_panel(lab: Lab, kind: str) -> Panel:
    """Return a fresh panel; an older one of the same kind is closed, because two would show two prices."""
    made = Panel(lab, kind)
    older = _open.get(made.form.kind)
    if older is not None:
        older.close()
    _open[made.form.kind] = made
    return made
