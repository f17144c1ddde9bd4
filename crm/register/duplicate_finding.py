"""Find records that may be one and keep the pairs: for a few records at once, or in small steps for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crm.core.changes import FieldChange
from crm.register import duplicate_firms, duplicate_people
from crm.register.duplicate_blocks import alike_pairs
from crm.register.duplicate_rules import new_evidence
from crm.register.merge_fields import CONTACT, ENTERPRISE
from crm.register.models import DuplicatePair, PairState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import ModuleType

    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.register.duplicate_rules import Verdict

Pair = tuple[int, int]
BATCH = 400
CHECKED = 50
EXACT: dict[str, tuple[str, ...]] = {
    ENTERPRISE: ("stock", *duplicate_firms.KEYS),
    CONTACT: duplicate_people.KEYS,
}
SIDES: dict[str, ModuleType] = {ENTERPRISE: duplicate_firms, CONTACT: duplicate_people}
FUZZY = "alike"


@dataclass(frozen=True, slots=True)
class Step:
    """How far a full pass came: which key, how many pairs were looked at and kept."""

    stage: int
    stages: int
    looked: int
    kept: int

    @property
    def percent(self) -> int:
        """How much of the keys is done."""
        return self.stage * 100 // self.stages


def check(session: Session, kind: str, ids: Sequence[int], *, now: datetime) -> int:
    """Look for doubles of a few records; pairs of theirs that are no longer alike go. Return how many are open."""
    side, found = SIDES[kind], {}
    mine: Mapping[int, Any] = side.load(session, ids)
    for one, known in mine.items():
        others, crowded = side.candidates(session, known)
        for other, there in side.load(session, others).items() if others else ():
            verdict = side.judge(known, there, crowded)
            if verdict is not None:
                found[min(one, other), max(one, other)] = verdict
    _forget(session, kind, ids, found)
    keep(session, kind, found, now=now)
    return len(found)


def touched_by(session: Session, run_id: int, after: int, size: int) -> tuple[int, dict[str, list[int]]]:
    """Give the next records that a run of an import wrote, by kind, and the id to go on from (0: none left)."""
    statement = select(FieldChange.id, FieldChange.kind, FieldChange.ref_id)
    here = statement.where(FieldChange.run_id == run_id, FieldChange.id > after)
    rows = session.execute(here.order_by(FieldChange.id).limit(size)).all()
    found: dict[str, list[int]] = {
        kind: sorted({row.ref_id for row in rows if row.kind == kind}) for kind in (ENTERPRISE, CONTACT)
    }
    return (rows[-1].id if len(rows) == size else 0), found


def full(
    database: Database,
    kind: str,
    started: datetime,
    tell: Callable[[Session, Step], bool],
    told: Callable[[int, str], None],
) -> bool:
    """Look through the whole register, each step in a transaction of its own; False when it was stopped.

    ``tell`` gets each step within its transaction and answers whether to go on; ``told`` hears of each key done.
    Nothing is read into memory but ids and stems. Open pairs that were not found again go at the end.
    """
    side, stages = SIDES[kind], (*EXACT[kind], *([FUZZY] if kind == ENTERPRISE else []))
    with database.reading() as session:
        crowded = side.crowded(session)
    looked = kept = 0
    for number, stage in enumerate(stages):
        with database.reading() as reading:
            pairs = _fuzzy(reading) if stage == FUZZY else _of_groups(side.groups(reading, stage))
            while batch := list(islice(pairs, BATCH)):
                found = _judged(reading, kind, batch, stage, crowded)
                looked, kept = looked + len(batch), kept + len(found)
                with database.transaction() as session:
                    keep(session, kind, found, now=started)
                    if not tell(session, Step(number, len(stages), looked, kept)):
                        return False
        done = Step(number + 1, len(stages), looked, kept)
        with database.transaction() as session:
            if not tell(session, done):
                return False
        told(done.percent, f"{done.kept} / {done.looked}")
    with database.transaction() as session:
        stale = delete(DuplicatePair).where(DuplicatePair.kind == kind, DuplicatePair.state == PairState.OPEN)
        session.execute(stale.where(DuplicatePair.found_at < started))
    return True


def keep(session: Session, kind: str, found: Mapping[Pair, Verdict], *, now: datetime) -> None:
    """Write pairs down; one that a person called different stays so, unless it shares an exact key it did not then."""
    if not found:
        return
    rows = [
        {
            "kind": kind,
            "low_id": low,
            "high_id": high,
            "score": verdict.score,
            "reasons": list(verdict.reasons),
            "state": PairState.OPEN,
            "found_at": now,
        }
        for (low, high), verdict in found.items()
    ]
    maker = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for start in range(0, len(rows), BATCH):
        statement: Any = maker(DuplicatePair).values(rows[start : start + BATCH])
        fresh = {name: statement.excluded[name] for name in ("score", "reasons", "found_at")}
        keys, open_ones = ["kind", "low_id", "high_id"], DuplicatePair.state == PairState.OPEN
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=open_ones))
    _reopen(session, kind, found, now)


def _reopen(session: Session, kind: str, found: Mapping[Pair, Verdict], now: datetime) -> None:
    here = DuplicatePair.kind == kind, DuplicatePair.state == PairState.DIFFERENT
    ids = sorted({low for low, _high in found})
    for start in range(0, len(ids), BATCH):
        statement = select(DuplicatePair).where(*here, DuplicatePair.low_id.in_(ids[start : start + BATCH]))
        for pair in session.scalars(statement):
            verdict = found.get((pair.low_id, pair.high_id))
            if verdict is None or not new_evidence(pair.reasons, verdict.reasons):
                continue
            values = {"state": PairState.OPEN, "score": verdict.score, "reasons": list(verdict.reasons)}
            again = update(DuplicatePair).where(DuplicatePair.id == pair.id).values(**values, found_at=now)
            session.execute(again.values(decided_at=None, decided_by=None))


def _forget(session: Session, kind: str, ids: Collection[int], found: Mapping[Pair, Verdict]) -> None:
    mine = or_(DuplicatePair.low_id.in_(ids), DuplicatePair.high_id.in_(ids))
    here = select(DuplicatePair.id, DuplicatePair.low_id, DuplicatePair.high_id).where(DuplicatePair.kind == kind, mine)
    rows = session.execute(here.where(DuplicatePair.state == PairState.OPEN)).all()
    stale = [row.id for row in rows if (row.low_id, row.high_id) not in found]
    if stale:
        session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(stale)))


def _of_groups(groups: Iterable[list[int]]) -> Iterator[Pair]:
    for block in groups:
        yield from combinations(sorted(set(block)), 2)


def _fuzzy(session: Session) -> Iterator[Pair]:
    ids, stems = duplicate_firms.stems(session)
    for one, other in alike_pairs(stems):
        yield ids[one], ids[other]


def _judged(
    session: Session, kind: str, pairs: Sequence[Pair], stage: str, crowded: Collection[tuple[str, str]]
) -> dict[Pair, Verdict]:
    """Judge pairs by all they share; those that an earlier key brought up already are left out."""
    side, found = SIDES[kind], {}
    known = side.load(session, sorted({one for pair in pairs for one in pair}))
    for low, high in pairs:
        if low not in known or high not in known:
            continue
        verdict = side.judge(known[low], known[high], crowded)
        if verdict is None:
            continue
        keys = [reason["key"] for reason in verdict.reasons if reason["key"] in EXACT[kind]]
        if stage == FUZZY or not keys or min(keys, key=EXACT[kind].index) == stage:
            found[low, high] = verdict
    return found
