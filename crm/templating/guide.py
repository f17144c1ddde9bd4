"""The list of placeholders of a kind as a Word file, to lie beside the template while somebody edits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.word.blocks import Paragraph, Point, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.template.places import PLACE_LABELS

if TYPE_CHECKING:
    from datetime import date

    from crm.templating.kinds import Kind
    from crm.word.template.places import Place

HOW = (
    "占位符写在两个半角花括号里，生成时换成当期的内容；字体、字号、位置都按您在模板里设的样子。",
    "“整段内容”要单独占一段，里面的标题、文字和表格都按公文格式排好。",
    "“表格的行”用三行表格：首行只写 {%tr for 行 in 名称 %}，次行写各格，例如 {{ 行.单位 }}，末行只写 {%tr endfor %}。",
    "“数字”写成 {{ 数字.名称 }}，名称见下表。",
    "没有内容就不显示的段落，前后各加一段：{%p if 名称 %} 和 {%p endif %}。",
)
HEADS = ("写法", "类别", "意思", "下面的名称")


def guide(kind: Kind, dated_on: date) -> bytes:
    """Return it as .docx."""
    rows = tuple(_row(place) for place in kind.sample(False).places)  # noqa: FBT003 (a callable kept as data)
    title = f"{kind.label}模板占位符表"
    sections = (
        Section("怎样写", tuple(Point(text) for text in HOW)),
        Section("占位符", (Table("占位符", HEADS, rows, (6, 3, 6, 8)),)),
        Section("检查", (Paragraph("上传后先检查再启用：写错的占位符会指出在第几段、附近的文字和应该怎样写。"),)),
    )
    return paper(Properties(title, "", dated_on), sections)


def _row(place: Place) -> tuple[str, str, str, str]:
    return place.example, PLACE_LABELS[place.kind], place.about, "、".join(place.below)
