"""The catalog: the bundled data files and the user's own, read when first asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from minimax_nb.catalog import files, reading
from minimax_nb.catalog.entries import Limit, Model, Template, Voice, readable
from minimax_nb.catalog.files import FilePurpose
from minimax_nb.catalog.nearest import nearest
from minimax_nb.catalog.prices import PriceBook
from minimax_nb.errors import ConfigError, RequestInvalidError

_DATA = Path(__file__).parent / "data"
_FILES = ("models.toml", "limits.toml", "voices.toml", "templates.toml", "files.toml")


@cache
def _catalog(user_dir: Path | None) -> Catalog:
    return Catalog(user_dir)


@cache
def _named(folder: str) -> Catalog:
    return _catalog(Path(folder).expanduser() if folder else None)


def catalog(user_dir: Path | None = None) -> Catalog:
    """Return the catalog: bundled data, overridden and extended by a folder of the same files.

    Parameters
    ----------
    user_dir
        The user's folder; the environment variable ``MINIMAX_NB_CATALOG`` by default.

    Returns
    -------
    Catalog
        The same object for the same folder.

    Raises
    ------
    ConfigError
        When the folder does not exist or holds a ``.toml`` file of an unknown name. Mistakes inside
        a file are reported when that file is first needed.
    """
    return _named(os.environ.get("MINIMAX_NB_CATALOG", "")) if user_dir is None else _catalog(user_dir)


class Catalog:
    """Models, limits, voices, templates and price books of all providers.

    Parameters
    ----------
    user_dir
        Folder with the user's own data files, or ``None``.
    """

    def __init__(self, user_dir: Path | None = None) -> None:
        self.folders = (_DATA,) if user_dir is None else (_DATA, user_dir)
        self._chosen: dict[tuple[str | None, str | None, bool], tuple[Model, ...]] = {}
        if user_dir is None:
            return
        if not user_dir.is_dir():
            raise ConfigError(
                f"no catalog folder {str(user_dir)!r}", hint="MINIMAX_NB_CATALOG names a folder."
            )
        for file in user_dir.glob("*.toml"):
            if file.name not in _FILES:
                known = ", ".join((*_FILES, "prices/*.toml"))
                raise ConfigError(
                    f"{file}: not a catalog file{nearest(file.name, _FILES)}", hint=f"Known: {known}."
                )

    def models(
        self, provider: str | None = None, kind: str | None = None, *, unserved: bool = False
    ) -> tuple[Model, ...]:
        """Return the models, of one provider or kind where named, in the order of the files.

        Parameters
        ----------
        provider, kind
            Where and what; ``None`` for all.
        unserved
            Whether to return also what the client has no request for yet.
        """
        key = (provider, kind, unserved)
        if key not in self._chosen:
            self._chosen[key] = tuple(
                model
                for model in self._models
                if (provider is None or model.provider == provider)
                and (kind is None or model.kind == kind)
                and (unserved or not model.unserved)
            )
        return self._chosen[key]

    def model(self, provider: str, kind: str, name: str | None = None) -> Model:
        """Return one model.

        Parameters
        ----------
        provider, kind
            Where and what.
        name
            Its name or an alias; ``None`` for the provider's default.

        Raises
        ------
        RequestInvalidError
            When the provider has no such kind (names those that do) or no such model (names those
            there are, and the nearest).
        """
        models = self.models(provider, kind)
        if not models:
            raise RequestInvalidError(self._no_kind(provider, kind))
        for model in models:
            if model.default if name is None else name == model.name:
                return model
        for model in models:
            if name in model.aliases:
                return model
        allowed = ", ".join(model.name for model in models)
        if name is None:
            raise RequestInvalidError(
                f"--model is needed: {provider} has no default {kind} model; allowed: {allowed}"
            )
        known = [known for model in models for known in (model.name, *model.aliases)]
        raise RequestInvalidError(
            f"--model {name!r} is not one of {provider}'s {kind} models; allowed: {allowed}{nearest(name, known)}"
        )

    def providers_for(self, kind: str) -> tuple[str, ...]:
        """Return the providers that have models of a kind."""
        return tuple(dict.fromkeys(model.provider for model in self.models(kind=kind)))

    def limit(self, provider: str, rpm_class: str) -> Limit:
        """Return how often a class of requests may be sent, and how to poll it.

        Raises
        ------
        ConfigError
            When ``limits.toml`` has no such class.
        """
        try:
            return self._limits[provider, rpm_class]
        except KeyError:
            names = [name for owner, name in self._limits if owner == provider]
            raise ConfigError(
                f"limits.toml has no class {rpm_class!r} of {provider}{nearest(rpm_class, names)}"
            ) from None

    def voices(self, text: str | None = None, language: str | None = None) -> tuple[Voice, ...]:
        """Return the system voices.

        Parameters
        ----------
        text
            Only those whose id, name, language or gender contain all these words; case is ignored.
        language
            Only those of this language, as ``language_boost`` spells it or by its usual name
            (``Cantonese`` for ``Chinese,Yue``); case is ignored.
        """
        wanted = None if language is None else language.casefold()
        words = (text or "").casefold().split()
        if wanted is None and not words:
            return tuple(voice for voice, _ in self._voices.values())
        return tuple(
            voice
            for voice, title in self._voices.values()
            if (wanted is None or wanted in (voice.language.casefold(), title.casefold()))
            and _holds(f"{voice.id}\n{voice.name}\n{title}\n{voice.gender or ''}", words)
        )

    def has_voice(self, voice_id: str) -> bool:
        """Return True for the id of a system voice, byte for byte."""
        return voice_id in self._voices

    def voice_hint(self, voice_id: str) -> str:
        """Return ``"; did you mean 'x'?"`` for a voice id that does not exist, or ``""``.

        A voice of the same name in another language is nearer than one of a like spelling.
        """
        name = readable(voice_id).casefold()
        same = [voice.id for voice, _ in self._voices.values() if voice.name.casefold() == name]
        return f"; did you mean {same[0]!r}?" if same else nearest(voice_id, self._voices)

    def templates(self) -> tuple[Template, ...]:
        """Return the video-agent templates."""
        return tuple(self._templates.values())

    def file_purposes(self, provider: str) -> tuple[FilePurpose, ...]:
        """Return the uses of files that a provider keeps for an account; none where it keeps no files."""
        return tuple(purpose for (owner, _), purpose in self._purposes.items() if owner == provider)

    def file_purpose(self, provider: str, name: str) -> FilePurpose | None:
        """Return one use of files; ``None`` for a word that is not known."""
        return self._purposes.get((provider, name))

    def books(self) -> tuple[PriceBook, ...]:
        """Return all price books."""
        return tuple(self._books[0].values())

    def book(self, name: str | None = None, provider: str = "minimax") -> PriceBook:
        """Return a price book by name, or the default one of a provider.

        Raises
        ------
        ConfigError
            When there is none.
        """
        books, defaults = self._books
        if name is None and provider in defaults:
            name = defaults[provider]
        if name is None:
            raise ConfigError(f"no default price book of {provider}", hint=f"Books: {', '.join(books)}.")
        if name not in books:
            raise ConfigError(
                f"no price book {name!r}{nearest(name, books)}", hint=f"Books: {', '.join(books)}."
            )
        return books[name]

    def _files(self, name: str) -> list[Path]:
        return [folder / name for folder in self.folders if (folder / name).is_file()]

    @cached_property
    def _models(self) -> tuple[Model, ...]:
        return reading.models(self._files("models.toml"))

    @cached_property
    def _limits(self) -> Mapping[tuple[str, str], Limit]:
        return reading.limits(self._files("limits.toml"))

    @cached_property
    def _voices(self) -> Mapping[str, tuple[Voice, str]]:
        return reading.voices(self._files("voices.toml"))

    @cached_property
    def _templates(self) -> Mapping[str, Template]:
        return reading.templates(self._files("templates.toml"))

    @cached_property
    def _purposes(self) -> Mapping[tuple[str, str], FilePurpose]:
        return files.purposes(self._files("files.toml"))

    @cached_property
    def _books(self) -> tuple[Mapping[str, PriceBook], Mapping[str, str]]:
        return reading.books([sorted((folder / "prices").glob("*.toml")) for folder in self.folders])

    def _no_kind(self, provider: str, kind: str) -> str:
        providers = tuple(dict.fromkeys(model.provider for model in self.models()))
        if provider not in providers:
            return f"no models are known of provider {provider!r}{nearest(provider, providers)}"
        able = self.providers_for(kind)
        kinds = tuple(dict.fromkeys(model.kind for model in self.models()))
        return f"{provider} has no {kind}; " + (
            f"providers that do: {', '.join(able)}" if able else f"no provider does{nearest(kind, kinds)}"
        )


def _holds(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)
