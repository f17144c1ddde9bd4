from __future__ import annotations

import pytest

from crm.web.forms import TEXTS, one_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  云商函7号 ", "云商函7号"),
        ("云商函\r\nX-Odd: 1", "云商函 X-Odd: 1"),
        ("甲\t乙\x0b丙\u2028丁\x85", "甲 乙 丙 丁"),
        ("两  格", "两  格"),
        (None, None),
    ],
)
def test_a_field_of_one_line_holds_one_line(typed: str | None, kept: str | None) -> None:
    assert one_line(typed) == kept


def test_a_long_text_keeps_its_lines() -> None:
    assert TEXTS["TextAreaField"](" 甲\r\n乙 ") == "甲\r\n乙"
