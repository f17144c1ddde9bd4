"""Versions of the weights in the demonstration: a change with a reason, a preview, a test on the year, an override."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import REGISTRAR, SECOND_LEADER
from crm.enterprises.models import Enterprise
from crm.scoremodel import backtesting, history, previewing, runs, services, versions
from crm.scoremodel.assessing import assess
from crm.scoremodel.diffs import digest
from crm.scoremodel.moves import Tally
from crm.scoremodel.officemonths import number_of
from crm.scoring.models import EnterpriseScore
from crm.scoring.queries import running_pass
from crm.scoring.services import rescore_many, set_override

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk, Diary
    from crm.scoring.models import ScoreModel

BEGAN, TRIED, KEPT = 16, 2, 60
LABEL = "专家权重，未校准（更看重来区考察）"
NEXT_LABEL = "专家权重，未校准（试：不看榜单）"
NOTE = "上半年签下的项目大多来过园区，来区考察和区县领导出面应当多给分。"
WHY = "董事长上周当面表示年内定址，项目组一致认为应优先。"
HIGHER = 9


def plan_models(desk: Desk, diary: Diary) -> None:
    """Change the weights two weeks ago: written, previewed, published by a leader with a reason."""
    diary.write(desk.at(BEGAN, 15), partial(_change, desk))


def add_models(desk: Desk, now: datetime) -> None:
    """Test the weights on the office's history, leave a draft, and override one score."""
    _draft(desk, desk.at(TRIED, 11))
    _tested(desk, now)
    _override(desk, desk.at(TRIED, 16), now)


def _change(desk: Desk, now: datetime) -> None:
    version = _second(desk, now)
    _previewed(desk, version, now + timedelta(minutes=5))
    live, decided = versions.in_force(desk.session), now + timedelta(hours=1)
    leader = desk.actor(SECOND_LEADER)
    services.publish(desk.session, leader, version.id, NOTE, seen_live=live.id if live else None, now=decided)
    ids = [row.id for row in desk.enterprises.values()]
    done = decided + timedelta(minutes=1)
    rescore_many(desk.session, ids, now=done, cause="model")
    rest = running_pass(desk.session)
    if rest is not None:
        rest.done, rest.finished_at = rest.total, done


def _second(desk: Desk, now: datetime) -> ScoreModel:
    actor = desk.actor(REGISTRAR)
    model = services.begin(desk.session, actor, None, now=now)
    table = services.table_of(model)
    worth = {("inspections", 1): 4.0, ("inspections", 2): 9.0, ("leader", 3): 6.0, ("contacts", 2): 4.0}
    points = {key: value for key, value in worth.items() if key[1] < len(table.feature(key[0]).levels)}
    typed = services.Edit(LABEL, points, {"ORDR": 120.0}, {})
    return services.edit(desk.session, actor, model.id, typed, seen=digest(table), now=now + timedelta(minutes=4))


def _draft(desk: Desk, now: datetime) -> None:
    actor = desk.actor(REGISTRAR)
    model = services.begin(desk.session, actor, None, now=now)
    table = services.table_of(model)
    points = {("lists", code): 0.0 for code in range(1, len(table.feature("lists").levels))}
    typed = services.Edit(NEXT_LABEL, points, {}, {})
    services.edit(desk.session, actor, model.id, typed, seen=digest(table), now=now + timedelta(minutes=6))
    _previewed(desk, model, now + timedelta(minutes=8))


def _previewed(desk: Desk, model: ScoreModel, now: datetime) -> None:
    """Preview at once what a worker would preview after a moment."""
    session, live = desk.session, versions.in_force(desk.session)
    run = previewing.start(session, desk.actor(REGISTRAR), model.id, now=now)
    version, tally = services.table_of(model), Tally()
    if live is not None:
        ids = list(session.scalars(select(Enterprise.id).order_by(Enterprise.id)))
        previewing.compare(session, ids, now, (services.table_of(live), version), tally)
        runs.finish(session, run.id, previewing.result_of(tally, version, live.id), now=now + timedelta(minutes=1))


def _tested(desk: Desk, now: datetime) -> None:
    """Test the experts' table on the year of the demonstration, as the nightly job does."""
    session = desk.session
    run = backtesting.start(session, desk.actor(REGISTRAR), now=now)
    expert = versions.last_expert(session)
    table = services.table_of(expert)
    replay = history.build(lambda: nullcontext(session), table, now=now, told=lambda _done, _all: True)
    if replay is not None:
        found = assess(replay, now_month=number_of(now))
        prepared = backtesting.Prepared(found, expert.id, backtesting.outcomes(session))
        backtesting.keep(session, run.id, prepared, now=now)


def _override(desk: Desk, at: datetime, now: datetime) -> None:
    """A person knows better for two months; the automatic score stays beside it."""
    ids = [row.id for row in desk.enterprises.values()]
    best = select(EnterpriseScore).where(EnterpriseScore.enterprise_id.in_(ids), EnterpriseScore.grade == "B")
    score = desk.session.scalar(best.order_by(EnterpriseScore.points.desc()).limit(1))
    if score is not None:
        set_override(
            desk.session, desk.actor(REGISTRAR), score.enterprise_id, points=min(score.points + HIGHER, 95),
            reason=WHY, expires_at=now + timedelta(days=KEPT), now=at,
        )  # fmt: skip
