"""What all processes of a user share through the ledger: leases, the request limit, and budgets."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future

from minimax_nb.amounts import Period
from minimax_nb.errors import ConfigError
from minimax_nb.ledger import budgets, durations, jobs, limits, reader
from minimax_nb.ledger.batches import Batches
from minimax_nb.ledger.budgets import Budget, BudgetStatus
from minimax_nb.ledger.bundle import Bundles
from minimax_nb.ledger.durations import DurationKey, Took
from minimax_nb.ledger.hooks import Hooks
from minimax_nb.ledger.measures import Measures
from minimax_nb.ledger.ratings import Ratings
from minimax_nb.ledger.receipts import Receipts
from minimax_nb.ledger.record import JobRecord
from minimax_nb.ledger.sending import Sending
from minimax_nb.ledger.voices import Voices


class Shared(Bundles, Hooks, Receipts, Voices, Ratings, Measures, Batches, Sending):
    """The part of :class:`~minimax_nb.ledger.Ledger` by which processes agree; see there."""

    # --- who drives a job -------------------------------------------------------------------------

    def claim(self, job_id: str, owner: str, until_us: int) -> bool:
        """Take (or renew) the lease of a job; False while another owner's lease runs."""
        return self.claim_async(job_id, owner, until_us).result()

    def claim_async(self, job_id: str, owner: str, until_us: int) -> Future[bool]:
        """:meth:`claim` as a future."""
        now = self._now()
        return self._write(lambda tx: jobs.claim(tx, job_id, owner, until_us, now))

    def renew(self, owner: str, until_us: int) -> Future[int]:
        """Extend all leases of an owner at once; resolves to how many."""
        return self._write(lambda tx: jobs.renew(tx, owner, until_us))

    def release(self, job_id: str, owner: str) -> Future[None]:
        """Give a lease back, so that another process may go on at once."""
        return self._write(lambda tx: jobs.release(tx, job_id, owner))

    def leases(self, at_us: int) -> list[tuple[str, int]]:
        """Return who holds open jobs at a moment, and when the last of the holder's leases runs out."""
        return self._read(lambda connection: reader.leases(connection, at_us))

    def end_leases(self, owner: str) -> Future[int]:
        """End all leases of an owner that is gone; resolves to how many."""
        now_us = self._clock()
        return self._write(lambda tx: jobs.renew(tx, owner, now_us))

    def open_jobs(self, adoptable_at_us: int) -> list[JobRecord]:
        """Return the jobs with work left whose lease is free or runs out by then, oldest first."""
        self._write(lambda tx: None).result()  # after the leases that this process is just giving back
        return self._read(lambda connection: reader.open_jobs(connection, adoptable_at_us))

    def given_up(self, since_us: int, at_us: int) -> list[JobRecord]:
        """Return the jobs that were given up since a moment, that nobody drives, and whose result may turn up yet."""
        return self._read(lambda connection: reader.given_up(connection, since_us, at_us))

    def stored_media(self) -> list[tuple[str, str]]:
        """Return (digest, job) of every result that was stored, newest first."""
        return self._read(reader.stored_media)

    # --- requests per minute ----------------------------------------------------------------------

    def admit(self, account: str, rpm_class: str, limit: int, window_us: int, now_us: int) -> int:
        """Reserve the next moment at which a request may be sent; see :func:`limits.admit`."""
        return self._write(
            lambda tx: limits.admit(tx, account, rpm_class, limit=limit, window_us=window_us, now_us=now_us)
        ).result()

    def withdraw(self, account: str, rpm_class: str, due_us: int) -> Future[None]:
        """Give an admitted moment back that will not be used."""
        return self._write(lambda tx: limits.withdraw(tx, account, rpm_class, due_us))

    def pause(self, account: str, rpm_class: str, until_us: int) -> Future[None]:
        """Let no process send before a moment: the provider said to wait.

        Moments admitted before keep their time: who holds one that lies in the pause withdraws it
        and asks again (:meth:`paused_until`).
        """
        return self._write(lambda tx: limits.pause(tx, account, rpm_class, until_us))

    def paused_until(self, account: str, rpm_class: str) -> int:
        """Return the end of the last pause, in microseconds; 0 when there was none."""
        return self._read(lambda connection: limits.paused_until(connection, account, rpm_class))

    # --- how long jobs take -----------------------------------------------------------------------

    def durations(self, key: DurationKey, limit: int, *, any_model: bool = False) -> list[Took]:
        """Return how long the last jobs of a key took, newest first; ``any_model``: of its kind."""
        question = durations.of_kind if any_model else durations.of_key
        return self._read(lambda connection: question(connection, key, limit))

    # --- budgets and money ------------------------------------------------------------------------

    def set_budget(
        self,
        *,
        hard_nano: int | None = None,
        soft_nano: int | None = None,
        period: Period = "total",
        scope: Mapping[str, str] | None = None,
        currency: str = "USD",
        sandbox: bool = False,
        note: str | None = None,
    ) -> Budget:
        """Set a budget, or change the limits of the one with the same scope, period, currency and sandbox flag.

        Parameters
        ----------
        hard_nano, soft_nano
            Nano-units of ``currency``; a job that could cross ``hard_nano`` is refused before it is
            sent, crossing ``soft_nano`` warns once a period.
        period
            ``total``, ``day``, ``week`` or ``month``; they begin at midnight UTC, weeks on Monday.
            What was spent in the current period before the budget was set counts.
        scope
            Limits it to a ``project``, ``kind``, ``provider``, ``session_id`` or ``batch``; all jobs by default.
        sandbox
            Count sandbox jobs only; by default a budget counts real money only.

        Raises
        ------
        ConfigError
            For a hard budget on a network file system, or limits that make no sense.
        """
        if hard_nano is not None and self.network is not None:
            raise ConfigError(
                f"a hard budget cannot be kept on a network file system ({self.network}): {self.path}",
                hint="Keep the ledger on a local disk (MINIMAX_NB_LEDGER), or set a soft budget.",
            )
        budget = Budget("", dict(scope or {}), period, currency, sandbox, soft_nano, hard_nano, note)
        now_us = self._clock()
        return self._write(lambda tx: budgets.put(tx, budget, now_us)).result()

    def remove_budget(self, budget_id: str) -> None:
        """Stop a budget; what it counted stays in the record."""
        now_us = self._clock()
        self._write(lambda tx: budgets.remove(tx, budget_id, now_us)).result()

    def budgets(self) -> list[BudgetStatus]:
        """Return the budgets in force with what is spent, reserved and left in their current periods."""
        return self._read(lambda connection: budgets.statuses(connection, self._clock()))
