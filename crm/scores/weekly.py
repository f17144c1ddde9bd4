"""The list of the week of one squad: ranked, paged, with what each row shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.rules import Permission, UnitKind
from crm.core.errors import NotFoundError, Problem
from crm.enterprises.models import Enterprise
from crm.fieldwork.rules import writing_units
from crm.pipeline.intake import setup
from crm.pipeline.intake.dimensions import industry_of
from crm.scores import candidates, facts, ranking
from crm.scores.candidates import Desk
from crm.scores.ranking import PAGE, Capacity, Ranked
from crm.scores.turns import dealt_to
from crm.scoring.badge import Own, scored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit
    from crm.auth.rules import Actor
    from crm.scores.candidates import Narrow
    from crm.scoring.models import EnterpriseScore

PAGES = 16
DEALING = (UnitKind.SQUAD, UnitKind.LIAISON_OFFICE, UnitKind.INDUSTRY_GROUP)
NO_UNIT = Problem("week.unit", "没有这个小组，或者不在您的查看范围内。")
NOT_LISTED = Problem("week.gone", "这家企业现在不在名单里：可能刚有人联系、别的组在谈，或者已经安排。请刷新名单。")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the enterprise, its score, its place in the order."""

    enterprise: Enterprise
    score: EnterpriseScore
    own: Own | None
    ranked: Ranked
    place: int


@dataclass(frozen=True, slots=True)
class Week:
    """One page of the list, with how much the squad can do."""

    rows: tuple[Row, ...]
    page: int
    more: bool
    capacity: Capacity


def units(session: Session, actor: Actor, today: date) -> list[OrgUnit]:
    """Units whose list the person may see: those that go out, and one's own."""
    return [
        row
        for row in people.units(session, today)
        if actor.reaches(Permission.TOUCH_READ, row.id) and (row.kind in DEALING or row.id in actor.unit_ids)
    ]


def desk(session: Session, actor: Actor, unit_id: int | None, *, now: datetime, today: date) -> Desk:
    """Return for whom the list is made; without a wish it is the person's own unit. Raise NotFoundError."""
    known = {row.id for row in units(session, actor, today)}
    own = next((one for one in (*writing_units(actor), *actor.unit_ids) if one in known), None)
    wanted = unit_id or own or next(iter(sorted(known)), None)
    if wanted is None or wanted not in known:
        raise NotFoundError(NO_UNIT)
    return Desk(actor, wanted, people.subtree(session).get(wanted, frozenset({wanted})), now, today)


def read(session: Session, at: Desk, page: int = 1) -> Week:
    """Read one page of the list."""
    order = _order(session, at)
    page = min(max(page, 1), PAGES)
    shown = order[(page - 1) * PAGE : page * PAGE]
    capacity = Capacity(len(people.colleagues(session, at.units, at.today)), candidates.planned(session, at))
    rows = _rows(session, shown, (page - 1) * PAGE, at.now)
    return Week(rows, page, len(order) > page * PAGE, capacity)


def one(session: Session, at: Desk, enterprise_id: int) -> tuple[Enterprise, Ranked]:
    """Return an enterprise of the list with its suggested step; raise NotFoundError when it is not on it."""
    firm = session.get(Enterprise, enterprise_id)
    score, own = scored(session, [enterprise_id], at.now).get(enterprise_id, (None, None))
    if firm is None or score is None or not candidates.may_be_called(session, at, enterprise_id):
        raise NotFoundError(NOT_LISTED)
    narrow = candidates.Narrow(
        enterprise_id, own.points if own else score.points, firm.industry, firm.last_touch_at, tied=True
    )
    found = facts.candidates(session, at, [narrow], frozenset())
    return firm, ranking.rank(found[0], at.today)


def _order(session: Session, at: Desk) -> list[Ranked]:
    """Rank everybody who can reach the pages."""
    window = candidates.window(session, at)
    squads = sorted(row.id for row in people.units(session, at.today, kinds=DEALING))
    ours = _ours(session, at, window)
    turns = {row.id: _may_go(row, at, squads, ours) for row in window}
    near = sorted(window, key=lambda row: (-row.points * (1 if turns[row.id] else ranking.NOT_OURS), row.id))
    chosen = near[: PAGES * PAGE]
    found = facts.candidates(session, at, chosen, ours)
    return ranking.ranked([replace(row, turn=turns[row.enterprise_id]) for row in found], at.today)


def _may_go(row: Narrow, at: Desk, squads: Sequence[int], ours: frozenset[int]) -> bool:
    if row.tied or row.id in ours or at.unit_id not in squads:
        return True
    return dealt_to(row.id, squads) in at.units


def _ours(session: Session, at: Desk, window: Sequence[Narrow]) -> frozenset[int]:
    """Enterprises of the industries that the office gave to this squad."""
    dimensions = setup.load(session).dimensions
    if not any(industry.unit_id in at.units for industry in dimensions.industries):
        return frozenset()
    taken = {text: industry_of((text,), dimensions) for text in {row.industry for row in window}}
    mine = {text for text, industry in taken.items() if industry is not None and industry.unit_id in at.units}
    return frozenset(row.id for row in window if row.industry in mine)


def _rows(session: Session, shown: Sequence[Ranked], before: int, now: datetime) -> tuple[Row, ...]:
    ids = [row.candidate.enterprise_id for row in shown]
    firms = {row.id: row for row in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))}
    scores = scored(session, ids, now)
    return tuple(
        Row(firms[row.candidate.enterprise_id], *scores[row.candidate.enterprise_id], row, before + number)
        for number, row in enumerate(shown, start=1)
    )
