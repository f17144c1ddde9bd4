"""History of fields: what a value was, what it became, who changed it, when and by which door.

Written beside the change itself, in the same transaction. The page of a record shows it, a restore
puts a value back, an import takes its own changes back by ``run_id``. Values of sealed fields are
kept sealed (``SEALED_FIELDS``); whoever erases a person erases them here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import vault
from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, Json, enum_type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

CREATED = "*created"
SEALED_FIELDS = frozenset({"phone", "email"})


class Via(StrEnum):
    """By which door a value came in."""

    FORM = "form"
    CELL = "cell"
    BULK = "bulk"
    IMPORT = "import"
    MERGE = "merge"
    RESTORE = "restore"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Door:
    """By which door a change comes in, and with which run of an import."""

    via: Via = Via.FORM
    run_id: int | None = None


FORM = Door()


class FieldChange(Base):
    """One field of one record, before and after; ``field`` ``*created`` marks its birth."""

    __tablename__ = "field_change"
    __table_args__ = (Index(None, "kind", "ref_id", "id"),)

    id: Mapped[IntPk]
    kind: Mapped[Code]
    ref_id: Mapped[BigInt]
    field: Mapped[Code]
    before: Mapped[Any | None] = mapped_column(Json)
    after: Mapped[Any | None] = mapped_column(Json)
    at: Mapped[Instant]
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    via: Mapped[Via] = mapped_column(enum_type(Via, "via"))
    run_id: Mapped[BigInt | None] = mapped_column(index=True)


def note(
    session: Session,
    subject: tuple[str, int],
    changed: Mapping[str, tuple[Any, Any]],
    *,
    by: int | None,
    via: Via,
    now: datetime,
    run_id: int | None = None,
) -> None:
    """Keep the changes of one record: field -> (before, after), plain JSON values."""
    rows = [
        {
            "kind": subject[0],
            "ref_id": subject[1],
            "field": field,
            "before": shut(field, before),
            "after": shut(field, after),
            "at": now,
            "by": by or None,
            "via": via,
            "run_id": run_id,
        }
        for field, (before, after) in changed.items()
        if before != after
    ]
    if rows:
        session.execute(insert(FieldChange), rows)


def plain(value: Any) -> Any:  # noqa: ANN401 (a field of any record)
    """Give a value as its history keeps it: numbers without trailing noughts, days as text."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return list(value)
    return value if value is None or isinstance(value, int) else str(value)


def shut(field: str, value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Seal a value for keeping if its field holds personal data; other values as plain JSON."""
    if value is None:
        return None
    if field in SEALED_FIELDS:
        return vault.current().seal(str(value))
    return value if isinstance(value, bool | int | list | dict) else str(value)


def opened(field: str, value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Give a kept value back as it was."""
    return vault.current().open(value) if field in SEALED_FIELDS and value is not None else value
