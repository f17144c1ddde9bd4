"""Looking for doubles: in the whole register for a person, and after each change or import for what it touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import clock, jobs
from crm.core.tasks import enqueue
from crm.register import duplicate_finding as finding
from crm.register import duplicate_runs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

FIND_SECONDS = 3600
CHANGES = 2000


def write(payload: Payload, context: Context) -> tuple[int, int]:
    """Look and keep the pairs, in small transactions; return how many and where an import is to be followed on from.

    ``run_id``: the whole register; ``kind`` and ``ids``: these records; ``import_id`` (and ``after``): what an
    import wrote, as the history of fields tells.
    """
    if "run_id" in payload:
        run_id = int(payload["run_id"])
        return duplicate_runs.work(context.database, run_id, clock.now, context.progress), 0
    after = 0
    if "import_id" in payload:
        with context.database.reading() as session:
            import_id, begin = int(payload["import_id"]), int(payload.get("after") or 0)
            after, touched = finding.touched_by(session, import_id, begin, CHANGES)
    else:
        touched = {str(payload["kind"]): [int(one) for one in payload["ids"]]}
    return sum(_check(kind, ids, context) for kind, ids in touched.items()), after


def record(session: Session, payload: Payload, data: tuple[int, int], context: Context) -> Result:
    """Say how many pairs there are; ask for the rest of an import."""
    pairs, after = data
    if after:
        following = {"import_id": payload["import_id"], "after": after}
        key = f"duplicates-import:{payload['import_id']}:{after}"
        enqueue(session, jobs.FIND_DUPLICATES, following, now=context.now, dedupe_key=key)
    return {"pairs": pairs}


def _check(kind: str, ids: list[int], context: Context) -> int:
    found = 0
    for start in range(0, len(ids), finding.CHECKED):
        with context.database.transaction() as session:
            found += finding.check(session, kind, ids[start : start + finding.CHECKED], now=context.now)
    return found
