"""What is done with results once they are there: rate, measure, give away. Part of Lab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.exchange.bundle import Unpacked
    from minimax_nb.exchange.mlflow import Logged
    from minimax_nb.lab.comparing import Comparison
    from minimax_nb.lab.lab import Lab
    from minimax_nb.lab.rating import Rating
    from minimax_nb.ledger.ratings import RatingSession
    from minimax_nb.measures.measure import Function


class Studies:
    """``lab.rate(…)`` and its sisters; a part of :class:`~minimax_nb.Lab`."""

    def compare(self, *what: Any) -> Comparison:
        """Put results side by side: what differs is marked, what they share is said once.

        Pictures zoom together and show what differs, films play together, sounds switch at once and
        equally loud, texts are compared word by word; in a saved notebook all stand beside each other.

        Parameters
        ----------
        *what
            Two or more (at most 26) of: results, one output of a result, jobs, ids, a sweep, a frame
            with a column ``job``; or one result with several outputs.

        Raises
        ------
        RequestInvalidError
            These are fewer than two results, or too many.
        """
        from minimax_nb.lab.comparing import compare_in

        return compare_in(cast("Lab", self), what)

    def rate(
        self,
        what: Any,
        *,
        by: str | None = None,
        name: str | None = None,
        rater: str | None = None,
        seed: int | None = None,
    ) -> Rating:
        """Let people judge results in pairs, without names; go on where the same rating stopped.

        Results of the same prompt (and of the same other settings of a sweep) are paired across
        contenders; sides and order are shuffled by a recorded seed; every answer is kept in the ledger.

        Parameters
        ----------
        what
            A sweep, results, jobs, job ids, ``lab.log()``, a batch's id, or the name of a rating begun before.
        by
            What the contenders are: ``model``, ``provider``, ``voice``, any option or tag; what varies
            between the results by default.
        name
            What to call it; made from what is compared by default, so that the same call goes on.
        rater
            Who answers; the login name by default. Each rater has an order of his own.
        seed
            Of order and sides; a fresh one by default.

        Raises
        ------
        RequestInvalidError
            Nothing can be compared, or the name belongs to other results.
        """
        from minimax_nb.lab.rating import open_rating

        return open_rating(cast("Lab", self), what, by=by, name=name, rater=rater, seed=seed)

    def measure(self, what: Any, *measures: str | Function, **own: Function) -> pd.DataFrame:
        """Work out numbers of results: loudness, silence, sharpness …; each is worked out once and kept.

        Parameters
        ----------
        what
            A sweep, results, jobs, job ids, ``lab.log()`` or a batch's id.
        *measures
            Names of :func:`minimax_nb.measures.known`, or functions of (Media, JobRecord); all known
            ones when none is given.
        **own
            Functions under names of their own.

        Returns
        -------
        pandas.DataFrame
            One row a job, by id: its model, and one column a measure (the mean over its outputs); NaN
            where a measure does not apply. A function of yours that fails gives NaN and a warning.

        Raises
        ------
        ConfigError
            There is no such measure.
        """
        from minimax_nb.lab.measuring import measured

        return measured(cast("Lab", self), what, measures, own)

    def export(
        self,
        target: str | Path,
        what: Any = None,
        *,
        files: Sequence[str | Path] = (),
        question: str | None = None,
        rating: str | None = None,
    ) -> str:
        """Write jobs to a file that is of use elsewhere; its ending says what it becomes.

        Parameters
        ----------
        target
            ``….zip``: a bundle with rows and media, for :meth:`import_bundle` in another place;
            ``….html``: a report that opens anywhere, with the media inside up to 25 MB and else in a
            folder beside it; ``….csv`` or ``….parquet``: the ledger's table, all columns.
        what
            A sweep, results, jobs, job ids, ``lab.log()`` or a batch's id; all jobs of the project by default.
        files
            A notebook or inputs to go into a bundle.
        question
            The heading of a report: what was to be found out; the shared prompt by default.
        rating
            The name of the rating whose leaderboard goes into a report; the newest over these results
            by default.

        Returns
        -------
        str
            One line: what was written, and what was left out.

        Raises
        ------
        RequestInvalidError
            Another ending, nothing to write, or a file that is not there.
        """
        from minimax_nb.lab.giving import export

        return export(cast("Lab", self), Path(target), what, [Path(file) for file in files], question, rating)

    def to_mlflow(self, what: Any = None, *, experiment: str | None = None, uri: str | None = None) -> Logged:
        """Log finished jobs as MLflow runs: options, cost, seconds, measures, media; each job once.

        Parameters
        ----------
        what
            As for :meth:`export`.
        experiment
            The experiment's name; the project's name by default.
        uri
            MLflow's tracking URI, e.g. ``sqlite:///mlflow.db``; MLflow's own setting by default.
        """
        from minimax_nb.lab.giving import to_mlflow

        return to_mlflow(cast("Lab", self), what, experiment, uri)

    def import_bundle(self, source: str | Path, folder: str | Path = ".") -> Unpacked:
        """Take a bundle of :meth:`export` into this ledger and media store.

        Its jobs can be found, compared, rated and replayed; they count against no budget and into no
        cost here. What is here already stays as it is, so that importing twice does no harm.

        Parameters
        ----------
        source
            The ``.zip``.
        folder
            Where its notebook and other files go.
        """
        from minimax_nb.exchange.bundle import unpack

        lab = cast("Lab", self)
        return unpack(lab.ledger, lab.store, Path(source).expanduser(), Path(folder))

    def ratings(self) -> list[RatingSession]:
        """Return the ratings of this project, newest first."""
        lab = cast("Lab", self)
        return lab.ledger.rating_sessions(lab.project)
