from __future__ import annotations

from datetime import date
from decimal import Decimal

from crm.core.money import digits
from crm.reports.linking import Piece, pieces
from crm.reports.stored import blocks, frozen_row, number
from crm.word.blocks import Paragraph, Point, SubHeading, SubPoint

VALUES = {"visits": ("57", "家"), "signed_amount": ("14000", "万元"), "leads": ("3", "条")}


def test_a_text_is_read_as_headings_points_and_paragraphs() -> None:
    assert blocks("本周平稳。\n\n# 新增线索\n- 第一项\n-- 细节\n") == (
        Paragraph("本周平稳。"),
        SubHeading("新增线索"),
        Point("第一项"),
        SubPoint("细节"),
    )


def test_the_cells_of_a_row_stand_under_its_columns_with_its_unit_and_its_amount() -> None:
    columns = [["日期", "day"], ["单位", "unit"], ["摘要", "text"], ["天数", "number"], ["计入", "amount"]]
    shown = frozen_row(columns, ["2026-11-16", "文", 3], "东区", Decimal("12.50"))
    assert shown == (date(2026, 11, 16), "东区", "文", 3, Decimal("12.5"))
    assert frozen_row(columns, [None, None, 0], "", Decimal(2)) == (None, "", None, 0, 2)


def test_figures_are_written_plainly() -> None:
    assert [digits(Decimal(text)) for text in ("1.2E+4", "12.50", "0", "100")] == ["12000", "12.5", "0", "100"]
    assert number("12000") == 12000


def test_a_told_figure_becomes_a_link_and_an_edited_one_stays_text() -> None:
    text = "拜访企业57家，新增线索4条，总投资1.4亿元。"
    assert pieces(text, VALUES) == [
        Piece("拜访企业"),
        Piece("57", "visits"),
        Piece("家，新增线索4条，总投资"),
        Piece("1.4亿元", "signed_amount"),
        Piece("。"),
    ]


def test_no_character_is_lost_when_a_text_is_split() -> None:
    text = "外出招商3批次、拜访企业57家、57家"
    assert "".join(piece.text for piece in pieces(text, VALUES)) == text
    assert pieces("", VALUES) == []
