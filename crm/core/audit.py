"""Append-only audit trail, written in the same transaction as the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict, Short

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

ORIGIN = "origin"


class AuditEvent(Base):
    """Who did what to which record, when and from where."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "subject_type", "subject_id"), Index(None, "actor_id", "at"))

    id: Mapped[IntPk]
    at: Mapped[Instant] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[Code]
    subject_type: Mapped[Code]
    subject_id: Mapped[int | None]
    detail: Mapped[JsonDict]
    ip: Mapped[Code | None]
    request_id: Mapped[Short | None]


def record(
    session: Session,
    actor_id: int | None,
    action: str,
    subject: tuple[str, int | None],
    *,
    now: datetime,
    **detail: Any,  # noqa: ANN401 (any JSON value)
) -> None:
    """Add one audit row; ``session.info["origin"]`` may name ip, request id and the token that wrote."""
    origin = session.info.get(ORIGIN, {})
    if origin.get("token_id"):
        detail = {**detail, "token_id": origin["token_id"]}
    session.add(
        AuditEvent(
            at=now,
            actor_id=actor_id,
            action=action,
            subject_type=subject[0],
            subject_id=subject[1],
            detail=detail,
            ip=origin.get("ip"),
            request_id=origin.get("request_id"),
        )
    )
