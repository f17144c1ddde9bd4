from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.reports.linking import Piece, pieces
from crm.reports.stored import blocks, number, pack_cell, plain, unpack_cell
from crm.word.blocks import Paragraph, Point, SubHeading, SubPoint

if TYPE_CHECKING:
    from crm.reports.document import Cell

VALUES = {"visits": ("57", "家"), "signed_amount": ("14000", "万元"), "leads": ("3", "条")}


def test_a_text_is_read_as_headings_points_and_paragraphs() -> None:
    assert blocks("本周平稳。\n\n# 新增线索\n- 第一项\n-- 细节\n") == (
        Paragraph("本周平稳。"),
        SubHeading("新增线索"),
        Point("第一项"),
        SubPoint("细节"),
    )


def test_cells_come_back_from_json_as_they_were() -> None:
    cells: tuple[Cell, ...] = (date(2026, 11, 16), "文", 3, None, Decimal("12.5"))
    assert tuple(unpack_cell(pack_cell(cell)) for cell in cells) == cells


def test_figures_are_written_plainly() -> None:
    assert [plain(Decimal(text)) for text in ("1.2E+4", "12.50", "0", "100")] == ["12000", "12.5", "0", "100"]
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
