"""The running sums of enterprises in the database: read, moved by what changed, written back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, insert, select, update

from crm.core.db import Base
from crm.scoring import ledger
from crm.scoring.decay import DecayedSum
from crm.scoring.models import ScoreSum
from crm.scoring.span import scope, within
from crm.scoring.sums import Sum, moved, told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.scoring.sums import Change
    from crm.scoring.table import PointsTable

Sums = dict[int, dict[str, Sum]]
TABLE = Base.metadata.tables[ScoreSum.__tablename__]


def load(session: Session, ids: Collection[int]) -> Sums:
    """Read the sums of enterprises."""
    found: Sums = defaultdict(dict)
    columns = (ScoreSum.enterprise_id, ScoreSum.kind, ScoreSum.landmark, ScoreSum.half_life, ScoreSum.total)
    wanted = select(*columns, ScoreSum.count, ScoreSum.newest_at, ScoreSum.newest_id)
    for key, kind, landmark, half_life, total, count, at, row in session.execute(
        wanted.where(within(ScoreSum.enterprise_id, ids))
    ):
        found[key][kind] = Sum(DecayedSum(landmark, half_life, total, count), at, row)
    return found


def follow(
    session: Session,
    ids: Sequence[int],
    changes: Mapping[int, Sequence[Change]],
    moment: datetime,
    table: PointsTable,
    whole: Sequence[int] = (),
) -> Sums:
    """Move the sums with what changed; what no longer can be told in one step is told from the log."""
    before = load(session, scope(whole, ids))
    after: Sums = {}
    doubtful: set[int] = set()
    for key in ids:
        sums = moved(before.get(key, {}), changes.get(key, ()), moment, table)
        after[key] = {name: one.rebased(moment) for name, one in sums.items()}
        if any(one.stale or one.decayed.half_life_days != table.half_life(name) for name, one in sums.items()):
            doubtful.add(key)
    if doubtful:
        logged = ledger.dated_logged(session, scope(whole, sorted(doubtful)))
        after |= {key: told(logged.get(key, ()), moment, table) for key in doubtful}
    _write(session, before, after)
    return after


def _write(session: Session, before: Sums, after: Sums) -> None:
    new, changed, gone = [], [], []
    for key, sums in after.items():
        known = before.get(key, {})
        gone += [{"b_id": key, "b_kind": name} for name in known.keys() - sums.keys()]
        for name, one in sums.items():
            if name not in known:
                new.append({"enterprise_id": key, "kind": name, **_values(one)})
            elif known[name] != one:
                changed.append({"b_id": key, "b_kind": name, **{f"b_{k}": v for k, v in _values(one).items()}})
    here = and_(TABLE.c.enterprise_id == bindparam("b_id"), TABLE.c.kind == bindparam("b_kind"))
    connection = session.connection()
    if gone:
        connection.execute(delete(TABLE).where(here), gone)
    if changed:
        names = ("landmark", "half_life", "total", "count", "newest_at", "newest_id")
        connection.execute(update(TABLE).where(here).values({n: bindparam(f"b_{n}") for n in names}), changed)
    if new:
        connection.execute(insert(TABLE), new)


def _values(one: Sum) -> dict[str, Any]:
    decayed = one.decayed
    return {
        "landmark": decayed.landmark,
        "half_life": decayed.half_life_days,
        "total": decayed.total,
        "count": decayed.count,
        "newest_at": one.newest_at,
        "newest_id": one.newest_id,
    }
