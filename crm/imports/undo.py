"""Take an import back, step by step: only what still is as the import wrote it, and what nobody used since.

Everything rests on the rows of ``field_change`` with the run's number and on the run's own names and places.
Each step is one transaction; what is left is kept in ``options["kept"]`` with its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.core import audit, jobs
from crm.core.changes import FieldChange, Via
from crm.core.tasks import enqueue
from crm.enterprises.aliases import ALIAS
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.imports import kinds, revert, rules, runs, taking
from crm.imports.applying import RESCORE
from crm.imports.phases import CHUNK, changes_of
from crm.imports.write import EDITION, ENTRY, LIST, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.imports.models import ImportRun
    from crm.imports.phases import Phase
    from crm.imports.revert import Kept

MOST_KEPT = 500
OVER = "over"


def step(session: Session, run_id: int, *, now: datetime) -> bool:
    """Take the next rows back; False when nothing is left."""
    run = runs.get_run(session, run_id, lock=True)
    if rules.state_of(run.state) != rules.UNDOING:
        return False
    phases = _phases(run)
    order = [*phases, OVER]
    phase, before = run.options.get("undoing") or [order[0], None]
    if phase == order[0] and before is None:
        run.counts = {**run.counts, "done": 0, "total": _size(session, run)}
    last, kept = phases[phase](session, before, Mark(run.id, run.options.get("by"), now, Via.RESTORE))
    if last is None:
        phase = order[order.index(phase) + 1]
    else:
        run.counts = {**run.counts, "done": min(int(run.counts["done"]) + CHUNK, int(run.counts["total"]))}
    run.options = {**run.options, "undoing": [phase, last], "kept": _with(run, kept)}
    if phase == OVER:
        _finish(session, run, now)
    return bool(phase != OVER)


def _phases(run: ImportRun) -> Mapping[str, Phase]:
    sheet = kinds.kind_of(run).sheet
    return PHASES if sheet is None else sheet.undo


def _size(session: Session, run: ImportRun) -> int:
    statement = select(func.count()).where(FieldChange.run_id == run.id, FieldChange.via == Via.IMPORT)
    return session.scalar(statement) or 0


def _with(run: ImportRun, kept: Sequence[Kept]) -> list[dict[str, Any]]:
    before = list(run.options.get("kept") or ())
    return (before + [one.plain for one in kept if one.plain not in before])[:MOST_KEPT]


def _finish(session: Session, run: ImportRun, now: datetime) -> None:
    runs.end(run, rules.UNDONE, now)
    run.undone_at, run.undone_by = now, run.options.get("by")
    kept = len(run.options.get("kept") or ())
    audit.record(session, run.undone_by, "import.undone", (runs.RUN, run.id), now=now, kept=kept)
    if run.kind == runs.KIND:
        enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key=RESCORE)


# People before enterprises and places before both of their keepers, so that each phase finds its own rows free.
PHASES: dict[str, Phase] = {
    "people": changes_of(CONTACT, taking.people, born=True),
    "people_fields": changes_of(CONTACT, revert.people),
    "fields": changes_of(ENTERPRISE, revert.firms),
    "told": changes_of(ALIAS, revert.told),
    "ranks": changes_of(ENTRY, revert.ranks),
    "places": taking.places,
    "firms": changes_of(ENTERPRISE, taking.firms, born=True),
    "names": taking.names,
    "sources": changes_of(EDITION, revert.sources),
    "editions": changes_of(EDITION, taking.editions, born=True),
    "lists": changes_of(LIST, taking.lists, born=True),
}
