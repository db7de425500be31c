"""Videos by a template: found by name or id, with as many images and texts as it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.kinds.agent import find_template, template_names
from tests.unit.samples import picture

CREATE = "(MiniMax docs, api-reference/video-agent-create)"
LIST = "%minimax templates lists what each needs (product document, MiniMax platform guide, Video Agent Template List)"
URL = "https://example.com/pet.jpg"
RUN, DIVING, DIVING_CHINA = "393769180141805569", "392747428568649728", "392753057216684038"


def refused(text: str | None, options: Mapping[str, Any]) -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        build("agent", text, options).resolve("minimax")
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "options", "line"),
    [
        (None, {"image": URL}, "--template is missing: Template, by name or id; %minimax templates lists them."),
        (None, {"template": "Diving"}, f"--image: Diving needs 1 image; {LIST}"),
        (None, {"template": "Diving", "image": [URL, URL]}, f"--image: Diving needs 1 image (2 given); {LIST}"),
        ("now", {"template": "Diving", "image": URL}, f"--prompt: Diving needs no text (1 given); {LIST}"),
        (
            None, {"template": RUN, "image": URL},
            f"--prompt is missing (write it below the first line): Run for Life needs 1 text; {LIST}",
        ),
        (
            None, {"template": "Diving", "image": picture(200, 400)},
            f"--image bytes: 200 x 400 px; the short side must be more than 300 px {CREATE}",
        ),
    ],
)  # fmt: skip
def test_one_line_for_each_broken_rule(text: str | None, options: Mapping[str, Any], line: str) -> None:
    assert refused(text, options) == [line]


def test_an_unknown_template_gets_the_nearest_and_the_list() -> None:
    (line,) = refused(None, {"template": "Divng", "image": URL})
    assert line.startswith("--template Divng: no such template; Diving, Run for Life, ")
    assert "; did you mean 'Diving'?" in line


@pytest.mark.parametrize("word", ["Run for Life", "run for life", RUN])
def test_name_and_id_are_the_same_request(word: str) -> None:
    request = build("agent", " a lion ", {"template": word, "image": URL})
    assert (request.template, request.template_id, request.texts) == ("Run for Life", RUN, ("a lion",))


def test_of_two_with_one_name_the_one_offered_everywhere_is_meant() -> None:
    assert build("agent", None, {"template": "Diving", "image": URL}).template_id == DIVING
    china = build("agent", None, {"template": DIVING_CHINA, "image": URL}).resolve("minimax")
    assert (china.template, china.template_id) == ("Diving (China)", DIVING_CHINA)
    assert "offered in China only" in china.warnings().items[0]
    assert set(template_names()) >= {"Diving", "Diving (China)"}
    assert build("agent", None, china.to_json()).template_id == DIVING_CHINA


def test_a_template_newer_than_the_catalog_is_sent_as_it_is() -> None:
    request = build("agent", "lion", {"template": "400000000000000001", "image": URL}).resolve("minimax")
    assert request.template_id == "400000000000000001"
    assert "not in the catalog" in request.warnings().items[0]
    assert find_template("400000000000000001") is None
