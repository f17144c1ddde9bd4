"""A frozen catalogue as .docx (a table per chain) and as rows of a workbook; Chinese whatever the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.core.money import format_wan, wan_cell
from crm.web.grids import Cell, Column, Figure, Kind, Sheaf
from crm.web.i18n import tr
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADS = ("序号", "项目名称", "建设内容、合作条件和效益", "总投资\n（万元）", "用地\n（亩）", "联系")
WIDTHS = (2, 5, 10, 4, 3, 4)
SHEET: tuple[tuple[str, str, Kind], ...] = (
    ("name", "项目名称", Kind.TEXT),
    ("chain", "产业链", Kind.TEXT),
    ("node", "环节", Kind.TEXT),
    ("industry", "产业", Kind.TEXT),
    ("content", "建设内容", Kind.TEXT),
    ("investment", "总投资", Kind.MONEY),
    ("land_mu", "用地（亩）", Kind.COUNT),
    ("floor_sqm", "厂房（平方米）", Kind.COUNT),
    ("conditions", "合作条件", Kind.TEXT),
    ("benefit", "效益预测", Kind.TEXT),
    ("output", "年产值", Kind.MONEY),
    ("tax", "年纳税", Kind.MONEY),
    ("carriers", "拟用载体", Kind.TEXT),
    ("contact", "联系岗位", Kind.TEXT),
)


def version_text(body: Mapping[str, Any]) -> str:
    """Say which version a catalogue is."""
    return f"第{body['number']}版"


def paper_of(body: Mapping[str, Any]) -> bytes:
    """Return a version as .docx; the same version gives the same bytes."""
    day = date.fromisoformat(body["day"])
    total = format_wan(Decimal(body["amount"]))
    lead = (
        f"本目录收录{body['projects']}个项目，估算总投资{total}，按产业链编排。投资、用地和效益为策划估算，以洽谈为准。"
    )
    sections = [Section("说明", (Paragraph(lead),))]
    sections += [Section(chain["name"], (_table(chain),)) for chain in body["chains"]]
    if body["contact"]:
        lines = tuple(Paragraph(line) for line in body["contact"].splitlines() if line.strip())
        sections.append(Section("联系方式", lines))
    head = Properties(body["title"], body["office"], day)
    return paper(head, sections, number=version_text(body), below=date_text(day))


def _table(chain: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            str(one["no"]),
            one["name"],
            said(one),
            shown(one["investment"]),
            shown(one["land_mu"]),
            one["contact"],
        )
        for one in chain["projects"]
    )
    return Table("", HEADS, rows, WIDTHS)


def shown(number: str) -> str:
    """Write a kept number with its thousands set apart; a dash where there is none."""
    return wan_cell(Decimal(number)) if number else "—"


def said(one: Mapping[str, Any]) -> str:
    """Put what a project builds, offers and brings into lines, each with its label."""
    parts = [one["content"]]
    parts += [f"环节：{one['node']}"] if one["node"] else []
    parts += [f"厂房：{shown(one['floor_sqm'])}平方米"] if one["floor_sqm"] else []
    parts += [f"拟用载体：{'、'.join(one['carriers'])}"] if one["carriers"] else []
    parts += [f"合作条件：{one['conditions']}"] if one["conditions"] else []
    figures = [f"{label}{shown(one[key])}万元" for key, label in (("output", "年产值"), ("tax", "年纳税")) if one[key]]
    brings = "，".join([*figures, one["benefit"]] if one["benefit"] else figures)
    parts += [f"效益预测：{brings}"] if brings else []
    return "\n".join(parts)


def sheaf_of(body: Mapping[str, Any]) -> Sheaf:
    """Return a version as the rows of a workbook."""
    rows = [
        [_cell(one, chain["name"], key, kind) for key, _label, kind in SHEET]
        for chain in body["chains"]
        for one in chain["projects"]
    ]
    columns = [Column(tr(label), kind) for _key, label, kind in SHEET]
    figure = Figure("bank", tr("产业招商项目目录"), columns, rows)
    return Sheaf(f"{body['title']}{version_text(body)}", (figure,), f"{version_text(body)} {body['day']}")


def _cell(one: Mapping[str, Any], chain: str, key: str, kind: Kind) -> Cell:
    if key == "chain":
        return Cell(chain)
    value = one[key]
    if kind is Kind.TEXT:
        return Cell("、".join(value) if isinstance(value, list) else value)
    return Cell(Decimal(value) if value else None)
