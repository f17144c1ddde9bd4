"""The dated log of facts: what changed since the last look is closed and opened anew, together with the score.

An enterprise that is looked at for the first time gets its facts from the clocks of their own rows; after that the
clock of the log is the moment of looking, so that every stored score can be told again from the log alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, except_, insert, select, update

from crm.core.db import Base
from crm.scoring import sources
from crm.scoring.facts import DATED, Fact
from crm.scoring.models import ScoreFact
from crm.scoring.span import within
from crm.scoring.standing import standing
from crm.scoring.sums import Change

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

Key = tuple[str, int, str]
COLUMNS = [getattr(ScoreFact, name) for name in sources.COLUMNS]


@dataclass
class Seen:
    """What looking found: per enterprise what changed, and everything that stands now."""

    changes: dict[int, list[Change]] = field(default_factory=lambda: defaultdict(list))
    standing: dict[int, list[Fact]] = field(default_factory=lambda: defaultdict(list))


def observe(session: Session, ids: Sequence[int], fresh: Collection[int], now: datetime) -> Seen:
    """Bring the log up to ``now``; the caller holds the enterprises, and ``fresh`` names those without a log."""
    seen = Seen()
    known = ids if not fresh else [key for key in ids if key not in fresh]
    inserts: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    if known:
        _dated(session, known, now, seen, inserts, closed)
    if fresh:
        _first(session, ids if len(fresh) == len(ids) else sorted(fresh), now, seen, inserts)
    _standing(session, ids, fresh, now, seen, inserts, closed)
    _write(session, inserts, closed)
    return seen


def _dated(
    session: Session,
    ids: Sequence[int],
    now: datetime,
    seen: Seen,
    inserts: list[dict[str, Any]],
    closed: list[dict[str, Any]],
) -> None:
    """Let the database say what differs: an enterprise with thousands of signals costs no more than its news."""
    union = sources.dated(ids, now).subquery()
    told = select(*(union.c[name] for name in sources.COLUMNS)).where(union.c.gone_at.is_(None))
    logged, asked = _open(ids), frozenset(ids)
    for row in session.execute(except_(logged, told)):
        _close(row.enterprise_id, _fact(row), now, seen, closed)
    for row in session.execute(except_(told, logged)):
        if row.enterprise_id not in asked:
            continue
        fact = _fact(row)
        seen.changes[row.enterprise_id].append(Change(fact, added=True))
        inserts.append(_row(row.enterprise_id, fact, now, None))


def _open(ids: Collection[int]) -> Select[Any]:
    still = (within(ScoreFact.enterprise_id, ids), ScoreFact.dropped_at.is_(None), ScoreFact.kind.in_(sorted(DATED)))
    return select(*COLUMNS).where(*still)


def _first(session: Session, ids: Sequence[int], now: datetime, seen: Seen, inserts: list[dict[str, Any]]) -> None:
    asked = frozenset(ids)
    for row in session.execute(sources.dated(ids, now)):
        fact, gone = _fact(row), row.gone_at
        if row.enterprise_id not in asked:
            continue
        if gone is None:
            seen.changes[row.enterprise_id].append(Change(fact, added=True))
        inserts.append(_row(row.enterprise_id, fact, min(row.recorded_at, now), gone and min(gone, now)))


def _standing(
    session: Session,
    ids: Sequence[int],
    fresh: Collection[int],
    now: datetime,
    seen: Seen,
    inserts: list[dict[str, Any]],
    closed: list[dict[str, Any]],
) -> None:
    logged = standing_logged(session, ids if not fresh else [key for key in ids if key not in fresh])
    held: dict[int, dict[Key, Fact]] = {key: {} for key in ids}
    for enterprise, fact, recorded, gone in standing(session, ids, now, fresh):
        if enterprise not in held:
            continue
        if gone is None:
            held[enterprise][_key(fact)] = fact
        elif enterprise in fresh:
            inserts.append(_row(enterprise, fact, min(recorded, now), max(min(gone, now), min(recorded, now))))
        if enterprise in fresh and gone is None:
            inserts.append(_row(enterprise, fact, min(recorded, now), None))
    for enterprise in ids:
        before, after = logged.get(enterprise, {}), held[enterprise]
        seen.standing[enterprise] = list(after.values())
        if enterprise in fresh:
            continue
        for key in sorted(before.keys() - {key for key, fact in after.items() if before.get(key) == fact}):
            _close(enterprise, before[key], now, seen, closed)
        for key in sorted(after.keys() - {key for key, fact in before.items() if after.get(key) == fact}):
            seen.changes[enterprise].append(Change(after[key], added=True))
            inserts.append(_row(enterprise, after[key], now, None))


def standing_logged(session: Session, ids: Sequence[int]) -> dict[int, dict[Key, Fact]]:
    """Facts that stand, as the log has them."""
    found: dict[int, dict[Key, Fact]] = defaultdict(dict)
    still = (within(ScoreFact.enterprise_id, ids), ScoreFact.dropped_at.is_(None), ScoreFact.kind.not_in(sorted(DATED)))
    for row in session.execute(select(*COLUMNS, ScoreFact.until, ScoreFact.words).where(*still)) if ids else ():
        fact = _fact(row)
        found[row.enterprise_id][_key(fact)] = fact
    return found


def as_of(session: Session, ids: Sequence[int], moment: datetime) -> dict[int, list[Fact]]:
    """Facts as they were known at a moment: what was recorded later, or taken back before, is not there."""
    known = select(*COLUMNS, ScoreFact.until, ScoreFact.words).where(
        within(ScoreFact.enterprise_id, ids),
        ScoreFact.known_at <= moment,
        ScoreFact.dropped_at.is_(None) | (ScoreFact.dropped_at > moment),
    )
    found: dict[int, list[Fact]] = defaultdict(list)
    for row in session.execute(known):
        found[row.enterprise_id].append(_fact(row))
    return found


def dated_logged(session: Session, ids: Collection[int]) -> dict[int, list[Fact]]:
    """Everything that happened and was not taken back, as the log has it."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for row in session.execute(_open(ids)):
        found[row.enterprise_id].append(_fact(row))
    return found


def _close(enterprise: int, fact: Fact, now: datetime, seen: Seen, closed: list[dict[str, Any]]) -> None:
    seen.changes[enterprise].append(Change(fact, added=False))
    kind, source, key = _key(fact)
    closed.append({"e": enterprise, "k": kind, "s": source, "y": key, "now": now})


def _write(session: Session, inserts: Sequence[dict[str, Any]], closed: Sequence[dict[str, Any]]) -> None:
    table = Base.metadata.tables[ScoreFact.__tablename__]
    if closed:
        statement = (
            update(table)
            .where(table.c.enterprise_id == bindparam("e"), table.c.kind == bindparam("k"))
            .where(table.c.source_id == bindparam("s"), table.c.key == bindparam("y"), table.c.dropped_at.is_(None))
            .values(dropped_at=bindparam("now"))
        )
        session.connection().execute(statement, list(closed))
    if inserts:
        session.connection().execute(insert(table), list(inserts))


def _row(enterprise: int, fact: Fact, known: datetime, dropped: datetime | None) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise,
        "kind": fact.kind,
        "key": fact.key,
        "source_id": fact.source_id,
        "at": fact.at,
        "until": fact.until,
        "weight": fact.weight,
        "level": fact.level,
        "words": fact.words,
        "known_at": known,
        "dropped_at": dropped,
    }


def _fact(row: Row[*tuple[Any, ...]]) -> Fact:
    mapping = row._mapping  # noqa: SLF001 (the public name of a row's columns in SQLAlchemy)
    return Fact(
        row.kind, row.key, row.source_id, row.at, mapping.get("until"), row.weight, row.level, mapping.get("words")
    )


def _key(fact: Fact) -> Key:
    return fact.kind, fact.source_id, fact.key
