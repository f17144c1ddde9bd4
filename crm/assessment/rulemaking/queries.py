"""Reads of books in draft: the rule a person took out last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.assessment.rulemaking.drafting import KEY, Spot, keys
from crm.core.audit import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

DROP = "rule_book.drop"


def dropped(
    session: Session, book_id: int, actor_id: int, body: Mapping[str, Any]
) -> tuple[Spot, dict[str, Any]] | None:
    """The rule a person took out of a draft last and where it stood; None where its name is in the book again."""
    statement = (
        select(AuditEvent.detail)
        .where(
            AuditEvent.subject_type == "rule_book",
            AuditEvent.subject_id == book_id,
            AuditEvent.actor_id == actor_id,
            AuditEvent.action == DROP,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    detail = session.scalar(statement)
    if detail is None or detail["before"].get(KEY) in keys(body):
        return None
    return Spot(detail["place"], detail["at"]), detail["before"]
