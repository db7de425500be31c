"""Settings: what each one means, where its value comes from, and keys that never show themselves.

The first source that has a value wins::

    argument → %minimax config → environment → .env → [tool.minimax_nb] in pyproject.toml
    → minimax_nb.toml in the config folder → keyring → the built-in default
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minimax_nb.amounts import amount_of, limit_of
from minimax_nb.errors import ConfigError

KEYRING_SERVICE = "minimax_nb"


class Secret:
    """A key that never shows a character of itself; :meth:`reveal` is called by the HTTP layer alone."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._value

    def __repr__(self) -> str:
        return "set"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a key is not pickled")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a setting is: its name, environment variable, default, allowed values and meaning."""

    name: str
    env: str
    default: str | None
    help: str
    choices: tuple[str, ...] = ()
    secret: bool = False
    check: Callable[[Any], object] | None = None  #: raises ValueError, saying what is allowed


ON_OFF = ("on", "off")
LIVE_MODES = ("auto", "html", "widget", "text", "off")

DEFINITIONS: tuple[Definition, ...] = (
    Definition("provider", "MINIMAX_NB_PROVIDER", "minimax", "provider used when a cell names none"),
    Definition("sandbox", "MINIMAX_NB_SANDBOX", "auto", "auto (if no key is set), on, off, or a sandbox's URL"),
    Definition("sandbox_speed", "MINIMAX_NB_SANDBOX_SPEED", "20", "times faster than life the embedded sandbox works"),
    Definition("home", "MINIMAX_NB_HOME", None, "folder of the ledger, the media store and the settings file"),
    Definition("ledger", "MINIMAX_NB_LEDGER", None, "the ledger's database file"),
    Definition("media", "MINIMAX_NB_MEDIA", None, "folder of the media store"),
    Definition("links", "MINIMAX_NB_LINKS", "media", "folder beside the notebook for results under readable names"),
    Definition("project", "MINIMAX_NB_PROJECT", None, "name that groups jobs in the ledger; the working folder's name"),
    Definition("budget", "MINIMAX_NB_BUDGET", None, "hard limit of real money in USD: 5, 5/day, …", check=limit_of),
    Definition("approve", "MINIMAX_NB_APPROVE", None, "USD that one job may cost without --yes", check=amount_of),
    Definition("reuse", "MINIMAX_NB_REUSE", "off", "answer a repeated request from the ledger, at no cost", ON_OFF),
    Definition("replay", "MINIMAX_NB_REPLAY", "off", "answer every request from the ledger and send nothing", ON_OFF),
    Definition("resume", "MINIMAX_NB_RESUME", "auto", "adopt the jobs of dead kernels at first use", ("auto", "off")),
    Definition("prices", "MINIMAX_NB_PRICES", None, "price book to use in place of the provider's default one"),
    Definition("webhook_reports", "MINIMAX_NB_WEBHOOK_REPORTS", "end", "what a webhook tells, where a provider can: "
               "the end, or every step", choices=("end", "steps")),
    Definition("webhook_url", "MINIMAX_NB_WEBHOOK_URL", None, "public address of the webhook receiver, if any"),
    Definition("poll_floor", "MINIMAX_NB_POLL_FLOOR", None, "least seconds between two looks at a job; as documented"),
    Definition("live", "MINIMAX_NB_LIVE", "auto", "how a running job is shown", LIVE_MODES),
    Definition("minimax_api_key", "MINIMAX_API_KEY", None, "key for MiniMax", secret=True),
    Definition("pixazo_api_key", "PIXAZO_API_KEY", None, "key for Pixazo", secret=True),
    Definition("apixo_api_key", "APIXO_API_KEY", None, "key for APIXO", secret=True),
    Definition("minimax_api_host", "MINIMAX_API_HOST", "https://api.minimax.io", "MiniMax's host; China: https://api.minimaxi.com"),
    Definition("pixazo_api_host", "PIXAZO_API_HOST", "https://gateway.pixazo.ai", "Pixazo's API host"),
    Definition("apixo_api_host", "APIXO_API_HOST", "https://api.apixo.ai", "APIXO's API host"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One resolved setting: the value, the source it came from, and its definition."""

    name: str
    value: Any
    source: str
    default: str | None
    help: str
    secret: bool = False

    @property
    def shown(self) -> str:
        """The value as a person may see it; a key is ``set`` or ``not set``."""
        if self.secret:
            return "set" if self.value else "not set"
        return "" if self.value is None else str(self.value)


class Settings:
    """Resolve settings from their sources, remembering where each value came from.

    Parameters
    ----------
    arguments
        Values given to :class:`~minimax_nb.Lab`; they win over everything.
    environ
        The environment; ``os.environ`` by default.
    folder
        Where ``.env`` and ``pyproject.toml`` are looked for, upwards; the working folder by default.
    """

    def __init__(
        self,
        arguments: Mapping[str, Any] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._definitions = {item.name: item for item in DEFINITIONS}
        self._arguments = {key: value for key, value in (arguments or {}).items() if value is not None}
        for name in self._arguments:
            self._definition(name)
        self._environ = os.environ if environ is None else environ
        self._folder = folder or Path.cwd()
        self._session: dict[str, str] = {}
        self._said: dict[str, str] = {}  #: by which magic a value of this kernel was set
        self._files: dict[str, Mapping[str, Any]] = {}
        #: What was found, and for which value of the environment: that alone changes without a word.
        self._found: dict[str, tuple[str | None, Setting]] = {}

    def define(self, definition: Definition) -> None:
        """Add a setting that is not built in: key and host of a plug-in provider."""
        self._definitions.setdefault(definition.name, definition)

    def get(self, name: str) -> Setting:
        """Return one setting with its source; ConfigError for an unknown name."""
        definition = self._definition(name)
        outside = self._environ.get(definition.env)
        known = self._found.get(name)
        if known is not None and known[0] == outside:
            return known[1]
        found = next(
            ((value, source) for source, value in self._candidates(definition) if value not in (None, "")),
            (definition.default, "default"),
        )
        setting = self._setting(definition, *found)
        if not definition.secret:  # a keyring may change, too
            self._found[name] = (outside, setting)
        return setting

    def value(self, name: str) -> Any:
        """Return only the value."""
        return self.get(name).value

    def all(self) -> list[Setting]:
        """Return every setting, in the order of the documentation."""
        return [self.get(name) for name in self._definitions]

    def set(self, name: str, value: str | None, source: str = "%minimax config") -> Setting:
        """Set a value for this kernel; ``None`` or an empty text returns to the other sources."""
        definition = self._definition(name)
        self._found.clear()
        if value in (None, ""):
            self._session.pop(definition.name, None)
        else:
            self._setting(definition, value, source)  # checks it
            self._session[definition.name], self._said[definition.name] = str(value), source
        return self.get(name)

    def session(self) -> dict[str, str | None]:
        """Return what was set for this kernel, keys as text, as :meth:`save` takes it."""
        return dict(self._session)

    def save(self, values: Mapping[str, str | None]) -> list[str]:
        """Keep values for later kernels: keys in the keyring, everything else in the settings file.

        Parameters
        ----------
        values
            Name → value; ``None`` forgets what was kept.

        Returns
        -------
        list of str
            Where they went, and what will win over them, one sentence each.

        Raises
        ------
        ConfigError
            Nothing was kept: no keyring for a key, or a file that cannot be written.
        """
        from minimax_nb import saving

        found = {self._definition(name).name: value for name, value in values.items()}
        keys = [name for name in found if self._definition(name).secret]
        for name in keys:
            saving.require_keyring(name)
        plain = {name: value for name, value in found.items() if name not in keys}
        notes = []
        if plain:
            saving.write(self.user_file, plain)
            self._files.pop("minimax_nb.toml", None)
            self._found.clear()
            notes.append(f"Saved to {self.user_file}")
        for name in keys:
            saving.keep_key(KEYRING_SERVICE, name, found[name])
            notes.append(f"{name} is in the keyring")
        return notes + [note for name in found if found[name] is not None and (note := self._hidden(name))]

    def _hidden(self, name: str) -> str | None:
        """Return which source wins over a saved value once this kernel is gone."""
        for source, value in self._candidates(self._definition(name)):
            if source in ("minimax_nb.toml", "keyring"):
                return None
            if value not in (None, "") and source != self._said.get(name):
                return f"In later kernels {name} still comes from: {source}"
        return None

    def sources(self, name: str) -> list[str]:
        """Return the sources of a setting in the order they are looked at, for error texts."""
        return [source for source, _ in self._candidates(self._definition(name))]

    def secrets(self) -> list[str]:
        """Return the text of all known keys, so that the ledger can scrub them."""
        found = (self.get(item.name).value for item in self._definitions.values() if item.secret)
        return [secret.reveal() for secret in found if isinstance(secret, Secret)]

    @property
    def home(self) -> Path:
        """The folder of ledger, media store and settings file."""
        given = self.value("home")
        if given:
            return Path(given).expanduser()
        import platformdirs

        return Path(platformdirs.user_data_dir("minimax_nb", appauthor=False))

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        given = self.value("ledger")
        return Path(given).expanduser() if given else self.home / "ledger.db"

    def host(self, provider: str) -> Setting:
        """Return a provider's API host, checked: https except on loopback, a host name only."""
        setting = self.get(f"{provider}_api_host")
        check_host(str(setting.value), f"{provider}_api_host", setting.source)
        key = self.get(f"{provider}_api_key")
        if setting.source.startswith(PROJECT_FILES) and key.value and key.source != setting.source:
            # A cloned project must not be able to send a user's own key to a host of its choice.
            raise ConfigError(
                f"{setting.source} sets {self._definition(setting.name).env}, but the key comes from {key.source}",
                hint=f"To send the key there, confirm it: %minimax config {setting.name}={setting.value}",
            )
        return setting

    def _definition(self, name: str) -> Definition:
        found = self._definitions.get(name)
        if found is None:
            found = next((item for item in self._definitions.values() if item.env == name), None)
        if found is not None:
            return found
        from minimax_nb.catalog import nearest

        raise ConfigError(
            f"no setting {name!r}{nearest(name, list(self._definitions))}",
            hint="%minimax config lists all settings",
        )

    def _setting(self, definition: Definition, value: Any, source: str) -> Setting:
        if definition.choices == ON_OFF and isinstance(value, bool):  # reuse=True, and true in TOML
            value = "on" if value else "off"
        if definition.choices and value not in definition.choices:
            raise ConfigError(
                f"{definition.name}={value} ({source}): allowed: {', '.join(definition.choices)}"
            )
        if definition.check is not None and value is not None:
            try:
                definition.check(value)
            except ValueError as error:
                raise ConfigError(f"{definition.name}={value} ({source}): must be {error}") from None
        if definition.secret and value is not None and not isinstance(value, Secret):
            value = Secret(str(value).strip())
        return Setting(definition.name, value, source, definition.default, definition.help, definition.secret)

    def _candidates(self, definition: Definition) -> Iterator[tuple[str, Any]]:
        name, env = definition.name, definition.env
        yield "argument", self._arguments.get(name)
        yield self._said.get(name, "%minimax config"), self._session.get(name)
        yield f"environment {env}", self._environ.get(env)
        for label, read, key in (
            (".env", _read_dotenv, env),
            ("pyproject.toml", _read_pyproject, name),
            ("minimax_nb.toml", self._read_user_file, name),
        ):
            if label not in self._files:
                self._files[label] = read(self._folder)
            yield label, self._files[label].get(key)
        if definition.secret:
            yield "keyring", _from_keyring(name)

    def _read_user_file(self, _: Path) -> Mapping[str, Any]:
        return _toml(self.user_file)

    @property
    def user_file(self) -> Path:
        """The settings file, in the config folder or the home that argument or environment name."""
        home = self._arguments.get("home") or self._environ.get("MINIMAX_NB_HOME")
        if not home:
            import platformdirs

            home = platformdirs.user_config_dir("minimax_nb", appauthor=False)
        return Path(home).expanduser() / "minimax_nb.toml"


#: Sources that travel with a project, so that somebody else may have written them.
PROJECT_FILES = (".env", "pyproject.toml")


def _upwards(folder: Path, name: str) -> Path | None:
    return next(
        (path for path in (place / name for place in (folder, *folder.parents)) if path.is_file()), None
    )


def _read_dotenv(folder: Path) -> Mapping[str, Any]:
    path = _upwards(folder, ".env")
    if path is None:
        return {}
    from dotenv import dotenv_values

    return dotenv_values(path, interpolate=False)


def _read_pyproject(folder: Path) -> Mapping[str, Any]:
    path = _upwards(folder, "pyproject.toml")
    tables = _toml(path) if path else {}
    found = tables.get("tool", {}).get("minimax_nb", {})
    return found if isinstance(found, Mapping) else {}


def _toml(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    import tomllib  # on use: loading the extension reads no file

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}") from None


def _from_keyring(name: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        found: Callable[[str, str], str | None] = keyring.get_password
        return found(KEYRING_SERVICE, name)
    except Exception:  # a broken desktop keyring must not stop a person who never uses it
        return None


def is_loopback(host: str) -> bool:
    """Return True for this machine's own addresses."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_host(url: str, name: str, source: str) -> None:
    """Raise ConfigError unless ``url`` is a bare https host (http on loopback)."""
    parts = urlsplit(url)
    problem = ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problem = "must look like https://host"
    elif parts.username or parts.password:
        problem = "must not carry credentials"
    elif parts.path not in ("", "/") or parts.query or parts.fragment:
        problem = "must be a host only, without path or query"
    elif parts.scheme == "http" and not is_loopback(parts.hostname):
        problem = "must be https; the key would travel in the clear"
    if problem:
        shown = f"{parts.scheme}://{parts.hostname or ''}" if parts.username or parts.password else url
        raise ConfigError(f"{name}={shown} ({source}): {problem}")
