"""What a template of a supervision slip may name, with the values of one; the template we bring along; the file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crm.assessment.books.slip_paper import HEADINGS, LINE_COLUMNS, LINES, TITLE, Slip, render
from crm.word import norm, styles
from crm.word.body import page_setup
from crm.word.ooxml import root, w
from crm.word.package import Properties, word_parts
from crm.word.template.builtin import finished, mark
from crm.word.template.printing import printed
from crm.word.template.values import Values, lines_block, sections_block
from crm.word.text import paragraph, run
from crm.word.wording import date_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KIND = "supervision"
DAY = date(2026, 1, 1)


def values(slip: Slip) -> Values:
    """Gather everything a template may name; the names are always the same."""
    found = Values()
    for name, about, value in (
        ("标题", "材料的标题", TITLE),
        ("文号", "督办〔年份〕N号", slip.sign),
        ("编号", "当年第几号，只有数字", str(slip.number)),
        ("年份", "编号的年份", str(slip.year)),
        ("编印单位", "招商局的名称", slip.issuer),
        ("日期", "发出的日期", date_text(slip.issued_on)),
        ("期限", "要求整改到哪一天", date_text(slip.due_on)),
        ("单位", "被督办的单位", slip.unit),
        ("考核", "考核的名称", slip.assessed),
        ("时段", "考核的起止日期", slip.days),
        ("得分", "单位的得分", slip.points),
        ("排名", "在哪一类单位中列第几位，没有排名就是空的", slip.rank),
        ("事由", "督办的事由，一句话", slip.found),
        ("要求", "整改要求，不带期限", slip.demand),
    ):
        found.text(name, about, value)
    found.block("正文", "所有各节，带标题和编号", sections_block(slip.sections))
    by_heading = {section.heading: section.blocks for section in slip.sections}
    for heading in HEADINGS:
        found.block(heading, f"“{heading}”一节的内容，不带标题", lines_block(by_heading.get(heading, ())))
    found.text("回复", "单位回复的整改情况，没有回复就是空的", slip.reply)
    found.text("意见", "销号意见，没有就是空的", slip.verdict)
    found.rows(LINES, "得分的各项和怎样算的", LINE_COLUMNS, slip.lines)
    return found


def sample(*, full: bool) -> Slip:
    """An invented slip to try a template with: answered and closed, or just issued and without details."""
    text = "示例文字，含 & < > \" ' 和生僻字𠮷。" if full else "示例文字。"
    answer = "示例整改情况。\n示例第二段。" if full else ""
    days = f"{date_text(DAY)}至{date_text(DAY)}"
    return Slip(
        year=2026, number=1, issuer="示例局", issued_on=DAY, due_on=DAY, unit="示例单位", assessed="示例考核",
        days=days, points="60" if full else "—", rank="在小分队中列第3位（共3个）" if full else "", found=text,
        lines=(("示例", "1", "示例"),) * (3 if full else 0), demand=text, reply=answer, verdict=answer,
    )  # fmt: skip


def builtin() -> bytes:
    """Return the template we bring along: the slip as it is printed without one."""
    title = paragraph(styles.TITLE, run("{{ 标题 }}", norm.TITLE))
    below = paragraph(styles.SUBTITLE, run("{{ 文号 }}　{{ 编印单位 }}　{{ 日期 }}", norm.LEVEL_TWO))
    body = w("body", title, below, paragraph(styles.HEAD), mark("{{p 正文 }}"), page_setup())
    return finished(word_parts(Properties(TITLE, "", DAY), root("document", body)))


def print_docx(session: Session, slip: Slip, template_id: int | None) -> bytes:
    """Return the slip as .docx with the template it was issued under (None: without one)."""
    made = printed(session, template_id, lambda: values(slip).found, slip.properties)
    return render(slip) if made is None else made
