"""A sweep that was asked for: its jobs by their place, their results, and what became of the whole."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.engine.state import is_settled
from minimax_nb.errors import JobFailedError, MiniMaxError, RequestInvalidError
from minimax_nb.lab.job import SLICE, Job
from minimax_nb.lab.sweeps.grid import cut, word
from minimax_nb.lab.sweeps.takeover import handle, take_over
from minimax_nb.ledger.record import JobRecord, JobState

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab import Lab
    from minimax_nb.lab.asking import Priced
    from minimax_nb.lab.result import Result
    from minimax_nb.render.view import JobView

LOOK = 0.5  #: seconds between looks at what other kernels do


class Member:
    """One job of a sweep, wherever it is driven; what a surface watches.

    Parameters
    ----------
    sweep
        The sweep.
    job
        The job.
    """

    def __init__(self, sweep: Sweep, job: Job) -> None:
        self._sweep = sweep
        self._view: JobView | None = None
        self.job = job

    @property
    def id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def elsewhere(self) -> bool:
        """True while another kernel drives it, or none does."""
        return self.job._live is None and not is_over(self.job.record)

    @property
    def done(self) -> bool:
        """True when there is nothing more to wait for."""
        return self.job.done and not self.elsewhere

    def wait(self, timeout: float | None = None) -> bool:
        """Wait at most ``timeout`` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.done and (end is None or time.monotonic() < end):
            left = SLICE if end is None else min(SLICE, max(0.0, end - time.monotonic()))
            if self.elsewhere:
                time.sleep(left)
                self._sweep.refresh()
            else:
                self.job.wait(left)
        return self.done

    def view(self) -> JobView:
        """Return what a surface shows; that of a finished job is made once."""
        if self._view is not None and self._view.finished:
            return self._view
        over = self.done
        view = self.job.view()
        self._view = view if over else None
        return view

    def result(self) -> Result:
        """Wait for it, and return the result or raise the job's error."""
        self.wait()
        return self.job.result()

    def cancel(self) -> bool:
        """Cancel what was not sent yet."""
        return self.job.cancel()


class Sweep:
    """Jobs that were asked for together, over a grid.

    ``sweep["image-01", 3]`` is the result at these values, in the order of the axes;
    :meth:`at` takes them by name. Iterating gives the jobs.

    Parameters
    ----------
    lab
        The lab.
    batch
        Its id.
    records
        Its jobs, in order.
    requests
        Their requests by fingerprint, so that what was never sent can be.
    """

    def __init__(
        self,
        lab: Lab,
        batch: str,
        records: Sequence[JobRecord],
        requests: Mapping[str, Priced] | None = None,
    ) -> None:
        self._lab = lab
        self.id = batch
        self._requests = dict(requests or {})
        self._looked = 0.0
        self.members = [Member(self, handle(lab, record)) for record in records]

    # --- what it holds ------------------------------------------------------------------------------

    @property
    def jobs(self) -> list[Job]:
        """The jobs, in order."""
        return [member.job for member in self.members]

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """What varies, with its values as text, in order."""
        found: dict[str, dict[str, None]] = {}
        for job in self.jobs:
            for name, value in (job.record.axes or {}).items():
                found.setdefault(name, {})[value] = None
        return {name: tuple(values) for name, values in found.items()}

    @property
    def done(self) -> bool:
        """True when there is nothing more to wait for."""
        return all(member.done for member in self.members)

    @property
    def results(self) -> list[Result]:
        """The results that are there so far, in order."""
        return [
            member.job.result() for member in self.members if member.done and _problem(member.job) is None
        ]

    @property
    def failed(self) -> list[Job]:
        """The jobs that are over and brought no result."""
        return [member.job for member in self.members if member.done and _problem(member.job) is not None]

    def at(self, **values: Any) -> Result:
        """Return the result at a value of each axis, waiting for it; an axis with one value may be left out.

        Raises
        ------
        RequestInvalidError
            There is no such place, or there are several.
        MiniMaxError
            The job there failed.
        """
        axes = self.axes
        unknown = [name for name in values if name not in axes]
        if unknown:
            raise RequestInvalidError(f"the sweep has no axis {unknown[0]!r}; there are: {', '.join(axes)}")
        wanted = {name: word(value) for name, value in values.items()}
        found = [
            member
            for member in self.members
            if all((member.job.record.axes or {}).get(name) == value for name, value in wanted.items())
        ]
        if len(found) == 1:
            return found[0].result()
        said = ", ".join(f"{name}={cut(value)}" for name, value in wanted.items())
        if found:
            raise RequestInvalidError(f"{len(found)} jobs are at {said}; the axes are {', '.join(axes)}")
        name = next((name for name, value in wanted.items() if value not in axes[name]), "")
        values_there = ", ".join(map(cut, axes.get(name, ())))
        raise RequestInvalidError(f"nothing is at {said}" + (f"; {name}: {values_there}" if name else ""))

    def __getitem__(self, key: Any) -> Result:
        names = list(self.axes)
        values = key if isinstance(key, tuple) else (key,)
        if len(values) != len(names):
            raise RequestInvalidError(f"give {count(len(names), 'value')}, for {', '.join(names)}")
        return self.at(**dict(zip(names, values, strict=True)))

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs)

    def __len__(self) -> int:
        return len(self.members)

    def frame(self) -> pd.DataFrame:
        """Return one row a job: the axes, then state, cost, currency, seconds, path and job.

        ``cost`` is NaN where it is not known, ``path`` that of the first output; axes of numbers are
        numbers.
        """
        import pandas as pd

        rows = [_row(member) for member in self.members]
        columns: dict[str, Any] = {}
        for name in self.axes:
            texts = pd.Series([(job.record.axes or {}).get(name) for job in self.jobs], dtype="object")
            numbers = pd.to_numeric(texts, errors="coerce")
            columns[name] = numbers if numbers.notna().all() else texts
        for name in _COLUMNS:
            columns[name if name not in columns else f"job {name}"] = [row[name] for row in rows]
        return pd.DataFrame(columns)

    # --- waiting ------------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all jobs are over, at most ``timeout`` seconds; they go on after a timeout.

        Returns
        -------
        bool
            True when there is nothing more to wait for.
        """
        end = None if timeout is None else time.monotonic() + timeout
        return all(
            member.wait(None if end is None else max(0.0, end - time.monotonic())) for member in self.members
        )

    def refresh(self) -> None:
        """Look in the ledger at the jobs that other kernels drive; go on with those whose kernel is gone."""
        now = time.monotonic()
        if now - self._looked < LOOK or not any(member.elsewhere for member in self.members):
            return
        self._looked = now
        records = {record.id: record for record in self._lab.ledger.batch_jobs(self.id)}
        away = [member for member in self.members if member.elsewhere]
        ours = take_over(self._lab, [records[member.id] for member in away], self._requests)
        for member in away:
            record = self._lab.ledger.job(member.id) if member.id in ours else records[member.id]
            member.job = handle(self._lab, record)

    def problem(self) -> MiniMaxError | None:
        """Return one error for all jobs that brought no result; ``None`` where there are none."""
        failed = self.failed
        if not failed:
            return None
        unknown = [job for job in failed if job.state is JobState.UNKNOWN]
        first = failed[0]
        why = _problem(first)
        said = why.message if isinstance(why, MiniMaxError) else str(why)
        what = f"{len(failed)} of {count(len(self), 'job')} brought no result, the first at {_words(first)}: {said}"
        kept = f"The other {len(self) - len(failed)} are kept. " if len(failed) < len(self) else ""
        todo = "Run the cell again to make only what is missing"
        if unknown:
            todo += f"; {len(unknown)} of unknown outcome wait for you (%minimax jobs --unknown)"
        return JobFailedError(what, hint=f"{kept}{todo}.")

    # --- showing ------------------------------------------------------------------------------------

    def views(self) -> list[JobView]:
        """Return what a surface shows of each job."""
        return [member.view() for member in self.members]

    def show(self) -> None:
        """Display the gallery: a grid labelled by the axes."""
        from IPython.display import display

        display(self)

    def __repr__(self) -> str:
        from minimax_nb.render.text import card_text

        try:
            return card_text(self.views())
        except Exception:  # a repr never raises
            return f"<Sweep {self.id} of {count(len(self), 'job')}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from minimax_nb.render.bundle import board_bundle, card_bundle

        return card_bundle(self.views()) if self.done else board_bundle(self.views())


_COLUMNS = ("state", "cost", "currency", "seconds", "path", "job")


def _row(member: Member) -> dict[str, Any]:
    record = member.job.record
    end = record.stored_us or record.finished_us
    media = [item for item in member.job.media if item.role == "output"]
    return {
        "state": record.state.value,
        "cost": float("nan") if record.cost_nano is None else record.cost_nano / 1e9,
        "currency": record.currency,
        "seconds": float("nan") if end is None else (end - record.created_us) / 1e6,
        "path": str(media[0].path) if media else None,
        "job": record.id,
    }


def is_over(record: JobRecord) -> bool:
    """Return True when only a person's word can still move the job, or nothing can."""
    return record.state is JobState.UNKNOWN or is_settled(record)


def _problem(job: Job) -> BaseException | None:
    from minimax_nb.engine.live import error_of

    return job._live.problem if job._live else error_of(job.record)


def _words(job: Job) -> str:
    return ", ".join(f"{name}={cut(value)}" for name, value in (job.record.axes or {}).items()) or job.id


def latest(records: Sequence[JobRecord]) -> list[JobRecord]:
    """Return a sweep's jobs as its last run left them: of each place the best, numbers in order."""
    best: dict[tuple[tuple[str, str], ...], list[JobRecord]] = {}
    for record in records:
        if not record.facts.get("resent_as"):
            best.setdefault(tuple((record.axes or {}).items()), []).append(record)
    chosen = [max(there, key=lambda record: (_worth(record), record.id)) for there in best.values()]
    return sorted(chosen, key=_order(chosen))


def _worth(record: JobRecord) -> int:
    if record.state is JobState.SUCCEEDED:
        return 3
    return 2 if not is_over(record) else 1 if record.state is JobState.UNKNOWN else 0


def _order(records: Sequence[JobRecord]) -> Any:
    """Return a sort key: values in the order they came, but numbers by size (a range may have grown)."""
    seen: dict[str, list[str]] = {}
    for record in sorted(records, key=lambda item: item.id):
        for name, value in (record.axes or {}).items():
            values = seen.setdefault(name, [])
            if value not in values:
                values.append(value)
    for values in seen.values():
        if all(_is_number(value) for value in values):
            values.sort(key=float)
    places = {name: {value: place for place, value in enumerate(values)} for name, values in seen.items()}
    return lambda record: [places[name][value] for name, value in (record.axes or {}).items()]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
