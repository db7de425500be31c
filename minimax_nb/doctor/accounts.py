"""Keys, hosts, balances and the clock. Only the free balance request is sent, and only with a key."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from minimax_nb.doctor.finding import Finding
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.free import Question
from minimax_nb.engine.loop import engine
from minimax_nb.errors import ErrorInfo, MiniMaxError
from minimax_nb.lab.account import wait
from minimax_nb.lab.connect import check_sandbox, define
from minimax_nb.providers import provider as find_provider
from minimax_nb.providers import provider_names
from minimax_nb.providers.base import Balance, HasBalance, Provider
from minimax_nb.settings import Secret
from minimax_nb.wire import HttpCall, Reply

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

PATIENCE = 10.0  #: seconds without a byte from a host
SKEW = 30.0  #: seconds that clocks may differ before it is worth a word
FAR = 300.0  #: seconds from which times in the ledger mislead: budgets, expiry of links, leases

#: A key of one region is unknown in the other.
_REGIONS = {"minimax.io": "https://api.minimax.io", "minimaxi.com": "https://api.minimaxi.com"}


def keys(lab: Lab) -> Iterator[Finding]:
    """Yield where each provider's key comes from; never the key."""
    settings, chosen = lab.settings, str(lab.settings.value("provider"))
    in_sandbox = lab._connections.uses_sandbox
    find_provider(chosen)  # a provider that does not exist is the first thing to say
    for provider in _providers(lab):
        key, topic = settings.get(f"{provider.name}_api_key"), f"key of {provider.title}"
        how = f"set {provider.key_env} (keys: {provider.key_url})"
        if isinstance(key.value, Secret):
            wrong = _misshapen(key.value)
            text = f"set, from: {key.source}"
            if wrong:
                yield Finding("problem", topic, f"{text}; it {wrong}", f"Copy it again: {how}")
            else:
                yield Finding("ok", topic, text)
        elif provider.name != chosen:
            yield Finding("ok", topic, f"not set; it is needed for --provider {provider.name} alone")
        elif in_sandbox:
            yield Finding(
                "note", topic, "not set: jobs run on the sandbox, nothing is paid", f"For real jobs {how}"
            )
        else:
            looked = ", ".join(settings.sources(key.name))
            yield Finding("problem", topic, f"not set; looked in: {looked}", how[0].upper() + how[1:])


def sandbox(lab: Lab) -> Iterator[Finding]:
    """Yield whether the sandbox can be used, where jobs go there."""
    if not lab._connections.uses_sandbox:
        return
    mode = lab.settings.get("sandbox")
    if not str(mode.value).startswith("http"):
        check_sandbox()
    connection = lab._connections.open(None)
    yield Finding(
        "ok", "sandbox", f"answers at {connection.host}, {connection.speed:g} times faster than life"
    )
    if str(mode.value) != "auto" and any(lab.settings.value(f"{name}_api_key") for name in provider_names()):
        todo = "For real jobs: %minimax config sandbox=auto"
        yield Finding("note", "sandbox", f"a key is set, but sandbox={mode.value} ({mode.source}) wins", todo)


def reach(lab: Lab) -> Iterator[Finding]:
    """Yield whether each host answers, knows the key, and tells the same time; and what the account holds."""
    connections: list[Connection] = []
    if lab._connections.uses_sandbox:
        with contextlib.suppress(MiniMaxError):  # that it does not start is said by :func:`sandbox`
            connections = [lab._connections.open(None)]
    else:
        for provider in _providers(lab):
            if not lab.settings.value(f"{provider.name}_api_key"):
                continue
            try:
                connections.append(lab._connections.open(provider.name))
            except MiniMaxError as error:  # a host setting that is refused
                yield Finding("problem", f"host of {provider.title}", error.message, error.hint or "")
    answers = _ask(connections)
    for answer in answers:
        yield from _judge(answer)
    yield from _clock(answers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one host said, or why it did not; ``begun`` is the Unix time of the question in seconds."""

    connection: Connection
    begun: float
    seconds: float
    reply: Reply | None = None
    error: MiniMaxError | None = None

    @property
    def skew(self) -> float | None:
        """Seconds by which this machine's clock is ahead of the host's."""
        try:
            date = parsedate_to_datetime((self.reply.headers if self.reply else {})["date"])
        except (KeyError, ValueError):
            return None
        # The header is cut to whole seconds, so the true time is half a second later on average.
        return self.begun + self.seconds / 2 - date.timestamp() - 0.5


def _ask(connections: Sequence[Connection]) -> list[Answer]:
    """Ask all hosts at once, once: what they say of the account where they tell, as ``lab.balance()`` does."""
    asked = [_one(item) for item in connections]
    return [tell() for tell in asked]


def _one(connection: Connection) -> Callable[[], Answer]:
    """Begin to ask one host; what is returned waits for its answer."""
    provider = connection.provider
    # Where there is no free question that takes a key, the host is asked for its front page, without the key.
    told = isinstance(provider, HasBalance)
    call = provider.balance_call() if isinstance(provider, HasBalance) else HttpCall("GET", "/")
    question = Question(connection, replace(call, timeout=PATIENCE), tries=1, with_key=told)
    begun, start, end = time.time(), time.monotonic(), list[float]()

    def read(reply: Reply) -> Reply:
        end.append(time.monotonic())
        return reply

    asked = engine().ask(question, read)

    def tell() -> Answer:
        try:
            reply = wait(asked)
        except MiniMaxError as error:
            return Answer(connection, begun, time.monotonic() - start, error=error)
        return Answer(connection, begun, end[0] - start, reply=reply)

    return tell


def _judge(answer: Answer) -> Iterator[Finding]:
    provider, host = answer.connection.provider, answer.connection.host
    topic = f"host of {provider.title}"
    if answer.reply is None:
        problem = answer.error.message if answer.error else "does not answer"
        todo = f"Check the network, a proxy (HTTPS_PROXY), and {provider.host_env}"
        yield Finding("problem", topic, problem, todo)
        return
    yield Finding("ok", topic, f"{host} answers in {1000 * answer.seconds:.0f} ms")
    if not isinstance(provider, HasBalance):
        todo = f"The first job tells whether it works; the balance is at {provider.key_url}"
        yield Finding("ok", f"account at {provider.title}", f"the key cannot be checked for nothing. {todo}")
        return
    yield _balance(provider, host, provider.parse_balance(answer.reply))


def _balance(provider: Provider, host: str, found: Balance | ErrorInfo) -> Finding:
    topic = f"account at {provider.title}"
    if isinstance(found, Balance):
        if found.available is not None and found.available <= 0:
            return Finding("problem", topic, f"{found.text}: paid requests are refused", "Top up the account")
        return Finding("ok", topic, found.text)
    code = f" (code {found.code})" if found.code else ""
    if found.category in ("auth", "forbidden"):
        text = f"{found.meaning or found.message}{code}"
        return Finding("problem", topic, text, _region(provider, host) or found.next_step or "")
    return Finding("note", topic, f"the balance cannot be read: {found.message}{code}", found.next_step or "")


def _region(provider: Provider, host: str) -> str:
    """Return which host to set when a key is unknown where it was sent; empty where there is one host only."""
    if provider.name != "minimax":
        return ""
    name = urlsplit(host).hostname or ""
    here = next((domain for domain in _REGIONS if name == domain or name.endswith(f".{domain}")), None)
    ways = [
        f"{provider.host_env}={url} for a key of platform.{domain}"
        for domain, url in _REGIONS.items()
        if domain != here
    ]
    return f"Probably the other region: set {', or '.join(ways)}; else copy the key again"


def _clock(answers: Sequence[Answer]) -> Iterator[Finding]:
    skews: Mapping[str, float] = {
        item.connection.provider.title: item.skew for item in answers if item.skew is not None
    }
    if not skews:
        return
    who, skew = min(skews.items(), key=lambda item: abs(item[1]))  # one wrong host is not a wrong clock
    if abs(skew) <= SKEW:
        yield Finding("ok", "clock", f"agrees with {who}'s")
        return
    text = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} {who}'s: days of budgets, ends of links are off"
    yield Finding(
        "problem" if abs(skew) > FAR else "note", "clock", text, "Let the system set its time (NTP)"
    )


def _providers(lab: Lab) -> Iterator[Provider]:
    for name in provider_names():
        provider = find_provider(name)
        define(lab.settings, provider)
        yield provider


def _misshapen(key: Secret) -> str:
    """Return what no key has, without showing any of it."""
    text = key.reveal()
    if any(sign.isspace() or sign in "'\"<>{}" or not sign.isascii() for sign in text):
        return "holds a blank, a quote or another sign that no key has"
    return "is too short to be a key" if len(text) < 8 else ""
