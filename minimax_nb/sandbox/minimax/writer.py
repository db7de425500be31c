"""A small writer in place of a language model: it quotes, transforms and answers, by request and seed.

It knows what people try first: "say X", sums, lists of N, short code, JSON, a poem, "what did I say", names told
earlier. Everything else becomes a short page about the prompt's own words.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PLAIN = """
a about again all also am an and any are as at be been bullet bullets but by can could describe did do does
explain for from give had has have he her here him his how i idea ideas if in into is it its just like list make
me more most my name names no not now of on one or our out over please point points python reply return returns
say sentence sentences she short should show so some such tell than that the their them then there these they
this those three to two up us was we were what when where which while who why will with would words write you
your
"""
_STOP = frozenset(_PLAIN.split())
_WORD = re.compile(r"[^\W\d_]{3,}|[\u4e00-\u9fff]{2,4}")
_NUMBERS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_EXACT = re.compile(
    r"(?is)\b(?:say|reply with|answer with|respond with|repeat)\b(?: exactly| only| just| the words?)*"
    r"[:\s]+[\"“']?(.+?)[\"”']?[.!]?\s*$"
)
_SUM = re.compile(r"(-?\d{1,9})\s*([-+*/x×÷])\s*(-?\d{1,9})")
_COUNT = re.compile(
    r"(?i)\b(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+){0,3}?"
    r"(?:bullets?|points?|ideas?|items?|things|reasons|tips|names|ways|steps|examples|prompts|titles)"
)
_NAME = re.compile(r"(?i)\bmy name is ([\w-]+)")
_FACTS = (
    "the first thing one notices is {a}",
    "{a} and {b} belong together more often than one expects",
    "{a} rewards patience",
    "without {b} there would be little to say about {a}",
    "most people remember {a} by its light",
    "{a} changes with the hour of the day",
    "a small detail of {b} says more than a long description",
    "it is worth looking at {a} twice",
)
_CODE = {
    "reverse": "text[::-1]",
    "count": "len(text.split())",
    "upper": "text.upper()",
    "sort": "sorted(text.split())",
    "prime": "all(int(text) % n for n in range(2, int(text)))",
}
_CLOSINGS = (
    "Say which part you would like to have longer.",
    "I can turn this into a list, a table or a prompt for a picture.",
    "If one of these is not what you meant, name it and I will start from there.",
    "That is the short version.",
)


@dataclass(frozen=True)
class Turn:
    """One earlier message: who said what, and how many pictures and videos came with it."""

    role: str
    text: str
    images: int = 0
    videos: int = 0


@dataclass(frozen=True)
class Draft:
    """What the writer says: its thoughts, and its answer in Markdown."""

    thinking: str
    text: str


def write(turns: Sequence[Turn], rng: random.Random) -> Draft:
    """Return thoughts and an answer to the last message of a conversation."""
    last = turns[-1] if turns else Turn("user", "")
    prompt = last.text.strip()
    if last.role == "tool":
        return Draft("The tool has answered, so I can pass on what it found.", _of_tool(prompt))
    for name, way in _WAYS.items():
        text = way(prompt, turns, rng)
        if text is not None:
            return Draft(_thoughts(prompt, name), text)
    return Draft(_thoughts(prompt, "a short page"), _page(last, turns, rng))


def keywords(text: str, most: int = 6) -> list[str]:
    """Return the words of a text that carry it, in their order."""
    found = dict.fromkeys(word for word in _WORD.findall(text) if word.lower() not in _STOP)
    return list(found)[:most]


def excerpt(text: str, most: int = 80) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _thoughts(prompt: str, form: str) -> str:
    asked = excerpt(prompt, 60) or "nothing in particular"
    about = ", ".join(keywords(prompt, 3)) or "no particular thing"
    return f"The user asks: “{asked}”. It is about {about}. {form[:1].upper()}{form[1:]} will do."


def _of_tool(result: str) -> str:
    try:
        value = json.loads(result)
    except ValueError:
        return f"The tool says: {result}"
    if isinstance(value, dict):
        return "The tool found:\n\n" + "\n".join(f"- **{name}**: {told}" for name, told in value.items())
    return f"The tool says: {value}"


def _exact(prompt: str, _: Sequence[Turn], __: random.Random) -> str | None:
    found = _EXACT.search(prompt)
    return found[1].strip() if found and len(found[1]) <= 400 else None


def _memory(prompt: str, turns: Sequence[Turn], _: random.Random) -> str | None:
    said = [turn.text for turn in turns[:-1] if turn.role == "user"]
    if re.search(r"(?i)what(?:'s| is) my name", prompt):
        names = [found[1] for text in said if (found := _NAME.search(text))]
        return f"Your name is {names[-1]}." if names else "You have not told me your name yet."
    if re.search(r"(?i)what did i (?:just )?(?:say|ask|tell)", prompt):
        return f"You said: “{excerpt(said[-1])}”" if said else "This is the first thing you have said."
    found = _NAME.search(prompt)
    return f"Nice to meet you, {found[1]}." if found else None


def _sum(prompt: str, _: Sequence[Turn], __: random.Random) -> str | None:
    found = _SUM.search(prompt)
    if found is None:
        return None
    a, sign, b = int(found[1]), found[2], int(found[3])
    if sign in "/÷":
        return f"{a} ÷ {b} = {a / b:g}" if b else f"{a} cannot be divided by 0."
    value = {"+": a + b, "-": a - b}.get(sign, a * b)
    return f"{a} {'×' if sign in '*x×' else sign} {b} = **{value}**"


def _json(prompt: str, _: Sequence[Turn], __: random.Random) -> str | None:
    if not re.search(r"\bJSON\b", prompt, re.IGNORECASE):
        return None
    words = [word for word in keywords(prompt) if word.lower() != "json"]
    return json.dumps({"topic": " ".join(words) or "none", "keywords": words}, ensure_ascii=False)


def _code(prompt: str, _: Sequence[Turn], __: random.Random) -> str | None:
    if not re.search(r"(?i)\b(python|function|code|script)\b", prompt):
        return None
    skip = {"python", "function", "code", "script", "returns", "return"}
    words = [word.lower() for word in keywords(prompt) if word.lower() not in skip and word.isascii()]
    name = "_".join(words[:3]) or "answer"
    does = next((body for word, body in _CODE.items() if word in prompt.lower()), "text.strip()")
    body = f'def {name}(text: str) -> object:\n    """Return {" ".join(words) or "the text"}."""\n    return {does}'
    return f"```python\n{body}\n```\n\nCall it with the text you have; it changes nothing else."


def _poem(prompt: str, _: Sequence[Turn], rng: random.Random) -> str | None:
    if not re.search(r"(?i)\b(poem|haiku|verse)\b", prompt):
        return None
    words = [word for word in keywords(prompt) if word.lower() not in {"poem", "haiku", "verse"}] or [
        "evening"
    ]
    a, b = rng.choice(words), rng.choice(words)
    return f"{a.capitalize()} in the wind,\na lamp behind the shutters;\n{b.lower()} stays till dawn."


def _list(prompt: str, _: Sequence[Turn], rng: random.Random) -> str | None:
    found = _COUNT.search(prompt)
    if found is None:
        return None
    count = _NUMBERS.get(found[1].lower()) or int(found[1])
    words = keywords(prompt) or ["the subject"]
    facts = rng.sample(_FACTS, len(_FACTS))
    lines = [
        f"{number}. {_fact(words, rng, facts[number % len(facts)])}."
        for number in range(1, min(count, 30) + 1)
    ]
    return "\n".join(lines)


def _fact(words: list[str], rng: random.Random, fact: str | None = None) -> str:
    a = words[0] if len(words) == 1 else rng.choice(words)
    b = rng.choice([word for word in words if word != a] or ["the rest"])
    text = (fact or rng.choice(_FACTS)).format(a=a.lower(), b=b.lower())
    return text[:1].upper() + text[1:]


def _page(last: Turn, turns: Sequence[Turn], rng: random.Random) -> str:
    words = keywords(last.text) or ["this"]
    parts = []
    if last.images or last.videos:
        seen = [
            f"{n} {name}{'s' * (n > 1)}" for n, name in ((last.images, "image"), (last.videos, "video")) if n
        ]
        parts.append(f"I have looked at {' and '.join(seen)} for this.")
    parts += [
        f"You ask about “{excerpt(last.text)}”." if last.text.strip() else "There is nothing to answer yet."
    ]
    style = next((turn.text for turn in turns if turn.role == "system" and turn.text.strip()), "")
    if style:
        parts[-1] += f" I keep to “{excerpt(style, 60)}”."
    earlier = [turn.text for turn in turns[:-1] if turn.role == "user"]
    if earlier:
        parts.append(f"Earlier you said “{excerpt(earlier[-1], 60)}”; this goes on from there.")
    head = " ".join(word.capitalize() if word.islower() else word for word in words[:3])
    points = [f"- **{word}**: {_fact([word, *words], rng)}." for word in words[:3]]
    return "\n\n".join([*parts, f"### {head}", "\n".join(points), rng.choice(_CLOSINGS)])


_WAYS: dict[str, Callable[[str, Sequence[Turn], random.Random], str | None]] = {
    "the exact words": _exact,
    "what was said before": _memory,
    "a sum": _sum,
    "an object": _json,
    "a few lines of code": _code,
    "three lines": _poem,
    "a list": _list,
}
