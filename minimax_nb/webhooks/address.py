"""The public address that providers report to, as configured and checked."""

from __future__ import annotations

from urllib.parse import urlsplit

from minimax_nb.errors import ConfigError
from minimax_nb.settings import PROJECT_FILES, Settings, is_loopback
from minimax_nb.webhooks.tokens import PATH


def webhook_address(settings: Settings, provider: str, host: str, *, sandbox: bool) -> str:
    """Return what comes before the token, without a slash at its end; empty when no webhook is wanted.

    Parameters
    ----------
    settings
        Where ``webhook_url`` is.
    provider
        Whose key reads the jobs that are reported.
    host
        The provider's API host. One on this machine may report to this machine, without https.
    sandbox
        True when no real key is in play.

    Raises
    ------
    ConfigError
        For an address that the provider cannot reach or will not take, or that a project's files
        name while the key is the user's own.
    """
    setting = settings.get("webhook_url")
    url = str(setting.value or "").strip().rstrip("/")
    if not url:
        return ""
    local = is_loopback(urlsplit(host).hostname or "")
    problem = _problem(url, local=local)
    if problem:
        raise ConfigError(
            f"webhook_url ({setting.source}): {problem}",
            hint=f"It looks like https://YOUR-HOST{PATH}; to go without one: %minimax config webhook_url=",
        )
    key = settings.get(f"{provider}_api_key")
    if setting.source.startswith(PROJECT_FILES) and key.source != setting.source and not sandbox:
        # A cloned project must not be able to have a user's results reported to a host of its choice.
        raise ConfigError(
            f"{setting.source} sets MINIMAX_NB_WEBHOOK_URL, but the key comes from {key.source}",
            hint=f"To have jobs reported there, confirm it: %minimax config webhook_url={url}",
        )
    return url


def _problem(url: str, *, local: bool) -> str:
    try:
        parts = urlsplit(url)
        name = parts.hostname
    except ValueError:
        return "it cannot be read as an address"
    if parts.scheme not in ("http", "https") or not name:
        return "it must be an https address"
    if parts.username or parts.password:
        return "it must not carry credentials"
    if parts.query or parts.fragment:
        return "it must not have a query or a fragment; the token is added to its path"
    if is_loopback(name) and not local:
        return f"{name} is this machine, which the provider cannot reach"
    if parts.scheme == "http" and not is_loopback(name):
        return "it must be https; the providers refuse http"
    return ""
