"""Write the checked lines of a sheet through the services of its register, a few at a time.

Each step is one transaction; a line is looked at again before it is written, in a savepoint of its own, so that one
the register refuses keeps nobody else out and says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.errors import DomainError
from crm.imports.models import ImportRow, RowAction
from crm.imports.outcomes import RECORD
from crm.imports.rules import BAD, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.imports.models import ImportRun
    from crm.imports.sheets.contract import Hand, Plan, Taker

CHUNK = 50
WRITTEN = (RowAction.CREATE, RowAction.UPDATE)
MOVED = "核对之后登记册里有了变化，没有导入；请下载这一行，重新导入一次。"


def advance(session: Session, run: ImportRun, taker: Taker, hand: Hand) -> bool:
    """Take the next step: lines turn by turn, then what is done when all are in; False when nothing is left."""
    phase, after = run.options.get("phase") or [0, 0]
    if phase < taker.turns:
        lines = _next(session, run.id, after)
        if lines:
            mine = [line for line in lines if taker.turn(tuple(line.cells)) == phase]
            run.position += sum(_take(session, line, taker, hand) for line in mine)
            run.counts = {**run.counts, "done": int(run.counts.get("done") or 0) + len(mine)}
        last = lines[-1].line if lines else None
    else:
        last = taker.finals[phase - taker.turns](session, after)
    phase, after = (phase, last) if last is not None else (phase + 1, 0)
    over: bool = phase == taker.turns + len(taker.finals)
    run.options = {**run.options, "phase": None if over else [phase, after]}
    session.flush()
    return not over


def _next(session: Session, run_id: int, after: int) -> Sequence[ImportRow]:
    statement = select(ImportRow).where(
        ImportRow.run_id == run_id,
        ImportRow.action.in_(WRITTEN),
        ImportRow.applied_at.is_(None),
        ImportRow.line > after,
    )
    return session.scalars(statement.order_by(ImportRow.line).limit(CHUNK)).all()


def _take(session: Session, line: ImportRow, taker: Taker, hand: Hand) -> int:
    """Write a line; return how many found their place: 1 or 0."""
    cells = tuple(line.cells)
    taker.load(session, [cells])
    plan = taker.plan(session, line.line, cells)
    if plan.action is not line.action:
        _left(line, plan)
        return 0
    try:
        with session.begin_nested():
            page = taker.write(session, plan)
    except DomainError as error:
        line.action = RowAction.REFUSE
        line.problems = [
            problem(taker.place(one.field or ""), BAD, one.message, **one.params) for one in error.problems
        ]
        return 0
    line.candidates, line.applied_at, line.problems = [{RECORD: page}], hand.now, plan.problems
    return 1


def _left(line: ImportRow, plan: Plan) -> None:
    """Leave a line out that means something else by now."""
    line.problems = plan.problems
    if plan.action in WRITTEN:
        line.action, line.problems = RowAction.REFUSE, [*plan.problems, problem(None, BAD, MOVED)]
    else:
        line.action = plan.action
