"""What makes two requests the same: the mark by which a result is found again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

#: How a result comes over the wire and where it is filed, which makes no other result.
_TRANSPORT = frozenset(
    {
        "response_format",
        "output",
        "stream",
        "transport",
        "long",
        "wire",
        "thread",
        "new_thread",
        "max_characters",
    }
)


def fingerprint_of(provider: str, kind: str, request: Mapping[str, Any], *, sandbox: bool) -> str:
    """Return the sha256 that identical requests share.

    The content of inputs counts, not their file names; the seed counts, not the form in which a result
    comes over the wire. A request to the sandbox is never identical with one to the provider.

    Parameters
    ----------
    provider, kind
        Who makes what.
    request
        The request as JSON, as its row has it.
    sandbox
        It goes to the sandbox.
    """
    options = {key: _content(value) for key, value in request.items() if key not in _TRANSPORT}
    canonical = json.dumps(
        [provider, "sandbox" if sandbox else "real", kind, options],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _content(value: Any) -> Any:
    if isinstance(value, dict):
        return (
            value["sha256"] if value.get("sha256") else {key: _content(item) for key, item in value.items()}
        )
    return [_content(item) for item in value] if isinstance(value, list) else value
