"""The test of the office's own history as a job: build the months, walk along them, keep the report and the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.core.scheduling import local_day
from crm.pipeline.exits.models import ProjectExit
from crm.pipeline.models import Agreement
from crm.pipeline.words import AgreementKind
from crm.scoremodel import history, runs
from crm.scoremodel.assessing import Assessment, assess
from crm.scoremodel.models import Purpose, RunState, ScoreRun
from crm.scoremodel.officemonths import number_of
from crm.scoremodel.rules import FEW
from crm.scoremodel.services import keep_fitted, table_of
from crm.scoremodel.versions import last_expert
from crm.scoring.live import ensured

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database

SUBJECT = (Purpose.BACKTEST, runs.OFFICE)
BUILT = 60
FIGURES = ("signings", "exits")


class _StoppedError(Exception):
    """Somebody stopped the run between two months."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the slow half found: the assessment, and the version whose table it started from."""

    found: Assessment
    parent_id: int
    counts: dict[str, int]


def start(session: Session, actor: Actor | None, *, now: datetime) -> ScoreRun:
    """Ask for a test of the experts' table, and of a fitted one where there are enough signings."""
    runs.may_manage(actor)
    ensured(session, now)
    return runs.start(session, actor, SUBJECT, now=now)


def due(session: Session, *, now: datetime) -> ScoreRun | None:
    """Ask for the nightly test where it can say something new: another signing or exit, or a new month."""
    counts, before = outcomes(session), runs.latest(session, SUBJECT)
    if counts["signings"] < FEW or (before is not None and before.going):
        return None
    if before is not None and before.state is RunState.DONE:
        same_month = local_day(before.created_at).replace(day=1) == local_day(now).replace(day=1)
        if same_month and before.result.get("outcomes") == counts:
            return None
    return start(session, None, now=now)


def outcomes(session: Session) -> dict[str, int]:
    """Count contracts and exits, as a cheap mark of whether there is anything new to learn."""
    contracts = select(func.count()).select_from(Agreement).where(Agreement.kind == AgreementKind.CONTRACT)
    exits = select(func.count()).select_from(ProjectExit)
    return dict(zip(FIGURES, (session.scalar(contracts) or 0, session.scalar(exits) or 0), strict=True))


def counted(session: Session) -> dict[str, int]:
    """The same under the names of a report, before there is one."""
    counts = outcomes(session)
    return {"won": counts["signings"], "lost": counts["exits"]}


def run(
    database: Database, run_id: int, clock: Callable[[], datetime], told: Callable[[int, str], None]
) -> Prepared | None:
    """Build the history and test on it, outside any long transaction; None when somebody stopped it."""
    with database.reading() as session:
        asked = runs.going(session, run_id)
        if asked is None:
            return None
        expert = last_expert(session)
        table, counts, now = table_of(expert), outcomes(session), asked.created_at

    def step(done: int, every: int, begin: int, end: int, note: str) -> bool:
        percent = begin + (end - begin) * done // max(1, every)
        told(percent, note)
        return runs.step(database, run_id, percent, note, clock())

    replay = history.build(
        database.reading, table, now=now, told=lambda done, every: step(done, every, 0, BUILT, f"{done}/{every}")
    )
    if replay is None:
        return None

    def walked(done: int, every: int) -> None:
        if not step(done, every, BUILT, 99, f"{done}/{every}"):
            raise _StoppedError

    try:
        found = assess(replay, now_month=number_of(now), progress=walked)
    except _StoppedError:
        return None
    return Prepared(found, expert.id, counts)


def keep(session: Session, run_id: int, data: Prepared | None, *, now: datetime) -> dict[str, Any]:
    """Keep the report, and the fitted table as a version to be published; nothing of a stopped run stays."""
    if data is None or runs.going(session, run_id) is None:
        return {"stopped": True}
    report: dict[str, Any] = {**data.found.report, "outcomes": data.counts}
    model_id = None
    if data.found.table is not None:
        model_id = keep_fitted(session, data.found.table, report, parent_id=data.parent_id, now=now).id
    runs.finish(session, run_id, {**report, "model_id": model_id}, now=now)
    return {"model_id": model_id, "signal": report.get("signal")}
