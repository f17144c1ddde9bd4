"""Writes of scores: the current one, and a history row whenever it moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.core import jobs
from crm.core.tasks import enqueue
from crm.scoring import queries
from crm.scoring.models import EnterpriseScore, ScoreEvent
from crm.scoring.rules import Reason, Score, score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

CHUNK = 300


def rescore(session: Session, enterprise_id: int, *, now: datetime, cause: str) -> bool:
    """Score one enterprise as of now; True when its points or grade changed."""
    return rescore_many(session, [enterprise_id], now=now, cause=cause) == 1


def rescore_many(session: Session, enterprise_ids: Sequence[int], *, now: datetime, cause: str) -> int:
    """Score enterprises as of now with a fixed number of queries; return how many changed."""
    facts = queries.facts(session, enterprise_ids, now)
    current = queries.scores(session, enterprise_ids)
    changed = 0
    for enterprise_id, known in facts.items():
        changed += _keep(session, enterprise_id, current.get(enterprise_id), score(known), now=now, cause=cause)
    session.flush()
    return changed


def rescore_chunk(session: Session, *, after: int, now: datetime, cause: str) -> tuple[int | None, int]:
    """Score the next chunk of all enterprises; return the last id (None at the end) and how many changed."""
    ids = queries.enterprise_ids(session, after=after, limit=CHUNK)
    changed = rescore_many(session, ids, now=now, cause=cause)
    return (ids[-1] if len(ids) == CHUNK else None), changed


def rescore_all(session: Session, *, after: int, done: int, now: datetime) -> dict[str, int]:
    """Score one chunk of all enterprises and queue the next one: short transactions, nothing lost on a crash."""
    last, changed = rescore_chunk(session, after=after, now=now, cause="nightly")
    if last is not None:
        payload = {"after": last, "changed": done + changed}
        enqueue(session, jobs.RESCORE_ALL, payload, now=now, dedupe_key=f"rescore_all:{last}")
    return {"after": last or after, "changed": done + changed}


def stored_reasons(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Turn reasons into what the ``reasons`` columns hold.

    key, label (Chinese), template and params (the same, to translate), points, kind (axis), ref (proof).
    """
    return [
        {
            "key": reason.key,
            "label": reason.label_zh,
            "template": reason.words.template,
            "params": dict(reason.words.params),
            "points": reason.points,
            "kind": reason.axis.value,
            "ref": {"type": reason.evidence[0], "id": reason.evidence[1]} if reason.evidence else None,
        }
        for reason in reasons
    ]


def _keep(
    session: Session, enterprise_id: int, row: EnterpriseScore | None, new: Score, *, now: datetime, cause: str
) -> bool:
    moved = row is None or (row.points, row.grade) != (new.points, new.grade)
    reasons = stored_reasons(new.reasons)
    if row is None:
        row = EnterpriseScore(enterprise_id=enterprise_id)
        session.add(row)
    row.points, row.fit, row.intent, row.grade = new.points, new.fit, new.intent, new.grade
    row.reasons, row.table_version, row.as_of = reasons, new.version, now
    if moved:
        event = ScoreEvent(enterprise_id=enterprise_id, scored_at=now, points=new.points, grade=new.grade)
        event.cause, event.reasons, event.table_version = cause, reasons, new.version
        session.add(event)
    return moved
