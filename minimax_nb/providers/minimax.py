"""The MiniMax platform itself: the native API (``/v1``), as data and pure functions.

Source: MiniMax docs, api-reference (image-generation, speech-t2a-http, video-generation, music-generation,
voice-design, voice-cloning, files); product documents, MiniMax Generation Reference.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from minimax_nb.errors import ErrorInfo, RequestInvalidError
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.video import VideoRequest
from minimax_nb.kinds.voice_clone import VoiceCloneRequest
from minimax_nb.kinds.voice_design import VoiceDesignRequest
from minimax_nb.providers import minimax_replies as replies
from minimax_nb.providers.base import Balance, Outcome, Output, Upload
from minimax_nb.providers.bodies import as_id
from minimax_nb.providers.carry import model_of, refuse_uncarried, wire_of
from minimax_nb.wire import HttpCall, Json, Reply

_NAME = "minimax"

# Seconds without a byte. The synchronous operations answer only when the work is done, and a read
# given up too early is a paid request of unknown outcome: a song takes 44 to 192 s, ten thousand
# characters of speech and nine images more than a minute.
_SONG, _WORK, _CREATE, _READ, _UPLOAD = 600.0, 300.0, 60.0, 30.0, 300.0

#: Seconds for which an uploaded recording is named again; MiniMax deletes it after 7 days.
_KEPT = 6 * 86_400.0

_AUDIO_FORMATS = {
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "video/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
}


def _set(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _image(request: ImageRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = _set(
        model=wire_of(_NAME, request),
        prompt=request.prompt,
        aspect_ratio=request.aspect_ratio,
        width=request.width,
        height=request.height,
        n=request.n,
        seed=request.seed,
        prompt_optimizer=request.prompt_optimizer,
        response_format=request.response_format,
        aigc_watermark=request.aigc_watermark or None,
    )
    if request.style:
        body["style"] = _set(style_type=request.style, style_weight=request.style_weight)
    if request.subject_reference:
        body["subject_reference"] = [
            {"type": request.subject_type, "image_file": item.wire} for item in request.subject_reference
        ]
    return HttpCall("POST", "/v1/image_generation", body=body, timeout=_WORK)


def _speech(request: SpeechRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = _set(
        model=wire_of(_NAME, request),
        text=request.text,
        stream=False,
        voice_setting=_set(
            voice_id=request.voice,
            speed=request.speed,
            vol=request.volume,
            pitch=request.pitch,
            emotion=request.emotion,
            text_normalization=request.text_normalization or None,
        ),
        audio_setting=_set(
            sample_rate=request.sample_rate,
            bitrate=request.bitrate if request.format == "mp3" else None,
            format=request.format,
            channel=request.channel,
        ),
        language_boost=request.language_boost,
        subtitle_enable=request.subtitle or None,
        output_format=request.output,
    )
    if request.pronunciation:
        body["pronunciation_dict"] = {"tone": list(request.pronunciation)}
    return HttpCall("POST", "/v1/t2a_v2", body=body, timeout=_WORK)


def _video(request: VideoRequest, uploaded: Mapping[str, str]) -> HttpCall:
    model = model_of(_NAME, request)
    # The 01 series takes neither length nor size and answers 2013 when they are sent.
    sized = bool(model.durations)
    body = _set(
        model=model.wire or model.name,
        prompt=request.prompt or None,
        prompt_optimizer=request.prompt_optimizer,
        fast_pretreatment=request.fast_pretreatment or None,
        duration=request.duration if sized else None,
        resolution=request.resolution if sized else None,
        first_frame_image=request.first_frame.wire if request.first_frame else None,
        last_frame_image=request.last_frame.wire if request.last_frame else None,
        aigc_watermark=request.aigc_watermark or None,
    )
    if request.subject_reference:
        # A list here, a text named image_file in image requests.
        body["subject_reference"] = [{"type": "character", "image": [request.subject_reference.wire]}]
    return HttpCall("POST", "/v1/video_generation", body=body, timeout=_CREATE)


def _music(request: MusicRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = _set(
        model=wire_of(_NAME, request),
        prompt=request.prompt or None,
        lyrics=None if request.instrumental else request.lyrics or None,
        is_instrumental=request.instrumental or None,
        lyrics_optimizer=request.lyrics_optimizer or None,
        audio_setting=_set(sample_rate=request.sample_rate, bitrate=request.bitrate, format=request.format),
        output_format=request.output,
    )
    return HttpCall("POST", "/v1/music_generation", body=body, timeout=_SONG)


def _voice_design(request: VoiceDesignRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = _set(prompt=request.prompt, preview_text=request.preview, voice_id=request.voice_id)
    return HttpCall("POST", "/v1/voice_design", body=body, timeout=_WORK)


def _voice_clone(request: VoiceCloneRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = _set(
        file_id=_file_id(uploaded["audio"]),
        voice_id=request.voice_id,
        text=request.text or None,
        model=wire_of(_NAME, request) if request.text else None,
        language_boost=request.language_boost,
        text_validation=request.text_validation,
        accuracy=request.accuracy,
        need_noise_reduction=request.noise_reduction or None,
        need_volume_normalization=request.volume_normalization or None,
    )
    if "prompt_audio" in uploaded:
        body["clone_prompt"] = _set(
            prompt_audio=_file_id(uploaded["prompt_audio"]), prompt_text=request.prompt_text
        )
    return HttpCall("POST", "/v1/voice_clone", body=body, timeout=_WORK)


def _file_id(value: str) -> int | str:
    """Return a file id as the number that requests take; ids go beyond 2**53, Python minds not."""
    return int(value) if value.isascii() and value.isdigit() else value


_SUBMIT: Mapping[str, Callable[[Any, Mapping[str, str]], HttpCall]] = {
    "image": _image,
    "speech": _speech,
    "video": _video,
    "music": _music,
    "voice-design": _voice_design,
    "voice-clone": _voice_clone,
}

_CLASSES: tuple[type[Request], ...] = (
    ImageRequest, SpeechRequest, VideoRequest, MusicRequest, VoiceDesignRequest, VoiceCloneRequest,
)  # fmt: skip
#: A prefix is APIXO's way of naming a voice.
_CARRIED = {cls.kind: frozenset(cls.model_fields) - {"voice_prefix"} for cls in _CLASSES}


class MiniMaxProvider:
    """The MiniMax platform."""

    name = _NAME
    title = "MiniMax"
    default_host = "https://api.minimax.io"
    host_env = "MINIMAX_API_HOST"
    key_env = "MINIMAX_API_KEY"
    key_url = "https://platform.minimax.io/user-center/basic-information/interface-key"
    kinds = frozenset(_SUBMIT)
    webhook_kinds = frozenset({"video"})

    def auth_headers(self, key: str) -> Mapping[str, str]:
        """Return the bearer header; the native API takes no other form of key."""
        return {"Authorization": f"Bearer {key}"}

    def check(self, request: Request) -> None:
        """Raise RequestInvalidError when MiniMax cannot do the request as asked."""
        refuse_uncarried(self.name, self.title, _CARRIED, request)
        if not isinstance(request, VoiceCloneRequest):
            return
        if not request.voice_id:
            raise RequestInvalidError(
                "--voice-id is missing: choose the new voice's id (MiniMax docs, voice-cloning-clone)"
            )

    def uploads(self, request: Request) -> Sequence[Upload]:
        """Return the recordings of a clone, which go to the file store first."""
        if not isinstance(request, VoiceCloneRequest):
            return ()
        found = [Upload("audio", "voice_clone", request.audio, _KEPT)]
        if request.prompt_audio:
            found.append(Upload("prompt_audio", "prompt_audio", request.prompt_audio, _KEPT))
        return found

    def upload_call(self, upload: Upload) -> HttpCall:
        """Build the upload. ``upload.media`` must hold its content: MiniMax does not fetch URLs."""
        media = upload.media
        if media.data is None:
            raise RequestInvalidError(
                f"the content of {media.name!r} is not loaded, and MiniMax does not fetch URLs itself"
            )
        file = (_file_name(media), media.data, media.mime or "application/octet-stream")
        return HttpCall(
            "POST",
            "/v1/files/upload",
            form={"purpose": upload.purpose},
            files={"file": file},
            timeout=_UPLOAD,
        )

    def parse_upload(self, reply: Reply) -> str | ErrorInfo:
        """Return the file id, or what went wrong."""
        return replies.read_upload(reply)

    def submit(self, request: Request, uploaded: Mapping[str, str], webhook: str | None = None) -> HttpCall:
        """Build the paid request; ``webhook`` for videos only."""
        call = _SUBMIT[request.kind](request, uploaded)
        return replace(call, body={**(call.body or {}), "callback_url": webhook}) if webhook else call

    def parse_submit(self, request: Request, reply: Reply) -> Outcome:
        """Read the reply to the paid request; all but video carry the result at once."""
        return replies.read_submit(request, reply)

    def adopt(self, request: Request, delivery: Json) -> Outcome | None:
        """Return the task that a callback names."""
        task_id = as_id(delivery.get("task_id"))
        return Outcome("queued", task_id=task_id, locator={"task_id": task_id}) if task_id else None

    def poll(self, locator: Json) -> HttpCall:
        """Build the video status request."""
        return HttpCall(
            "GET", "/v1/query/video_generation", query={"task_id": str(locator["task_id"])}, timeout=_READ
        )

    def parse_poll(self, locator: Json, reply: Reply) -> Outcome:
        """Read the video status."""
        return replies.read_poll(locator, reply)

    def fetch(self, output: Output) -> HttpCall:
        """Build the request for a fresh download URL of a finished video."""
        return HttpCall("GET", "/v1/files/retrieve", query={"file_id": output.file_id or ""}, timeout=_READ)

    def parse_fetch(self, output: Output, reply: Reply) -> Output | ErrorInfo:
        """Return the output with its download URL."""
        return replies.read_fetch(output, reply)

    def balance_call(self) -> HttpCall:
        """Build the request for what the account holds."""
        return HttpCall("GET", "/account/query_balance", timeout=_READ)

    def parse_balance(self, reply: Reply) -> Balance | ErrorInfo:
        """Read what the account holds."""
        return replies.read_balance(reply)


def _file_name(media: MediaInput) -> str:
    """Return a file name with the ending that the type asks for; MiniMax goes by the ending."""
    name = PurePosixPath(urlsplit(media.url).path if media.url else media.name).name or "audio"
    ending = _AUDIO_FORMATS.get(media.mime or "") or mimetypes.guess_extension(media.mime or "") or ""
    return name if "." in name or not ending else f"{name}{ending}"
