"""Replies as they really come: ids as text or number, counts as text, ``null`` where an object is due.

The models name what we read, keep what they do not know (``extra="allow"``) and never raise: a value
of the wrong type reads as absent. Whether something vital is absent is for the provider to judge.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from minimax_nb.wire import Json


def as_int(value: Any) -> int | None:
    """Return an int of 64 bits from a number or a numeral; ``None`` for anything else, booleans included."""
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return value if fits else None


def as_text(value: Any) -> str | None:
    """Return non-blank text as given; ``None`` for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def as_amount(value: Any) -> Decimal | None:
    """Return an exact amount from a number or a numeral; ``None`` for anything else."""
    try:
        amount = None if isinstance(value, bool) or value is None else Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() else None


def as_id(value: Any) -> str | None:
    """Return an id as text, from text or a number; ``None`` for an empty one and for 0."""
    if isinstance(value, str):
        return value.strip() or None
    number = as_int(value)
    return str(number) if number else None


def as_texts(value: Any) -> list[str]:
    """Return the texts of a list, or of a bare text; nothing else."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if as_text(item)]


def as_object(value: Any) -> Any:
    """Return an object, or an empty one in place of ``null`` and other types."""
    return value if isinstance(value, dict) else {}


Int = Annotated[int | None, BeforeValidator(as_int)]
Text = Annotated[str | None, BeforeValidator(as_text)]
Texts = Annotated[list[str], BeforeValidator(as_texts)]
Id = Annotated[str | None, BeforeValidator(as_id)]


class Wire(BaseModel):
    """Base of the reply models."""

    model_config = ConfigDict(extra="allow", populate_by_name=True, protected_namespaces=())

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a JSON object; never raises."""
        return cls.model_validate(data)


class BaseResp(Wire):
    """MiniMax's verdict inside every native reply; ``status_code`` 0 is success."""

    status_code: Int = None
    status_msg: Text = None
    trace_id: Text = None


class NativeData(Wire):
    """``data`` of a MiniMax reply. ``audio`` is hex or a URL; both come in the same field."""

    audio: Text = None
    subtitle_file: Text = None
    image_urls: Texts = []
    image_base64: Texts = []


class NativeExtra(Wire):
    """``extra_info`` of a MiniMax reply; lengths in milliseconds, sizes in bytes."""

    audio_length: Int = None
    audio_sample_rate: Int = None
    audio_size: Int = None
    audio_channel: Int = None
    audio_format: Text = None
    bitrate: Int = None
    usage_characters: Int = None
    music_duration: Int = None
    music_sample_rate: Int = None
    music_channel: Int = None
    music_size: Int = None


class Counts(Wire):
    """``metadata`` of an image reply; the counts come as text or as numbers."""

    success_count: Int = None
    failed_count: Int = None


class NativeFile(Wire):
    """``file`` of the files endpoints; the id is a 64-bit number there and text in video replies."""

    file_id: Id = None
    download_url: Text = None
    backup_download_url: Text = None


class NativeReply(Wire):
    """Any reply of MiniMax's native API."""

    base_resp: Annotated[BaseResp, BeforeValidator(as_object)] = BaseResp()
    trace_id: Text = None
    id: Text = None
    task_id: Id = None
    file_id: Id = None
    status: Text = None
    video_width: Int = None
    video_height: Int = None
    voice_id: Id = None
    trial_audio: Text = None
    demo_audio: Text = None
    #: A bool in older replies, ``{"type": n}`` in newer ones.
    input_sensitive: Any = None
    input_sensitive_type: Int = None
    data: Annotated[NativeData, BeforeValidator(as_object)] = NativeData()
    extra_info: Annotated[NativeExtra, BeforeValidator(as_object)] = NativeExtra()
    metadata: Annotated[Counts, BeforeValidator(as_object)] = Counts()
    file: Annotated[NativeFile, BeforeValidator(as_object)] = NativeFile()


class PixazoMedia(Wire):
    """``output`` of Pixazo's status reply; ``media_url`` is a list, elsewhere a bare text."""

    media_url: Texts = []
    media_type: Text = None


class PixazoAudio(Wire):
    """``audio`` of Pixazo's older voice-design result."""

    url: Text = None
    duration_seconds: Any = None
    sample_rate_hz: Int = None
    format: Text = None


class PixazoImages(Wire):
    """``data`` of an image reply in MiniMax's own form, which Pixazo may pass through."""

    image_urls: Texts = []
    image_base64: Texts = []


class PixazoReply(Wire):
    """Any reply of Pixazo; time stamps come in two forms and are not read."""

    request_id: Id = None
    status: Text = None
    polling_url: Text = None
    model_id: Text = None
    #: A title in HTTP errors, a message in status replies, ``null`` on success.
    error: Any = None
    error_message: Text = None
    output: Annotated[PixazoMedia, BeforeValidator(as_object)] = PixazoMedia()
    audio: Annotated[PixazoAudio, BeforeValidator(as_object)] = PixazoAudio()
    estimated_completion_time: Any = None
    id: Text = None
    image_urls: Texts = []
    image_base64: Texts = []
    image_count: Int = None
    data: Annotated[PixazoImages, BeforeValidator(as_object)] = PixazoImages()
    metadata: Annotated[Counts, BeforeValidator(as_object)] = Counts()
    base_resp: Annotated[BaseResp, BeforeValidator(as_object)] = BaseResp()


class ApixoData(Wire):
    """``data`` of an APIXO reply; times in milliseconds."""

    task_id: Id = Field(None, alias="taskId")
    state: Text = None
    voice_id: Id = None
    voice_type: Text = None
    #: Text that holds JSON.
    result_json: Any = Field(None, alias="resultJson")
    fail_code: Id = Field(None, alias="failCode")
    fail_msg: Text = Field(None, alias="failMsg")
    create_time: Int = Field(None, alias="createTime")
    complete_time: Int = Field(None, alias="completeTime")
    cost_time: Int = Field(None, alias="costTime")
    error: Any = None


class ApixoReply(Wire):
    """Any reply of APIXO. ``code`` is 200 when all is well; some status replies leave it out."""

    code: Any = None
    message: Text = None
    fail_code: Id = Field(None, alias="failCode")
    data: Annotated[ApixoData, BeforeValidator(as_object)] = ApixoData()
