"""What a lab can ask of an account's text models, free: which there are, and how many tokens a request has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from minimax_nb.catalog import catalog, nearest
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.lab.account import ask, unable
from minimax_nb.lab.threads import continued
from minimax_nb.providers.account import AccountModel, CountsTokens, HasModels

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

APIS = ("openai", "anthropic")


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One text model, as the account and the catalog have it.

    Parameters
    ----------
    id
        Exactly as requests name it.
    listed
        True when the provider lists it for this account.
    known
        True when the catalog has it, so that its limits and its price are known.
    """

    id: str
    listed: bool
    known: bool


class TextModels:
    """The text models' side of :class:`~minimax_nb.Lab`."""

    def account_models(
        self, model: str | None = None, *, api: str = "openai", provider: str | None = None
    ) -> list[ListedModel]:
        """Return the text models that the account lists, and those of the catalog that it does not.

        Parameters
        ----------
        model
            Look up this one alone.
        api
            Which of the provider's lists: ``openai`` or ``anthropic``.
        provider
            Provider's name; the configured one by default.

        Raises
        ------
        RequestInvalidError, ConfigError, ProviderError
            A wrong word, a provider without such a list, no key, no such model, or a refusal.
        """
        if api not in APIS:
            raise RequestInvalidError(f"--api {api!r}: openai or anthropic{nearest(api, APIS)}")
        connection = cast("Lab", self)._connections.open(provider)
        able = connection.provider
        if not isinstance(able, HasModels):
            raise unable(connection, "lists no models for an account")
        found: Sequence[AccountModel] = ask(connection, able.models_call(api, model), able.parse_models)
        # The role-play model has an endpoint of its own, and is on neither list.
        known = [item.name for item in catalog().models(able.name, "chat") if "chat" in item.modes]
        rows = [ListedModel(item.id, listed=True, known=item.id in known) for item in found]
        missing = () if model is not None else set(known) - {item.id for item in found}
        return rows + [ListedModel(name, listed=False, known=True) for name in known if name in missing]

    def count_tokens(self, request: Request, *, provider: str | None = None) -> int:
        """Return how many tokens the input of a chat request has, as the provider counts them; free.

        Parameters
        ----------
        request
            A :class:`~minimax_nb.ChatRequest`; a turn of a thread is counted with all that was said before.
        provider
            Provider's name; the configured one by default.

        Raises
        ------
        RequestInvalidError
            Not a chat request, or a model whose tokens nobody counts; nothing was sent.
        """
        lab = cast("Lab", self)
        connection = lab._connections.open(provider)
        able = connection.provider
        resolved = continued(lab, request).resolve(able.name)
        able.check(resolved)
        call = able.count_call(resolved) if isinstance(able, CountsTokens) else None
        if call is None or not isinstance(able, CountsTokens):
            what = getattr(resolved, "model", None) if resolved.kind == "chat" else resolved.kind
            raise RequestInvalidError(
                f"{connection.provider.title} counts no tokens of {what} before it is paid"
            )
        return ask(connection, call, able.parse_count)
