"""A phase of an undo: the changes of a kind that a run made, taken back a chunk at a time, the last one first."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import select

from crm.core.changes import CREATED, FieldChange, Via

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from crm.imports.revert import Kept
    from crm.imports.write import Mark

    Work: TypeAlias = Callable[[Session, Sequence[FieldChange], Mark], Sequence[Kept]]
    Phase: TypeAlias = Callable[[Session, int | None, Mark], tuple[int | None, Sequence[Kept]]]

CHUNK = 300


def changes_of(kind: str, work: Work, *, born: bool = False) -> Phase:
    """A phase over the changes of a kind that a run made, the last one first."""

    def phase(session: Session, before: int | None, mark: Mark) -> tuple[int | None, Sequence[Kept]]:
        statement = select(FieldChange).where(
            FieldChange.run_id == mark.run_id, FieldChange.via == Via.IMPORT, FieldChange.kind == kind
        )
        statement = statement.where(FieldChange.field == CREATED if born else FieldChange.field != CREATED)
        if before is not None:
            statement = statement.where(FieldChange.id < before)
        rows = session.scalars(statement.order_by(FieldChange.id.desc()).limit(CHUNK)).all()
        return (rows[-1].id, work(session, rows, mark)) if rows else (None, ())

    return phase
