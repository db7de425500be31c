"""From settings to a connection: which key, which host, or the sandbox when there is no key at all."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from minimax_nb.engine.connection import Connection, account_of
from minimax_nb.errors import ConfigError, MissingKeyError
from minimax_nb.providers import provider as find_provider
from minimax_nb.providers import provider_names
from minimax_nb.providers.base import Provider
from minimax_nb.settings import Definition, Secret, Settings
from minimax_nb.webhooks.address import webhook_address

SANDBOX_NOTE = (
    "No key is set, so this ran on the embedded sandbox: nothing was paid and nothing left this machine."
)


@dataclass
class Connections:
    """Opens connections for a lab, starting the embedded sandbox on first need."""

    settings: Settings

    def __post_init__(self) -> None:
        self._running: Any = None
        self._lock = threading.Lock()

    def open(self, name: str | None) -> Connection:
        """Return the connection for a provider, by name or as configured.

        Raises
        ------
        ConfigError
            An unknown provider, a host that does not work, or a sandbox that cannot start.
        MissingKeyError
            No key, and the sandbox is off or other providers have keys.
        """
        provider = find_provider(name or str(self.settings.value("provider")))
        define(self.settings, provider)
        if self.uses_sandbox:
            return self._sandboxed(provider.name)
        key = self.settings.get(f"{provider.name}_api_key")
        if not isinstance(key.value, Secret):
            raise MissingKeyError(
                f"no key for {provider.title}; looked in: {', '.join(self.settings.sources(key.name))}",
                hint=f"Set {provider.key_env} (keys: {provider.key_url}), "
                "or try it without a key: %minimax config sandbox=on",
            )
        host = str(self.settings.host(provider.name).value).rstrip("/")
        return Connection(
            provider,
            host,
            key.value,
            key.source,
            account_of(host, key.value),
            webhook=webhook_address(self.settings, provider.name, host, sandbox=False),
            progress=self._progress,
        )

    @property
    def uses_sandbox(self) -> bool:
        """True when jobs go to a sandbox: asked for, or no provider has a key."""
        mode = str(self.settings.value("sandbox"))
        if mode in ("off", "false", "0"):
            return False
        if mode != "auto":
            return True
        for name in provider_names():
            define(self.settings, find_provider(name))
        return not any(self.settings.value(f"{name}_api_key") for name in provider_names())

    def _sandboxed(self, name: str) -> Connection:
        running = self._sandbox()
        host = getattr(running, name, None)
        if host is None:
            raise ConfigError(
                f"the sandbox does not speak {name}", hint="Set its key, or use another provider"
            )
        key = Secret(running.key[name])
        return Connection(
            find_provider(name),
            str(host).rstrip("/"),
            key,
            "sandbox",
            f"sandbox-{running.instance}",
            sandbox=True,
            speed=float(running.speed),
            webhook=webhook_address(self.settings, name, str(host), sandbox=True),
            progress=self._progress,
        )

    def _sandbox(self) -> Any:
        from minimax_nb.sandbox import child

        mode = str(self.settings.value("sandbox"))
        with self._lock:
            if self._running is None:
                if mode.startswith("http"):
                    self._running = child.connect(mode)
                else:
                    self._running = child.start(
                        speed=self._speed(), seed=0, allow_http_webhooks=self._loopback_webhooks()
                    )
            return self._running

    @property
    def _progress(self) -> bool:
        return bool(self.settings.value("webhook_reports") == "steps")

    def _loopback_webhooks(self) -> bool:
        """Return True for a receiver on this machine; the real gateways refuse what is not https."""
        return str(self.settings.value("webhook_url") or "").startswith("http://")

    def _speed(self) -> float:
        setting = self.settings.get("sandbox_speed")
        try:
            speed = float(setting.value)
        except ValueError:
            speed = 0.0
        if speed <= 0:
            raise ConfigError(f"sandbox_speed={setting.value} ({setting.source}): a number above 0, e.g. 20")
        return speed

    def close(self) -> None:
        """Stop the sandbox, if this lab started one."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()


def define(settings: Settings, provider: Provider) -> None:
    """Give a plug-in provider its key and host settings; the built-in ones have theirs."""
    name, title = provider.name, provider.title
    settings.define(Definition(f"{name}_api_key", provider.key_env, None, f"key for {title}", secret=True))
    settings.define(
        Definition(f"{name}_api_host", provider.host_env, provider.default_host, f"{title}'s API host")
    )


def check_sandbox() -> None:
    """Raise ConfigError, naming what to install, when the embedded sandbox could not start."""
    from minimax_nb.sandbox.child import require

    require()
