"""The nightly round over claims, and the look for old projects behind new ones, as jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import func, select

from crm.core import clock, jobs
from crm.core.tasks import Task, TaskState, enqueue
from crm.pipeline.claims.kinds import ClaimStatus
from crm.pipeline.repeats import services
from crm.pipeline.repeats.models import ProjectRepeat
from tests.service.pipeline.claims.helpers import filed
from tests.support import builders
from tests.support.builders import NOW, Office
from workers import inline, schedules

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database

PLACES = [{"site": f"{name}组团", "product_line": f"{name}部件"} for name in ("轴承", "电池", "座椅", "陶瓷", "涂料")]


def test_both_run_every_night() -> None:
    planned = {plan.kind: plan.rhythm.daily_at for plan in schedules.PLANS}
    assert planned[jobs.KEEP_CLAIMS] < planned[jobs.FIND_REPEATS] < "06:00"  # type: ignore[operator]  # both are daily


def test_the_round_expires_what_is_over(
    database: Database, session: Session, settings: Settings, office: Office
) -> None:
    claim = filed(session, office, builders.enterprise(session), office.officer)
    later = NOW + timedelta(days=95)
    enqueue(session, jobs.KEEP_CLAIMS, {}, now=later)
    session.commit()
    with patch.object(clock, "now", lambda: later):
        inline.drain(database, settings)
    session.refresh(claim)
    assert claim.status is ClaimStatus.EXPIRED


def test_a_look_behind_all_goes_on_batch_by_batch_to_the_end(
    database: Database, session: Session, settings: Settings, office: Office
) -> None:
    for number in range(5):
        firm = builders.enterprise(session)
        for _twice in range(2):
            builders.project(session, firm, office.east, office.officer, **PLACES[number])
    enqueue(session, jobs.FIND_REPEATS, {}, now=NOW, dedupe_key=jobs.FIND_REPEATS)
    session.commit()
    with patch.object(services, "BATCH", 2), patch.object(clock, "now", lambda: NOW):
        inline.drain(database, settings)
    assert session.scalar(select(func.count()).select_from(ProjectRepeat)) == 5
    done = session.scalars(select(Task).where(Task.kind == jobs.FIND_REPEATS).order_by(Task.id)).all()
    assert {task.state for task in done} == {TaskState.DONE}
    assert done[-1].result == {"found": 5}
