"""The MiniMax platform itself: the native API (``/v1``), as data and pure functions.

Source: MiniMax docs, api-reference (image-generation, speech-t2a-http, video-generation, music-generation,
voice-design, voice-cloning, files); product documents, MiniMax Generation Reference.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Protocol
from urllib.parse import urlsplit

from minimax_nb.errors import ErrorInfo, RequestInvalidError
from minimax_nb.kinds.agent import AgentVideoRequest
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.kinds.chat import ChatRequest
from minimax_nb.kinds.context_ir import ContextIRRequest
from minimax_nb.kinds.cover_preprocess import CoverPreprocessRequest
from minimax_nb.kinds.describe import DescribeRequest
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.lyrics import LyricsRequest
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.kinds.search import SearchRequest
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.transcribe import TranscribeRequest
from minimax_nb.kinds.video import VideoRequest
from minimax_nb.kinds.video_regeneration import VideoRegenerationRequest
from minimax_nb.kinds.voice_clone import VoiceCloneRequest
from minimax_nb.kinds.voice_design import VoiceDesignRequest
from minimax_nb.providers import (
    minimax_agent,
    minimax_chat,
    minimax_listening,
    minimax_plan,
    minimax_songs,
    minimax_speech,
    minimax_v2,
)
from minimax_nb.providers import minimax_replies as replies
from minimax_nb.providers.base import Balance, Outcome, Output, PieceReader, Upload
from minimax_nb.providers.bodies import as_id
from minimax_nb.providers.carry import model_of, present, refuse_uncarried, wire_of
from minimax_nb.providers.minimax_account import MiniMaxAccount
from minimax_nb.providers.minimax_streams import AudioPieces
from minimax_nb.wire import HttpCall, Json, Reply

_NAME = "minimax"

# Seconds without a byte. The synchronous operations answer only when the work is done, and a read
# given up too early is a paid request of unknown outcome: nine images take more than a minute.
_WORK, _CREATE, _READ, _UPLOAD = 300.0, 60.0, 30.0, 300.0

#: Seconds for which an uploaded recording is named again; MiniMax deletes it after 7 days.
_KEPT = 6 * 86_400.0

_AUDIO_FORMATS = {
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "video/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
}


def _image(request: ImageRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = present(
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
        body["style"] = present(style_type=request.style, style_weight=request.style_weight)
    if request.subject_reference:
        body["subject_reference"] = [
            {"type": shows, "image_file": item.wire} for shows, item in request.subjects
        ]
    return HttpCall("POST", "/v1/image_generation", body=body, timeout=_WORK)


def _speech(request: SpeechRequest, uploaded: Mapping[str, str]) -> HttpCall:
    return minimax_speech.call_of(request, uploaded)


def _video(request: VideoRequest, uploaded: Mapping[str, str]) -> HttpCall:
    model = model_of(_NAME, request)
    if model.api == minimax_v2.OF:
        return minimax_v2.create(request, uploaded)
    # The 01 series takes neither length nor size and answers 2013 when they are sent.
    sized = bool(model.durations)
    body = present(
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


def _voice_design(request: VoiceDesignRequest, uploaded: Mapping[str, str]) -> HttpCall:
    body = present(prompt=request.prompt, preview_text=request.preview, voice_id=request.voice_id)
    return HttpCall("POST", "/v1/voice_design", body=body, timeout=_WORK)


def _voice_clone(request: VoiceCloneRequest, uploaded: Mapping[str, str]) -> HttpCall:
    if request.wire == "clone_url":  # as a product document has it; MiniMax's own pages know no such fields
        flat: Json = {"audio_url": request.audio.wire, "clone_name": request.voice_id}
        return HttpCall("POST", "/v1/voice_clone", body=flat, timeout=_WORK)
    body = present(
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
        body["clone_prompt"] = present(
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
    "music": minimax_songs.music,
    "lyrics": minimax_songs.lyrics,
    "agent": minimax_agent.create,
    "video-regeneration": minimax_v2.create,
    "context-ir": minimax_v2.create,
    "cover-preprocess": minimax_songs.cover_preprocess,
    "voice-design": _voice_design,
    "voice-clone": _voice_clone,
    "chat": minimax_chat.build,
    "transcribe": minimax_listening.call_of,
    "search": minimax_plan.search,
    "describe": minimax_plan.describe,
}

_CLASSES: tuple[type[Request], ...] = (
    ImageRequest, SpeechRequest, VideoRequest, MusicRequest, VoiceDesignRequest, VoiceCloneRequest,
    ChatRequest, LyricsRequest, AgentVideoRequest, VideoRegenerationRequest, ContextIRRequest,
    CoverPreprocessRequest, TranscribeRequest, SearchRequest, DescribeRequest,
)  # fmt: skip


class _Tasks(Protocol):
    """A module that asks for tasks of its own."""

    def poll(self, locator: Json) -> HttpCall: ...

    def read_poll(self, locator: Json, reply: Reply) -> Outcome: ...


#: What a locator says of whose task it is → the module that asks for it; the first API's videos say nothing.
_TASKS: Mapping[str, _Tasks] = {minimax_v2.OF: minimax_v2, minimax_agent.OF: minimax_agent}
#: A prefix is APIXO's way of naming a voice.
_CARRIED = {cls.kind: frozenset(cls.model_fields) - {"voice_prefix"} for cls in _CLASSES}


class MiniMaxProvider(MiniMaxAccount, minimax_v2.MiniMaxTasks):
    """The MiniMax platform."""

    name = _NAME
    title = "MiniMax"
    default_host = "https://api.minimax.io"
    host_env = "MINIMAX_API_HOST"
    key_env = "MINIMAX_API_KEY"
    key_url = "https://platform.minimax.io/user-center/basic-information/interface-key"
    kinds = frozenset(_SUBMIT)
    webhook_kinds = frozenset({"video", "video-regeneration", "context-ir", "agent"})

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
        """Return what goes to the file store first: the recordings of a clone, a text too long to be sent inline."""
        if isinstance(request, SpeechRequest):
            text = minimax_speech.text_upload(request)
            return () if text is None else (text,)
        if isinstance(request, TranscribeRequest):
            return minimax_listening.inputs(request)
        if isinstance(request, DescribeRequest):
            return minimax_plan.inputs(request)
        if minimax_v2.serves(request):
            return minimax_v2.uploads(request)
        if not isinstance(request, VoiceCloneRequest) or request.wire == "clone_url":
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
        """Build the paid request; ``webhook`` for tasks only."""
        call = _SUBMIT[request.kind](request, uploaded)
        return replace(call, body={**(call.body or {}), "callback_url": webhook}) if webhook else call

    def parse_submit(self, request: Request, reply: Reply) -> Outcome:
        """Read the reply to the paid request; all but video carry the result at once."""
        if request.kind == "chat":
            return minimax_chat.read(request, reply)
        if isinstance(request, TranscribeRequest):
            return minimax_listening.read(request, reply)
        if minimax_v2.serves(request):
            return minimax_v2.read_created(request, reply)
        if request.kind == "agent":
            return minimax_agent.read_created(request, reply)
        return replies.read_submit(request, reply)

    def piece_reader(self, request: Request) -> PieceReader | None:
        """Return a reader of the audio or the answer, where it comes piece by piece."""
        if isinstance(request, ChatRequest):
            return minimax_chat.reader(request)
        if isinstance(request, TranscribeRequest) and request.stream:
            return minimax_listening.TextPieces()
        if isinstance(request, SpeechRequest | MusicRequest) and request.stream:
            return AudioPieces(lines=getattr(request, "transport", None) in ("websocket", "bidi"))
        return None

    def adopt(self, request: Request, delivery: Json) -> Outcome | None:
        """Return the task that a callback names."""
        if minimax_v2.serves(request):
            return minimax_v2.adopt(delivery)
        task_id = as_id(delivery.get("task_id"))
        locator = {"task_id": task_id} | ({"of": minimax_agent.OF} if request.kind == "agent" else {})
        return Outcome("queued", task_id=task_id, locator=locator) if task_id else None

    def poll(self, locator: Json) -> HttpCall:
        """Build the status request of a video, of either API, or of a long text."""
        if locator.get("of") in _TASKS:
            return _TASKS[locator["of"]].poll(locator)
        if locator.get("of") == "speech":
            return minimax_speech.poll_call(str(locator["task_id"]))
        return HttpCall(
            "GET", "/v1/query/video_generation", query={"task_id": str(locator["task_id"])}, timeout=_READ
        )

    def parse_poll(self, locator: Json, reply: Reply) -> Outcome:
        """Read the status of a task."""
        if locator.get("of") in _TASKS:
            return _TASKS[locator["of"]].read_poll(locator, reply)
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
