"""Videos from a template: a picture, a few words, and a scene that MiniMax has prepared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.amounts import count
from minimax_nb.catalog import Model, Template, catalog, nearest
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import image_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of, option

_DOCS = "MiniMax docs, api-reference/video-agent-create"
_LIST = "%minimax templates lists what each needs"


class AgentVideoRequest(PromptRequest):
    """One video by a template, which says how many images and texts it needs."""

    kind: ClassVar[str] = "agent"
    text_required: ClassVar[bool] = False

    prompt: str | None = option(
        None,
        help="The template's text; one a line where it needs several.",
        source=_DOCS,
        aliases=("text-inputs", "text"),
    )
    template: str = option(
        help="Template, by name or id; %minimax templates lists them.", source=_DOCS, aliases=("template-id",)
    )
    image: tuple[MediaInput, ...] = option(
        (),
        help="The template's picture: path, URL or earlier result; may be repeated.",
        source=_DOCS,
        aliases=("media-inputs", "media"),
    )

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        """Write a template as the catalog does: its name, with the region where another one has that name too."""
        found = find_template(values.get("template"))
        if found is not None:
            values["template"] = next(name for name, item in template_names().items() if item == found)

    @property
    def template_id(self) -> str:
        """The template's id at MiniMax."""
        found = find_template(self.template)
        return found.id if found is not None else self.template

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts for the template: the whole prompt, or its lines where several are needed."""
        found = find_template(self.template)
        if self.prompt is None:
            return ()
        if found is None or found.text_inputs < 2:
            return (self.prompt.strip(),)
        return tuple(line.strip() for line in self.prompt.splitlines() if line.strip())

    def rules(self) -> Iterator[str]:
        """Yield broken rules: a template there is, with as many images and texts as it needs."""
        found = find_template(self.template)
        if found is None:
            if not self.template.isdigit():
                names = list(dict.fromkeys(template.name for template in catalog().templates()))
                rule = f"no such template; {one_of(names)}{nearest(self.template, names)}"
                yield self.line("template", self.template, rule)
            return
        if len(self.image) != found.media_inputs:
            yield _count("--image", len(self.image), found.media_inputs, "image", found)
        if len(self.texts) != found.text_inputs:
            flag = "--prompt" if self.texts else "--prompt is missing (write it below the first line)"
            yield _count(flag, len(self.texts), found.text_inputs, "text", found)

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules for the images."""
        for media in self.image:
            if problem := image_problem(media, model.limits):
                yield self.line("image", media, problem, model)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: a template that is not in the catalog, or not offered everywhere."""
        yield from super().remarks(model)
        found = find_template(self.template)
        if found is None:
            yield f"template {self.template} is not in the catalog; it is sent as it is ({_DOCS})"
        elif found.region == "china":
            yield f"{found.name} ({found.id}) is offered in China only, at api.minimaxi.com ({found.source})"

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model and the template; a clip is one unit."""
        return {"model": self.model, "template": self.template}


def template_names() -> dict[str, Template]:
    """Return the templates by what names each; where a name means another one, its region is said."""
    every = catalog().templates()
    return {item.name if find_template(item.name) == item else _in_region(item): item for item in every}


def find_template(text: Any) -> Template | None:
    """Return the template of an id or a name; of two with one name the one offered globally, if no region is said."""
    wanted = str(text or "").strip()
    every = catalog().templates()
    named = [
        item for item in every if wanted.casefold() in (item.name.casefold(), _in_region(item).casefold())
    ]
    named.sort(key=lambda item: item.region != "global")
    return next((item for item in every if item.id == wanted), named[0] if named else None)


def _in_region(item: Template) -> str:
    """Return ``Diving (China)``."""
    return f"{item.name} ({item.region.capitalize()})"


def _count(what: str, given: int, needed: int, unit: str, template: Template) -> str:
    amount = count(needed, unit) if needed else f"no {unit}"
    had = f" ({given} given)" if given else ""
    return f"{what}: {template.name} needs {amount}{had}; {_LIST} ({template.source})"
