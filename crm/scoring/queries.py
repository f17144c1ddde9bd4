"""Facts a score may rest on, read as of a moment: six queries for any number of enterprises."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Contact, Enterprise, ListEdition, ListEntry, TargetList
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import LeaderLevel, TouchKind
from crm.fieldwork.secrecy import not_secret
from crm.scoring.models import EnterpriseScore, ScoreEvent
from crm.scoring.rules import ListPlace, ScoreFacts, SignalFact, TouchFact
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

# Ranks of the points table: 1 staff, 2 department, 3 county.
LEADER_RANKS = {LeaderLevel.STAFF: 1, LeaderLevel.TEAM: 1, LeaderLevel.DEPARTMENT: 2, LeaderLevel.COUNTY: 3}
MEETINGS = (TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION, TouchKind.NEGOTIATION)


def facts(session: Session, enterprise_ids: Sequence[int], as_of: datetime) -> dict[int, ScoreFacts]:
    """Build the facts of enterprises as they were known at ``as_of``; unknown ids are left out."""
    named = select(Enterprise.id, Enterprise.industry).where(Enterprise.id.in_(enterprise_ids))
    industries = dict(session.execute(named).all())
    lists = _lists(session, enterprise_ids, as_of)
    signals = _signals(session, enterprise_ids, as_of)
    touches = _touches(session, enterprise_ids, as_of)
    contacts = _contacts(session, enterprise_ids, as_of)
    return {
        key: ScoreFacts(
            as_of=as_of,
            lists=tuple(lists[key]),
            industry=industry,
            signals=tuple(signals[key]),
            touches=tuple(touches[key]),
            contacts_known=contacts.get(key, 0),
        )
        for key, industry in industries.items()
    }


def _lists(session: Session, ids: Sequence[int], as_of: datetime) -> dict[int, list[ListPlace]]:
    """Places in the newest edition of each list that had been taken in by then."""
    newest = (
        select(ListEdition.list_id, func.max(ListEdition.year).label("year"))
        .where(ListEdition.imported_at <= as_of)
        .group_by(ListEdition.list_id)
        .subquery()
    )
    statement = (
        select(ListEntry.enterprise_id, TargetList.key, ListEntry.rank)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(newest, (newest.c.list_id == ListEdition.list_id) & (newest.c.year == ListEdition.year))
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(ListEntry.enterprise_id.in_(ids))
        .order_by(ListEntry.id)
    )
    found: dict[int, list[ListPlace]] = defaultdict(list)
    for enterprise_id, key, rank in session.execute(statement):
        found[enterprise_id].append(ListPlace(key, rank))
    return found


def _signals(session: Session, ids: Sequence[int], as_of: datetime) -> dict[int, list[SignalFact]]:
    """Signals recorded by then and not rejected."""
    statement = (
        select(Signal.enterprise_id, Signal.kind, Signal.happened_at, Signal.weight, Signal.id, Signal.quote)
        .where(Signal.enterprise_id.in_(ids), Signal.recorded_at <= as_of, Signal.state != SignalState.REJECTED)
        .order_by(Signal.id)
    )
    found: dict[int, list[SignalFact]] = defaultdict(list)
    for enterprise_id, kind, at, weight, signal_id, quote in session.execute(statement):
        found[enterprise_id].append(SignalFact(kind, at.astimezone(SHANGHAI), weight, signal_id, quote))
    return found


def _touches(session: Session, ids: Sequence[int], as_of: datetime) -> dict[int, list[TouchFact]]:
    """Meetings recorded by then; calls and messages are no meeting."""
    statement = (
        select(Touch.enterprise_id, Touch.kind, Touch.occurred_at, Touch.leader_level, Touch.id)
        .where(Touch.enterprise_id.in_(ids), Touch.kind.in_(MEETINGS))
        .where(Touch.recorded_at <= as_of, Touch.voided_at.is_(None), not_secret(Touch.project_id))
        .order_by(Touch.id)
    )
    found: dict[int, list[TouchFact]] = defaultdict(list)
    for enterprise_id, kind, at, level, touch_id in session.execute(statement):
        found[enterprise_id].append(TouchFact(kind.value, at.astimezone(SHANGHAI), LEADER_RANKS[level], touch_id))
    return found


def _contacts(session: Session, ids: Sequence[int], as_of: datetime) -> dict[int, int]:
    statement = (
        select(Contact.enterprise_id, func.count())
        .where(Contact.enterprise_id.in_(ids), Contact.created_at <= as_of, Contact.archived_at.is_(None))
        .group_by(Contact.enterprise_id)
    )
    return dict(session.execute(statement).all())


def enterprise_ids(session: Session, *, after: int, limit: int) -> list[int]:
    """Ids of enterprises in order, for a pass over all of them in chunks."""
    statement = select(Enterprise.id).where(Enterprise.id > after).order_by(Enterprise.id).limit(limit)
    return list(session.scalars(statement))


def scores(session: Session, enterprise_ids: Collection[int]) -> dict[int, EnterpriseScore]:
    """Current scores by enterprise."""
    if not enterprise_ids:
        return {}
    statement = select(EnterpriseScore).where(EnterpriseScore.enterprise_id.in_(set(enterprise_ids)))
    return {row.enterprise_id: row for row in session.scalars(statement)}


def history(session: Session, enterprise_id: int, limit: int = 20) -> list[ScoreEvent]:
    """The newest changes of a score."""
    statement = select(ScoreEvent).where(ScoreEvent.enterprise_id == enterprise_id)
    return list(session.scalars(statement.order_by(ScoreEvent.scored_at.desc(), ScoreEvent.id.desc()).limit(limit)))
