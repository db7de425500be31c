"""MiniMax's free account operations: voices, files, text models, counted tokens, and what is left of a plan.

Source: MiniMax docs, api-reference/voice-management-get and -delete, file-management (upload, list, retrieve,
retrieve-content, delete), text-chat-openai and text-anthropic-api (models, counts); for the plan, the replies
that MiniMax's own command-line client reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from minimax_nb.catalog import catalog
from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.chat import ChatRequest
from minimax_nb.providers import codes, minimax_chat
from minimax_nb.providers.account import AccountFile, AccountModel, AccountVoice, PlanRow, VoiceOrigin
from minimax_nb.providers.bodies import as_amount, as_id, as_int, as_object, as_text, as_texts
from minimax_nb.providers.minimax_replies import code_error, code_of, judge_submit
from minimax_nb.providers.replies import error_of
from minimax_nb.wire import HttpCall, Json, Reply

# Seconds without a byte.
_READ, _UPLOAD = 30.0, 300.0

_TYPES: Mapping[VoiceOrigin | None, str] = {
    None: "all", "system": "system", "cloned": "voice_cloning", "designed": "voice_generation",
}  # fmt: skip
_GROUPS: Mapping[str, VoiceOrigin] = {
    "system_voice": "system", "voice_cloning": "cloned", "voice_generation": "designed",
}  # fmt: skip
_MODELS = {"openai": "/v1/models", "anthropic": "/anthropic/v1/models"}
_STATES = {1: "active", 2: "used up", 3: "not active"}
_DAY_US = 86_400 * 10**6
_AGAIN = "Nothing was paid; try again."


class MiniMaxAccount:
    """The part of the MiniMax provider that deals with an account outside jobs."""

    def voices_call(self, origin: VoiceOrigin | None) -> HttpCall:
        """Build the list request: a POST, with the type in its body."""
        return HttpCall("POST", "/v1/get_voice", body={"voice_type": _TYPES[origin]}, timeout=_READ)

    def parse_voices(self, reply: Reply) -> Sequence[AccountVoice] | ErrorInfo:
        """Read the list; groups may be absent or ``null``."""
        return _refused(reply) or tuple(_voices(reply.data))

    def delete_voice_call(self, voice_id: str, origin: VoiceOrigin) -> HttpCall:
        """Build the deletion."""
        body = {"voice_type": _TYPES[origin], "voice_id": voice_id}
        return HttpCall("POST", "/v1/delete_voice", body=body, timeout=_READ)

    def parse_delete_voice(self, reply: Reply) -> str | ErrorInfo:
        """Return the id of the voice that is gone."""
        return _refused(reply) or as_id(reply.data.get("voice_id")) or ""

    def upload_file_call(self, name: str, data: bytes, mime: str | None, purpose: str) -> HttpCall:
        """Build the upload; MiniMax goes by the ending of the name."""
        file = (name, data, mime or "application/octet-stream")
        form = {"purpose": purpose}
        return HttpCall("POST", "/v1/files/upload", form=form, files={"file": file}, timeout=_UPLOAD)

    def parse_file(self, reply: Reply) -> AccountFile | ErrorInfo:
        """Read ``file`` of an upload or a look-up."""
        found = _file(as_object(reply.data.get("file")))
        return _refused(reply) or found or _lacking(reply, "file")

    def file_call(self, file_id: str) -> HttpCall:
        """Build the look-up of one file."""
        return HttpCall("GET", "/v1/files/retrieve", query={"file_id": file_id}, timeout=_READ)

    def files_call(self, purpose: str) -> HttpCall:
        """Build the list of one purpose; MiniMax has none of all."""
        return HttpCall("GET", "/v1/files/list", query={"purpose": purpose}, timeout=_READ)

    def parse_files(self, reply: Reply) -> Sequence[AccountFile] | ErrorInfo:
        """Read the list."""
        rows = reply.data.get("files")
        found = (_file(as_object(row)) for row in (rows if isinstance(rows, list) else ()))
        return _refused(reply) or tuple(file for file in found if file)

    def file_content_call(self, file_id: str) -> HttpCall:
        """Build the request for a file's bytes."""
        query = {"file_id": file_id}
        return HttpCall("GET", "/v1/files/retrieve_content", query=query, timeout=_UPLOAD)

    def parse_file_content(self, reply: Reply) -> bytes | ErrorInfo:
        """Return the bytes. A refusal is JSON with HTTP 200, so JSON with a verdict is no content."""
        if 200 <= reply.status < 300 and not ("base_resp" in reply.data or reply.is_html):
            return reply.content
        return _refused(reply) or _lacking(reply, "content")

    def delete_file_call(self, file_id: str, purpose: str) -> HttpCall:
        """Build the deletion; the purpose must be the file's own."""
        number: int | str = int(file_id) if file_id.isascii() and file_id.isdigit() else file_id
        body = {"file_id": number, "purpose": purpose}
        return HttpCall("POST", "/v1/files/delete", body=body, timeout=_READ)

    def parse_delete_file(self, reply: Reply) -> str | ErrorInfo:
        """Return the id of the file that is gone."""
        return _refused(reply) or as_id(reply.data.get("file_id")) or ""

    def models_call(self, api: str, model: str | None = None) -> HttpCall:
        """Build the list of text models, or the look-up of one, at one of the two compatible interfaces."""
        name = "" if model is None else f"/{quote(model, safe='')}"
        return HttpCall("GET", _MODELS[api] + name, timeout=_READ)

    def parse_models(self, reply: Reply) -> Sequence[AccountModel] | ErrorInfo:
        """Read the list: ``data`` in both forms; one model alone is the reply itself."""
        if (error := _error(reply)) is not None:
            known = reply.status == 404 or "unknown model" in error.message
            return replace(error, category="not_found", next_step="See the list.") if known else error
        rows = reply.data.get("data")
        found = [_model(as_object(row)) for row in (rows if isinstance(rows, list) else [reply.data])]
        listed = tuple(model for model in found if model is not None)
        return listed if listed or isinstance(rows, list) else _lacking(reply, "list of models")

    def count_call(self, request: Request) -> HttpCall | None:
        """Build the question for the tokens of a turn's input; see :mod:`minimax_nb.providers.minimax_chat`."""
        return minimax_chat.count_call(request) if isinstance(request, ChatRequest) else None

    def parse_count(self, reply: Reply) -> int | ErrorInfo:
        """Return the tokens of the input."""
        tokens = as_int(reply.data.get("input_tokens"))
        if (error := _error(reply)) is not None:
            return error
        return _lacking(reply, "count of tokens") if tokens is None or tokens < 0 else tokens

    def plan_call(self) -> HttpCall:
        """Build the question for what is left of the plan."""
        return HttpCall("GET", "/v1/token_plan/remains", timeout=_READ)

    def parse_plan(self, reply: Reply) -> Sequence[PlanRow] | ErrorInfo:
        """Read it. The counts are 0 in every reply seen; only the per cents say anything."""
        rows = reply.data.get("model_remains")
        found = (_plan(as_object(row)) for row in (rows if isinstance(rows, list) else ()))
        return _refused(reply) or tuple(row for row in found if row.model)


def _refused(reply: Reply) -> ErrorInfo | None:
    """Return the error of a reply whose success has a verdict; ``None`` for success.

    A 2xx without ``base_resp`` is no answer of these operations.
    """
    error = _error(reply)
    if error is None and code_of(reply) != 0:
        return _lacking(reply, "verdict (base_resp)")
    return error


def _error(reply: Reply) -> ErrorInfo | None:
    """Return the error of a reply, in the words of a question that costs nothing; ``None`` when it is none."""
    judged = judge_submit(reply, paid=False)
    error = judged.error if judged else None
    if error is None:
        return None
    row = codes.MINIMAX.get(int(error.code)) if error.code and error.code.isdigit() else None
    if "expired" in error.message.lower():
        return replace(error, category="result_expired", next_step="Upload it again.")
    if error.code == "2013" and "no such" in error.message.lower():
        return replace(error, category="not_found", meaning=None, next_step="See what there is in the list.")
    if (row and row.paid != "rejected") or error.category in ("provider_error", "timeout", "protocol"):
        return replace(error, next_step=_AGAIN)
    return error


def _lacking(reply: Reply, what: str) -> ErrorInfo:
    code = code_of(reply)
    if code:
        return code_error(code, reply)
    found = error_of(codes.UNREADABLE, reply, message=f"the reply has no {what}")
    return replace(found, meaning="MiniMax's reply cannot be read.", next_step=_AGAIN)


def _voices(data: Json) -> Iterator[AccountVoice]:
    for group, origin in _GROUPS.items():
        rows = data.get(group)
        for row in rows if isinstance(rows, list) else ():
            voice_id = as_id(as_object(row).get("voice_id"))
            if voice_id:
                yield AccountVoice(
                    voice_id,
                    origin,
                    as_text(row.get("voice_name")) or "",
                    " ".join(as_texts(row.get("description"))),
                    as_text(row.get("created_time")),
                )


def _file(row: Json) -> AccountFile | None:
    file_id = as_id(row.get("file_id"))
    if file_id is None:
        return None
    purpose, seconds = as_text(row.get("purpose")) or "", as_int(row.get("created_at"))
    created = seconds * 10**6 if seconds and seconds > 0 else None
    rule = catalog().file_purpose("minimax", purpose)
    kept = rule.kept_days if rule else None
    expires = created + kept * _DAY_US if created is not None and kept is not None else None
    name = as_text(row.get("filename")) or ""
    return AccountFile(file_id, name, purpose, as_int(row.get("bytes")), created, expires)


def _model(row: Json) -> AccountModel | None:
    name = as_text(row.get("id"))
    return AccountModel(name, as_text(row.get("display_name")) or name) if name else None


def _plan(row: Json) -> PlanRow:
    return PlanRow(
        as_text(row.get("model_name")) or "",
        _share(row.get("current_interval_remaining_percent")),
        _share(row.get("current_weekly_remaining_percent")),
        _seconds(row.get("remains_time")),
        _seconds(row.get("weekly_remains_time")),
        _STATES.get(as_int(row.get("current_interval_status")) or 0, ""),
    )


def _share(value: Any) -> float | None:
    amount = as_amount(value)
    return None if amount is None else float(amount)


def _seconds(value: Any) -> float | None:
    milliseconds = as_int(value)
    return None if milliseconds is None or milliseconds < 0 else milliseconds / 1000
