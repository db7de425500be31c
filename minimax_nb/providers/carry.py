"""Which options a provider can carry, and which of them a request really sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minimax_nb.catalog import Model, catalog
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.wire import Json

#: Kind → names of the request fields that have a place in the provider's own request.
Carried = Mapping[str, frozenset[str]]


def given(request: Request, name: str) -> Any:
    """Return an option's value when it was set, by the user or by the model's defaults, else ``None``.

    What nobody set is left out, so that a gateway's own default holds rather than a guess of ours.
    """
    value = getattr(request, name)
    return value if name in request.model_fields_set or changed(request, name) else None


def changed(request: Request, name: str) -> bool:
    """Say whether an option differs from its default."""
    field = type(request).model_fields[name]
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return bool(getattr(request, name) != default)


def present(**values: Any) -> Json:
    """Return the fields that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def model_of(provider: str, request: Request) -> Model:
    """Return the catalog's entry of the request's model, or of the provider's default one."""
    return catalog().model(provider, request.kind, getattr(request, "model", None))


def wire_of(provider: str, request: Request) -> str:
    """Return the provider's own name of the request's model."""
    model = model_of(provider, request)
    return model.wire or model.name


def refuse_uncarried(provider: str, title: str, carried: Carried, request: Request) -> None:
    """Raise RequestInvalidError for set options that have no place in the provider's request.

    Parameters
    ----------
    provider, title
        The provider's name and its display name.
    carried
        What it can carry.
    request
        The request; its kind must be one of ``carried``.
    """
    fields = carried.get(request.kind)
    if fields is None:
        able = [name for name in catalog().providers_for(request.kind) if name != provider]
        instead = f"; providers that do: {', '.join(able)}" if able else ""
        raise RequestInvalidError(f"{provider} has no {request.kind}{instead}")
    names = [name for name in type(request).model_fields if name not in fields and changed(request, name)]
    if names:
        raise RequestInvalidError(
            [f"--{name.replace('_', '-')}: {title} has no such option for {request.kind}" for name in names],
            hint="Leave it out, or choose another provider with --provider.",
        )
