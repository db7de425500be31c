"""``lab.sweep(…)`` and its sisters; a part of :class:`~minimax_nb.Lab`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.lab.intent import Asked

if TYPE_CHECKING:
    from minimax_nb.lab.lab import Lab
    from minimax_nb.lab.sweeps.plan import SweepPlan
    from minimax_nb.lab.sweeps.sweep import Sweep


class Sweeps:
    """One request over a grid of options, asked for together."""

    def sweep(self, what: Request | str, grid: Mapping[str, Any] | None = None, /, **terms: Any) -> Sweep:
        """Ask for one job a combination and return at once; ``wait()`` waits for all.

        Everything is checked, priced and reserved as a whole before the first job is sent. Asked for
        again, it makes only what is missing, also after its kernel died; what is done costs nothing.

        Parameters
        ----------
        what, grid, **terms
            As in :meth:`plan_sweep`.

        Raises
        ------
        RequestInvalidError, ConfigError, BudgetExceededError
            Nothing was sent.

        Examples
        --------
        >>> sweep = lab.sweep("image", {"model": ["image-01", "image-01-live"], "seed": range(1, 5)}, prompt="A fox")
        >>> sweep.wait()
        >>> sweep["image-01", 3].show()
        """
        return self.plan_sweep(what, grid, **terms).start()

    def plan_sweep(
        self,
        what: Request | str,
        grid: Mapping[str, Any] | None = None,
        /,
        *,
        each: Any = None,
        provider: str | None = None,
        tags: Mapping[str, str] | None = None,
        name: str | None = None,
        approved: bool = False,
        allow_unpriced: bool = False,
        reuse: bool | None = None,
        again: bool = False,
        budget: object = None,
        max_jobs: int | None = None,
        **options: Any,
    ) -> SweepPlan:
        """Return what a sweep would do: how many jobs, what is there already, and the price. Sends nothing.

        Parameters
        ----------
        what
            A typed request, or a kind with its ``options``; texts may hold ``{column}`` and ``{axis}``.
        grid
            Axis → values: an option, ``provider``, or a field of the text.
        each
            A DataFrame or a list of dicts: one job a row, with every combination of the grid.
        provider, tags, name, approved, allow_unpriced, reuse
            As in :meth:`Lab.submit`; ``approved`` is the word on the whole.
        again
            Make all of it anew, though the ledger has this sweep.
        budget
            The most it may cost: ``2``, ``"2 USD"``. All of it is reserved, or nothing is sent.
        max_jobs
            The most jobs it may have; 1,000 by default.
        **options
            Of the kind; not with a typed request.

        Raises
        ------
        RequestInvalidError
            What is wrong, and for which combinations.
        """
        from minimax_nb.lab.sweeps import cells, plan
        from minimax_nb.lab.sweeps import grid as grids

        lab = cast("Lab", self)
        kind, common = _common(what, options, dict(grid or {}))
        axes = grids.axes_of(grid or {})
        rows = grids.rows_of(each) if each is not None else ()
        if not axes and each is None:
            raise RequestInvalidError("a sweep needs something that varies: a grid, or each=rows")
        columns = list(dict.fromkeys(name for row in rows for name in row))
        drafter = cells.Drafter(kind, common, axes, columns, provider)
        if rows and not drafter.columns:
            raise RequestInvalidError(no_column(columns))
        made = cells.make_cells(
            lab, grids.places(axes, rows, max_jobs or grids.MOST), drafter, drafter.columns
        )
        names = [*drafter.columns, *(axis.name for axis in axes)]
        asked = Asked(dict(tags or {}), name, None, approved, allow_unpriced)
        side = None if cells.PROVIDER in names else lab._provider(provider)
        identity = cells.identity(lab, kind, side, drafter.options, names)
        return plan.SweepPlan(lab, made, identity, names, plan.Terms(asked, budget, reuse, again))

    def find_sweep(self, batch: str) -> Sweep:
        """Return a sweep by its id, or a beginning of it that no other sweep has: of this kernel or an earlier one.

        Raises
        ------
        RequestInvalidError
            There is none, or there are several.
        """
        from minimax_nb.lab.sweeps.sweep import Sweep, latest

        lab = cast("Lab", self)
        found = lab.ledger.batches(batch) if batch else []
        chosen = batch if batch in found else found[0] if len(found) == 1 else None
        if chosen is None:
            why = f"several sweeps begin so: {', '.join(found[:5])}" if found else "no such sweep"
            raise RequestInvalidError(f"sweep {batch!r}: {why}")
        return Sweep(lab, chosen, latest(lab.ledger.batch_jobs(chosen)))


def no_column(columns: Sequence[str]) -> str:
    """Return what to say when the rows change nothing."""
    named = ", ".join(f"{{{name}}}" for name in columns if name.isidentifier())
    return f"no column of the rows is used, so all jobs would be the same; write in the text: {named}"


def _common(
    what: Request | str, options: Mapping[str, Any], grid: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return the kind and what its jobs share; an axis goes before the same option of a typed request."""
    if isinstance(what, str):
        return what, dict(options)
    if options:
        raise RequestInvalidError(
            f"a typed request has its options already; {next(iter(options))} is one more"
        )
    from minimax_nb.lab.sweeps.cells import field_of

    varied = {field_of(type(what), name) for name in grid}
    fields = type(what).model_fields
    given = {name: getattr(what, name) for name in fields if name not in varied}
    return what.kind, {
        name: value
        for name, value in given.items()
        if value is not None and value != fields[name].get_default()
    }
