"""A chain under way: what a touch starts, and what follows when a step has ended."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select

from crm.core.scheduling import local_day
from crm.core.scored import want_score
from crm.fieldwork.chains import rules
from crm.fieldwork.chains.models import Chain, ChainMark, ChainRun, FollowUpAlarm
from crm.fieldwork.chains.rules import Answer, Ending, Step, Trigger
from crm.fieldwork.models import FollowUp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.fieldwork.models import Touch

PREFIX = "chain."


def is_step(follow_up: FollowUp) -> bool:
    """Whether a follow-up is a step of a chain: it ends with an answer."""
    return follow_up.kind.startswith(PREFIX)


def begin_after_touch(session: Session, touch: Touch, *, now: datetime) -> int:
    """Start the chains that a touch calls for, unless one of them is under way for the enterprise; return how many."""
    what = (touch.kind, touch.intention)
    wanted = [one for one in session.scalars(_waiting()) if rules.matches(one.touch_kind, one.intention, what)]
    if not wanted:
        return 0
    under_way = set(live(session, [one.id for one in wanted], [touch.enterprise_id]))
    begun = 0
    for one in wanted:
        if (one.id, touch.enterprise_id) in under_way:
            continue
        row = _run(one, f"touch:{touch.id}:{one.id}", local_day(touch.occurred_at), now=now)
        row.enterprise_id, row.project_id, row.touch_id = touch.enterprise_id, touch.project_id, touch.id
        row.unit_id, row.owner_id, row.started_by = touch.unit_id, touch.created_by, touch.created_by
        begin(session, [row], now=now)
        begun += 1
    return begun


def prepared(chain: Chain, key: str, base_on: date, *, now: datetime) -> ChainRun:
    """Return a run of a chain that has not begun."""
    return _run(chain, key, base_on, now=now)


def awaiting_touches() -> ColumnElement[bool]:
    """Condition: there are chains that touches start."""
    return exists().where(Chain.starts == Trigger.TOUCH, Chain.active)


@cache
def _waiting() -> Select[Chain]:
    return select(Chain).where(Chain.starts == Trigger.TOUCH, Chain.active)


def live(session: Session, chain_ids: Sequence[int], enterprise_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return which of the chains are under way for which of the enterprises."""
    statement = select(ChainRun.chain_id, ChainRun.enterprise_id).where(
        ChainRun.chain_id.in_(chain_ids), ChainRun.enterprise_id.in_(enterprise_ids), ChainRun.ended_at.is_(None)
    )
    return [(chain_id, enterprise_id) for chain_id, enterprise_id in session.execute(statement)]


def begin(session: Session, runs: Sequence[ChainRun], *, now: datetime) -> None:
    """Begin runs: write them down with the follow-ups of their first steps."""
    session.add_all(runs)
    session.flush()
    steps = [(run, place) for run in runs for place in rules.first_steps(_steps(run))]
    _promise(session, steps, now=now)


def step_ended(
    session: Session, follow_up: FollowUp, by: int, answer: Answer, note: str | None, *, now: datetime
) -> None:
    """Write down how a step ended: the answer ends the chain, or the next step begins."""
    mark = session.scalar(select(ChainMark).where(ChainMark.follow_up_id == follow_up.id))
    if mark is None:
        return
    run = session.get_one(ChainRun, mark.run_id, with_for_update=True)
    mark.answer, mark.answered_at, mark.answered_by, mark.note = answer, now, by, note
    session.flush()
    want_score(session, [run.enterprise_id], now=now)
    if run.ended_at is not None:
        return
    steps = _steps(run)
    if answer in steps[mark.place].stops:
        end(session, run, Ending.ANSWERED, now=now)
        return
    following = rules.next_step(steps, mark.place)
    if following is not None and following not in _places(session, run):
        _promise(session, [(run, following)], now=now, base_on=local_day(now))
    elif not _open_marks(session, run):
        run.ended_at, run.ending = now, Ending.THROUGH


def step_reopened(session: Session, follow_up: FollowUp) -> None:
    """Take an answer back; what followed it stays, the chain goes on."""
    mark = session.scalar(select(ChainMark).where(ChainMark.follow_up_id == follow_up.id))
    if mark is None:
        return
    mark.answer = mark.answered_at = mark.answered_by = mark.note = None
    run = session.get_one(ChainRun, mark.run_id)
    if run.ending is not Ending.STOPPED:
        run.ended_at = run.ending = None


def end(session: Session, run: ChainRun, ending: Ending, *, now: datetime) -> None:
    """End a run; steps nobody has taken yet are promised no longer."""
    run.ended_at, run.ending = now, ending
    for mark, follow_up in _open_marks(session, run):
        session.delete(mark)
        session.flush()
        clear_alarms(session, [follow_up.id])
        session.delete(follow_up)
    session.flush()


def clear_alarms(session: Session, follow_up_ids: Sequence[int]) -> None:
    """Forget which rungs these promises climbed."""
    session.execute(delete(FollowUpAlarm).where(FollowUpAlarm.follow_up_id.in_(follow_up_ids)))


def _run(chain: Chain, key: str, base_on: date, *, now: datetime) -> ChainRun:
    return ChainRun(chain_id=chain.id, key=key, steps=list(chain.steps), base_on=base_on, started_at=now)


def _steps(run: ChainRun) -> list[Step]:
    return [rules.unpacked(one) for one in run.steps]


def _places(session: Session, run: ChainRun) -> set[int]:
    return set(session.scalars(select(ChainMark.place).where(ChainMark.run_id == run.id)))


def _open_marks(session: Session, run: ChainRun) -> list[tuple[ChainMark, FollowUp]]:
    statement = select(ChainMark, FollowUp).join(FollowUp, FollowUp.id == ChainMark.follow_up_id)
    rows = session.execute(statement.where(ChainMark.run_id == run.id, FollowUp.done_at.is_(None)))
    return [(mark, follow_up) for mark, follow_up in rows]


def _promise(
    session: Session, steps: Sequence[tuple[ChainRun, int]], *, now: datetime, base_on: date | None = None
) -> None:
    """Make the follow-ups of steps, counted from the day of the run or of the step before."""
    made = []
    for run, place in steps:
        step = _steps(run)[place]
        about: dict[str, Any] = {"enterprise_id": run.enterprise_id, "project_id": run.project_id}
        row = FollowUp(
            title=step.title,
            kind=f"{PREFIX}{step.action}",
            touch_id=run.touch_id,
            unit_id=run.unit_id,
            owner_id=run.owner_id,
            due_on=rules.due(step, base_on or run.base_on),
            created_by=run.started_by,
            created_at=now,
            **about,
        )
        made.append((run, place, row))
    session.add_all(row for _run_, _place, row in made)
    session.flush()
    session.add_all(ChainMark(run_id=run.id, place=place, follow_up_id=row.id) for run, place, row in made)
    session.flush()
