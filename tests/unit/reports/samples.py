"""Reports to write in tests; every name in them is invented."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import docx
from docx.document import Document

from crm.reports.document import Figure, Imprint, WeeklyDocument
from crm.reports.docx import render_docx
from crm.word.blocks import NewsItem, NewsList, Paragraph, Point, Section, SubHeading, SubPoint, Table

PROGRESS = Table(
    title="招商任务完成进度表",
    columns=("序号", "单位", "年度目标", "累计", "完成率"),
    rows=(
        ("1", "装备制造产业招商组", "358", "171", "47.8%"),
        ("2", "驻昆山办事处", "192", "93", "48.4%"),
    ),
    widths=(1, 4, 2, 2, 2),
    note="完成率四舍五入保留一位小数。",
)

VISITS = Figure(
    key="visits",
    label="拜访企业",
    unit="家",
    basis="本周登记的走访，同一企业计一家",
    value=2,
    columns=("日期", "企业", "意向投资（万元）", "登记时间"),
    rows=(
        (date(2026, 11, 10), "晟澜精密传动", Decimal("1200.5"), datetime(2026, 11, 10, 2, 30, tzinfo=UTC)),
        (date(2026, 11, 12), "𠮷野食品", None, datetime(2026, 11, 12, 8, 0, tzinfo=UTC)),
    ),
)

WEEK = WeeklyDocument(
    title_red="动态信息周报",
    title="全区招商引资工作本周情况",
    issue_no=46,
    total_no=312,
    issuer="银湖区投资促进局",
    issued_on=date(2026, 11, 13),
    period_start=date(2026, 11, 9),
    period_end=date(2026, 11, 15),
    summary="本周（11月9日—15日），全区拜访企业2家。",
    sections=(
        Section(
            "线索与在谈项目",
            (
                SubHeading("新增线索"),
                Point("晟澜精密传动设备扩产项目。"),
                SubPoint("首报单位：驻昆山办事处。"),
                SubPoint("下步打算：提供地块资料。"),
                Point("华启新材料华东基地项目。"),
                SubHeading("停滞项目"),
                Point("澄光光学镜片项目。"),
            ),
        ),
        Section("签约与落地", (PROGRESS,)),
        Section(
            "企业动态",
            (NewsList((NewsItem("晟澜精密拟新建华东工厂", "银湖日报", date(2026, 11, 10)),)),),
        ),
        Section("下周安排", (Paragraph("召开招商例会。"),)),
    ),
    imprint=Imprint("区委书记、区长。", "市投资促进局。", "各镇（街道）。", 60),
    figures=(VISITS,),
)


def only(*sections: Section) -> WeeklyDocument:
    """Return the week with these sections alone and no summary."""
    return replace(WEEK, summary="", sections=sections)


def opened(document: WeeklyDocument) -> Document:
    """Return the written report as an independent reader sees it."""
    return docx.Document(BytesIO(render_docx(document)))


def texts(document: WeeklyDocument) -> list[str]:
    """Return the non-empty paragraphs outside tables."""
    return [one.text for one in opened(document).paragraphs if one.text.strip()]
