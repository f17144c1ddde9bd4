"""Which enterprises may stand on a node or fill it: a bounded search, then the same pure rule for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from crm.core import options
from crm.core.text import fold
from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise, EnterpriseRelation, ListEntry, ProfileEntry
from crm.enterprises.queries import live
from crm.enterprises.rules import ProfileBlock
from crm.land.chains import gathering
from crm.resources.chains import matching
from crm.resources.chains.matching import Wanted
from crm.resources.chains.rules import Side
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.auth.rules import Actor
    from crm.land.chains.gathering import Gathered, Talk
    from crm.resources.chains.models import IndustryNode
    from crm.resources.chains.queries import Whole
    from crm.resources.chains.rules import Reason

HOME = "chains.home"  # what the office calls "here": words of regions, set on the list of chains
LOOKED_AT, SHOWN = 400, 50


@dataclass(frozen=True, slots=True)
class Proposal:
    """An enterprise proposed for a node: points are the sum of the reasons; ``talk`` is a project under way."""

    id: int
    name: str
    region: str | None
    points: int
    reasons: Sequence[Reason]
    talk: Talk | None


def home(session: Session) -> list[str]:
    """Words of the regions that the office calls its own."""
    return [str(word) for word in options.read(session, HOME).get(HOME, {}).get("regions", ())]


def targets(
    session: Session, actor: Actor, whole: Whole, node: IndustryNode, *, now: datetime, only: int | None = None
) -> list[Proposal]:
    """Enterprises worth approaching for a node, the weightiest first; whoever a person has judged is left out.

    ``only``: this enterprise alone, also when it is a target already.
    """
    wanted = wanted_of(node)
    near = [node.id, *whole.suppliers(node.id), *whole.customers(node.id)]
    partners = [one.place.enterprise_id for step in near for one in whole.of(step, Side.LOCAL)]
    if only is None:
        judged = {one.place.enterprise_id for one in whole.placed.get(node.id, ())}
        here = {one.place.enterprise_id for step in whole.nodes for one in whole.of(step.id, Side.LOCAL)}
        ids = search(session, wanted, partners, judged | here)
    else:
        ids = [only]
    found = gathering.candidates(session, actor, ids, partners, now=now)
    return ranked(found, {key: matching.target(wanted, one) for key, one in found.rows.items()})


def locals_(session: Session, actor: Actor, whole: Whole, node: IndustryNode, *, now: datetime) -> list[Proposal]:
    """Enterprises that seem to be here and to make what the node makes; a person has to say so."""
    wanted, regions = wanted_of(node), home(session)
    judged = {one.place.enterprise_id for one in whole.placed.get(node.id, ()) if one.place.side is Side.LOCAL}
    running = gathering.landed(session, actor)
    near = or_(*(Enterprise.region.contains(word, autoescape=True) for word in regions), Enterprise.id.in_(running))
    ids = search(session, wanted, (), judged, near)
    found = gathering.candidates(session, actor, ids, (), now=now, running=running)
    return ranked(found, {key: matching.local(wanted, one, regions) for key, one in found.rows.items()})


def local_reasons(
    session: Session, actor: Actor, node: IndustryNode, enterprise_id: int, *, now: datetime
) -> Sequence[Reason]:
    """Why one enterprise was proposed as a local one."""
    found = gathering.candidates(session, actor, [enterprise_id], (), now=now, running=gathering.landed(session, actor))
    rows = found.rows.values()
    return next((matching.local(wanted_of(node), one, home(session)) for one in rows), ())


def wanted_of(node: IndustryNode) -> Wanted:
    """What a node asks for; its own name is a word like the others."""
    return Wanted(tuple(dict.fromkeys([*node.words, node.name])), tuple(node.codes))


def ranked(found: Gathered, reasons: Mapping[int, Sequence[Reason]]) -> list[Proposal]:
    """Order candidates by the sum of their reasons; those without any are left out."""
    rows = [
        Proposal(key, one.name, one.region, matching.points(reasons[key]), reasons[key], found.talks.get(key))
        for key, one in found.rows.items()
        if reasons[key]
    ]
    return sorted(rows, key=lambda row: (-row.points, row.id))[:SHOWN]


def search(
    session: Session,
    wanted: Wanted,
    partners: Collection[int],
    without: Collection[int],
    near: ColumnElement[bool] | None = None,
) -> list[int]:
    """Enterprises that may do, a bounded number of each kind; those on a list before the others."""
    listed = select(ListEntry.id).where(ListEntry.enterprise_id == Enterprise.id).exists()
    here = [live(), Enterprise.id.not_in(without)] + ([] if near is None else [near])
    own = select(Enterprise.id).where(*here, _makes(wanted)).order_by(listed.desc(), Enterprise.id.desc())
    scope = _said(select(ProfileEntry.enterprise_id), ProfileEntry.body, wanted).where(
        ProfileEntry.block == ProfileBlock.SCOPE, ProfileEntry.archived_at.is_(None)
    )
    told = _said(select(Signal.enterprise_id), Signal.quote, wanted).where(Signal.state != SignalState.REJECTED)
    through = (scope.order_by(ProfileEntry.id.desc()), told.order_by(Signal.id.desc()))
    found = dict.fromkeys(session.scalars(own.limit(LOOKED_AT)))
    for statement in through:
        some = set(session.scalars(statement.limit(LOOKED_AT)))
        found |= dict.fromkeys(session.scalars(select(Enterprise.id).where(*here, Enterprise.id.in_(some))))
    if partners:
        ends = (EnterpriseRelation.from_id, EnterpriseRelation.to_id)
        for one, other in (ends, ends[::-1]):
            tied = select(one).where(other.in_(partners)).limit(LOOKED_AT)
            known = select(Enterprise.id).where(*here, Enterprise.id.in_(set(session.scalars(tied))))
            found |= dict.fromkeys(session.scalars(known))
    return list(found)


def _makes(wanted: Wanted) -> ColumnElement[bool]:
    """Condition: the record itself says so."""
    tests: list[ColumnElement[bool]] = [
        Enterprise.industry_code.startswith(code, autoescape=True) for code in wanted.codes
    ]
    for word in wanted.words:
        tests.append(Enterprise.folded_name.contains(fold(word), autoescape=True))
        tests += [column.contains(word, autoescape=True) for column in (Enterprise.industry, Enterprise.profile)]
    return or_(*tests)


def _said(statement: Select[Any], column: InstrumentedAttribute[str], wanted: Wanted) -> Select[Any]:
    return statement.where(or_(*(column.contains(word, autoescape=True) for word in wanted.words)))


def name_of(session: Session, enterprise_id: int) -> str:
    """Name of an enterprise; raise NotFoundError."""
    return register.enterprise(session, enterprise_id).name
