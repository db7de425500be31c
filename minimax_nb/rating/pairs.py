"""Which two results to show next to each other: same question, different contender, in a fair and fixed order."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Item:
    """One result that can be voted on.

    Parameters
    ----------
    job_id
        The job that made it.
    sha256
        Its content; equal contents are never shown against each other.
    contender
        What it stands for: a model, a voice, a provider, a setting.
    question
        What it answers; only answers to the same question are compared (the prompt and all other settings).
    """

    job_id: str
    sha256: str
    contender: str
    question: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one question; ``left`` is shown on the side called A."""

    left: Item
    right: Item


@dataclass(frozen=True, slots=True)
class Schedule:
    """All pairs in the order in which they are shown.

    Parameters
    ----------
    pairs
        In order; the sides are already shuffled.
    identical
        Pairs left out because both contents are the same to the last byte.
    alone
        Questions with one contender only, so that nothing can be compared.
    """

    pairs: tuple[Pair, ...]
    identical: tuple[Pair, ...] = ()
    alone: tuple[str, ...] = ()


def schedule(items: Iterable[Item], *, seed: int | str) -> Schedule:
    """Pair every answer with every other contender's answer to the same question.

    The order takes the contender pairs in turn, so that stopping early leaves them equally often
    compared; within a turn, and for the sides, chance decides, by ``seed``.
    """
    chance = random.Random(seed)  # noqa: S311 - the order of questions protects nothing
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.question].append(item)
    piles: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    identical, alone = [], []
    for question in sorted(groups):
        group = sorted(groups[question], key=lambda item: (item.contender, item.job_id, item.sha256))
        if len({item.contender for item in group}) == 1:
            alone.append(question)
        for one, two in combinations(group, 2):
            if one.contender == two.contender:
                continue
            pair = Pair(one, two) if chance.random() < 0.5 else Pair(two, one)
            if one.sha256 == two.sha256:
                identical.append(pair)
            else:
                piles[(one.contender, two.contender)].append(pair)
    return Schedule(tuple(_in_turns(piles, chance)), tuple(identical), tuple(alone))


def _in_turns(piles: dict[tuple[str, str], list[Pair]], chance: random.Random) -> Sequence[Pair]:
    for key in sorted(piles):
        chance.shuffle(piles[key])
    order: list[Pair] = []
    while rest := [key for key in sorted(piles) if piles[key]]:
        chance.shuffle(rest)
        order += [piles[key].pop() for key in rest]
    return order
