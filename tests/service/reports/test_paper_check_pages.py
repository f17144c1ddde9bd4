"""The page that checks a Word file: findings in words, bad files refused in words."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest

from crm.reports.docx import render_docx
from tests.unit.reports.samples import WEEK

if TYPE_CHECKING:
    from tests.conftest import Browser

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the page asks no database


def _letter() -> bytes:
    document = docx.Document()
    document.add_paragraph("一、总体要求")
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (render_docx(WEEK), 200, "没有发现必须改的地方"),
        (_letter(), 200, "没有页码"),
        (b"no word file", 422, "另存为 .docx"),
        (b"", 422, "打不开"),
    ],
    ids=["ours", "letter", "foreign", "empty"],
)
def test_a_file_is_checked_and_the_answer_is_in_words(
    as_officer: Browser, data: bytes, status: int, words: str
) -> None:
    page = as_officer.post("/reports/check", data={"file": (BytesIO(data), "通知.docx")})
    assert page.status_code == status
    assert words in page.text


def test_without_a_file_the_page_asks_for_one(as_officer: Browser) -> None:
    page = as_officer.post("/reports/check", data={})
    assert page.status_code == 422
    assert "请选择一个 .docx 文件" in page.text
