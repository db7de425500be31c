"""Songs' words, covers, templates and the second video API, asked of a real sandbox and stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import JobFailedError, ProviderError, RequestInvalidError
from minimax_nb.kinds import build
from tests.engine.conftest import Control
from tests.unit.samples import picture, wav

URL = "https://example.com/a"
STYLE = "a calm jazz cover with brushes"


def test_lyrics_are_text_and_feed_a_song(lab: Lab, control: Control) -> None:
    words = lab.lyrics("A song about the sea", title="Blue")
    assert words.is_text
    assert words.lyrics == words.text == str(words) == words.path.read_text("utf-8")
    assert "[Chorus]" in words.text
    assert (words.song_title, words.path.suffix) == ("Blue", ".txt")
    assert words.style
    assert words.cost is not None
    song = lab.music(words.style, lyrics=words.text, model="music-2.6")
    assert song[0].kind == "audio"
    assert control.requests("POST")[1]["body"]["lyrics"][:150] == words.text[:150]
    edited = lab.lyrics("sadder", lyrics=words.text)
    assert control.requests("POST")[2]["body"]["mode"] == "edit"
    assert edited.text != words.text


def test_a_song_is_heard_and_covered(lab: Lab, control: Control) -> None:
    heard = lab.cover_preprocess(wav(8))
    assert heard.cost == 0
    assert heard.cover_feature_id
    assert heard.facts["sections"].startswith("intro, verse")
    cover = lab.music(STYLE, cover_feature_id=heard.cover_feature_id, lyrics=heard.lyrics)
    assert (cover.model, cover[0].kind) == ("music-cover", "audio")
    assert lab.music(STYLE, reference_audio=wav(8)).model == "music-cover"
    assert "audio_base64" in control.requests("POST")[2]["body"]


def test_a_template_makes_a_video(lab: Lab, control: Control) -> None:
    clip = lab.agent("run for life", "a lion", image=picture(400, 400))
    assert (clip[0].kind, clip.model) == ("video", "video-agent")
    body = control.requests("POST")[0]["body"]
    assert (body["template_id"], body["text_inputs"]) == ("393769180141805569", [{"value": "a lion"}])
    assert lab.ledger.problems() == []


def test_a_prompt_is_written_out_made_a_video_and_made_again(lab: Lab, control: Control) -> None:
    scene = lab.context_ir("a lighthouse at dusk", duration=5)
    assert scene.text.startswith("Scene: a lighthouse")
    clip = lab.video(scene.text, model="MiniMax-H3", duration=5)
    again = lab.video_regeneration(clip)
    assert (clip[0].facts.height, again[0].facts.height) == (768, 1440)
    costs = [result.cost for result in (scene, clip, again)]
    assert sum(cost for cost in costs if cost is not None) * 10**9 == control.charged_nano
    assert None not in costs
    assert lab.ledger.problems() == []


def test_references_are_priced_as_they_are_billed(lab: Lab, control: Control) -> None:
    clip = lab.video("a fox", model="MiniMax-H3", duration=4)
    pictures = [picture(300, 300, seed=number) for number in range(6)]
    request = build(
        "video", "like these", {"reference_image": pictures, "reference_video": clip, "duration": 4}
    )
    quote = lab.estimate(request)
    result = lab.submit(request).result(30)
    assert result.cost == quote.amount
    assert control.requests("POST")[-1]["charged_nano"] == quote.amount_nano


def test_big_inputs_are_uploaded_once(lab: Lab, control: Control) -> None:
    noise = picture(1400, 1400, "PNG", noise=True)
    assert len(noise) > 3 * 2**20
    for prompt in ("a fox", "a hare"):
        lab.video(prompt, model="MiniMax-H3", duration=4, first_frame=noise)
    uploads = [item for item in control.requests("POST") if "/files/upload" in item["path"]]
    assert len(uploads) == 1
    urls = [item["image_url"]["url"] for item in control.requests("POST")[-1]["body"]["content"][1:]]
    assert urls[0].startswith("mm_file://")


@pytest.mark.parametrize(
    ("kind", "text"), [("video", "FAIL: a fox"), ("agent", "a lion"), ("context-ir", "a lighthouse")]
)
def test_a_failed_task_is_said_so(lab: Lab, control: Control, kind: str, text: str) -> None:
    options: dict[str, Mapping[str, Any]] = {
        "video": {"model": "MiniMax-H3", "duration": 4},
        "agent": {"template": "Run for Life", "image": picture(400, 400)},
        "context-ir": {},
    }
    control.fault("fail:1027", method="POST")
    job = lab.submit(build(kind, text, options[kind]))
    with pytest.raises(JobFailedError, match="1027"):
        job.result(30)
    assert control.charged_nano == 0


def test_music_that_is_closed_is_said_so(lab: Lab, control: Control) -> None:
    control._call("POST", "settings", {"music_sunset": True})
    try:
        with pytest.raises(ProviderError) as caught:
            lab.lyrics("A song about the sea")
    finally:
        control._call("POST", "settings", {"music_sunset": False})
    assert caught.value.info is not None
    assert "closed to new users" in (caught.value.info.meaning or "")
    assert control.charged_nano == 0


@pytest.mark.parametrize(
    ("kind", "text", "options"),
    [
        ("video", "a fox", {"model": "MiniMax-H3", "duration": 16}),
        ("video", "a fox", {"model": "MiniMax-H3", "first_frame": URL, "reference_image": URL}),
        ("video-regeneration", None, {}),
        ("context-ir", None, {}),
        ("agent", None, {"template": "Divng", "image": URL}),
        ("agent", None, {"template": "Run for Life", "image": URL}),
        ("lyrics", None, {}),
        ("cover-preprocess", None, {"audio": wav(2)}),
        ("music", STYLE, {"cover_feature_id": "f"}),
        ("image", "a fox", {"subject_type": ["character", "object"], "subject": URL}),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_sent(
    lab: Lab, control: Control, kind: str, text: str | None, options: Mapping[str, Any]
) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        lab.submit(build(kind, text, options))
    assert len(caught.value.problems) == 1
    assert control.requests() == []
