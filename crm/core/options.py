"""What an office sets for itself: one JSON value per key, changed by a person, never lost."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import audit
from crm.core.db import Base
from crm.core.types import Code, Instant, IntPk, JsonDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


class OfficeOption(Base):
    """One setting of the office; a key without a row has the default its slice names."""

    __tablename__ = "office_option"

    id: Mapped[IntPk]
    key: Mapped[Code] = mapped_column(unique=True)
    value: Mapped[JsonDict]
    updated_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    updated_at: Mapped[Instant]


def read(session: Session, *keys: str) -> dict[str, dict[str, Any]]:
    """Return what the office has set, by key, in one query; keys it never touched are absent."""
    rows = session.execute(_asked(), {"keys": list(keys)})
    return {row.key: dict(row.value) for row in rows}


@cache
def _asked() -> Select[str, dict[str, Any]]:
    wanted = OfficeOption.key.in_(bindparam("keys", expanding=True))
    return select(OfficeOption.key, OfficeOption.value).where(wanted)


def write(session: Session, actor_id: int, key: str, value: Mapping[str, Any], *, now: datetime) -> None:
    """Set a value; the audit keeps what it was before. The caller has checked value and right."""
    row = session.scalar(select(OfficeOption).where(OfficeOption.key == key).with_for_update())
    before = dict(row.value) if row else None
    if row is None:
        row = OfficeOption(key=key)
        session.add(row)
    row.value, row.updated_by, row.updated_at = dict(value), actor_id, now
    session.flush()
    audit.record(
        session, actor_id, "option.set", ("option", row.id), now=now, key=key, before=before, after=dict(value)
    )
