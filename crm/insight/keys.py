"""The column each dimension groups by, the condition of one group, and the names of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, literal, select

from crm.auth.models import OrgUnit, User
from crm.auth.rules import UnitKind
from crm.enterprises.codes import regions
from crm.enterprises.models import Enterprise
from crm.insight.rules import NOTHING, Dimension
from crm.pipeline.models import Project
from crm.pipeline.rules import CAPITAL_LABELS, CHANNEL_LABELS, Capital, Channel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

INVESTMENT = func.coalesce(Project.total_investment, 0)
TEAMS = (UnitKind.SQUAD, UnitKind.INDUSTRY_GROUP, UnitKind.LIAISON_OFFICE)
NUMBERED = (Dimension.UNIT, Dimension.TEAM, Dimension.OWNER, Dimension.BAND)
YI = 10_000
LARGEST = 10**9


def column(dimension: Dimension, edges: Sequence[Decimal]) -> Any:  # noqa: ANN401 (a column)
    """Return what a dimension groups by; REGION asks that the enterprise is joined."""
    if dimension is Dimension.BAND:
        marks = [(edge <= INVESTMENT, literal(len(edges) - at)) for at, edge in enumerate(sorted(edges, reverse=True))]
        return case(*marks, else_=literal(0)) if marks else literal(0)
    if dimension is Dimension.TEAM:
        return case((Project.unit_id.in_(select(OrgUnit.id).where(OrgUnit.kind.in_(TEAMS))), Project.unit_id))
    columns: dict[Dimension, Any] = {
        Dimension.UNIT: Project.unit_id,
        Dimension.OWNER: Project.owner_id,
        Dimension.CHANNEL: Project.channel,
        Dimension.INDUSTRY: Project.industry,
        Dimension.REGION: func.substr(Enterprise.region_code, 1, 2),
        Dimension.CAPITAL: Project.capital,
    }
    return columns[dimension]


def condition(dimension: Dimension, edges: Sequence[Decimal], key: str) -> ColumnElement[bool] | None:
    """Condition: the project is of one group, as :func:`column` puts it there; None for a key that cannot be one."""
    group = column(dimension, edges)
    if dimension in NUMBERED:
        if not key and dimension is not Dimension.BAND:
            return group.is_(None)  # type: ignore[no-any-return]  # a column of any type
        number = int(key) if key.isascii() and key.isdigit() and int(key) < LARGEST else None
        return None if number is None else group == number
    if dimension in {Dimension.CHANNEL, Dimension.CAPITAL} and key not in {*Channel, *Capital}:
        return None
    return func.coalesce(group, "") == key


def names(session: Session, dimension: Dimension, keys: Sequence[str], edges: Sequence[Decimal]) -> dict[str, str]:
    """Names of groups in Chinese; fixed words are translated by the page, names people gave are not."""
    ids = [int(one) for one in keys if one.isdigit()]
    if dimension in {Dimension.UNIT, Dimension.TEAM}:
        rows = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(ids)))
    elif dimension is Dimension.OWNER:
        rows = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    else:
        return _fixed(dimension, keys, edges)
    return {"": NOTHING[dimension]} | {str(number): name for number, name in rows}


def _fixed(dimension: Dimension, keys: Sequence[str], edges: Sequence[Decimal]) -> dict[str, str]:
    if dimension is Dimension.REGION:
        known = regions()
        return {one: known.get(f"{one}0000", one) for one in keys if one}
    if dimension is Dimension.BAND:
        return {str(at): _band(at, sorted(edges)) for at in range(len(edges) + 1)}
    fixed = {str(one): CHANNEL_LABELS[one] for one in Channel} | {str(one): CAPITAL_LABELS[one] for one in Capital}
    return {one: fixed[one] for one in keys if one in fixed}


def _band(at: int, edges: Sequence[Decimal]) -> str:
    if not edges:
        return "全部"
    if at == 0:
        return f"<{_yi(edges[0])}"
    return f"≥{_yi(edges[-1])}" if at == len(edges) else f"{_yi(edges[at - 1])}–{_yi(edges[at])}"


def _yi(amount: Decimal) -> str:
    """Write 万元 short: whole 亿 as such."""
    return f"{(amount / YI).normalize():f}亿" if amount >= YI else f"{amount.normalize():f}万"
