"""MiniMax's requests for speech: at once, in a stream, through a WebSocket, long, and the document's flat one.

Source: MiniMax docs, api-reference/speech-t2a-http, speech-t2a-websocket, speech-t2a-async-create; the
flat request: product document, MiniMax Generation Reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from minimax_nb.catalog import catalog
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.spoken import mix_of
from minimax_nb.providers.base import Upload
from minimax_nb.providers.carry import present, wire_of
from minimax_nb.wire import HttpCall, Json, Turn

_NAME = "minimax"
#: Seconds without a byte: ten thousand characters take more than a minute before the reply comes whole.
_WORK, _CREATE = 300.0, 60.0
#: Seconds without a frame: the other side cuts an idle line after 120.
_FRAME = 150.0
#: Seconds for which an uploaded text is named again; MiniMax deletes it after 7 days.
_KEPT = 6 * 86_400.0
#: Most characters of one frame; it takes less than 10,000.
_PART = 8_000
_FAILED: Json = {"event": "task_failed"}


def call_of(request: SpeechRequest, uploaded: Mapping[str, str]) -> HttpCall:
    """Return the paid request, in the way that was asked for."""
    if request.wire == "t2a_input":
        return HttpCall("POST", "/speech/speech_t2a_input", body=_flat(request), timeout=_WORK)
    if request.long:
        return HttpCall("POST", "/v1/t2a_async_v2", body=_long(request, uploaded), timeout=_CREATE)
    if request.transport == "websocket":
        return HttpCall("GET", "/ws/v1/t2a_v2", turns=_turns(request), timeout=_FRAME)
    if request.transport == "bidi":
        return HttpCall("GET", "/ws/v1/t2a_v2_bidi", turns=_dictated(request), timeout=_FRAME)
    return HttpCall("POST", "/v1/t2a_v2", body=_body(request), timeout=_WORK)


def text_upload(request: SpeechRequest) -> Upload | None:
    """Return the text that goes to the file store first: a file, or one too long for the request itself."""
    if request.text_file is not None:
        return Upload("text_file", "t2a_async_input", _named(request.text_file), _KEPT)
    text, most = request.text or "", _inline(request)
    if not request.long or most is None or len(text) <= most:
        return None
    media = MediaInput(name="text.txt", data=text.encode(), mime="text/plain")
    return Upload("text_file", "t2a_async_input", media, _KEPT)


def _inline(request: SpeechRequest) -> int | None:
    most = catalog().model(_NAME, request.kind, request.model).limits.get("text_long_max")
    return int(most) if most is not None else None


def _named(media: MediaInput) -> MediaInput:
    """Return a text file under a name whose ending says what it is; MiniMax goes by the ending."""
    packed = (media.data or b"")[:4] == b"PK\x03\x04"
    name, mime = ("text.zip", "application/zip") if packed else ("text.txt", "text/plain")
    if media.name.lower().endswith(name[-4:]):
        name = media.name
    return MediaInput(name=name, url=media.url, data=media.data, mime=mime, sha256=media.sha256)


def _body(request: SpeechRequest) -> Json:
    body = _common(request, "text_normalization") | {"text": request.text, "stream": request.stream}
    body["output_format"] = request.output
    body["audio_setting"]["sample_rate"] = request.sample_rate
    if request.stream:
        body["stream_options"] = {"exclude_aggregated_audio": True}
        if request.force_cbr:
            body["audio_setting"]["force_cbr"] = True
    return body | _captions(request) | present(aigc_watermark=request.aigc_watermark or None)


def _long(request: SpeechRequest, uploaded: Mapping[str, str]) -> Json:
    body = _common(request, "english_normalization")
    body["audio_setting"]["audio_sample_rate"] = request.sample_rate
    file_id = uploaded.get("text_file")
    if file_id is not None:
        body["text_file_id"] = int(file_id) if file_id.isascii() and file_id.isdigit() else file_id
    else:
        body["text"] = request.text
    return body | present(aigc_watermark=request.aigc_watermark or None)


def _start(request: SpeechRequest) -> Json:
    start: Json = {"event": "task_start"} | _common(request, "english_normalization")
    start["audio_setting"]["sample_rate"] = request.sample_rate
    if request.force_cbr:
        start["audio_setting"]["force_cbr"] = True
    return start


def _dictated(request: SpeechRequest) -> tuple[Turn, ...]:
    """Return the turns of a text that goes out in parts; captions are made of the sentences that come back."""
    first, *rest = _parts(request.text or "")
    begin: Json = {"event": "task_continue"}
    turns = [
        Turn(None, {"event": "connected_success"}, _FAILED),
        Turn(_start(request), {"event": "task_started"}, _FAILED),
        *(Turn({**begin, "text": part}, None, _FAILED) for part in (first, *rest)),
    ]
    if request.max_characters is not None:
        turns.append(Turn(begin, None, _FAILED, dictated="text"))
    return (*turns, Turn({"event": "task_finish"}, {"event": "task_finished"}, _FAILED))


def _parts(text: str) -> list[str]:
    """Cut a text, at blanks where it has any, into parts that one frame takes."""
    found = []
    while len(text) > _PART:
        at = max(text.rfind(" ", 1, _PART), text.rfind("\n", 1, _PART)) + 1 or _PART
        found.append(text[:at])
        text = text[at:]
    return [*found, text]


def _turns(request: SpeechRequest) -> tuple[Turn, ...]:
    start = _start(request) | _captions(request)
    start |= present(continuous_sound=request.continuous_sound or None)
    text: Json = {"event": "task_continue", "text": request.text}
    return (
        Turn(None, {"event": "connected_success"}, _FAILED),
        Turn(start, {"event": "task_started"}, _FAILED),
        Turn(text, {"event": "task_continued", "is_final": True}, _FAILED),
        Turn({"event": "task_finish"}, {"event": "task_finished"}, _FAILED),
    )


def _common(request: SpeechRequest, normalization: str) -> Json:
    """Return what all the ways of speech take; only the names of two fields differ."""
    voice = present(
        voice_id=request.voice,
        speed=request.speed,
        vol=request.volume,
        pitch=request.pitch,
        emotion=request.emotion,
        latex_read=request.latex or None,
        **{normalization: request.text_normalization or None},
    )
    audio = present(
        bitrate=request.bitrate if request.format == "mp3" else None,
        format=request.format,
        channel=request.channel,
    )
    modify = present(
        pitch=request.modify_pitch or None,
        intensity=request.modify_intensity or None,
        timbre=request.modify_timbre or None,
        sound_effects=request.sound_effect,
    )
    mix = (
        [{"voice_id": name, "weight": weight} for name, weight in mix_of(request.mix)]
        if request.mix
        else None
    )
    return present(
        model=wire_of(_NAME, request),
        voice_setting=voice,
        audio_setting=audio,
        timbre_weights=mix,
        language_boost=request.language_boost,
        voice_modify=modify or None,
        pronunciation_dict={"tone": list(request.pronunciation)} if request.pronunciation else None,
    )


def _captions(request: SpeechRequest) -> Json:
    return present(subtitle_enable=request.subtitle or None, subtitle_type=request.subtitle_type)


def _flat(request: SpeechRequest) -> Json:
    """Return the product document's request: ``rate`` for speed, ``pitch`` as a factor about 1."""
    return present(
        model=wire_of(_NAME, request),
        text=request.text,
        voice=request.voice,
        emotion=request.emotion,
        rate=request.speed,
        volume=request.volume,
        pitch=round(2 ** (request.pitch / 12), 4),
        output_format=request.format,
    )


def poll_call(task_id: str) -> HttpCall:
    """Return the request for the state of a long text."""
    return HttpCall("GET", "/v1/query/t2a_async_query_v2", query={"task_id": task_id}, timeout=30.0)
