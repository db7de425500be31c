"""What a lab can do with an account outside jobs: voices, files, money. Nothing of it costs anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from minimax_nb.catalog import FilePurpose, catalog, nearest
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.free import Answer, Question
from minimax_nb.engine.loop import engine
from minimax_nb.errors import ErrorInfo, MiniMaxError, ProviderError, RequestInvalidError
from minimax_nb.kinds.uploads import upload_input
from minimax_nb.lab.newvoice import kept
from minimax_nb.ledger import VoiceRow
from minimax_nb.providers import provider_names
from minimax_nb.providers.account import (
    AccountFile,
    AccountVoice,
    HasBalance,
    HasFiles,
    HasPlan,
    HasVoices,
    PlanRow,
    VoiceOrigin,
)

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

SLICE = 0.1  #: seconds between looks for an interrupt
ORIGINS: tuple[VoiceOrigin, ...] = ("system", "cloned", "designed")
_KEPT_US = 6 * 86_400 * 10**6  # what MiniMax deletes after 7 days is not counted on for so long


@dataclass(frozen=True, slots=True)
class MyVoice:
    """One voice of an account, as the provider lists it and the ledger remembers it.

    Parameters
    ----------
    id, origin, provider
        What requests name, ``system``, ``cloned`` or ``designed``, and where.
    name
        The provider's words for it, or what it was designed from.
    made, used
        When it was made, and when it first spoke; ``None`` when not known.
    listed
        True when the provider lists it; a made voice is listed only after its first use.
    kept
        How long it is kept, in a few words; empty for system voices.
    job_id
        The job that made it, where the ledger knows it.
    """

    id: str
    origin: VoiceOrigin
    provider: str
    name: str = ""
    made: datetime | None = None
    used: datetime | None = None
    listed: bool = True
    kept: str = ""
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Funds:
    """What an account holds at one provider.

    Parameters
    ----------
    provider
        Its name.
    text
        What it says, in its own words, or why that cannot be told.
    available
        What can be spent; ``None`` when the provider does not say it in a form we know.
    plan
        What is left of a subscription, where the key belongs to one.
    sandbox
        True when it is the sandbox that says so.
    """

    provider: str
    text: str
    available: Decimal | None = None
    plan: tuple[PlanRow, ...] = ()
    sandbox: bool = False


class Account:
    """The account's side of :class:`~minimax_nb.Lab`."""

    def account_voices(self, origin: str | None = None, *, provider: str | None = None) -> list[MyVoice]:
        """Return the voices that the account can use: the provider's list, and what the ledger knows.

        Parameters
        ----------
        origin
            ``system``, ``cloned`` or ``designed``; cloned and designed ones where it is ``None``, those of
            every origin for ``all``.
        provider
            Provider's name; the configured one by default. One that has no list answers from the ledger.

        Raises
        ------
        RequestInvalidError, ConfigError, ProviderError
            A wrong word, no key, or a refusal.
        """
        wanted = _origins(origin)
        lab = cast("Lab", self)
        connection = lab._connections.open(provider)
        listed: Sequence[AccountVoice] = ()
        if isinstance(connection.provider, HasVoices):
            asked = wanted[0] if len(wanted) == 1 else None
            call = connection.provider.voices_call(asked)
            listed = ask(connection, call, connection.provider.parse_voices)
        known = {row.voice_id: row for row in lab.ledger.voices(connection.account)}
        found = [_listed(voice, connection, known.pop(voice.id, None)) for voice in listed]
        found += [_remembered(row, _words_of(lab, row)) for row in known.values()]
        return [voice for voice in found if voice.origin in wanted]

    def delete_voice(self, voice_id: str, *, origin: str | None = None, provider: str | None = None) -> str:
        """Delete a cloned or designed voice of the account. Its id can never be used again.

        Parameters
        ----------
        voice_id
            The voice.
        origin
            ``cloned`` or ``designed``; found out when left out.
        provider
            Provider's name; the configured one by default.

        Returns
        -------
        str
            The id.

        Raises
        ------
        RequestInvalidError
            No such voice, a system voice, or a provider that deletes none; nothing was sent for it.
        """
        lab = cast("Lab", self)
        connection = lab._connections.open(provider)
        able = connection.provider
        if not isinstance(able, HasVoices):
            raise unable(connection, "deletes no voices")
        made = _origin_of(lab, connection, voice_id) if origin is None else _origins(origin)[0]
        if made == "system":
            raise RequestInvalidError(
                f"{voice_id!r} is a voice of {connection.provider.title}, not of the account"
            )
        question = Question(connection, able.delete_voice_call(voice_id, made), again=False)
        gone = wait(engine().ask(question, able.parse_delete_voice))
        lab.ledger.delete_voice(connection.account, voice_id).result()
        return gone or voice_id

    def files(self, purpose: str | None = None, *, provider: str | None = None) -> list[AccountFile]:
        """Return the account's files at the provider, newest first; of one purpose, or of all."""
        connection, able = self._file_store(provider)
        names = [rule.name for rule in _purposes(connection, purpose)]
        asked = [
            engine().ask(Question(connection, able.files_call(name)), able.parse_files) for name in names
        ]
        found = [file for answer in asked for file in wait(answer)]
        return sorted(found, key=lambda file: (-(file.created_us or 0), file.id))

    def upload_file(
        self, source: Any, purpose: str, *, name: str | None = None, provider: str | None = None
    ) -> AccountFile:
        """Upload a file, once: content that the account has for this purpose already is named again.

        Parameters
        ----------
        source
            A path, bytes, a ``data:`` URI, a PIL image, a numpy array or an earlier result.
        purpose
            The provider's word for the use; see the catalog's ``files.toml``.
        name
            File name, with its ending; the path's own, or one by the type, when left out.

        Raises
        ------
        RequestInvalidError
            A type, size or length that the purpose does not allow; nothing was sent.
        """
        lab = cast("Lab", self)
        connection, able = self._file_store(provider)
        [rule] = _purposes(connection, purpose, upload=True)
        media = upload_input(source, rule, name)
        assert media.data is not None, "an upload has its content"
        what = (connection.account, rule.name, media.sha256 or "")
        known = lab.ledger.uploaded(*what)
        if known is not None:
            return AccountFile(known, media.name, rule.name, len(media.data))
        call = able.upload_file_call(media.name, media.data, media.mime, rule.name)
        file = ask(connection, call, able.parse_file)
        lab.ledger.keep_upload(*what, file.id, lives_us=_KEPT_US).result()
        return file

    def file_info(self, file_id: str, *, provider: str | None = None) -> AccountFile:
        """Return what the provider knows of one file."""
        connection, able = self._file_store(provider)
        return ask(connection, able.file_call(str(file_id)), able.parse_file)

    def file_content(self, file_id: str, *, provider: str | None = None) -> bytes:
        """Return the bytes of a file."""
        connection, able = self._file_store(provider)
        return ask(connection, able.file_content_call(str(file_id)), able.parse_file_content)

    def delete_file(self, file_id: str, purpose: str | None = None, *, provider: str | None = None) -> str:
        """Delete a file; its purpose is looked up when left out. Returns the id."""
        lab = cast("Lab", self)
        connection, able = self._file_store(provider)
        if purpose is None:
            purpose = self.file_info(str(file_id), provider=provider).purpose
        [rule] = _purposes(connection, purpose)
        question = Question(connection, able.delete_file_call(str(file_id), rule.name), again=False)
        gone = wait(engine().ask(question, able.parse_delete_file))
        lab.ledger.forget_file(connection.account, str(file_id)).result()
        return gone or str(file_id)

    def balance(self, provider: str | None = None) -> list[Funds]:
        """Return what the account holds, at one provider or at every one that has a key.

        A provider that cannot tell, or refuses to, says so in ``text``; nothing is raised for it.
        """
        lab = cast("Lab", self)
        if provider is not None:
            return [_funds(lab._connections.open(provider))]
        names = provider_names()
        if not lab._connections.uses_sandbox:
            names = tuple(name for name in names if lab.settings.value(f"{name}_api_key"))
        return [_funds(lab._connections.open(name)) for name in names or (lab._provider(None),)]

    def _file_store(self, provider: str | None) -> tuple[Connection, HasFiles]:
        connection = cast("Lab", self)._connections.open(provider)
        able = connection.provider
        if not isinstance(able, HasFiles):
            raise unable(connection, "keeps no files for an account")
        return connection, able


def ask(connection: Connection, call: Any, read: Callable[[Any], Answer | ErrorInfo]) -> Answer:
    """Send a free call and wait for what its reply says."""
    return wait(engine().ask(Question(connection, call), read))


def wait(answer: Future[Answer]) -> Answer:
    """Wait in short slices, so that an interrupt is answered at once; the call itself is then given up."""
    try:
        while True:
            try:
                return answer.result(SLICE)
            except TimeoutError:
                if answer.done():
                    raise
    except BaseException:
        answer.cancel()
        raise


def unable(connection: Connection, lack: str) -> RequestInvalidError:
    """Return the error for what a provider does not have."""
    return RequestInvalidError(f"{connection.provider.title} {lack}", hint="MiniMax does: --provider minimax")


def _origins(word: str | None) -> tuple[VoiceOrigin, ...]:
    if word is None:
        return ("cloned", "designed")
    if word == "all":
        return ORIGINS
    found = tuple(origin for origin in ORIGINS if origin == word)
    if not found:
        known = (*ORIGINS, "all")
        raise RequestInvalidError(f"--type {word!r}: one of {', '.join(known)}{nearest(word, known)}")
    return found


def _origin_of(lab: Lab, connection: Connection, voice_id: str) -> VoiceOrigin:
    """Return how a voice was made, by the ledger, else by the provider's list."""
    voices = lab.account_voices("all", provider=connection.provider.name)
    for voice in voices:
        if voice.id == voice_id:
            return voice.origin
    own = [voice.id for voice in voices if voice.origin != "system"]
    raise RequestInvalidError(
        f"the account has no voice {voice_id!r}{nearest(voice_id, own)}",
        hint="%minimax voices --mine lists them.",
    )


def _listed(voice: AccountVoice, connection: Connection, row: VoiceRow | None) -> MyVoice:
    # What is listed has been used, also where the ledger knows nothing of it.
    words = "" if voice.origin == "system" else "used, so kept"
    return MyVoice(
        voice.id,
        voice.origin,
        connection.provider.name,
        voice.name or voice.description,
        _moment(row.created_us) if row else _day(voice.created),
        _moment(row.used_us) if row and row.used_us else None,
        kept=words,
        job_id=row.job_id if row else None,
    )


def _words_of(lab: Lab, row: VoiceRow) -> str:
    """Return what a voice was designed from; nothing of a clone, whose text is a sample's."""
    job = lab.ledger.find(row.job_id) if row.job_id and row.origin == "designed" else []
    return (job[0].prompt or "") if len(job) == 1 else ""


def _remembered(row: VoiceRow, words: str) -> MyVoice:
    origin: VoiceOrigin = "designed" if row.origin == "designed" else "cloned"
    used = _moment(row.used_us) if row.used_us else None
    made = _moment(row.created_us)
    return MyVoice(
        row.voice_id, origin, row.provider, words, made, used, listed=False, kept=kept(row), job_id=row.job_id
    )


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)


def _day(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _purposes(connection: Connection, name: str | None, *, upload: bool = False) -> Sequence[FilePurpose]:
    rules = [rule for rule in catalog().file_purposes(connection.provider.name) if rule.upload or not upload]
    if name is None:
        return rules
    found = [rule for rule in rules if rule.name == name.replace("-", "_")]
    if not found:
        raise RequestInvalidError(f"--purpose {name!r}: {_choices(rules, name)}")
    return found


def _choices(rules: Iterable[FilePurpose], word: str) -> str:
    known = [rule.name for rule in rules]
    return f"one of {', '.join(known)}{nearest(word, known)}"


def _funds(connection: Connection) -> Funds:
    provider = connection.provider
    name, sandbox = provider.name, connection.sandbox
    if not isinstance(provider, HasBalance):
        return Funds(name, f"{provider.title} does not tell; look at {provider.key_url}", sandbox=sandbox)
    plan: tuple[PlanRow, ...] = ()
    try:
        held = ask(connection, provider.balance_call(), provider.parse_balance)
        text, available = held.text, held.available
    except ProviderError as error:
        text, available = error.message, None
    if isinstance(provider, HasPlan):
        try:
            plan = tuple(ask(connection, provider.plan_call(), provider.parse_plan))
        except MiniMaxError:  # a key without a plan, which is what most keys are
            plan = ()
    return Funds(name, text, available, plan, sandbox)
