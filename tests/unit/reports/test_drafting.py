"""How a note is printed."""

import pytest

from crm.reports.drafting import clipped


@pytest.mark.parametrize(
    ("note", "printed"),
    [
        ("陈总 13800001111", "陈总 138****1111"),
        ("电话138 0000 1111，微信138-0000-1111", "电话138****1111，微信138****1111"),
        ("总投资13800001111222元", "总投资13800001111222元"),
        ("两行\n文字", "两行 文字"),
    ],
)
def test_a_mobile_number_in_a_note_is_never_printed(note: str, printed: str) -> None:
    assert clipped(note) == printed


def test_a_long_note_is_cut_with_an_ellipsis() -> None:
    assert clipped("走" * 30, 10) == "走" * 9 + "…"
