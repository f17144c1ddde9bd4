"""What a template of the weekly report may name, with the values of one issue; and the template we bring along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from crm.reports import tables
from crm.reports.document import Figure, Imprint, WeeklyDocument
from crm.reports.docx_body import SILENCE
from crm.reports.kpis import KPIS
from crm.reports.stored import HEADINGS, SUMMARY, TITLE_RED
from crm.reports.template_body import template_part
from crm.reports.wording import issue_text
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties, word_parts
from crm.word.template.builtin import finished
from crm.word.template.values import Values, lines_block, sections_block, table_name
from crm.word.wording import date_range, date_text

if TYPE_CHECKING:
    from collections.abc import Iterable

KIND = "weekly"
PROGRESS, PROGRESS_TITLE = "任务完成进度明细", "招商任务完成进度表"
DAY = date(2026, 1, 1)
HEADS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    HEADINGS["outbound"]: (("拜访客商周报表", tables.VISIT_COLUMNS),),
    HEADINGS["leads"]: (("在谈项目信息采集表", tables.TALK_COLUMNS),),
    HEADINGS["signed"]: (("签约项目推进表", tables.SIGNED_COLUMNS), ("上报认定对照表", tables.LEDGER_COLUMNS)),
}


def properties_of(document: WeeklyDocument) -> Properties:
    """What Word shows of the file."""
    return Properties(f"{document.title_red} {issue_text(document)}", document.issuer, document.issued_on)


def values(document: WeeklyDocument) -> Values:
    """Gather everything a template may name; the names are always the same."""
    found = Values()
    found.text("刊名", "红头上的名称", document.title_red)
    found.text("标题", "红线下面的标题", document.title)
    found.text("期号", "第N期（总第M期），草稿写“（草稿）”", issue_text(document))
    found.text("期数", "本年度第几期，只有数字，草稿没有", str(document.issue_no or ""))
    found.text("总期数", "总第几期，只有数字，草稿没有", str(document.total_no or ""))
    found.text("编印单位", "招商局的名称", document.issuer)
    found.text("日期", "编印日期", date_text(document.issued_on))
    found.text("时段", "本周的起止日期", date_range(document.period_start, document.period_end, with_year=True))
    found.text("年份", "本周所在的年份", str(document.period_end.year))
    found.block("正文", "所有各节，带标题和编号", sections_block(document.outline, SILENCE))
    by_heading = {section.heading: section.blocks for section in document.outline}
    for heading in HEADINGS.values():
        found.block(heading, f"“{heading}”一节的内容，不带标题", lines_block(by_heading.get(heading, ()), SILENCE))
    _tables(found, document.tables)
    told = {one.label: f"{one.value}" for one in document.figures}
    found.figures("数字", "本周和年内的各项数字", {kpi.label: told.get(kpi.label, "0") for kpi in KPIS})
    for name, about, value in (
        ("报", "版记里报送的单位", document.imprint.report_to),
        ("送", "版记里送的单位", document.imprint.send_to),
        ("发", "版记里发的单位", document.imprint.distribute),
        ("份数", "印发份数，没有填就是空的", str(document.imprint.copies or "")),
    ):
        found.text(name, about, value)
    return found


def _tables(found: Values, given: Iterable[Table]) -> None:
    """Add the rows of every table there may be, filled as far as the issue holds it."""
    tables_here = list(given)
    held = {table.title: table for table in tables_here}
    for title, columns in (one for heads in HEADS.values() for one in heads):
        table = held.get(title)
        found.rows(table_name(title), f"“{title}”的各行", columns, table.rows if table else ())
    marked = f"{PROGRESS_TITLE}（"
    rows = [
        (table.title.removeprefix(marked).removesuffix("）"), *row)
        for table in tables_here
        if table.title.startswith(marked)
        for row in table.rows
    ]
    found.rows(PROGRESS, "各项任务完成进度的各行，带任务名称", ("任务", *tables.PROGRESS_COLUMNS), rows)


def sample(*, full: bool) -> WeeklyDocument:
    """An invented issue to try a template with: each section with text and tables, or empty throughout."""
    document = WeeklyDocument(
        title_red=TITLE_RED, title="示例地区招商引资工作本周情况", issue_no=None, total_no=None, issuer="示例局",
        issued_on=DAY, period_start=DAY, period_end=DAY, summary="",
        sections=tuple(Section(heading) for key, heading in HEADINGS.items() if key != SUMMARY),
    )  # fmt: skip
    if not full:
        return document
    return replace(
        document,
        title="示例地区招商引资工作\n本周情况",
        issue_no=1,
        total_no=12,
        summary="示例文字，含 & < > \" ' 和生僻字𠮷。",
        sections=tuple(_section(heading) for key, heading in HEADINGS.items() if key != SUMMARY),
        imprint=Imprint("示例领导", "示例单位", "示例小分队", 30),
        figures=tuple(Figure(kpi.key, kpi.label, kpi.unit, kpi.basis, 12) for kpi in KPIS),
    )


def _section(heading: str) -> Section:
    heads = HEADS.get(heading, ())
    if heading == HEADINGS["progress"]:
        heads = ((f"{PROGRESS_TITLE}（示例，个）", tables.PROGRESS_COLUMNS),)
    shown = (Table(title, columns, (("示例",) * len(columns),) * 3) for title, columns in heads)
    return Section(heading, (Paragraph("示例文字。"), *shown))


def builtin() -> bytes:
    """Return the template we bring along: the report as it is printed without one."""
    return finished(word_parts(Properties(TITLE_RED, "", DAY), template_part(TITLE_RED)))
