from __future__ import annotations

from collections.abc import Mapping

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.voice_design import VoiceDesignRequest

DOCS = "(MiniMax docs, api-reference/voice-design-design)"
APIXO = "(product document, APIXO minimax-voice)"
PREFIX = f"at least 6 of A-Z, a-z and 0-9; a letter first {APIXO}"


def refused(
    options: Mapping[str, object], text: str | None = "A warm voice", provider: str = "minimax"
) -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        VoiceDesignRequest.make(text, **options).resolve(provider)
    return caught.value.problems


def test_what_is_missing() -> None:
    assert refused({}, None) == [
        "--prompt is missing (write it below the first line)",
        "--preview is missing: What the new voice says in its sample; billed.",
    ]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"preview": "x" * 501}, f"--preview: 501 characters; at most 500 for voice-design {DOCS}"),
        ({"preview_text": ""}, f"--preview '': must not be blank {DOCS}"),
        ({"preview": "Hi", "voice_prefix": "1warm00"}, f"--voice-prefix 1warm00: {PREFIX}"),
        ({"preview": "Hi", "voice_id_prefix": "warm0"}, f"--voice-prefix warm0: {PREFIX}"),
        ({"preview": "Hi", "voice_id_prefix": "warm_001"}, f"--voice-prefix warm_001: {PREFIX}"),
    ],
)
def test_one_line_for_each_broken_rule(options: Mapping[str, object], line: str) -> None:
    assert refused(options) == [line]


def test_the_limit_of_apixo() -> None:
    options = {"preview": "x" * 501, "voice_prefix": "warm001"}
    assert refused(options, provider="apixo") == [
        f"--preview: 501 characters; at most 500 for minimax-voice {APIXO}"
    ]


def test_a_provider_without_a_stated_limit_gets_a_remark() -> None:
    request = VoiceDesignRequest.make("A warm voice", preview="x" * 501).resolve("pixazo")
    assert request.warnings().items == [
        f"--preview: 501 characters; the model behind takes at most 500 {DOCS}"
    ]


def test_a_good_one() -> None:
    request = VoiceDesignRequest.make("A warm voice", preview_text="x" * 500, voice_prefix="warm001").resolve(
        "apixo"
    )
    assert (request.model, request.voice_prefix) == ("minimax-voice", "warm001")
    assert request.price_facts() == {"model": "minimax-voice", "characters": 500}
