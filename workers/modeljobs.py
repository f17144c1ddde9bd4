"""Jobs on the models of scores: who would move, the test of the office's own history, the nightly one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.core import clock
from crm.scoremodel import backtesting, previewing, runs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.scoremodel.backtesting import Prepared
    from workers.contract import Context, Payload, Result

PREVIEW_SECONDS = 3600
BACKTEST_SECONDS = 3600


def preview(payload: Payload, context: Context) -> dict[str, Any] | None:
    """Score all enterprises under two tables, in short reading transactions."""
    return previewing.run(context.database, int(payload["run_id"]), clock.now, context.progress)


def previewed(session: Session, payload: Payload, data: dict[str, Any] | None, context: Context) -> Result:
    """Keep who would move, unless somebody stopped the run."""
    if data is None or not runs.finish(session, int(payload["run_id"]), data, now=context.now):
        return {"stopped": True}
    return {"total": data["total"], "up": data["up"], "down": data["down"]}


def test(payload: Payload, context: Context) -> Prepared | None:
    """Build the history and walk along it, outside any long transaction."""
    return backtesting.run(context.database, int(payload["run_id"]), clock.now, context.progress)


def tested(session: Session, payload: Payload, data: Prepared | None, context: Context) -> Result:
    """Keep the report and the fitted table, unless somebody stopped the run."""
    return backtesting.keep(session, int(payload["run_id"]), data, now=context.now)


def due(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Ask for the nightly test where there is something new to learn."""
    run = backtesting.due(session, now=context.now)
    return {"run_id": run.id if run else None}
