"""The error tables: complete, and each row usable in a cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from minimax_nb.errors import Category
from minimax_nb.providers import codes
from minimax_nb.providers.codes import Code
from tests.contract.apixos import APIXO, DESIGN
from tests.contract.pixazos import MUSIC, PIXAZO
from tests.contract.wires import error, reply

# MiniMax docs, api-reference/errorcode and the pages of each operation; the product documents of the gateways.
_FILE = Path(__file__).resolve().parents[1] / "data" / "error_codes.json"
TABLES = json.loads(_FILE.read_text("utf-8"))
DOCUMENTED = {row["code"] for row in TABLES["minimax"]}
#: What a code proves of a paid request, by whether the documents let it be sent again.
PROVES = {"again": "retry", "never": "rejected", "unknown": "unknown"}

ROWS = [
    *((f"minimax {code}", row) for code, row in codes.MINIMAX.items()),
    *((f"apixo {code}", row) for code, row in codes.APIXO.items()),
    *((f"pixazo {code}", row) for code, row in codes.PIXAZO.items()),
    *((f"http {code}", row) for code, row in codes.HTTP.items()),
    ("edge", codes.EDGE),
    ("redirect", codes.REDIRECT),
    ("unreadable", codes.UNREADABLE),
    ("unlisted", codes.MINIMAX_OTHER),
]


def test_every_documented_code_has_a_row() -> None:
    assert set(codes.MINIMAX) == DOCUMENTED


@pytest.mark.parametrize("told", TABLES["minimax"], ids=lambda told: str(told["code"]))
def test_a_documented_code_is_what_the_documents_say(told: dict[str, Any]) -> None:
    row = codes.minimax_code(told["code"])
    assert (row.category, row.paid) == (told["category"], PROVES[told["sent_again"]])


@pytest.mark.parametrize("told", TABLES["pixazo"], ids=lambda told: f"{told['status']} {told['error']}")
@pytest.mark.parametrize("form", ["error and message", "error alone", "as the hub writes it"])
def test_every_error_body_of_pixazo(told: dict[str, Any], form: str) -> None:
    body: dict[str, Any] = {"error": told["error"], "message": "words"}
    if form == "error alone":
        del body["message"]
    elif form == "as the hub writes it":
        body = {"statusCode": told["status"], "message": "words", "error": told["error"]}
    outcome = PIXAZO.parse_submit(MUSIC, reply(body, told["status"]))
    info = error(outcome)
    assert (info.category, info.http_status) == (told["category"], told["status"])
    assert info.meaning
    assert info.next_step
    assert outcome.charge == ("unknown" if outcome.state == "unknown" else "not_charged")


@pytest.mark.parametrize("told", TABLES["apixo_http"], ids=lambda told: str(told["status"]))
def test_every_http_error_of_apixo(told: dict[str, Any]) -> None:
    outcome = APIXO.parse_submit(DESIGN, reply({"code": told["status"], "message": "words"}, told["status"]))
    assert error(outcome).category == told["category"]


def test_the_fail_codes_of_apixo_have_rows_or_a_telling_part() -> None:
    for told in TABLES["apixo"]:
        row = codes.apixo_code(told["fail_code"])
        assert row is not codes.APIXO_OTHER, told
        assert row.category == told["category"], told


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[name for name, _ in ROWS])
def test_a_row_says_why_and_what_to_do_in_one_line_each(row: Code) -> None:
    assert row.category in get_args(Category)
    for text in (row.meaning, row.next_step):
        assert text[0].isupper() or text.startswith("%")
        assert text.endswith(".")
        assert "\n" not in text
    assert len(row.meaning) <= 130


@pytest.mark.parametrize("code", [1002, 1039, 1041, 2045])
def test_limits_are_sent_again(code: int) -> None:
    row = codes.minimax_code(code)
    assert (row.paid, row.category) == ("retry", "rate_limited")


@pytest.mark.parametrize("code", [1000, 1001, 1013, 1024, 1033])
def test_internal_errors_of_a_paid_request_are_unknown(code: int) -> None:
    assert codes.minimax_code(code).paid == "unknown"


def test_no_other_http_code_of_the_platform_is_sent_again() -> None:
    http_codes = {code for code in DOCUMENTED if not 2201 <= code <= 2205}
    others = http_codes - {1002, 1039, 1041, 2045, 1000, 1001, 1013, 1024, 1033}
    assert {codes.minimax_code(code).paid for code in others} == {"rejected"}
    assert codes.minimax_code(9999).paid == "rejected"


@pytest.mark.parametrize("code", [1004, 2049])
def test_a_refused_key_points_at_its_region(code: int) -> None:
    row = codes.minimax_code(code)
    assert row.category == "auth"
    assert "api.minimax.io" in row.next_step
    assert "MINIMAX_API_HOST" in row.next_step


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("VALIDATION_ERROR", "input_media_unusable"),
        ("validation_error", "input_media_unusable"),
        ("CONTENT_VIOLATION", "content_rejected"),
        ("SensitiveContent", "content_rejected"),
        ("SensitiveContentDetected", "content_rejected"),
        ("InputImageSensitiveContentDetected", "content_rejected"),
        ("InputOutputSensitiveContentDetected", "content_rejected"),
        ("NSFW", "content_rejected"),
        ("ProhibitedContentDetected", "content_rejected"),
        ("PromptLengthExceeded", "invalid_request"),
        ("PROCESSING_TIMEOUT", "timeout"),
        ("UpstreamTimeout", "timeout"),
        ("MODEL_UNAVAILABLE", "model_unavailable"),
        ("GENERATION_FAILED", "provider_error"),
        ("INSUFFICIENT_CREDITS", "insufficient_balance"),
        ("InsufficientBalance", "insufficient_balance"),
        ("INVALID_IMAGE_URL", "input_media_unusable"),
        ("AudioTooNoisy", "input_media_unusable"),
        ("SomethingNew", "unknown"),
    ],
)
def test_apixo_fail_codes_of_all_vocabularies(word: str, category: str) -> None:
    assert codes.apixo_code(word).category == category


@pytest.mark.parametrize(
    ("title", "category"),
    [("Insufficient Balance", "insufficient_balance"), (" model NOT found ", "model_unavailable")],
)
def test_pixazo_titles_are_matched_without_case(title: str, category: str) -> None:
    row = codes.pixazo_title(title)
    assert row is not None
    assert row.category == category


def test_a_free_text_is_no_title() -> None:
    assert codes.pixazo_title("Description of the error") is None


@pytest.mark.parametrize(
    ("status", "paid"),
    [
        (400, "rejected"), (401, "rejected"), (402, "rejected"), (403, "rejected"), (404, "rejected"),
        (405, "rejected"), (413, "rejected"), (415, "rejected"), (418, "rejected"), (422, "rejected"),
        (408, "unknown"), (429, "retry"),
        (500, "unknown"), (502, "unknown"), (503, "retry"), (504, "unknown"), (507, "unknown"), (520, "unknown"),
        (521, "retry"), (522, "retry"), (523, "retry"), (524, "unknown"), (529, "unknown"),
        (301, "rejected"), (308, "rejected"), (302, "unknown"), (303, "unknown"),
        (0, "unknown"), (199, "unknown"), (700, "unknown"),
    ],
)  # fmt: skip
def test_what_an_http_status_proves_of_a_paid_request(status: int, paid: str) -> None:
    assert codes.http_code(status).paid == paid


def test_http_phrase_knows_standard_and_other_codes() -> None:
    assert codes.http_phrase(404) == "HTTP 404 Not Found"
    assert codes.http_phrase(522) == "HTTP 522"
