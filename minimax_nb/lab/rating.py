"""Blind rating: results shown in pairs without names, answers kept in the ledger, a ranking with its certainty."""

from __future__ import annotations

import getpass
import json
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.catalog import nearest
from minimax_nb.engine.ids import new_id, now_us
from minimax_nb.errors import RequestInvalidError
from minimax_nb.lab.leaderboard import Leaderboard
from minimax_nb.lab.subjects import axes_of, differing, records_of, value_of, varying
from minimax_nb.ledger.measures import means
from minimax_nb.ledger.ratings import CHOICES, Choice, RatingSession, VoteRow
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media
from minimax_nb.rating.leaderboard import Effort, leaderboard
from minimax_nb.rating.pairs import Item, Pair, schedule
from minimax_nb.rating.strength import Ranking, Vote, rank
from minimax_nb.render.pair import pair_html
from minimax_nb.render.still import is_still

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab.lab import Lab

_SHARE: Mapping[Choice, float] = {"A": 1.0, "B": 0.0, "tie": 0.5, "both bad": 0.5}
#: Kinds whose sandbox results carry a line that names their model.
_CAPTIONED = frozenset({"image", "video"})
_SHORT = {"a": "A", "b": "B", "t": "tie", "=": "tie", "bad": "both bad", "both_bad": "both bad"}


@dataclass(frozen=True, slots=True)
class Shown:
    """The pair to be judged now: what is on either side, and the question both answer. No names."""

    a: Media
    b: Media
    prompt: str
    number: int
    total: int


class Rating:
    """One blind rating by one rater; every answer is on disk before the next pair is shown.

    Made by :meth:`minimax_nb.Lab.rate`. The same name goes on where it stopped, also in another kernel.

    Parameters
    ----------
    lab
        Where the results and votes are.
    session
        The session's row.
    rater
        Who answers.
    """

    def __init__(self, lab: Lab, session: RatingSession, rater: str) -> None:
        self._lab, self.session, self.rater = lab, session, rater
        self._items = [Item(**item) for item in session.items]
        self._contender = {item.sha256: item.contender for item in self._items}
        # Each rater sees an order and sides of his own, and the same ones after a restart.
        self._schedule = schedule(self._items, seed=f"{session.seed}:{rater}")

    @property
    def name(self) -> str:
        """The session's name."""
        return self.session.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and why."""
        same, alone = len(self._schedule.identical), len(self._schedule.alone)
        notes = []
        if same:
            notes.append(f"{count(same, 'pair')} left out: the contents are the same to the last byte")
        first = self._lab.ledger.job(self._items[0].job_id)
        if first.sandbox and first.kind in _CAPTIONED:
            notes.append("the sandbox writes model and seed into its pictures; real ones are blind")
        if alone:
            notes.append(f"{count(alone, 'question')} left out: only one {self.session.compares} answered")
        return tuple(notes)

    # --- answering ---

    @property
    def progress(self) -> tuple[int, int]:
        """Pairs this rater has answered, and pairs there are."""
        return len(self._answered()), len(self._schedule.pairs)

    @property
    def done(self) -> bool:
        """True when this rater has answered all pairs."""
        return self._next() is None

    @property
    def shown(self) -> Shown | None:
        """The pair to be judged now; ``None`` when all are."""
        found = self._next()
        if found is None:
            return None
        number, pair = found
        record = self._lab.ledger.job(pair.left.job_id)
        a, b = self._media(pair.left), self._media(pair.right)
        return Shown(a, b, record.prompt or "", number, len(self._schedule.pairs))

    def vote(self, choice: str, *, stars: tuple[int | None, int | None] = (None, None)) -> Rating:
        """Answer the pair that is shown.

        Parameters
        ----------
        choice
            ``A``, ``B``, ``tie`` or ``both bad``.
        stars
            1 to 5 for A and for B, or ``None``.

        Raises
        ------
        RequestInvalidError
            Another word, other stars, or no pair is left.
        """
        said = _choice(choice)
        if any(star is not None and star not in range(1, 6) for star in stars):
            raise RequestInvalidError(f"stars are 1 to 5 for A and for B, not {stars!r}")
        found = self._next()
        if found is None:
            raise RequestInvalidError(f"all {len(self._schedule.pairs)} pairs of {self.name} are answered")
        _, pair = found
        sides = (pair.left.job_id, pair.left.sha256), (pair.right.job_id, pair.right.sha256)
        self._lab.ledger.add_vote(self.session.id, self.rater, sides, said, stars).result()
        return self

    def undo(self) -> Rating:
        """Take back this rater's last answer, so that its pair is shown again."""
        if self._lab.ledger.undo_vote(self.session.id, self.rater) is None:
            raise RequestInvalidError(f"{self.rater} has no answer in {self.name} to take back")
        return self

    def _answered(self) -> list[VoteRow]:
        return self._lab.ledger.votes([self.session.id], self.rater)

    def _next(self) -> tuple[int, Pair] | None:
        answered = {frozenset((row.left_sha, row.right_sha)) for row in self._answered()}
        for number, pair in enumerate(self._schedule.pairs, 1):
            if frozenset((pair.left.sha256, pair.right.sha256)) not in answered:
                return number, pair
        return None

    def _media(self, item: Item) -> Media:
        media = self._lab.media_of(self._lab.ledger.job(item.job_id))
        return next(one for one in media if one.sha256 == item.sha256)

    # --- what came of it ---

    def votes(self) -> pd.DataFrame:
        """Return all raters' standing votes, one row each, contenders named."""
        import pandas as pd

        rows = [
            {
                "rater": row.rater,
                "a": self._contender[row.left_sha],
                "b": self._contender[row.right_sha],
                "choice": row.choice,
                "stars_a": row.left_stars,
                "stars_b": row.right_stars,
                "job_a": row.left_job,
                "job_b": row.right_job,
                "at": pd.Timestamp(row.at_us, unit="us", tz="UTC"),
            }
            for row in self._lab.ledger.votes([self.session.id])
        ]
        columns = ["rater", "a", "b", "choice", "stars_a", "stars_b", "job_a", "job_b", "at"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"stars_a": "Int64", "stars_b": "Int64"})

    def ranking(self) -> Ranking:
        """Return the strengths by all raters' votes."""
        votes = [
            Vote(self._contender[row.left_sha], self._contender[row.right_sha], _SHARE[row.choice])
            for row in self._lab.ledger.votes([self.session.id])
        ]
        return rank(votes, sorted({item.contender for item in self._items}), seed=self.session.seed)

    def leaderboard(self) -> Leaderboard:
        """Return the ranking beside cost, time and what was measured."""
        rows = self._lab.ledger.votes([self.session.id])
        stars: dict[str, list[int]] = defaultdict(list)
        met: dict[frozenset[str], int] = defaultdict(int)
        for row in rows:
            met[frozenset((self._contender[row.left_sha], self._contender[row.right_sha]))] += 1
            for sha, star in ((row.left_sha, row.left_stars), (row.right_sha, row.right_stars)):
                if star is not None:
                    stars[self._contender[sha]].append(star)
        return Leaderboard(
            compares=self.session.compares,
            places=leaderboard(self.ranking(), self._efforts()),
            votes=len(rows),
            raters=len({row.rater for row in rows}),
            stars={name: sum(given) / len(given) for name, given in stars.items()},
            name=self.name,
            met=met,
            measures=self._measured(),
            sandbox=all(self._paid(item.job_id).sandbox for item in self._items),
        )

    def _measured(self) -> dict[str, dict[str, float]]:
        """Return the mean of each stored measure, by contender."""
        shown = {(item.job_id, item.sha256): item.contender for item in self._items}
        found = self._lab.ledger.measures(sorted({item.job_id for item in self._items}))
        return means(found, lambda one: shown.get((one.job_id, one.sha256)))

    def _efforts(self) -> dict[str, Effort]:
        jobs: dict[str, dict[str, JobRecord]] = defaultdict(dict)
        for item in self._items:
            jobs[item.contender][item.job_id] = self._paid(item.job_id)
        return {name: _effort(list(records.values())) for name, records in jobs.items()}

    def _paid(self, job_id: str) -> JobRecord:
        """Return the job that really made it: an answer from the ledger cost nothing, which tells nothing."""
        record = self._lab.ledger.job(job_id)
        return self._lab.ledger.job(record.cached_from) if record.cached_from else record

    # --- how it shows itself ---

    def of(self, rater: str) -> Rating:
        """Return the same rating as somebody else answers it."""
        name = rater.strip()
        if not name:
            raise RequestInvalidError("a rater has a name")
        return Rating(self._lab, self.session, name)

    def _ipython_display_(self) -> None:
        """Show the pair with buttons where they work, else as a picture; when all is answered, the leaderboard."""
        from IPython.display import display

        if not self.done and self._live():
            from minimax_nb.widgets.rating import open_rating_panel

            open_rating_panel(self)
            return
        display(self.bundle(), raw=True)

    def _live(self) -> bool:
        from importlib.util import find_spec

        from IPython import get_ipython

        shell = get_ipython()
        static = is_still(self._lab.settings.value("live"))
        return (
            getattr(shell, "kernel", None) is not None and not static and find_spec("anywidget") is not None
        )

    def bundle(self) -> dict[str, str]:
        """Return what is shown where no buttons work: the pair without names, or the leaderboard."""
        shown = self.shown
        if shown is None:
            board = self.leaderboard()
            return {"text/plain": repr(board), "text/html": board.html(static=is_still())}
        how = "Answer with .vote('A'), 'B', 'tie' or 'both bad'; .undo() takes the last answer back."
        head = f"{self.name}, {self.rater}: pair {shown.number} of {shown.total}"
        text = "\n".join([head, shown.prompt, *self.notes, how])
        html = pair_html(head, shown.prompt, shown.a, shown.b, [*self.notes, how], players=not is_still())
        return {"text/plain": text, "text/html": html}

    def __repr__(self) -> str:
        done, total = self.progress
        text = f"{self.name}: {done} of {total} pairs answered by {self.rater}"
        return "; ".join([text, *self.notes])


def rate(what: Any, **options: Any) -> Rating:
    """Let people judge results in pairs, from the lab of this process; see :meth:`minimax_nb.Lab.rate`."""
    from minimax_nb.lab import current_lab

    return current_lab().rate(what, **options)


def open_rating(
    lab: Lab,
    what: Any,
    *,
    by: str | None = None,
    name: str | None = None,
    rater: str | None = None,
    seed: int | None = None,
) -> Rating:
    """Open a session over ``what``, or go on with the one of that name; see :meth:`minimax_nb.Lab.rate`."""
    who = rater or getpass.getuser()
    if isinstance(what, str) and (known := lab.ledger.rating_session(what)) is not None:
        return Rating(lab, known, who)
    records = records_of(lab, what)
    answers = [record for record in records if record.result in ("stored", "partial")]
    if not answers:
        raise RequestInvalidError("there is nothing to rate: none of these jobs has a stored result")
    compares = by or varying(answers)
    items = [item for record in answers for item in _items(lab, record, compares)]
    if not schedule(items, seed=0).pairs:
        raise RequestInvalidError(
            f"there is nothing to compare by {compares}: no two different results answer the same prompt;"
            f" what differs: {', '.join(differing(answers)) or 'nothing'}"
        )
    label = name or f"{compares}-{_digest(items)}"
    session = RatingSession(
        id=new_id(),
        name=label,
        project=lab.project,
        compares=compares,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        items=tuple(
            {"job_id": i.job_id, "sha256": i.sha256, "contender": i.contender, "question": i.question}
            for i in items
        ),
        created_us=now_us(),
    )
    stored = lab.ledger.start_rating(session)
    if stored.compares != compares or {item["sha256"] for item in stored.items} != {
        item.sha256 for item in items
    }:
        raise RequestInvalidError(
            f"a rating named {label!r} is about other results; give this one another name"
        )
    return Rating(lab, stored, who)


def _items(lab: Lab, record: JobRecord, compares: str) -> list[Item]:
    value = value_of(record, compares)
    axes = {key: text for key, text in axes_of(record).items() if key != compares}
    question = json.dumps([record.kind, record.prompt, axes], ensure_ascii=False, sort_keys=True)
    media = [item for item in lab.media_of(record) if item.role == "output"]
    media = media or [item for item in lab.media_of(record) if item.role == "preview"]
    return [Item(record.id, item.sha256, value, question) for item in media]


def _effort(records: Sequence[JobRecord]) -> Effort:
    costs = [record.cost_nano for record in records]
    known = [cost for cost in costs if cost is not None]
    mean = sum(known) / len(known) / 1e9 if known and len(known) == len(costs) else None
    spans = [
        (record.finished_us - record.submitted_us) / 1e6
        for record in records
        if record.finished_us is not None and record.submitted_us is not None
    ]
    seconds = sum(spans) / len(spans) if spans else None
    return Effort(mean, seconds, records[0].currency if records else "USD")


def _choice(text: str) -> Choice:
    said = text.strip()
    word = _SHORT.get(said.lower(), said)
    for choice in CHOICES:
        if word == choice:
            return choice
    raise RequestInvalidError(f"{text!r} is no answer; one of {', '.join(CHOICES)}{nearest(text, CHOICES)}")


def _digest(items: Sequence[Item]) -> str:
    import hashlib

    text = "\n".join(sorted(f"{item.sha256} {item.contender}" for item in items))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
