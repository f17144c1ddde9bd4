"""A proposal as .docx for the enterprise: texts, and a table for each kind of what is offered, with the reasons."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from crm.word.blocks import Block, Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEADS = ("名称", "内容", "理由")
WIDTHS = (5, 9, 7)
OUTWARD = frozenset(
    {
        "产业对口：%(word)s",
        "正是本地产业链要补的环节：%(node)s",
        "用地规模相当：企业要%(asked)s亩，项目规划%(offered)s亩",
        "投资规模相当：企业计划%(asked)s万元，项目估算%(offered)s万元",
        "面积正合适：要%(asked)s，剩%(offered)s",
        "面积够用：要%(asked)s，剩%(offered)s",
        "行业代码%(code)s属于这个环节",
        "行业里有“%(word)s”",
    }
)  # all that an outsider reads; a reason that is new to the engines stays inside until it is added here


def paper_of(title: str, body: Mapping[str, Any], day: date) -> bytes:
    """Return a version of a proposal as .docx; the same version gives the same bytes."""
    sections = [
        Section(one["heading"], tuple(_blocks(one))) for one in body["sections"] if one["text"] or kept(one["rows"])
    ]
    return paper(Properties(title, body["office"], day), sections, below=f"{body['office']}　{date_text(day)}")


def kept(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the rows that were not struck out."""
    return [row for row in rows if row["keep"]]


def _blocks(section: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = [Paragraph(line) for line in section["text"].splitlines() if line.strip()]
    rows = tuple((row["name"], row["facts"], "\n".join(outward(row)) or "—") for row in kept(section["rows"]))
    return [*blocks, Table("", HEADS, rows, WIDTHS)] if rows else blocks


def outward(row: Mapping[str, Any]) -> list[str]:
    """Give the reasons an outsider reads: how it fits the enterprise, nothing of others or of what we weigh."""
    return [said(reason) for reason in row["reasons"] if reason["message"] in OUTWARD]


def said(reason: Mapping[str, Any]) -> str:
    """Say a kept reason in Chinese, without its points: they are ours."""
    return str(reason["message"]) % {name: _value(name, value) for name, value in reason["params"].items()}


def _value(name: str, value: object) -> object:
    if name != "day" or not isinstance(value, str):
        return value
    try:
        return date_text(date.fromisoformat(value))
    except ValueError:
        return value
