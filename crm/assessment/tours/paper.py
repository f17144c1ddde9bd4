"""A site tour on paper after GB/T 9704: a blank score sheet for the judges, and the result once closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.assessment.tours import rules
from crm.core.money import digits
from crm.core.scheduling import local_day
from crm.word.blocks import Paragraph, Section, Table
from crm.word.package import Properties
from crm.word.paper import paper
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from crm.assessment.tours.models import SiteTour, TourResult


def blank(row: SiteTour, titles: Mapping[int, str], issuer: str) -> bytes:
    """Return a score sheet to be filled in by hand: a row for each stop, a column for each criterion."""
    criteria = rules.read_criteria(row.criteria)
    heads = tuple(f"{one.label}（满{digits(one.full)}）" for one in criteria)
    rows = tuple(
        (str(at), stop.unit.name, titles[stop.id], *("" for _one in criteria))
        for at, stop in enumerate(row.stops, start=1)
    )
    table = Table("评分表", ("序号", "单位", "观摩点", *heads), rows, (1, 3, 4, *(2 for _one in criteria)))
    sections = [
        Section("评分办法", _method(row)),
        Section("评分", (table, Paragraph("评委签名：　　　　　　　　日期："))),
    ]
    return paper(Properties(f"{row.name}评分表", issuer, row.held_on), sections, below=_below(row, issuer))


def result(
    row: SiteTour,
    results: Sequence[TourResult],
    points: Mapping[int, Decimal],
    titles: Mapping[int, str],
    issuer: str,
) -> bytes:
    """Return the result: places of units, points of stops, and how they were reckoned."""
    places = Table(
        "各单位成绩",
        ("名次", "单位", "观摩点数", "得分"),
        tuple((str(one.rank), one.unit.name, str(one.stops), f"{one.points:.2f}") for one in results),
        (1, 4, 2, 2),
    )
    stops = Table(
        "各观摩点得分",
        ("序号", "单位", "观摩点", "得分"),
        tuple(
            (str(at), stop.unit.name, titles[stop.id], f"{points[stop.id]:.2f}")
            for at, stop in enumerate(row.stops, start=1)
        ),
        (1, 3, 5, 2),
    )
    sections = [Section("成绩", (places,)), Section("观摩点", (stops,)), Section("评分办法", _method(row))]
    made = local_day(row.closed_at) if row.closed_at else row.held_on
    return paper(Properties(f"{row.name}成绩", issuer, made), sections, below=_below(row, issuer))


def _method(row: SiteTour) -> tuple[Paragraph, ...]:
    criteria = rules.read_criteria(row.criteria)
    parts = "，".join(f"{one.label}{digits(one.weight)}分" for one in criteria)
    trim = "三张评分表起，去掉一个最高分和一个最低分，" if row.trim else ""
    mean = f"每个观摩点{trim}取各评委的平均分；单位有几个观摩点的，取平均。评委回避本单位。"
    texts = [f"百分制：{parts}。", f"评委{len(row.judges)}人。{mean}"]
    return tuple(map(Paragraph, [*texts, row.note] if row.note else texts))


def _below(row: SiteTour, issuer: str) -> str:
    return f"{issuer}　{date_text(row.held_on)}"
