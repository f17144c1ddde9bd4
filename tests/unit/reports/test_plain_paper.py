from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import docx

from crm.word.blocks import Section, Table
from crm.word.package import Properties
from crm.word.paper import paper

TABLE = Table("", ("时间", "内容"), (("09:00", "座谈"),))


def test_a_paper_that_ends_with_a_table_begins_no_empty_page() -> None:
    file = paper(Properties("接待方案", "陈晓", datetime(2026, 11, 20, tzinfo=UTC)), (Section("行程", (TABLE, TABLE)),))
    paragraphs = docx.Document(BytesIO(file)).paragraphs
    between, last = paragraphs[-2], paragraphs[-1]
    assert between.paragraph_format.line_spacing.pt == 17
    assert (last.text, last.paragraph_format.line_spacing.pt) == ("", 1)
