"""What is known of enterprises that may fit a node, in a fixed number of reads, each within the actor's view."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from crm.core.scheduling import SHANGHAI
from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise, EnterpriseRelation, ProfileEntry
from crm.enterprises.rules import RELATION_LABELS, ProfileBlock, RelationKind
from crm.fieldwork.models import Touch
from crm.fieldwork.queries import counted
from crm.fieldwork.queries import visible_to as touches_visible_to
from crm.fieldwork.rules import Intention
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.pipeline.rules import Stage
from crm.resources.chains.matching import Candidate, Move
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import visible_to as signals_visible_to

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

RECENT = timedelta(days=365)
MOST_ROWS = 2000
LANDED = (Stage.STARTED, Stage.IN_PRODUCTION, Stage.FULL_CAPACITY)


@dataclass(frozen=True, slots=True)
class Talk:
    """A project of the enterprise that goes on and that the person may see."""

    id: int
    name: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Gathered:
    """Candidates by id, and the projects they already have."""

    rows: Mapping[int, Candidate]
    talks: Mapping[int, Talk]


def candidates(
    session: Session,
    actor: Actor,
    ids: Sequence[int],
    partners: Collection[int],
    *,
    now: datetime,
    running: Mapping[int, str] | None = None,
) -> Gathered:
    """Read what the rule wants to know of these enterprises."""
    firms = session.scalars(select(Enterprise).where(Enterprise.id.in_(ids), register.live())).all()
    lists = register.places(session, ids)
    scopes, moves = _scopes(session, ids), _moves(session, actor, ids, now - RECENT)
    tied, said = _partners(session, ids, partners), _intentions(session, actor, ids, now - RECENT)
    order = {key: place for place, key in enumerate(ids)}
    rows = {
        firm.id: Candidate(
            name=firm.name,
            industry=firm.industry,
            code=firm.industry_code,
            profile="\n".join([firm.profile or "", *scopes.get(firm.id, ())]),
            region=firm.region,
            lists=[(place.key, f"{place.name}{place.year}", place.rank) for place in lists.get(firm.id, ())],
            moves=moves.get(firm.id, ()),
            partners=tied.get(firm.id, ()),
            intention=said.get(firm.id),
            running=(running or {}).get(firm.id),
        )
        for firm in sorted(firms, key=lambda one: order[one.id])
    }
    return Gathered(rows, talks(session, actor, ids))


def talks(session: Session, actor: Actor, ids: Collection[int]) -> dict[int, Talk]:
    """The furthest visible project of each enterprise that has not left the road."""
    statement = select(Project.enterprise_id, Project.id, Project.name, Project.stage).where(
        Project.enterprise_id.in_(ids), Project.exit_kind.is_(None), projects_visible_to(actor)
    )
    order = list(Stage)
    found: dict[int, Talk] = {}
    for firm, key, name, stage in session.execute(statement.order_by(Project.id).limit(MOST_ROWS)):
        if firm not in found or order.index(stage) > order.index(found[firm].stage):
            found[firm] = Talk(key, name, stage)
    return found


def landed(session: Session, actor: Actor) -> dict[int, str]:
    """Enterprises with a visible project that is being built or produces here."""
    statement = select(Project.enterprise_id, Project.name).where(
        Project.stage.in_(LANDED), Project.exit_kind.is_(None), projects_visible_to(actor)
    )
    return dict(session.execute(statement.order_by(Project.id.desc()).limit(MOST_ROWS)).all())


def _scopes(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    statement = select(ProfileEntry.enterprise_id, ProfileEntry.body).where(
        ProfileEntry.enterprise_id.in_(ids),
        ProfileEntry.block == ProfileBlock.SCOPE,
        ProfileEntry.archived_at.is_(None),
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for firm, body in session.execute(statement.limit(MOST_ROWS)):
        found[firm].append(body)
    return found


def _moves(session: Session, actor: Actor, ids: Collection[int], since: datetime) -> dict[int, list[Move]]:
    statement = select(Signal.enterprise_id, Signal.id, Signal.kind, Signal.happened_at, Signal.quote).where(
        Signal.enterprise_id.in_(ids),
        Signal.state != SignalState.REJECTED,
        Signal.happened_at >= since,
        signals_visible_to(actor),
    )
    found: defaultdict[int, list[Move]] = defaultdict(list)
    for firm, key, kind, at, quote in session.execute(statement.order_by(Signal.happened_at.desc()).limit(MOST_ROWS)):
        label = KIND_LABELS[SignalKind(kind)]
        found[firm].append(Move(kind, label, at.astimezone(SHANGHAI).date(), quote, key))
    return found


def _intentions(session: Session, actor: Actor, ids: Collection[int], since: datetime) -> dict[int, tuple[str, date]]:
    statement = select(Touch.enterprise_id, Touch.intention, Touch.occurred_at).where(
        Touch.enterprise_id.in_(ids),
        Touch.intention != Intention.UNKNOWN,
        Touch.occurred_at >= since,
        counted(),
        touches_visible_to(actor),
    )
    rows = session.execute(statement.order_by(Touch.occurred_at.desc(), Touch.id.desc()).limit(MOST_ROWS))
    found: dict[int, tuple[str, date]] = {}
    for firm, intention, at in rows:
        found.setdefault(firm, (str(intention), at.astimezone(SHANGHAI).date()))
    return found


def _partners(session: Session, ids: Collection[int], partners: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """Relations to firms of the chain: what the candidate is to them, and their name."""
    if not partners:
        return {}
    row = EnterpriseRelation
    statement = select(row.from_id, row.to_id, row.kind).where(
        or_(row.from_id.in_(ids) & row.to_id.in_(partners), row.to_id.in_(ids) & row.from_id.in_(partners)),
        row.kind != RelationKind.COMPETITOR,
        row.until.is_(None),
    )
    rows = session.execute(statement.order_by(row.id).limit(MOST_ROWS)).all()
    named = select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(partners), register.live())
    names, wanted = dict(session.execute(named).all()), set(ids)
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for first, second, kind in rows:
        mine, theirs = RELATION_LABELS[kind]
        if first in wanted and second in names:
            found[first].append((mine, names[second]))
        if second in wanted and first in names:
            found[second].append((theirs, names[first]))
    return found
