"""Take carriers back: fields as they were, new ones away; what somebody changed, held or took off since stays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.scheduling import local_day
from crm.imports.carriers.fields import LABELS
from crm.imports.phases import changes_of
from crm.imports.revert import Kept
from crm.imports.sheets.undoing import acting, by_record, door, put_back, tried
from crm.imports.taking import EDITED, USED, edited, used
from crm.resources.carriers import history, services
from crm.resources.carriers.models import Carrier

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from crm.core.changes import FieldChange
    from crm.imports.phases import Phase
    from crm.imports.write import Mark


def _locked(session: Session, ids: Collection[int]) -> list[Carrier]:
    statement = select(Carrier).where(Carrier.id.in_(ids)).order_by(Carrier.id.desc()).with_for_update()
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def fields(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Put fields of carriers back through the service that changes them."""
    actor, changes, kept = acting(session, mark.by, mark.now), by_record(rows), []
    for row in _locked(session, changes):

        def stays(message: str, params: dict[str, str] | None = None, row: Carrier = row) -> Kept:
            return Kept(row.id, row.name, message, params or {})

        values, left = put_back(changes[row.id], history.kept(row), LABELS, stays)
        kept += left
        if values:
            draft = history.draft_of(row, **history.typed(values))
            today = local_day(mark.now)
            kept += tried(
                session,
                partial(
                    services.save, session, actor, draft, now=mark.now, today=today, carrier_id=row.id, door=door(mark)
                ),
                stays,
            )
    return kept


def born(session: Session, rows: Sequence[FieldChange], mark: Mark) -> list[Kept]:
    """Delete carriers a run made: those within a park before the park, for they came after it."""
    actor, kept = acting(session, mark.by, mark.now), []
    ids = {row.ref_id for row in rows}
    changed = edited(session, history.CARRIER, ids, mark)
    for row in _locked(session, ids):
        touched = row.id in changed or row.withdrawn_on is not None or row.outline is not None
        if touched or used(session, history.CARRIER, [row.id], mark):
            kept.append(Kept(row.id, row.name, EDITED if touched else USED))
            continue

        def stays(message: str, params: dict[str, str] | None = None, row: Carrier = row) -> Kept:
            return Kept(row.id, row.name, message, params or {})

        kept += tried(session, partial(services.discard, session, actor, row, now=mark.now), stays)
    return kept


PHASES: dict[str, Phase] = {
    "fields": changes_of(history.CARRIER, fields),
    "born": changes_of(history.CARRIER, born, born=True),
}
