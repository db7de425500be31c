"""Faults by rule: what goes wrong, for which requests, how often.

A rule is ``{"fault": "drop", "provider": "minimax", "path": "/v1/video_generation", "method": "POST", "times": 1}``;
``provider``, ``path`` (a regular expression, searched in path and query) and ``method`` may be left out,
``times`` is 1 unless said, ``null`` for always, ``skip`` lets that many matching requests pass first. The
header ``X-Sandbox-Fault: drop, slow:2`` makes rules for one request. What follows a colon is the fault's value.

Before the request is accepted (nothing happens, nothing is charged):

=================  ===================================================================================
``before-NNN``     HTTP status NNN in the provider's words; 429 says ``Retry-After`` (value: its seconds)
``challenge``      403 with an HTML page, as an edge network answers
``drop-before``    close the connection without a reply
``code:N``         MiniMax only: the error N as the path words it, HTTP 200 with ``base_resp`` on V1
=================  ===================================================================================

After it was accepted (the task exists and is charged):

=================  ===================================================================================
``drop``           close the connection without a reply
``reset:N``        send N bytes of the reply's body (default 0: nothing at all) and reset the connection
``truncate:N``     promise the whole reply, send N bytes of its body (default half) and close
``after-NNN``      HTTP status NNN in place of the reply
``after-code:N``   MiniMax only: the error N in place of the reply, HTTP 200 also on ``/v1/chat/completions``
``mid-code:N``     MiniMax streams only: half the pieces, then ``base_resp`` N
``slow:S``         wait S seconds (default 5) before the reply
``trickle:S``      send the reply's body in ten pieces over S seconds (default 5)
``garbage``        a 200 whose body is not JSON
=================  ===================================================================================

In the work itself:

=================  ===================================================================================
``fail:WORD``      the task ends failed; WORD picks the provider's kind of failure (``ERROR``,
                   ``PROCESSING_TIMEOUT``, ``1027``, …); at a synchronous operation the call fails
``sensitive``      the content is refused, as for a prompt with the word ``forbidden-content``
``partial:N``      N images of a batch (default 1) are lost
``balance``        the wallet is too small
``model-disabled`` the model is switched off for this account
``duplicate:N``    webhooks are delivered N times (default 2)
``no-webhook``     webhooks are never delivered
=================  ===================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NAMES = re.compile(
    r"(before|after)-[45]\d\d|challenge|drop-before|code|after-code|mid-code|drop|reset|truncate|slow|trickle|garbage"
    r"|fail|sensitive|partial|balance|model-disabled|duplicate|no-webhook"
)
_VALUED = {"code", "after-code", "mid-code"}


@dataclass
class Rule:
    """One rule; see the module text for the names of faults.

    Parameters
    ----------
    fault, value
        What goes wrong, and its detail.
    provider, path, method
        Which requests it concerns; ``None`` matches all. ``path`` is a regular expression.
    times
        How many matching requests it concerns; ``None`` is without end.
    skip
        How many matching requests pass before.
    """

    fault: str
    value: str | None = None
    provider: str | None = None
    path: str | None = None
    method: str | None = None
    times: int | None = 1
    skip: int = 0

    def __post_init__(self) -> None:
        if ":" in self.fault:
            self.fault, _, self.value = self.fault.partition(":")
        if not NAMES.fullmatch(self.fault):
            raise ValueError(f"no fault {self.fault!r}")
        if self.fault in _VALUED and not str(self.value).isdigit():
            raise ValueError(f"fault {self.fault!r} needs a code, as in {self.fault}:1013")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1, or null for always")
        if self.skip < 0:
            raise ValueError("skip must not be negative")
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise ValueError(f"path {self.path!r} is no regular expression: {error}") from None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rule:
        """Build from JSON; raise ValueError for anything that is no rule."""
        if not isinstance(data, Mapping) or "fault" not in data:
            raise ValueError("a rule is an object with the key 'fault'")
        unknown = sorted(set(data) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(
                f"a rule has no key {unknown[0]!r}; it has {', '.join(cls.__dataclass_fields__)}"
            )
        value = data.get("value")
        return cls(**{**data, "value": None if value is None else str(value)})

    def matches(self, provider: str, method: str, target: str) -> bool:
        """Return whether the rule concerns this request."""
        return (
            self.times != 0
            and self.provider in (None, provider)
            and self.method in (None, method)
            and (self.path is None or re.search(self.path, target) is not None)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the rule as it would be written."""
        return dict(vars(self))


@dataclass
class Active:
    """The faults that concern one request."""

    values: dict[str, str | None] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def number(self, name: str, default: float) -> float:
        """Return the value of fault ``name`` as a number; ``default`` where it has none."""
        value = self.values.get(name)
        try:
            return float(value) if value else default
        except ValueError:
            return default

    def word(self, name: str) -> str | None:
        """Return the value of fault ``name``; ``None`` when it is not active or has none."""
        return self.values.get(name)

    def status(self, when: str) -> int | None:
        """Return NNN of a ``before-NNN`` or ``after-NNN`` fault."""
        return next((int(name[-3:]) for name in self.values if re.fullmatch(rf"{when}-\d\d\d", name)), None)


class FaultBook:
    """The rules in force."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules = list(rules)

    def take(self, provider: str, method: str, target: str, header: str | None) -> Active:
        """Return the faults for one request, and count it against the rules' ``times``."""
        active = Active()
        for rule in self.rules:
            if not rule.matches(provider, method, target):
                continue
            if rule.skip:
                rule.skip -= 1
            else:
                active.values.setdefault(rule.fault, rule.value)
                if rule.times is not None:
                    rule.times -= 1
        self.rules = [rule for rule in self.rules if rule.times != 0]
        for word in (header or "").split(","):
            if word.strip():
                rule = Rule(word.strip())
                active.values[rule.fault] = rule.value
        return active
