"""``/v1/files/*``: uploads, lists, addresses, contents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial

from starlette.datastructures import UploadFile
from starlette.responses import Response

from minimax_nb.catalog import catalog
from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.media_links import image_format
from minimax_nb.sandbox.minimax.common import fields_of
from minimax_nb.sandbox.minimax.envelope import base_resp
from minimax_nb.sandbox.studio import is_media
from minimax_nb.sandbox.wire import Call, Json, json_reply

_MB = 2**20
_HOUR, _DAY = 3600, 86_400
_IMAGES = ("jpg", "jpeg", "png", "webp", "heic", "heif")
_SOUNDS = ("mp3", "m4a", "wav")
_SPEECH_URL_HOURS = 9


@dataclass
class StoredFile:
    """A file of an account: uploaded bytes, or a result that is made when asked for."""

    file_id: int
    filename: str
    purpose: str
    created: float
    data: bytes = b""
    blob: Blob | None = None

    @property
    def sha256(self) -> str:
        """Digest of the uploaded bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def expired(self, now: float) -> bool:
        """Return whether the file was kept long enough."""
        rule = catalog().file_purpose("minimax", self.purpose)
        return rule is not None and rule.kept_days is not None and now >= self.created + rule.kept_days * _DAY

    def to_json(self) -> Json:
        """Return the object of the files endpoints; ids of videos are strings, all others integers."""
        video = self.purpose == "video_generation"
        return {
            "file_id": str(self.file_id) if video else self.file_id,
            "bytes": len(self.data),
            "created_at": int(self.created),
            "filename": self.filename,
            "purpose": self.purpose,
        }


def of(call: Call, file_id: int, purpose: str, problem: Invalid) -> StoredFile:
    """Return a file of the account by id and purpose; raise ``problem`` when there is none."""
    found = call.account.files.get(file_id)
    if not isinstance(found, StoredFile) or found.purpose != purpose:
        raise problem
    if found.expired(call.world.clock.now()):
        raise Invalid(problem.field, "file expired")
    return found


async def upload(call: Call) -> Json | Response:
    """``POST /v1/files/upload``, multipart."""
    if not call.request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Invalid("body", "must be multipart/form-data")
    async with call.request.form() as form:
        purpose, part = form.get("purpose"), form.get("file")
        taken = [rule.name for rule in catalog().file_purposes("minimax") if rule.upload]
        if purpose not in taken:
            raise Invalid("purpose", f"must be one of {', '.join(taken)}")
        if not isinstance(part, UploadFile) or not part.filename:
            raise Invalid("file", "required", missing=True)
        data, filename = await part.read(), part.filename
    assert isinstance(purpose, str)
    rule = catalog().file_purpose("minimax", purpose)
    assert rule is not None
    endings = rule.bytes_max
    ending = filename.rpartition(".")[2].lower()
    call.entry.body = {"purpose": purpose, "filename": filename, "bytes": len(data)}
    if ending not in endings:
        raise Invalid("file", f"must be {', '.join(endings)}")
    if not data or len(data) > endings[ending]:
        raise Invalid("file", f"must have 1 byte to {endings[ending] // _MB} MB")
    if purpose == "video_generation_input" and not await _usable(call, ending, data):
        # The one purpose whose files are looked into as they come, with a status of its own.
        return json_reply(base_resp(2013, "invalid params, file: the media cannot be decoded"), 400)
    # Beyond 2**53 on purpose: the ids are int64, and clients that read them as floats lose digits.
    file_id = call.world.next_rng("file").randrange(10**17, 9 * 10**17) * 10 + 1
    stored = StoredFile(file_id, filename, purpose, call.world.clock.now(), data)
    call.account.files[file_id] = stored
    return {"file": stored.to_json()}


async def _usable(call: Call, ending: str, data: bytes) -> bool:
    """Return whether a file is the picture, film or sound that its name says."""
    if ending in {"heic", "heif"}:
        return data[4:8] == b"ftyp"
    if ending in _IMAGES and image_format(data) is None:
        return False
    kind = "image" if ending in _IMAGES else "audio" if ending in _SOUNDS else "video"
    return await call.world.blobs.run(partial(is_media, data, kind))


def _listed() -> tuple[str, ...]:
    return tuple(rule.name for rule in catalog().file_purposes("minimax"))


async def listing(call: Call) -> Json:
    """``GET /v1/files/list?purpose=``."""
    purpose = Fields(dict(call.query)).choice("purpose", _listed(), required=True)
    now = call.world.clock.now()
    return {
        "files": [
            file.to_json()
            for file in call.account.files.values()
            if file.purpose == purpose and not file.expired(now)
        ]
    }


def _asked(call: Call) -> StoredFile:
    text = Fields(dict(call.query)).text("file_id", required=True, low=1) or ""
    found = call.account.files.get(int(text)) if text.isdecimal() else None
    if not isinstance(found, StoredFile):
        raise Invalid("file_id", "no such file")
    if found.expired(call.world.clock.now()):
        raise Invalid("file_id", "file expired")
    return found


def _blob(file: StoredFile) -> Blob:
    return file.blob or Blob(lambda: file.data, "application/octet-stream")


async def retrieve(call: Call) -> Json:
    """``GET /v1/files/retrieve?file_id=``: a fresh address every time."""
    file = _asked(call)
    speech = file.purpose == "t2a_async"
    hours = _SPEECH_URL_HOURS if speech else call.world.switches.minimax_url_hours
    folder = "async_tts" if speech else "video_inference_output"
    expires = call.world.clock.now() + hours * _HOUR
    url = call.world.blobs.publish(_blob(file), f"{folder}/{file.filename}", expires, gone_status=403)
    return {"file": {**file.to_json(), "download_url": url, "backup_download_url": ""}}


async def content(call: Call) -> Response:
    """``GET /v1/files/retrieve_content?file_id=``: the bytes themselves."""
    blob = _blob(_asked(call))
    return Response(await call.world.blobs.read(blob), media_type=blob.mime)


async def delete(call: Call) -> Json:
    """``POST /v1/files/delete``."""
    fields = fields_of(call)
    raw = fields.get("file_id", required=True)
    purpose = fields.choice("purpose", _listed(), required=True) or ""
    number = int(raw) if str(raw).isdecimal() else -1
    found = call.account.files.get(number)
    if not isinstance(found, StoredFile) or found.purpose != purpose:
        raise fields.fail("file_id", "no such file")
    del call.account.files[number]
    return {"file_id": found.to_json()["file_id"]}
