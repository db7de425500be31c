"""Where a job goes: a provider, its host, its key, and the account they make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from minimax_nb.providers.base import Provider
from minimax_nb.settings import Secret, is_loopback


@dataclass(frozen=True, slots=True)
class Connection:
    """One provider as configured.

    Parameters
    ----------
    provider
        The wire.
    host
        Checked API host, without a trailing slash.
    key
        The key; never shown.
    key_source
        Where the key came from, for people.
    account
        Tells keys apart in limits and the ledger without being a key.
    sandbox
        True when this is the sandbox: nothing costs real money.
    speed
        How many times faster than life the other side works; 1 except for a sandbox.
    webhook
        Where the provider may report, without the token; empty when it shall not.
    progress
        True when it shall report every step there, not only the end.
    """

    provider: Provider
    host: str
    key: Secret
    key_source: str
    account: str
    sandbox: bool = False
    speed: float = 1.0
    webhook: str = ""
    progress: bool = False

    @property
    def auth(self) -> Mapping[str, str]:
        """The credential headers; read by the HTTP layer's callers only."""
        return self.provider.auth_headers(self.key.reveal())

    @property
    def local(self) -> bool:
        """True when the host is this machine, so that media on this machine may be fetched."""
        from urllib.parse import urlsplit

        return is_loopback(urlsplit(self.host).hostname or "")


def account_of(host: str, key: Secret) -> str:
    """Return 12 hex digits that tell an account apart; a key cannot be found from them."""
    return hashlib.blake2b(
        f"{host}\n{key.reveal()}".encode(), digest_size=6, person=b"minimax_nb acct"
    ).hexdigest()
