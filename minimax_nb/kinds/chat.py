"""Answers in words: one turn of a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from minimax_nb.catalog import Model, catalog
from minimax_nb.kinds.base import MediaInput, PromptRequest
from minimax_nb.kinds.checks import image_problem
from minimax_nb.kinds.options import one_of, option, option_of

_DOCS = "MiniMax docs, api-reference/text-anthropic-api"
_NAME = re.compile(r"\w[\w .-]{0,63}")
# No tokenizer of these models is published. A token is at least one byte of the text, so bytes are never
# too few; the frame around a message and around the whole is some tokens more, and a picture as many as the
# largest of comparable models.
_FRAME, _MESSAGE, _PICTURE = 256, 16, 8_000


class ChatRequest(PromptRequest):
    """One turn of a conversation: what is said, and all that was said before.

    A thread is kept by the lab: with ``thread`` and no ``history`` it takes the earlier turns, and the
    system text and the model where none is given, from the ledger. The thinking of earlier turns is not
    sent again; only tools would need it, and there are none here.
    """

    kind: ClassVar[str] = "chat"
    filled_fields: ClassVar[frozenset[str]] = frozenset({"history", "earlier_image", "earlier_turn"})

    prompt: str = option(help="What you say.", source=_DOCS)
    system: str | None = option(
        None, help="How to answer: a role, a style, a language. A thread keeps it.", source=_DOCS
    )
    thread: str | None = option(
        None, help="Go on with this conversation of the project; begins it where there is none."
    )
    new_thread: bool = option(False, help="Begin the thread anew; its earlier turns stay in the ledger.")
    image: tuple[MediaInput, ...] = option(
        (), help="A picture to look at.", source=_DOCS, aliases=("images",)
    )
    max_tokens: int | None = option(
        None,
        help="Most tokens of thinking and answer together; they are reserved, and only what came is paid.",
        source=_DOCS,
        unit="tokens",
        aliases=("max-completion-tokens",),
        by_model={"maximum": "output_max"},
        ge=1,
    )
    temperature: float | None = option(
        None, help="Higher is more varied; the model's own when left out.", source=_DOCS, ge=0, le=2
    )
    top_p: float | None = option(
        None, help="Share of likely words to choose from; the model's own when left out.", source=_DOCS, ge=0, le=1
    )  # fmt: skip
    thinking: Literal["adaptive", "disabled"] | None = option(
        None, help="Let the model think first when it sees fit, or never.", source=_DOCS
    )
    stream: bool = option(True, help="Show the answer while it comes.", source=_DOCS)
    api: Literal["anthropic", "openai", "responses"] | None = option(
        None,
        help="Which compatible interface of MiniMax is used; anthropic when left out. responses is OpenAI's newer one.",
        source="MiniMax docs, api-reference/text-chat-openai",
    )
    history: tuple[str, ...] | None = option(
        None, help="Earlier turns: what you said, the answer, what you said …", hidden=True
    )
    earlier_image: tuple[MediaInput, ...] = option((), help="Pictures of earlier turns.", hidden=True)
    earlier_turn: tuple[int, ...] = option((), help="The turn of each of them, from 0.", hidden=True)

    @property
    def mode(self) -> str:
        """The model's own: ``chat``, or ``role-play``."""
        chosen = self.chosen
        return chosen.modes[0] if chosen is not None and chosen.modes else "chat"

    @property
    def pictures(self) -> tuple[tuple[MediaInput, ...], ...]:
        """The pictures of each turn, the last one's at the end."""
        turns: list[list[MediaInput]] = [[] for _ in range(len(self.history or ()) // 2)]
        for item, turn in zip(self.earlier_image, self.earlier_turn, strict=False):
            turns[turn].append(item)
        return (*map(tuple, turns), self.image)

    def rules(self) -> Iterator[str]:
        """Yield broken rules: a thread's name, and turns that come in pairs."""
        if self.thread is not None and not _NAME.fullmatch(self.thread):
            yield self.line("thread", self.thread, "a name of at most 64 letters, digits, blanks, _ . or -")
        if self.new_thread and self.thread is None:
            yield "--new-thread: say which, with --thread NAME"
        if len(self.history or ()) % 2:
            yield f"--history: {len(self.history or ()):,} texts; what you said and the answer come in pairs"
        turns = range(len(self.history or ()) // 2)
        if len(self.earlier_image) != len(self.earlier_turn) or not set(self.earlier_turn) <= set(turns):
            yield "--earlier-image: each needs its turn in --earlier-turn, from 0"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: thinking, pictures, and what the role-play model has not."""
        source = option_of(type(self), "thinking").source
        if self.thinking == "disabled" and model.limits.get("thinking") == "always":
            able = one_of(_models(model, "thinking", "switch"))
            rule = f"{model.name} always thinks; {able} can be told not to"
            yield option_of(type(self), "thinking").problem(self.thinking, rule, source)
        for item in self.image:
            if "image" not in model.limits.get("inputs", ()):
                able = one_of(name for name in _models(model, "inputs") if name)
                yield self.line("image", item, f"{model.name} takes no pictures; {able} does", model)
                break
            if problem := image_problem(item, model.limits):
                yield self.line("image", item, problem, model)
        if self.mode == "role-play":
            yield from self._role_play_rules(model)

    def _role_play_rules(self, model: Model) -> Iterator[str]:
        if self.api is not None:
            yield self.line("api", self.api, f"{model.name} has an interface of its own; leave it out", model)
        if self.thinking is not None:
            yield self.line("thinking", self.thinking, f"{model.name} does not think; leave it out", model)
        if self.temperature is not None and not 0 < self.temperature <= 1:
            yield self.line(
                "temperature", self.temperature, f"more than 0, at most 1 for {model.name}", model
            )
        if self.top_p == 0:
            yield self.line("top_p", self.top_p, f"more than 0, at most 1 for {model.name}", model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model, and the most tokens that can be billed: what is reserved until the count is known.

        ``input_tokens`` is at least the prompt's, ``output_tokens`` is ``max_tokens``.
        """
        texts = [*(self.history or ()), self.prompt, *([self.system] if self.system else [])]
        size = _FRAME + sum(_MESSAGE + len(text.encode("utf-8", "replace")) for text in texts)
        size += _PICTURE * (len(self.image) + len(self.earlier_image))
        return {
            "model": self.model,
            "prompt_tokens": size,
            "input_tokens": size,
            "output_tokens": self.max_tokens,
        }


def _models(model: Model, key: str, value: Any = None) -> Iterator[str]:
    """Yield the names of the provider's chat models whose limits say ``value``, or anything, under ``key``."""
    for other in catalog().models(model.provider, model.kind):
        told = other.limits.get(key)
        if told == value if value is not None else told:
            yield other.name
