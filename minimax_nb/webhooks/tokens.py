"""The unguessable last part of a webhook address, one for each paid request."""

from __future__ import annotations

import hashlib
import re
import secrets

#: Where the receivers listen; the token follows.
PATH = "/minimax-nb/webhook"

_TOKEN = re.compile(r"[0-9a-f]{32}")


def new_token() -> str:
    """Return 128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


def is_token(text: str) -> bool:
    """Return True for what could be a token."""
    return _TOKEN.fullmatch(text) is not None


def token_hash(token: str) -> str:
    """Return what the ledger keeps of a token: whoever reads the ledger cannot write to the address."""
    return hashlib.sha256(token.encode()).hexdigest()
