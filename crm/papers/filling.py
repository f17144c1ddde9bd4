"""What a template of a paper may name, with the values of one paper; and the template we bring along. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crm.papers import tables
from crm.papers.issues.content import KeptFigure
from crm.papers.rules import PAPERS, period_of
from crm.papers.wording import LABELS
from crm.papers.writing import SECTIONS, Paper
from crm.word import norm, styles
from crm.word.blocks import Paragraph, Section, Table
from crm.word.body import page_setup
from crm.word.ooxml import join, root, w
from crm.word.package import Properties, word_parts
from crm.word.template.builtin import finished, mark
from crm.word.template.places import name_of
from crm.word.template.values import Values, lines_block, sections_block, table_name
from crm.word.text import paragraph, run
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.papers.rules import Period

NOTE = "统计说明"
TEMPLATE_DAY = date(2026, 1, 1)
SAMPLE = Properties("示例", "示例局", TEMPLATE_DAY)
PERIODIC = ("bulletin", "dispatch", "briefing", "ranking")
RANKS, RANK_HEADING = "单位排名明细", ("单位排名", "年终排队")
HEADS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "任务完成进度": (("招商任务完成进度表", tables.PROGRESS),),
    "任务完成情况": (("招商任务完成进度表", tables.PROGRESS),),
    "上报和认定": (("上报认定对照表", tables.RECOGNITION),),
    "停滞项目": (("停滞项目", tables.STALLED),),
    "超期批示交办": (("超期批示交办", tables.LATE),),
    "超期议定事项": (("超期议定事项", tables.LATE),),
    "后进督办": (("后进督办单", tables.SLIPS),),
    "督办事项": (("后进督办单", tables.SLIPS),),
    "推进情况": (("签约项目推进表", tables.SIGNED),),
}


def issue_text(issue_no: int | None, total_no: int | None) -> str:
    """第3期（总第12期）, nothing for a draft."""
    return f"第{issue_no}期（总第{total_no}期）" if issue_no and total_no else ""


def values(
    kind: str,
    period: Period,
    paper: Paper,
    figures: Sequence[KeptFigure],
    *,
    issuer: str,
    dated_on: date,
    numbers: tuple[int | None, int | None] = (None, None),
) -> Values:
    """Gather everything a template of this kind may name; every kind always has the same names."""
    found = Values()
    found.text("标题", "材料的标题", paper.title)
    found.text("期号", "第N期（总第M期），草稿没有", issue_text(*numbers))
    found.text("期数", "本年度第几期，只有数字", str(numbers[0] or ""))
    found.text("总期数", "总第几期，只有数字", str(numbers[1] or ""))
    found.text("编印单位", "招商局的名称", issuer)
    found.text("日期", "编印日期", date_text(dated_on))
    found.text("时段", "统计时段", period.label)
    found.text("年份", "统计时段所在的年份", str(period.end.year))
    found.block("正文", "所有各节，带标题和编号", sections_block(paper.sections))
    by_heading = {section.heading: section.blocks for section in paper.sections}
    for heading in (*(name for name, _build in SECTIONS[kind]), NOTE):
        found.block(name_of(heading), f"“{heading}”一节的内容，不带标题", lines_block(by_heading.get(heading, ())))
    _tables(found, kind, paper)
    told = {one.label: f"{one.value}" for one in figures if one.key.startswith("year:")}
    labels = [f"年内{label}" for label, _unit in LABELS.values()]
    if kind in PERIODIC:
        found.figures("数字", "本年累计的任务数", {label: told.get(label, "0") for label in labels})
    return found


def _tables(found: Values, kind: str, paper: Paper) -> None:
    """Add the rows of every table the kind may hold, filled as far as the paper holds it."""
    held = {table.title: table for table in paper.tables}
    for heading, _build in SECTIONS[kind]:
        for title, columns in HEADS.get(heading, ()):
            table = held.get(title)
            found.rows(table_name(title), f"“{title}”的各行", columns, table.rows if table else ())
        if heading in RANK_HEADING:
            ranked = [table for table in paper.tables if table.columns == tables.RANKING]
            rows = [(table.title.removesuffix("排名表"), *row) for table in ranked for row in table.rows]
            found.rows(RANKS, "各类单位排名的各行，带类别", ("类别", *tables.RANKING), rows)


def sample(kind: str, *, full: bool) -> tuple[Paper, list[KeptFigure]]:
    """An invented paper to try a template with: each table with a row, or empty throughout."""
    sections = []
    for heading, _build in SECTIONS[kind]:
        shown: list[Paragraph | Table] = [Paragraph("示例文字，含 & < > \" ' 和生僻字𠮷。")] if full else []
        for title, columns in HEADS.get(heading, ()):
            shown.append(Table(title, columns, (("示例",) * len(columns),) * (3 if full else 0)))
        if heading in RANK_HEADING and full:
            shown.append(Table("小分队排名表", tables.RANKING, (("示例",) * len(tables.RANKING),)))
        sections.append(Section(heading, tuple(shown)))
    sections.append(Section(NOTE, (Paragraph("示例说明。"),)))
    figures = [KeptFigure(f"year:{key}", f"年内{label}", unit, "12", 12) for key, (label, unit) in LABELS.items()]
    return Paper(PAPERS[kind].title, "示例局　2026年1月1日", tuple(sections)), figures if full else []


def sample_values(kind: str, *, full: bool) -> Values:
    """The values of an invented paper."""
    paper, figures = sample(kind, full=full)
    period = period_of(PAPERS[kind].period, TEMPLATE_DAY)
    numbers = (1, 12) if full else (None, None)
    return values(kind, period, paper, figures, issuer=SAMPLE.author, dated_on=TEMPLATE_DAY, numbers=numbers)


def builtin(kind: str) -> bytes:
    """Return the template we bring along: the paper as it is printed without one."""
    title = paragraph(styles.TITLE, run("{{ 标题 }}", norm.TITLE))
    number = paragraph(styles.SUBTITLE, run("{{ 期号 }}", norm.LEVEL_TWO))
    below = paragraph(styles.SUBTITLE, run("{{ 编印单位 }}　{{ 日期 }}", norm.LEVEL_TWO))
    head = join(title, mark("{%p if 期号 %}"), number, mark("{%p endif %}"), below, paragraph(styles.HEAD))
    body = w("body", head, mark("{{p 正文 }}"), page_setup())
    properties = Properties(PAPERS[kind].title, "", TEMPLATE_DAY)
    return finished(word_parts(properties, root("document", body)))
