"""Everything the page of one score shows, in a fixed number of reads, each within the actor's view."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.enterprises import queries as register
from crm.enterprises.models import Contact, ListEdition
from crm.enterprises.sight import visible_to as contacts_visible_to
from crm.fieldwork.models import Touch
from crm.fieldwork.queries import visible_to as touches_visible_to
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.resources.chains import queries as chains
from crm.scores import rules
from crm.scoring import ledger
from crm.scoring import queries as scoring
from crm.scoring.live import live, table_of
from crm.scoring.models import EnterpriseScore, ScoreEvent, ScoreOverride
from crm.signals.models import Signal
from crm.signals.narrowing import visible_to as signals_visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise
    from crm.scores.rules import Move, Outcome
    from crm.scoring.table import PointsTable

EVENTS = 60
Ref = tuple[str, int]
NO_EVENT = Problem("score.event", "没有这条评分记录，请从评分页重新选择。")


@dataclass(frozen=True, slots=True)
class Explained:
    """One score with what explains it; ``hrefs`` lead to the rows behind reasons."""

    enterprise: Enterprise
    score: EnterpriseScore | None
    table: PointsTable
    override: ScoreOverride | None
    overrides: Sequence[ScoreOverride]
    events: Sequence[ScoreEvent]
    outcomes: Sequence[Outcome]
    hrefs: Mapping[Ref, str]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two rows of history and what moved between them."""

    enterprise: Enterprise
    before: ScoreEvent
    after: ScoreEvent
    moves: Sequence[Move]
    hrefs: Mapping[Ref, str]
    tables: tuple[PointsTable, PointsTable]


def explain(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> Explained:
    """Read the score of an enterprise; raise NotFoundError."""
    firm = register.enterprise(session, enterprise_id)
    score = session.get(EnterpriseScore, enterprise_id)
    table = _table(session, score.model_id if score else None)
    events = scoring.history(session, enterprise_id, EVENTS)
    past = scoring.override_history(session, enterprise_id)
    refs = [*_refs(score.reasons if score else ()), *((row.cause_kind or "", row.cause_id or 0) for row in events)]
    return Explained(
        enterprise=firm,
        score=score,
        table=table,
        override=scoring.overrides(session, [enterprise_id], now).get(enterprise_id),
        overrides=past,
        events=events,
        outcomes=_outcomes(session, enterprise_id, table, now) if score and score.model_id else [],
        hrefs=hrefs(session, actor, enterprise_id, refs),
        names=people.names(session, [one for row in past for one in (row.set_by_id, row.ended_by_id) if one]),
    )


def compare(session: Session, actor: Actor, enterprise_id: int, before_id: int, after_id: int) -> Compared:
    """Read two rows of the history of an enterprise, the earlier one first; raise NotFoundError."""
    firm = register.enterprise(session, enterprise_id)
    wanted = select(ScoreEvent).where(ScoreEvent.enterprise_id == firm.id, ScoreEvent.id.in_({before_id, after_id}))
    rows = session.scalars(wanted.order_by(ScoreEvent.scored_at, ScoreEvent.id)).all()
    if len(rows) != len({before_id, after_id}):
        raise NotFoundError(NO_EVENT)
    before, after = rows[0], rows[-1]
    moves = rules.moves(before.reasons, after.reasons)
    refs = _refs(row for move in moves for row in (move.before, move.after) if row is not None)
    tables = (_table(session, before.model_id), _table(session, after.model_id))
    return Compared(firm, before, after, moves, hrefs(session, actor, firm.id, refs), tables)


def listed_hrefs(session: Session, actor: Actor, scores: Iterable[EnterpriseScore]) -> dict[Ref, str]:
    """Addresses of the rows behind the reasons of several scores, as far as the person may open them."""
    refs = {ref for score in scores for ref in _refs(score.reasons) if ref[0] != "relation"}
    return hrefs(session, actor, 0, refs)


def hrefs(session: Session, actor: Actor, enterprise_id: int, refs: Iterable[Ref]) -> dict[Ref, str]:
    """Addresses of the rows behind reasons, as far as the person may open them."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for kind, row in refs:
        wanted[kind].add(row)
    guarded: dict[str, tuple[Any, Any, str]] = {
        "touch": (Touch.id, touches_visible_to(actor), "/visits/{}"),
        "contact": (Contact.id, contacts_visible_to(actor), "/contacts/{}"),
        "project": (Project.id, projects_visible_to(actor), "/projects/{}"),
        "signal": (Signal.id, signals_visible_to(actor), "/signals/{}"),
    }
    found: dict[Ref, str] = {}
    for kind, (column, visible, path) in guarded.items():
        if wanted[kind]:
            seen = session.scalars(select(column).where(column.in_(wanted[kind]), visible))
            found |= {(kind, int(row)): path.format(row) for row in seen}
    if wanted["list_edition"]:
        editions = select(ListEdition.id, ListEdition.list_id).where(ListEdition.id.in_(wanted["list_edition"]))
        found |= {("list_edition", row): f"/lists/{list_id}" for row, list_id in session.execute(editions)}
    if wanted["node"] and actor.may(Permission.RESOURCE_READ):
        found |= {("node", row): f"/industry-chains/nodes/{row}" for row in chains.living(session, wanted["node"])}
    found |= {("relation", row): f"/enterprises/{enterprise_id}/relations" for row in wanted["relation"]}
    return found


def _outcomes(session: Session, enterprise_id: int, table: PointsTable, now: datetime) -> list[Outcome]:
    known = ledger.as_of(session, [enterprise_id], now).get(enterprise_id, [])
    return rules.outcomes(known, now, table)


def _table(session: Session, model_id: int | None) -> PointsTable:
    return live(session).table if model_id is None else table_of(session, model_id)


def _refs(reasons: Iterable[Mapping[str, Any]]) -> list[Ref]:
    return [(row["ref"]["type"], int(row["ref"]["id"])) for row in reasons if row.get("ref")]
