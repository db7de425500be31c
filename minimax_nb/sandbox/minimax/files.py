"""``/v1/files/*``: uploads, lists, addresses, contents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.responses import Response

from minimax_nb.sandbox.blobs import Blob
from minimax_nb.sandbox.checks import Fields, Invalid
from minimax_nb.sandbox.minimax.common import fields_of
from minimax_nb.sandbox.wire import Call, Json

_MB = 2**20
_AUDIO = ("mp3", "m4a", "wav")
#: Upload purpose → allowed endings and greatest size.
_PURPOSES: dict[str, tuple[tuple[str, ...], int]] = {
    "voice_clone": (_AUDIO, 20 * _MB),
    "prompt_audio": (_AUDIO, 20 * _MB),
    "t2a_async_input": (("txt", "zip"), 512 * _MB),
    "video_understanding": (("mp4", "avi", "mov", "mkv"), 512 * _MB),
}
_LISTED = (*_PURPOSES, "t2a_async", "video_generation")


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
    return found


async def upload(call: Call) -> Json:
    """``POST /v1/files/upload``, multipart."""
    if not call.request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Invalid("body", "must be multipart/form-data")
    async with call.request.form() as form:
        purpose, part = form.get("purpose"), form.get("file")
        if purpose not in _PURPOSES:
            raise Invalid("purpose", f"must be one of {', '.join(_PURPOSES)}")
        if not isinstance(part, UploadFile) or not part.filename:
            raise Invalid("file", "required", missing=True)
        data, filename = await part.read(), part.filename
    assert isinstance(purpose, str)
    endings, size = _PURPOSES[purpose]
    if filename.rpartition(".")[2].lower() not in endings:
        raise Invalid("file", f"must be {', '.join(endings)}")
    if not data or len(data) > size:
        raise Invalid("file", f"must have 1 byte to {size // _MB} MB")
    call.entry.body = {"purpose": purpose, "filename": filename, "bytes": len(data)}
    # Beyond 2**53 on purpose: the ids are int64, and clients that read them as floats lose digits.
    file_id = call.world.next_rng("file").randrange(10**17, 9 * 10**17) * 10 + 1
    stored = StoredFile(file_id, filename, purpose, call.world.clock.now(), data)
    call.account.files[file_id] = stored
    return {"file": stored.to_json()}


async def listing(call: Call) -> Json:
    """``GET /v1/files/list?purpose=``."""
    purpose = Fields(dict(call.query)).choice("purpose", _LISTED, required=True)
    return {"files": [file.to_json() for file in call.account.files.values() if file.purpose == purpose]}


def _asked(call: Call) -> StoredFile:
    text = Fields(dict(call.query)).text("file_id", required=True, low=1) or ""
    found = call.account.files.get(int(text)) if text.isdigit() else None
    if not isinstance(found, StoredFile):
        raise Invalid("file_id", "no such file")
    return found


def _blob(file: StoredFile) -> Blob:
    return file.blob or Blob(lambda: file.data, "application/octet-stream")


async def retrieve(call: Call) -> Json:
    """``GET /v1/files/retrieve?file_id=``: a fresh address every time."""
    file = _asked(call)
    expires = call.world.clock.now() + call.world.switches.minimax_url_hours * 3600
    url = call.world.blobs.publish(
        _blob(file), f"video_inference_output/{file.filename}", expires, gone_status=403
    )
    return {"file": {**file.to_json(), "download_url": url, "backup_download_url": ""}}


async def content(call: Call) -> Response:
    """``GET /v1/files/retrieve_content?file_id=``: the bytes themselves."""
    blob = _blob(_asked(call))
    return Response(await call.world.blobs.read(blob), media_type=blob.mime)


async def delete(call: Call) -> Json:
    """``POST /v1/files/delete``."""
    fields = fields_of(call)
    raw = fields.get("file_id", required=True)
    purpose = fields.choice("purpose", _LISTED, required=True) or ""
    number = int(raw) if str(raw).isdigit() else -1
    file = of(call, number, purpose, fields.fail("file_id", "no such file"))
    del call.account.files[number]
    return {"file_id": file.to_json()["file_id"]}
