"""A workbook that would take all memory is refused before the reader takes it."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from xlsxwriter import Workbook

from crm.core.errors import DomainError
from crm.imports.reading import BROKEN, LONGEST_CELL, TOO_LONG, Book
from crm.imports.survey import CHUNK, survey

if TYPE_CHECKING:
    from collections.abc import Callable

SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def book(rows: int = 2, text: str = "企业名称") -> bytes:
    """Write a workbook whose every cell of the first column holds one text."""
    buffer = io.BytesIO()
    made = Workbook(buffer, {"in_memory": True})
    made.add_worksheet().write_column(0, 0, [text] * rows)
    made.close()
    return buffer.getvalue()


def changed(part: str, change: Callable[[bytes], bytes], *, data: bytes = b"", again: bool = False) -> bytes:
    """Write a workbook with one part changed (``again``: the part stands there twice)."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or book())) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            raw = before.read(name)
            after.writestr(name, change(raw) if name == part else raw)
            if again and name == part:
                with pytest.warns(UserWarning, match="Duplicate"):
                    after.writestr(name, raw)
    return made.getvalue()


def refusal(data: bytes) -> tuple[object, ...]:
    """Open a file that must be refused; return why."""
    with pytest.raises(DomainError) as refused:
        Book(data)
    return refused.value.problems


@pytest.mark.parametrize(
    "place",
    [
        b'r="A99999999999999999999"',
        b'r="A' + b"0" * 90 + b'9999999999"',
        b'r="AAAAAAAA2"',
        b"r='XFD1048576'",
        b"\n r\t=\n'xfd1048576'",
        b" " * (CHUNK + 100) + b'r="XFD1048576"',
        b'x=">' + b" " * (CHUNK + 100) + b'" r="XFD1048576"',
    ],
)
def test_a_cell_out_of_all_bounds_is_refused_however_it_is_written(place: bytes) -> None:
    far = changed(SHEET, lambda raw: raw.replace(b'r="A2"', place).replace(b'<row r="2"', b"<row"))
    assert refusal(far) == (TOO_LONG,)


@pytest.mark.parametrize(
    "refer",
    [
        b't="s"><v>0</v>',
        b"t='s'><v>0</v>",
        b't="s"><v > 0</v>',
        b't="s"><v><![CDATA[0]]></v>',
    ],
)
def test_one_long_text_in_very_many_cells_is_refused(refer: bytes) -> None:
    text = b"A" * (1 << 20)
    long = changed(TEXTS, lambda raw: re.sub(rb"<t>.*?</t>", b"<t>" + text + b"</t>", raw), data=book(500))
    many = changed(SHEET, lambda raw: raw.replace(b't="s"><v>0</v>', refer), data=long)
    assert refusal(many) == (TOO_LONG,)


def test_a_comment_hides_no_long_text() -> None:
    text = b"<!--<si>--><si><t>" + b"A" * (1 << 20) + b"</t></si>"
    hidden = changed(TEXTS, lambda raw: re.sub(rb"<si>.*?</si>", text, raw), data=book(500))
    assert refusal(hidden) == (TOO_LONG,)


def test_a_long_note_beside_many_short_cells_is_taken() -> None:
    buffer = io.BytesIO()
    made = Workbook(buffer, {"in_memory": True})
    sheet = made.add_worksheet()
    sheet.write_column(0, 0, ["企业名称", *("云岭电子" for _ in range(20_000))])
    sheet.write(1, 1, "长" * LONGEST_CELL)
    made.close()
    with zipfile.ZipFile(io.BytesIO(buffer.getvalue())) as archive:
        assert not survey(archive).wide
    rows = dict(Book(buffer.getvalue()).rows("Sheet1"))
    assert (len(rows), len(rows[2][1])) == (20_001, LONGEST_CELL)


def test_two_parts_of_one_name_are_refused() -> None:
    assert refusal(changed(SHEET, bytes, again=True)) == (BROKEN,)
