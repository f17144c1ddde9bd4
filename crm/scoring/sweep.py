"""The pass over all enterprises: where only time or the table changed, a whole chunk is scored as arrays."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Double, cast, extract, select

from crm.scoring import bulk, chances, copying
from crm.scoring.bulk import SumColumns
from crm.scoring.causes import Cause, cause_of
from crm.scoring.keeping import HEARTBEAT, UNEARNED, Look, earlier, looked, score_each
from crm.scoring.levels import by_kind, standing_hit
from crm.scoring.models import ScoreSum
from crm.scoring.render import Piece, joined, moulds, written
from crm.scoring.rules import reason
from crm.scoring.span import scope, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from crm.scoring.bulk import Block, Codes, Ints
    from crm.scoring.table import LevelHit, PointsTable

SHANGHAI_SECONDS = 8 * 3600


@dataclass(frozen=True)
class Sums:
    """The running sums of n leads as columns, and which leads keep one by another half-life than the table's."""

    columns: dict[str, SumColumns]
    outdated: set[int]


def swept(session: Session, enterprise_ids: Sequence[int], *, now: datetime, asked: Cause) -> int:
    """Score a chunk as of now; return how many changed. Who has news is scored one by one, all others together."""
    look = looked(session, enterprise_ids, now)
    if look is None:
        return 0
    busy = look.fresh | {key for key, changes in look.seen.changes.items() if changes}
    quiet = sorted(look.held.keys() - busy)
    sums = _sums(session, quiet, look)
    busy |= sums.outdated
    changed = score_each(session, look, sorted(busy), asked) if busy else 0
    if sums.outdated:
        quiet = sorted(look.held.keys() - busy)
        sums = _sums(session, quiet, look)
    return changed + (_together(session, look, quiet, sums.columns, asked) if quiet else 0)


def _sums(session: Session, ids: Sequence[int], look: Look) -> Sums:
    """Read sums as columns, decayed to the moment of looking."""
    asked = within(ScoreSum.enterprise_id, scope(look.ids, ids))
    rows = session.execute(_numbers(session).where(asked)).all()
    if not rows or not ids:
        return Sums({}, set())
    keys, kinds, *told = (np.array(column) for column in zip(*rows, strict=True))
    landmark, half_life, total, count, newest, row = (_seconds(column) for column in told)
    now, known = look.moment.timestamp(), np.array(ids)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    mine = known[place] == keys
    value = total * np.exp2(-(now - landmark) / bulk.DAY / half_life)
    found, outdated = {}, set()
    for kind in np.unique(kinds):
        here = mine & (kinds == kind)
        outdated |= set(keys[here & (half_life != look.inforce.table.half_life(str(kind)))].tolist())
        n, where = len(ids), place[here]
        column = SumColumns(np.zeros(n), np.zeros(n, np.int64), np.zeros(n), np.zeros(n, np.int64))
        column.value[where], column.count[where] = value[here], count[here]
        column.newest[where], column.row[where] = newest[here], row[here]
        found[str(kind)] = column
    return Sums(found, outdated)


def _numbers(session: Session) -> Any:  # noqa: ANN401 (a select of columns)
    """Ask for moments as seconds where the database can tell them exactly."""
    moments: list[Any] = [ScoreSum.landmark, ScoreSum.newest_at]
    if session.get_bind().dialect.name == "postgresql":
        moments = [cast(extract("epoch", moment), Double) for moment in moments]
    columns = (ScoreSum.half_life, ScoreSum.total, ScoreSum.count)
    return select(ScoreSum.enterprise_id, ScoreSum.kind, moments[0], *columns, moments[1], ScoreSum.newest_id)


def _seconds(column: NDArray[Any]) -> NDArray[np.float64]:
    """Give a column as numbers; moments, where a database gave them as such, in seconds."""
    if column.dtype != np.object_:
        return column.astype(np.float64)
    return np.array([one.timestamp() if isinstance(one, datetime) else one for one in column], dtype=np.float64)


@dataclass(frozen=True)
class Found:
    """Levels of n leads: codes [n, f], which sum decided for each fading feature, and the levels of what stands."""

    codes: Codes
    which: dict[int, Ints]
    hits: dict[tuple[int, int], LevelHit]


def _levels(look: Look, ids: Sequence[int], sums: Mapping[str, SumColumns]) -> Found:
    table, now = look.inforce.table, look.moment.timestamp()
    found = Found(np.zeros((len(ids), len(table.features)), np.int8), {}, {})
    asked: dict[str, list[int]] = defaultdict(list)
    for place, feature in enumerate(table.features):
        if bulk.fading(feature):
            found.codes[:, place], found.which[place] = bulk.codes_of(feature, sums, now, len(ids))
        else:
            asked[feature.source].append(place)
    for number, key in enumerate(ids):
        held = [fact for fact in look.seen.standing.get(key, ()) if fact.holds(look.moment)]
        for kind, facts in by_kind(held).items():
            for place in asked.get(kind, ()):
                hit = standing_hit(table.features[place], facts)
                if hit.code:
                    found.codes[number, place], found.hits[number, place] = hit.code, hit
    return found


def _together(session: Session, look: Look, ids: Sequence[int], sums: Mapping[str, SumColumns], asked: Cause) -> int:
    """Score those of whom there is no news; who stays on every level is only marked as looked at."""
    found = _levels(look, ids, sums)
    moved = np.array([_again(look, key, codes) for key, codes in zip(ids, found.codes.tolist(), strict=True)])
    where: list[int] = np.nonzero(moved)[0].tolist()
    changed = _written(session, look, ids, found, where, sums, asked) if where else 0
    stayed = [key for key, one in zip(ids, moved, strict=True) if not one]
    copying.seen_again(session, scope(look.ids, stayed), look.moment)
    return changed


def _written(
    session: Session,
    look: Look,
    ids: Sequence[int],
    found: Found,
    where: list[int],
    sums: Mapping[str, SumColumns],
    asked: Cause,
) -> int:
    """Write the scores of those who moved, and their history."""
    block = bulk.scored(found.codes[where], look.inforce.table)
    reasons = _reasons(look.inforce.table, found, block, where, sums)
    past = earlier(session, scope(look.ids, [ids[number] for number in where]), look.moment - HEARTBEAT)
    scores, events, changed = [], [], 0
    for place, number in enumerate(where):
        key = ids[number]
        row = _row(look, block, place, found.codes[number].tolist(), reasons[place])
        before = look.held[key]
        differs, due = before.due(row["points"], row["grade"], look.moment)
        if due:
            why = cause_of(before.model_id, look.inforce.model_id, (), asked)
            events.append(_event(key, row, why))
        logged = look.moment if due else before.logged_at
        scores.append({"key": key, **row, "logged_at": logged, "points_30d": past.get(key)})
        changed += differs
    chances.lend(session, look.inforce, scores, look.moment)
    copying.write(session, scores, events)
    return changed


def _again(look: Look, key: int, codes: list[int]) -> bool:
    """Whether a lead has to be written: another level, another table, or nothing noted for thirty days."""
    held = look.held[key]
    late = held.logged_at is None or look.moment - held.logged_at >= HEARTBEAT
    return late or held.model_id != look.inforce.model_id or held.codes != str(codes)


def _row(look: Look, block: Block, place: int, codes: list[int], reasons: str) -> dict[str, Any]:
    table = look.inforce.table
    return {
        "points": int(block.points[place]),
        "fit": int(block.fit[place]),
        "intent": int(block.intent[place]),
        "grade": table.grades[block.grade[place]][1],
        "reasons": reasons,
        "table_version": table.version,
        "as_of": look.moment,
        "z": float(block.z[place]),
        "model_id": look.inforce.model_id,
        "codes": codes,
        "mode": table.mode,
        **UNEARNED,
    }


def _event(key: int, row: Mapping[str, Any], why: Cause) -> dict[str, Any]:
    kept = {name: row[name] for name in ("points", "grade", "reasons", "table_version", "z", "model_id", "codes")}
    cause = {"cause": why.kind, "cause_kind": why.kind, "cause_id": why.id}
    return {"enterprise_id": key, "scored_at": row["as_of"], **kept, **cause}


def _reasons(
    table: PointsTable, found: Found, block: Block, where: Sequence[int], sums: Mapping[str, SumColumns]
) -> list[str]:
    """Write the reasons of leads as JSON."""
    forms, days = moulds(table), {name: _days(column) for name, column in sums.items()}
    names = {place: bulk.sources(table.features[place], sums) for place in found.which}
    written_out = []
    whole = block.whole.tolist()
    for number, row, limit in zip(where, whole, block.limit.tolist(), strict=True):
        pieces: list[Piece] = []
        for place, points in enumerate(row):
            if not points:
                continue
            code, values = int(found.codes[number, place]), {"p": points}
            if code and place in names:
                name = names[place][found.which[place][number]]
                column = sums[name]
                values |= {"c": column.count[number], "d": days[name][number], "i": column.row[number]}
            elif code:
                hit = found.hits[number, place]
                pieces.append((points, written(reason(table.features[place], hit, points))))
                continue
            pieces.append((points, forms[place][code] % values))
        written_out.append(joined(pieces, limit))
    return written_out


def _days(column: SumColumns) -> list[str]:
    """Local days of the newest facts."""
    local = (np.floor(column.newest) + SHANGHAI_SECONDS).astype("datetime64[s]")
    return np.datetime_as_string(local, unit="D").tolist()  # type: ignore[no-any-return]  # an array of strings
