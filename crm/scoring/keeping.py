"""Scoring enterprises and keeping what came out: facts, sums, the current score and a row of history where it moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, insert, select, update

from crm.core.db import Base, insert_ignore
from crm.enterprises.models import Enterprise
from crm.scoring import chances, ledger, sumstore
from crm.scoring.causes import Cause, cause_of
from crm.scoring.facts import ScoreFacts
from crm.scoring.live import ensured
from crm.scoring.models import EnterpriseScore, ScoreEvent
from crm.scoring.render import stored_reasons
from crm.scoring.rules import BASE_POINTS, Score, score
from crm.scoring.span import Span, scope, within

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.scoring.ledger import Seen
    from crm.scoring.live import Live

HEARTBEAT = timedelta(days=30)
TICK = timedelta(microseconds=1)
NEW_ROW = {"points": BASE_POINTS, "fit": 0, "intent": 0, "grade": "C", "reasons": [], "table_version": ""}
UNEARNED = {"probability": None, "band_low": None, "band_high": None}
SCORES, EVENTS = (Base.metadata.tables[model.__tablename__] for model in (EnterpriseScore, ScoreEvent))
KEPT = (
    *("points", "fit", "intent", "grade", "reasons", "table_version", "as_of", "z", "model_id", "codes", "mode"),
    *("probability", "band_low", "band_high", "points_30d", "logged_at"),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What was stored before, while the row is locked."""

    enterprise_id: int
    points: int
    grade: str
    as_of: datetime
    model_id: int | None
    logged_at: datetime | None
    codes: str | None

    def due(self, points: int, grade: str, moment: datetime) -> tuple[bool, bool]:
        """Whether it moved, and whether the history gets a row: it moved, or nothing was noted for thirty days."""
        moved = self.logged_at is None or (self.points, self.grade) != (points, grade)
        return moved, moved or self.logged_at is None or moment - self.logged_at >= HEARTBEAT


@dataclass(frozen=True)
class Look:
    """Locked enterprises at one moment: what was stored, what changed since, and the table in force."""

    held: dict[int, Held]
    moment: datetime
    inforce: Live
    seen: Seen
    ids: list[int]

    @property
    def fresh(self) -> set[int]:
        """Enterprises without a log."""
        return {key for key, row in self.held.items() if row.model_id is None}


def looked(session: Session, enterprise_ids: Sequence[int], now: datetime) -> Look | None:
    """Lock enterprises and bring their log of facts up to now; None when there is none of them.

    The rows are locked first, so that two workers never tell the history of one enterprise at once. No two scores
    of an enterprise have the same moment: a clock that stood still or went back is moved on.
    """
    span = enterprise_ids if isinstance(enterprise_ids, Span) else None
    held = hold(session, span or sorted(set(enterprise_ids)), now)
    if not held:
        return None
    inforce = ensured(session, now)
    moment = max([now, *(row.as_of + TICK for row in held.values() if row.model_id is not None)])
    fresh = {key for key, row in held.items() if row.model_id is None}
    ids = Span(held) if span else list(held)
    return Look(held, moment, inforce, ledger.observe(session, ids, fresh, moment), ids)


def rescored(session: Session, enterprise_ids: Sequence[int], *, now: datetime, asked: Cause) -> int:
    """Score enterprises as of now with a fixed number of statements; return how many changed."""
    look = looked(session, enterprise_ids, now)
    return 0 if look is None else score_each(session, look, list(look.held), asked)


def score_each(session: Session, look: Look, ids: Sequence[int], asked: Cause) -> int:
    """Score enterprises one by one and keep what came out; return how many changed."""
    moment, inforce, changes = look.moment, look.inforce, look.seen.changes
    facts = _facts(session, look, ids)
    past = earlier(session, scope(look.ids, ids), moment - HEARTBEAT)
    scores: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    changed = 0
    for key in ids:
        row, new = look.held[key], score(facts[key], inforce.table)
        reasons = stored_reasons(new.reasons)
        moved, due = row.due(new.points, new.grade, moment)
        if due:
            why = cause_of(row.model_id, inforce.model_id, changes.get(key, ()), asked)
            events.append(event_row(key, new, reasons, look, why))
        kept = _row(key, new, reasons, inforce)
        moments = {"as_of": moment, "logged_at": moment if due else row.logged_at, "points_30d": past.get(key)}
        scores.append({**kept, **moments})
        changed += moved
    chances.lend(session, inforce, scores, moment)
    write(session, scores, events)
    return changed


def hold(session: Session, ids: Sequence[int], now: datetime) -> dict[int, Held]:
    """Lock the scores of enterprises, in the order of their ids; make those that are missing."""
    names = ("enterprise_id", "points", "grade", "as_of", "model_id", "logged_at")
    columns = (*(SCORES.c[name] for name in names), cast(SCORES.c.codes, Text))
    wanted = select(*columns).where(within(SCORES.c.enterprise_id, ids))
    wanted = wanted.order_by(SCORES.c.enterprise_id).with_for_update()
    found = {row[0]: Held(*row) for row in session.execute(wanted)}
    missing = [key for key in ids if key not in found]
    if missing:
        there = session.scalars(select(Enterprise.id).where(Enterprise.id.in_(missing)).order_by(Enterprise.id)).all()
        rows = [{"enterprise_id": key, "as_of": now, "mode": "expert", **NEW_ROW} for key in there]
        insert_ignore(session, EnterpriseScore, rows, ["enterprise_id"])
        found = {row[0]: Held(*row) for row in session.execute(wanted)} if rows else found
    return found


def _facts(session: Session, look: Look, ids: Sequence[int]) -> dict[int, ScoreFacts]:
    """Move the sums with what changed, and give the facts of each enterprise."""
    moment = look.moment
    sums = sumstore.follow(session, ids, look.seen.changes, moment, look.inforce.table, look.ids)
    return {
        key: ScoreFacts(
            moment,
            {name: one.mass(moment) for name, one in sums.get(key, {}).items()},
            tuple(fact for fact in look.seen.standing.get(key, ()) if fact.holds(moment)),
        )
        for key in ids
    }


def earlier(session: Session, ids: Collection[int], moment: datetime) -> dict[int, int]:
    """Points of enterprises at an earlier moment, as far as the history goes back."""
    newest = (
        select(ScoreEvent.points)
        .where(ScoreEvent.enterprise_id == SCORES.c.enterprise_id, ScoreEvent.scored_at <= moment)
        .order_by(ScoreEvent.scored_at.desc(), ScoreEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(select(SCORES.c.enterprise_id, newest).where(within(SCORES.c.enterprise_id, ids)))
    return {key: points for key, points in rows if points is not None}


def _row(key: int, new: Score, reasons: list[dict[str, Any]], inforce: Live) -> dict[str, Any]:
    return {
        "key": key,
        "points": new.points,
        "fit": new.fit,
        "intent": new.intent,
        "grade": new.grade,
        "reasons": reasons,
        "table_version": new.version,
        "z": new.z,
        "model_id": inforce.model_id,
        "codes": list(new.codes),
        **UNEARNED,
        "mode": inforce.table.mode,
    }


def event_row(key: int, new: Score, reasons: list[dict[str, Any]], look: Look, why: Cause) -> dict[str, Any]:
    """Give a row of history."""
    return {
        "enterprise_id": key,
        "scored_at": look.moment,
        "points": new.points,
        "grade": new.grade,
        "cause": why.kind,
        "cause_kind": why.kind,
        "cause_id": why.id,
        "reasons": reasons,
        "table_version": new.version,
        "z": new.z,
        "model_id": look.inforce.model_id,
        "codes": list(new.codes),
    }


def write(session: Session, scores: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]]) -> None:
    """Write scores and their history; what the session holds of them is read anew."""
    statement = update(SCORES).where(SCORES.c.enterprise_id == bindparam("b_key"))
    connection = session.connection()
    values = [{"b_key": row["key"], **{f"b_{name}": row[name] for name in KEPT}} for row in scores]
    connection.execute(statement.values({name: bindparam(f"b_{name}") for name in KEPT}), values)
    if events:
        connection.execute(insert(EVENTS), list(events))
    for row in session.identity_map.values():
        if isinstance(row, EnterpriseScore):
            session.expire(row)
