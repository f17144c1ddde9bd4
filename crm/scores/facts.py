"""Facts of the enterprises that can reach the pages of the list of the week: one query for each kind."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from crm.core.scheduling import local_day
from crm.enterprises.contact_queries import in_use
from crm.enterprises.models import Contact, EnterpriseRelation
from crm.enterprises.rules import RelationKind
from crm.enterprises.sight import visible_to as contacts_visible_to
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.fieldwork.overlap import last_by_others
from crm.fieldwork.rules import Intention
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.pipeline.rules import STAGE_LABELS
from crm.scores import ranking
from crm.scores.candidates import ON_THE_ROAD
from crm.scores.ranking import Candidate, FreshNews, OpenProject, Person
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import visible_to as signals_visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.scores.candidates import Desk, Narrow

MOST_PEOPLE = 2_000
Meeting = tuple["date", Intention]


def candidates(session: Session, desk: Desk, chosen: Sequence[Narrow], ours: frozenset[int]) -> list[Candidate]:
    """Gather what the order looks at; ``ours`` are the enterprises whose industry is the squad's."""
    ids = [one.id for one in chosen]
    people, met = _people(session, desk, ids), _meetings(session, desk, ids)
    news, projects, relations = _news(session, desk, ids), _projects(session, desk, ids), _relations(session, ids)
    crowded, elsewhere = _just_called(session, desk, people), _known_elsewhere(session, desk, ids)
    found = []
    for one in chosen:
        last, intention = met.get(one.id, (None, Intention.UNKNOWN))
        fresh = news.get(one.id)
        found.append(
            Candidate(
                enterprise_id=one.id,
                points=one.points,
                person=ranking.whom([_person(row) for row in people[one.id]], crowded),
                relations=relations.get(one.id, 0),
                last_touch=last,
                intention=intention,
                news=fresh if fresh is not None and (last is None or fresh.day > last) else None,
                project=projects.get(one.id),
                known_elsewhere=one.id in elsewhere,
                others_last=_others(one.last_touch_at, last),
                ours=one.tied or one.id in ours,
            )
        )
    return found


def _person(row: Contact) -> Person:
    return Person(row.id, row.name, row.post)


def _people(session: Session, desk: Desk, ids: Sequence[int]) -> defaultdict[int, list[Contact]]:
    """People of the squad's own register who may be called, those with a post first."""
    statement = (
        select(Contact)
        .where(
            Contact.enterprise_id.in_(ids),
            contacts_visible_to(desk.actor),
            Contact.unit_id.in_(desk.units),
            in_use(),
            Contact.do_not_contact.is_(False),
        )
        .order_by(Contact.enterprise_id, Contact.post.is_(None), Contact.id)
        .limit(MOST_PEOPLE)
    )
    found: defaultdict[int, list[Contact]] = defaultdict(list)
    for row in session.scalars(statement):
        found[row.enterprise_id].append(row)
    return found


def _known_elsewhere(session: Session, desk: Desk, ids: Sequence[int]) -> frozenset[int]:
    """Enterprises where other units have people who may be called; no more than that is said of them."""
    statement = select(Contact.enterprise_id).where(
        Contact.enterprise_id.in_(ids),
        Contact.unit_id.not_in(desk.units),
        in_use(),
        Contact.do_not_contact.is_(False),
    )
    return frozenset(session.scalars(statement.distinct()))


def _others(at: datetime | None, own: date | None) -> date | None:
    """Say when another unit was in contact last, as far as the enterprise itself tells: later than we were."""
    day = None if at is None else local_day(at)
    return day if day is not None and (own is None or day > own) else None


def _just_called(session: Session, desk: Desk, people: defaultdict[int, list[Contact]]) -> frozenset[int]:
    """Whom another unit has called within a week, also through another enterprise."""
    rows = [row for rows in people.values() for row in rows]
    return frozenset(last_by_others(session, rows, unit_id=desk.unit_id, now=desk.now))


def _meetings(session: Session, desk: Desk, ids: Sequence[int]) -> dict[int, Meeting]:
    """Day and intention of the squad's latest contact."""
    place = func.row_number().over(
        partition_by=Touch.enterprise_id, order_by=(Touch.occurred_at.desc(), Touch.id.desc())
    )
    ordered = (
        select(Touch.enterprise_id, Touch.occurred_at, Touch.intention, place.label("place"))
        .where(
            Touch.enterprise_id.in_(ids),
            Touch.unit_id.in_(desk.units),
            fieldwork.visible_to(desk.actor),
            fieldwork.counted(),
        )
        .subquery()
    )
    newest = select(ordered.c.enterprise_id, ordered.c.occurred_at, ordered.c.intention).where(ordered.c.place == 1)
    return {firm: (local_day(at), intention) for firm, at, intention in session.execute(newest)}


def _news(session: Session, desk: Desk, ids: Sequence[int]) -> dict[int, FreshNews]:
    """Return the newest favourable signal of the last month."""
    since: datetime = desk.now - timedelta(days=ranking.FRESH_DAYS)
    place = func.row_number().over(
        partition_by=Signal.enterprise_id, order_by=(Signal.happened_at.desc(), Signal.id.desc())
    )
    ordered = (
        select(Signal.enterprise_id, Signal.id, Signal.kind, Signal.happened_at, place.label("place"))
        .where(
            Signal.enterprise_id.in_(ids),
            signals_visible_to(desk.actor),
            Signal.state != SignalState.REJECTED,
            Signal.kind != SignalKind.NEG.value,
            Signal.happened_at >= since,
            Signal.happened_at <= desk.now,
        )
        .subquery()
    )
    newest: Any = select(ordered).where(ordered.c.place == 1)
    return {
        row.enterprise_id: FreshNews(row.id, KIND_LABELS[SignalKind(row.kind)], local_day(row.happened_at))
        for row in session.execute(newest)
    }


def _projects(session: Session, desk: Desk, ids: Sequence[int]) -> dict[int, OpenProject]:
    """Return the squad's own project on the way to signing, the newest of several."""
    statement = (
        select(Project.enterprise_id, Project.id, Project.name, Project.stage)
        .where(
            Project.enterprise_id.in_(ids),
            Project.unit_id.in_(desk.units),
            projects_visible_to(desk.actor),
            Project.exit_kind.is_(None),
            Project.stage.in_(ON_THE_ROAD),
        )
        .order_by(Project.id)
    )
    return {firm: OpenProject(row, name, STAGE_LABELS[stage]) for firm, row, name, stage in session.execute(statement)}


def _relations(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Count the relations of enterprises, in either direction; competitors introduce nobody."""
    found: defaultdict[int, int] = defaultdict(int)
    either = or_(EnterpriseRelation.from_id.in_(ids), EnterpriseRelation.to_id.in_(ids))
    helpful = EnterpriseRelation.kind != RelationKind.COMPETITOR
    ends = select(EnterpriseRelation.from_id, EnterpriseRelation.to_id).where(either, helpful)
    for one, other in session.execute(ends):
        found[one] += 1
        found[other] += 1
    return found
