"""Reads: what a figure is made of (结构), and reported beside recognised with the reasons (上报认定对照)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, case, cast, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from crm.assessment.differences import barred
from crm.assessment.measures import MEASURES
from crm.assessment.ratios import Ratio
from crm.assessment.summing import figures, selected
from crm.core.paging import Key, Page, fetch_page
from crm.core.types import MICRO_WAN, Wan
from crm.enterprises.models import Enterprise
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.intake import setup
from crm.pipeline.models import Agreement, Project
from crm.pipeline.repeats.counting import counts as new
from crm.pipeline.rules import AgreementKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.assessment.window import Measure, Window

SECTORS = {"A": "第一产业", "BCDE": "第二产业", "FGHIJKLMNOPQRST": "第三产业"}
UNKNOWN = "未填产业"
Part = TypeVar("Part")
COUNTS = ("reported", "recognized")
AMOUNTS = ("reported_amount", "recognized_amount")
CAPITALS = ("capital_reported", "capital_recognized")
NEWEST = (Key(Agreement.signed_on, descending=True), Key(Agreement.id, descending=True))


@dataclass(frozen=True, slots=True)
class Mix:
    """Parts of one figure: by sector (letters of GB/T 4754, blank is unknown), by band and by kind of capital.

    A band is its borders in 万元, None where it is open; an unknown sum has none.
    """

    total: Decimal
    sectors: dict[str, Decimal]
    bands: dict[tuple[Decimal | None, Decimal | None] | None, Decimal]
    capitals: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One unit, or all (None): contracts and capital, recognised of reported, as pairs."""

    unit_id: int | None
    count: Ratio
    amount: Ratio
    capital: Ratio


def mix(session: Session, measure: Measure, window: Window) -> Mix:
    """Take a figure of projects apart three ways; each way sums to the figure."""
    facts = selected(session, measure, window).subquery()
    letter = func.substr(func.coalesce(Enterprise.industry_code, ""), 1, 1)
    edges = sorted(setup.load(session).dimensions.bands)
    steps = [(Project.total_investment < edge, place) for place, edge in enumerate(edges)]
    place = case((Project.total_investment.is_(None), len(edges) + 1), *steps, else_=len(edges))
    groups = (letter.label("letter"), place.label("place"), Project.capital.label("capital"))
    inner = (
        select(*groups, facts.c.amount)
        .select_from(facts)
        .join(Project, Project.id == facts.c.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .subquery()
    )
    amount = cast(type_coerce(func.sum(inner.c.amount), BigInteger()), BigInteger())
    statement = select(inner.c.letter, inner.c.place, inner.c.capital, amount).group_by(
        inner.c.letter, inner.c.place, inner.c.capital
    )
    scale = MICRO_WAN if isinstance(facts.c.amount.type, Wan) else 1
    rows = [(code, at, capital.value, Decimal(raw) / scale) for code, at, capital, raw in session.execute(statement)]
    borders = [None, *edges, None]
    bands = {at: (borders[at], borders[at + 1]) if at <= len(edges) else None for _code, at, _capital, _value in rows}
    return Mix(
        sum((value for *_groups, value in rows), Decimal(0)),
        _added((_sector(code), value) for code, _at, _capital, value in sorted(rows, key=lambda row: row[0] or "Z")),
        {bands[at]: value for at, value in sorted(_added((at, value) for _code, at, _capital, value in rows).items())},
        _added((capital, value) for _code, _at, capital, value in rows),
    )


def _sector(letter: str) -> str:
    return next((letters for letters in SECTORS if letter and letter in letters), "")


def _added(pairs: Iterable[tuple[Part, Decimal]]) -> dict[Part, Decimal]:
    sums: dict[Part, Decimal] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, Decimal(0)) + value
    return sums


def ledger(session: Session, window: Window) -> list[LedgerLine]:
    """Reported beside recognised by unit, the whole last; parts add up to it."""
    sums = figures(session, [MEASURES[key] for key in (*COUNTS, *AMOUNTS, *CAPITALS)], window)
    units = sorted({unit_id for found in sums.values() for unit_id in found})

    def pair(pair_of: tuple[str, str], unit_id: int | None) -> Ratio:
        told, held = (sums[key] for key in pair_of)
        if unit_id is None:
            return Ratio(sum(held.values(), Decimal(0)), sum(told.values(), Decimal(0)))
        return Ratio(held.get(unit_id, Decimal(0)), told.get(unit_id, Decimal(0)))

    return [
        LedgerLine(unit_id, pair(COUNTS, unit_id), pair(AMOUNTS, unit_id), pair(CAPITALS, unit_id))
        for unit_id in (*units, None)
    ]


def differences(session: Session, window: Window, cursor: str | None) -> tuple[Page[Agreement], int]:
    """Contracts signed in the period that were not recognised as they were reported, and how many; newest first."""
    statement = _differing(window)
    page = fetch_page(session, statement, list(NEWEST), lambda row: (row.signed_on, row.id), cursor=cursor)
    return page, _size(session, statement)


def differing(session: Session, window: Window, most: int) -> tuple[list[Agreement], int]:
    """The same contracts at once, no more than so many, and how many there are."""
    statement = _differing(window)
    order = (Agreement.signed_on.desc(), Agreement.id.desc())
    return list(session.scalars(statement.order_by(*order).limit(most))), _size(session, statement)


def _size(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.with_only_columns(Agreement.id).subquery())) or 0


def _differing(window: Window) -> Select[Any]:
    less = or_(
        Agreement.recognized_at.is_(None),
        Agreement.recognized_at > window.cutoff,
        Agreement.recognized_amount != Agreement.amount,
        barred(window),
    )
    statement = (
        select(Agreement)
        .join(Project, Project.id == Agreement.project_id)
        .where(
            Agreement.kind == AgreementKind.CONTRACT,
            Agreement.signed_on.between(window.start, window.end),
            Agreement.reported_at <= window.cutoff,
            window.covers(Agreement.unit_id),
            not_secret(Agreement.project_id),
            new(window.cutoff),
            less,
        )
    )
    return statement.options(joinedload(Agreement.project).joinedload(Project.enterprise))
