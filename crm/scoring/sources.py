"""Where facts are read from, as one shape of row: what fades is read in SQL, each row with both clocks.

Projects stand a slice above; what is asked of them here are columns of their tables, by name. Facts of
confidential projects never count: a score would give them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Double,
    Integer,
    String,
    and_,
    case,
    cast,
    column,
    literal,
    null,
    select,
    table,
    union_all,
)

from crm.core.types import UtcDateTime
from crm.fieldwork.chains.models import ChainMark, ChainRun
from crm.fieldwork.chains.rules import Answer
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.fieldwork.secrecy import not_secret
from crm.scoring.span import within
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, Select

PROJECT = table(
    "project",
    *(column("id", Integer), column("enterprise_id", Integer), column("confidential", Boolean)),
    *(column("exit_kind", String), column("exited_at", UtcDateTime), column("chain_role", String)),
    *(column("created_at", UtcDateTime), column("name", String)),
)
DROPPED = ("rejected", "lost", "terminated", "withdrawn")
# Ranks of the table of points: 1 staff, 2 department, 3 county.
LEADER_RANKS = {LeaderLevel.STAFF: 1, LeaderLevel.TEAM: 1, LeaderLevel.DEPARTMENT: 2, LeaderLevel.COUNTY: 3}
MEETINGS = (TouchKind.VISIT, TouchKind.RECEPTION, TouchKind.INSPECTION, TouchKind.NEGOTIATION)
COLUMNS = ("enterprise_id", "kind", "key", "source_id", "at", "weight", "level")
ONE, ZERO = cast(literal(1.0), Double), cast(literal(0), Integer)
NEVER = cast(null(), UtcDateTime())


def dated(ids: Sequence[int], now: datetime) -> CompoundSelect[Any]:
    """Everything that happened up to ``now``, also what was taken back since (``gone_at``)."""
    return union_all(
        _signals(ids, now),
        _touches(ids, now),
        _intentions(ids, now),
        _answers(ids, now, "reply", (Answer.ANSWERED, Answer.VISITED)),
        _answers(ids, now, "refusal", (Answer.REFUSED,)),
        _dropped(ids, now),
    )


def _shape(
    names: tuple[Any, str, Any],
    source: Any,  # noqa: ANN401 (a column of any table)
    moments: tuple[Any, Any, Any],
    weight: Any = ONE,  # noqa: ANN401 (a column of any table)
    level: Any = ZERO,  # noqa: ANN401 (a column of any table)
) -> Select[Any]:
    """Bring (enterprise, kind, key), the row, and (at, recorded, gone) into the columns of a fact."""
    (enterprise, kind, key), (at, recorded, gone) = names, moments
    return select(
        enterprise.label("enterprise_id"),
        cast(literal(kind), String(40)).label("kind"),
        cast(literal(key) if isinstance(key, str) else key, String(40)).label("key"),
        source.label("source_id"),
        at.label("at"),
        weight.label("weight"),
        level.label("level"),
        recorded.label("recorded_at"),
        gone.label("gone_at"),
    )


def _signals(ids: Sequence[int], now: datetime) -> Select[Any]:
    gone = case((Signal.state == SignalState.REJECTED, Signal.decided_at))
    moments = (Signal.happened_at, Signal.recorded_at, gone)
    made = _shape((Signal.enterprise_id, "signal", Signal.kind), Signal.id, moments, weight=Signal.weight)
    return made.where(within(Signal.enterprise_id, ids), Signal.recorded_at <= now, Signal.happened_at <= now)


def _known_touch(ids: Sequence[int], now: datetime) -> ColumnElement[bool]:
    known = and_(Touch.recorded_at <= now, Touch.occurred_at <= now)
    return and_(within(Touch.enterprise_id, ids), known, not_secret(Touch.project_id))


def _touches(ids: Sequence[int], now: datetime) -> Select[Any]:
    """Meetings; calls and messages are no meeting."""
    level = case(*((Touch.leader_level == name, rank) for name, rank in LEADER_RANKS.items()), else_=1)
    moments = (Touch.occurred_at, Touch.recorded_at, Touch.voided_at)
    made = _shape((Touch.enterprise_id, "touch", Touch.kind), Touch.id, moments, level=level)
    return made.where(_known_touch(ids, now), Touch.kind.in_(MEETINGS))


def _intentions(ids: Sequence[int], now: datetime) -> Select[Any]:
    """What was said about investing, in any touch."""
    key = case((Touch.intention == Intention.NONE, "unwilling"), else_=cast(Touch.intention, String(40)))
    moments = (Touch.occurred_at, Touch.recorded_at, Touch.voided_at)
    made = _shape((Touch.enterprise_id, "intention", key), Touch.id, moments)
    return made.where(_known_touch(ids, now), Touch.intention != Intention.UNKNOWN)


def _answers(ids: Sequence[int], now: datetime, kind: str, answers: tuple[Answer, ...]) -> Select[Any]:
    """How steps of outreach ended."""
    moments = (ChainMark.answered_at, ChainMark.answered_at, NEVER)
    made = _shape((ChainRun.enterprise_id, kind, ""), ChainMark.follow_up_id, moments)
    joined = made.join_from(ChainMark, ChainRun, ChainRun.id == ChainMark.run_id)
    wanted = and_(within(ChainRun.enterprise_id, ids), ChainMark.answer.in_(answers), ChainMark.answered_at <= now)
    return joined.where(wanted, not_secret(ChainRun.project_id))


def _dropped(ids: Sequence[int], now: datetime) -> Select[Any]:
    moments = (PROJECT.c.exited_at, PROJECT.c.exited_at, NEVER)
    made = _shape((PROJECT.c.enterprise_id, "dropped", ""), PROJECT.c.id, moments)
    ended = and_(PROJECT.c.exit_kind.in_(DROPPED), PROJECT.c.exited_at <= now, ~PROJECT.c.confidential)
    return made.where(within(PROJECT.c.enterprise_id, ids), ended)
