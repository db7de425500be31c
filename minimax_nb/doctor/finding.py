"""One finding, and all of them as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from minimax_nb.amounts import count

#: ``problem``: something will not work until it is fixed. ``note``: worth knowing, or a person's decision.
Level = Literal["ok", "note", "problem"]

HEADERS = ("state", "what", "finding and what to do")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: where, what it means, and the fix where there is something to fix."""

    level: Level
    topic: str
    text: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order of the checks. ``str()`` is the table as text."""

    findings: tuple[Finding, ...]

    def of(self, level: Level) -> list[Finding]:
        """Return the findings of one level."""
        return [finding for finding in self.findings if finding.level == level]

    @property
    def title(self) -> str:
        """The whole in a line: ``1 problem, 2 notes, 9 ok``."""
        problems, notes = len(self.of("problem")), len(self.of("note"))
        parts = [count(problems, "problem")] if problems else []
        parts += [count(notes, "note")] if notes else []
        return ", ".join([*parts, f"{len(self.of('ok'))} ok"])

    def ordered(self) -> list[Finding]:
        """Return the findings, problems first."""
        return [*self.of("problem"), *self.of("note"), *self.of("ok")]

    def rows(self) -> list[tuple[str, ...]]:
        """Return the rows of an HTML table under :data:`HEADERS`; the fix stands on a line of its own."""
        return [
            (item.level, item.topic, f"{item.text}\n→ {item.todo}" if item.todo else item.text)
            for item in self.ordered()
        ]

    def __str__(self) -> str:
        width = max((len(item.topic) for item in self.findings), default=0)
        lines = [self.title]
        for item in self.ordered():
            lines.append(f"{item.level:7}  {item.topic:{width}}  {item.text}")
            if item.todo:
                lines.append(f"{'':7}  {'':{width}}  → {item.todo}")
        return "\n".join(lines)
