"""What every error code means, what to do about it, and what it proves about money.

One row a code. ``paid`` says what the code proves when it answers a paid request: ``rejected`` (no
job exists, nothing is charged), ``retry`` (the same, and the request may be sent again later) or
``unknown`` (the job may exist; it is never sent again without the user's word).

Sources: MiniMax docs, api-reference/errorcode and the pages of each operation; the product documents
of Pixazo (status codes, webhook section) and APIXO (errors and troubleshooting); for HTTP codes of
the proxies in front of them, Cloudflare's documentation of its 52x codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from minimax_nb.errors import Category

Paid = Literal["rejected", "retry", "unknown"]


@dataclass(frozen=True, slots=True)
class Code:
    """One error code in plain words.

    Parameters
    ----------
    category
        The provider-neutral family.
    meaning
        Why, in plain words.
    next_step
        What the user can do now.
    paid
        What it proves when it answers a paid request.
    """

    category: Category
    meaning: str
    next_step: str
    paid: Paid = "rejected"


_WAIT = "It is sent again by itself after a pause; fewer requests at once avoid it."
_LOOK = "Look in the provider's console whether the job exists; it is sent again only on your word."
_TOP_UP = "Top up the account at the provider, then run the cell again."
_REWORD = "Change the text or the input file; the same input is refused again."
_KEY = (
    "Check MINIMAX_API_KEY and its region: a key of platform.minimax.io works at https://api.minimax.io, "
    "a key of platform.minimaxi.com at https://api.minimaxi.com (MINIMAX_API_HOST)."
)
_RECONNECT = "Connect again and send the rest of the text."

#: ``base_resp.status_code`` of the MiniMax platform.
MINIMAX: dict[int, Code] = {
    1000: Code("provider_error", "MiniMax reports an unknown error.", _LOOK, "unknown"),
    1001: Code("timeout", "MiniMax gave up waiting for its own workers.", _LOOK, "unknown"),
    1002: Code("rate_limited", "More requests a minute than the account's limit.", _WAIT, "retry"),
    1004: Code("auth", "MiniMax does not accept the key.", _KEY),
    1008: Code("insufficient_balance", "The account's balance is too low.", _TOP_UP),
    1013: Code("provider_error", "An internal error at MiniMax.", _LOOK, "unknown"),
    1024: Code("provider_error", "An internal error at MiniMax.", _LOOK, "unknown"),
    1026: Code("content_rejected", "MiniMax's content filter refused the input.", _REWORD),
    1027: Code("content_rejected", "MiniMax's content filter refused what was generated.",
               "Another seed or wording may pass."),
    1028: Code("quota", "The account's quota is used up.", "Wait for the quota to renew or raise it at the provider."),
    1030: Code("quota", "The account's quota is used up.", "Wait for the quota to renew or raise it at the provider."),
    1033: Code("provider_error", "A system behind MiniMax's API failed.", _LOOK, "unknown"),
    1039: Code("rate_limited", "More characters or tokens a minute than the account's limit.", _WAIT, "retry"),
    1041: Code("rate_limited", "More connections at once than the account's limit.", _WAIT, "retry"),
    1042: Code("invalid_request", "More than 10 % of the characters are invisible or not allowed.",
               "Remove control characters and odd whitespace from the text."),
    1043: Code("input_media_unusable", "The recording does not say the text given for comparison.",
               "Correct --text-validation, lower --accuracy, or use a clearer recording."),
    1044: Code("input_media_unusable", "The prompt audio does not match its text or the voice.",
               "Correct --prompt-text, or use a clearer --prompt-audio of the same speaker."),
    2013: Code("invalid_request", "MiniMax does not accept a parameter of the request.",
               "The message names it; --dry-run shows the request as sent."),
    20132: Code("input_media_unusable", "The clone's samples or voice id are not valid.",
                "Use 10 s to 5 min of mp3, m4a or wav, and a voice id of 8 to 256 letters, digits, - and _."),
    2037: Code("input_media_unusable", "The recording is too short or too long for a clone.",
               "Use 10 s to 5 min of clear speech."),
    2038: Code("forbidden", "Cloning is not enabled for this account.",
               "Verify the account at the provider (identity check), then run the cell again."),
    2039: Code("invalid_request", "The account already has, or once had, a voice of this id.",
               "Choose another --voice-id."),
    2042: Code("forbidden", "This voice id belongs to another account.",
               "Use a voice of this account; %minimax voices lists the built-in ones."),
    2045: Code("rate_limited", "The number of requests rose too fast.", _WAIT, "retry"),
    2048: Code("input_media_unusable", "The prompt audio is too long.", "Use less than 8 s."),
    2049: Code("auth", "MiniMax does not know the key; often it belongs to the other region.", _KEY),
    2054: Code("not_found", "There is no voice of this id.", "%minimax voices lists the built-in ones."),
    2056: Code("quota", "The plan's limit of this five-hour window is used up.",
               "Wait for the window to end, or use a pay-as-you-go key."),
    2061: Code("model_unavailable", "The plan of this key does not include the model.",
               "Use a pay-as-you-go key or a model of the plan."),
    2062: Code("quota", "The key has no active plan.", "Renew the plan, or use a pay-as-you-go key."),
    2201: Code("timeout", "The connection was idle for 120 s.", _RECONNECT, "unknown"),
    2202: Code("protocol", "Messages were sent in an order the service does not accept.", "Please report this."),
    2203: Code("invalid_request", "A piece of text was empty; it was skipped.", "Leave empty pieces out."),
    2204: Code("invalid_request", "A piece of text was too long; it was skipped.", "Send less than 10,000 at once."),
    2205: Code("rate_limited", "Too many pieces of text were waiting.", _RECONNECT, "retry"),
}  # fmt: skip

#: A code the documents do not list. MiniMax answers accepted requests with 0 only.
MINIMAX_OTHER = Code(
    "unknown",
    "A code that MiniMax's documents do not list.",
    "The message may say more; MiniMax's support asks for the trace id.",
)

_AUDIO = "APIXO could not use the recording: not reachable, empty, too noisy, or not mp3, m4a or wav."
_AUDIO_STEP = "Check that the URL opens without a login and plays clear speech."
_IMAGE = "APIXO could not use the image."

#: ``failCode`` of APIXO, compared without case and underscores; several vocabularies are in use.
APIXO: dict[str, Code] = {
    "VALIDATION_ERROR": Code("input_media_unusable", _AUDIO, _AUDIO_STEP),
    "INVALID_IMAGE_URL": Code("input_media_unusable", _IMAGE, "Check that the URL opens without a login."),
    "IMAGE_DOWNLOAD_FAILED": Code(
        "input_media_unusable", _IMAGE, "Check that the URL opens without a login."
    ),
    "IMAGE_TOO_LARGE": Code("input_media_unusable", _IMAGE, "Use a smaller image."),
    "UNSUPPORTED_FORMAT": Code(
        "input_media_unusable", "The input file's format is not supported.", "Convert it first."
    ),
    "INVALID_LORA_URL": Code("input_media_unusable", "The adapter file cannot be fetched.", "Check its URL."),
    "CONTENT_VIOLATION": Code("content_rejected", "The content filter refused the request.", _REWORD),
    "NSFW_DETECTED": Code("content_rejected", "The content filter refused the request.", _REWORD),
    "PROMPT_TOO_LONG": Code("invalid_request", "The text is too long.", "Shorten it."),
    "PROMPT_LENGTH_EXCEEDED": Code("invalid_request", "The text is too long.", "Shorten it."),
    "INVALID_PROMPT": Code("invalid_request", "The text is not accepted.", "Change it."),
    "PROCESSING_TIMEOUT": Code("timeout", "The job took longer than APIXO waits.", _LOOK, "unknown"),
    "MODEL_UNAVAILABLE": Code("model_unavailable", "The model is not available now.", "Try again later."),
    "GENERATION_FAILED": Code("provider_error", "Generation failed.", "Other settings may work.", "unknown"),
    "INSUFFICIENT_CREDITS": Code("insufficient_balance", "The account's balance is too low.", _TOP_UP),
}

_APIXO_PARTS: tuple[tuple[str, str], ...] = (
    ("SENSITIVE", "CONTENT_VIOLATION"),
    ("NSFW", "NSFW_DETECTED"),
    ("PROHIBITED", "CONTENT_VIOLATION"),
    ("VIOLATION", "CONTENT_VIOLATION"),
    ("TIMEOUT", "PROCESSING_TIMEOUT"),
    ("UNAVAILABLE", "MODEL_UNAVAILABLE"),
    ("CREDIT", "INSUFFICIENT_CREDITS"),
    ("BALANCE", "INSUFFICIENT_CREDITS"),
    ("LENGTH", "PROMPT_TOO_LONG"),
    ("TOOLONG", "PROMPT_TOO_LONG"),
    ("AUDIO", "VALIDATION_ERROR"),
)

#: A fail code the documents do not list; APIXO says that the list is open.
APIXO_OTHER = Code(
    "unknown", "A code that APIXO's documents do not list.", "The message may say more.", "unknown"
)

#: ``error`` titles of Pixazo, in lower case. They decide before the HTTP code does: an unknown model is a 400.
PIXAZO: dict[str, Code] = {
    "insufficient balance": Code("insufficient_balance", "The Pixazo wallet is too low.", _TOP_UP),
    "model not found": Code("model_unavailable", "Pixazo has switched this model off or withdrawn it.",
                            "Use another model or another provider."),
    "unauthorized": Code("auth", "Pixazo does not accept the key.", "Check PIXAZO_API_KEY."),
    "forbidden": Code("forbidden", "The key's subscription does not include this operation.",
                      "Subscribe to it in Pixazo's console."),
    "bad request": Code("invalid_request", "Pixazo does not accept a parameter of the request.",
                        "The message names it; --dry-run shows the request as sent."),
    "endpoint not found": Code("model_unavailable", "Pixazo has no such operation (any more).",
                               "Use another model or another provider."),
    "too many requests": Code("rate_limited", "More requests than Pixazo allows.", _WAIT, "retry"),
}  # fmt: skip

#: What a terminal word of Pixazo means.
PIXAZO_ERROR = Code(
    "provider_error", "A system error at Pixazo, which says that it is not charged.", "Run the cell again."
)
PIXAZO_FAILED = Code(
    "unknown",
    "The model failed: a fault of the input, of the system, or a timeout. Pixazo does not say whether it is charged.",
    "Look in Pixazo's console before you run it again.",
    "unknown",
)

_DRY_RUN = "The message says why; --dry-run shows the request."

#: HTTP codes as any of the providers, or a proxy in front of it, may answer.
HTTP: dict[int, Code] = {
    400: Code("invalid_request", "The provider does not accept the request.", _DRY_RUN),
    401: Code("auth", "The provider does not accept the key.", "Check the key; %minimax config says where it is from."),
    402: Code("insufficient_balance", "The account's balance is too low.", _TOP_UP),
    403: Code("forbidden", "The key may not use this operation or model.", "Check the account's rights there."),
    404: Code("not_found", "The provider has no such operation or id.", "Check the host setting; it may be withdrawn."),
    405: Code("invalid_request", "The address does not take this kind of request.", "Check the host setting."),
    # RFC 9110 reads 408 as "request not complete"; MiniMax has answered it after 120 s of its own waiting.
    408: Code("timeout", "The provider gave up waiting.", _LOOK, "unknown"),
    413: Code("invalid_request", "The request is too large.", "Use smaller input files."),
    415: Code("invalid_request", "The provider does not accept this form of request.", "Please report this."),
    422: Code("invalid_request", "The provider does not accept the request.", _DRY_RUN),
    429: Code("rate_limited", "More requests than the provider allows.", _WAIT, "retry"),
    500: Code("provider_error", "The provider failed while it handled the request.", _LOOK, "unknown"),
    502: Code("provider_error", "A system behind the provider's gateway failed.", _LOOK, "unknown"),
    503: Code("provider_error", "The provider is not available now.", "It is tried once more by itself.", "retry"),
    504: Code("timeout", "The provider's gateway gave up waiting; the work probably went on.", _LOOK, "unknown"),
    521: Code("provider_error", "The provider's server is down; the request did not reach it.", _WAIT, "retry"),
    522: Code("provider_error", "The provider's server did not answer; the request did not reach it.", _WAIT, "retry"),
    523: Code("provider_error", "The provider's server was not found; the request did not reach it.", _WAIT, "retry"),
    524: Code("timeout", "The provider's gateway gave up waiting; the work probably went on.", _LOOK, "unknown"),
}  # fmt: skip

#: A challenge page of the network in front of the provider; the request went no further.
EDGE = Code(
    "edge_blocked",
    "The network in front of the provider answered with a web page in place of the API.",
    "It is tried again by itself; if it stays, use another network or ask the provider to let this address in.",
    "retry",
)

#: A redirect that repeats the request elsewhere. Following it would send the key there.
REDIRECT = Code(
    "protocol", "The host answers with a redirect, which is not followed.", "Correct the host setting."
)
#: A redirect that may follow an accepted request (302, 303).
REDIRECT_AFTER = Code(
    "protocol", "The host answers with a redirect, which is not followed.", _LOOK, "unknown"
)

#: An accepted request (2xx) whose reply cannot be read.
UNREADABLE = Code(
    "protocol", "The provider accepted the request, but its reply cannot be read.", _LOOK, "unknown"
)

_SERVER = Code("provider_error", "The provider failed.", _LOOK, "unknown")
_CLIENT = Code("invalid_request", "The provider does not accept the request.", "The message says why.")


def minimax_code(code: int) -> Code:
    """Return the row of a MiniMax ``base_resp.status_code``."""
    return MINIMAX.get(code, MINIMAX_OTHER)


def apixo_code(code: str) -> Code:
    """Return the row of an APIXO ``failCode``, by name or, failing that, by a telling part of it."""
    word = code.upper().replace("_", "")
    for name, row in APIXO.items():
        if name.replace("_", "") == word:
            return row
    return next((APIXO[name] for part, name in _APIXO_PARTS if part in word), APIXO_OTHER)


def pixazo_title(title: str) -> Code | None:
    """Return the row of a Pixazo ``error`` title, or ``None`` when it is free text."""
    return PIXAZO.get(title.strip().lower())


def http_code(status: int) -> Code:
    """Return the row of an HTTP status; unlisted ones by their family."""
    if status in HTTP:
        return HTTP[status]
    if 300 <= status < 400:
        return REDIRECT if status in (301, 307, 308) else REDIRECT_AFTER
    if 400 <= status < 500:
        return _CLIENT
    if 500 <= status < 600:
        return _SERVER
    return UNREADABLE


def http_phrase(status: int) -> str:
    """Return ``HTTP 404 Not Found`` and the like."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
