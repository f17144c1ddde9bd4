"""Whatever is corrected later, a closed period and a frozen report stay; the difference is dated in the next one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from crm.assessment.periods import closing, queries, services
from crm.assessment.periods.models import Period, PeriodCorrection, PeriodFigure, PeriodRow
from crm.assessment.periods.rules import PeriodDraft, PeriodKind
from crm.fieldwork.models import Touch
from crm.pipeline.claims import credit
from crm.pipeline.claims.credit import Basis
from crm.pipeline.claims.kinds import SplitBasis
from crm.pipeline.models import Agreement, Project
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from crm.reports import amending, road
from crm.reports import services as reports
from crm.reports.docx import render_docx
from crm.reports.period import week_of
from crm.reports.stored import document_of
from tests.support import facts
from tests.support.builders import NOW, TODAY
from tests.support.histories import HOUR, History, histories, write

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.support.builders import Office

OCTOBER, NOVEMBER = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 19))
CLOSED, CORRECTED = NOW - 200 * HOUR, NOW - 100 * HOUR
CORRECTIONS = st.lists(st.sampled_from(("void", "late", "recognise", "split", "merge", "sign")), min_size=2, max_size=6)
Frozen = tuple[list[tuple[str, int, Decimal, int]], list[tuple[str, int, list[object]]]]


def close(session: Session, office: Office, days: tuple[date, date], now: datetime) -> Period:
    draft = PeriodDraft(PeriodKind.MONTH, f"{days[0]:%Y年%m月}", *days, (office.east.id, office.south.id))
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    period = services.create(session, registrar, draft, now=now)
    services.check(session, registrar, period.id, reason="已电话核过", now=now, today=TODAY)
    services.close(session, leader, period.id, now=now)
    services.freeze(session, period.id, now=now, progress=lambda _percent, _note: None)
    return period


def frozen(session: Session, period: Period) -> Frozen:
    one, other = PeriodFigure, PeriodRow
    figures = select(one.measure, one.unit_id, one.value, one.row_count).where(one.period_id == period.id)
    rows = select(other.measure, other.piece, other.rows).where(other.period_id == period.id)
    return (
        [tuple(row) for row in session.execute(figures.order_by(one.measure, one.unit_id))],  # type: ignore[misc]  # a row is a tuple
        [tuple(row) for row in session.execute(rows.order_by(other.measure, other.piece))],  # type: ignore[misc]  # as above
    )


def correct(session: Session, office: Office, what: str, ids: list[int]) -> None:
    """Change or add something of October after October was closed."""
    unit, person = office.east, office.officer
    if what == "void":
        first = session.scalar(select(Touch.id).where(Touch.voided_at.is_(None)).order_by(Touch.id))
        session.execute(update(Touch).where(Touch.id == first).values(voided_at=CORRECTED, void_reason="记错了"))
    elif what == "late":
        at = NOW - 800 * HOUR
        facts.touches(session, unit, person, facts.firms(session, 2), occurred_at=at, recorded_at=CORRECTED)
    elif what == "recognise":
        held = {"recognized_at": CORRECTED, "recognized_by": office.recognizer.id, "recognized_amount": 1}
        waiting = select(func.min(Agreement.id)).where(Agreement.recognized_at.is_(None)).scalar_subquery()
        session.execute(update(Agreement).where(Agreement.id == waiting).values(difference_reason="核减", **held))
    elif what == "split":
        parts, agreed = [(office.east.id, 1), (office.south.id, 999)], Basis(SplitBasis.AGREED, "改分成")
        credit.write_split(session, ids[0], parts, agreed, by=office.registrar.id, now=CORRECTED)
    elif what == "merge":
        row = session.get_one(Project, ids[-1])
        row.exit_kind, row.exit_reason, row.exited_at = ExitKind.MERGED, next(iter(ExitReason)), CORRECTED
    else:
        at = NOW - 700 * HOUR
        made = facts.projects(session, unit, person, facts.firms(session, 1), Stage.SIGNED, at=at)
        facts.contracts(session, unit, person, made, signed_on=at.date(), reported_at=CORRECTED)
    session.flush()


@settings(
    max_examples=2,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(6), corrections=CORRECTIONS)
def test_a_closed_period_never_moves_and_the_next_tells_the_difference(
    session: Session, office: Office, history: History, corrections: list[str]
) -> None:
    session.rollback()
    ids = write(session, office, history)
    october = close(session, office, OCTOBER, CLOSED)
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    issue = reports.build_weekly(session, registrar, 2026, 46, now=CLOSED + 100 * HOUR)
    road.submit(session, registrar, issue, issue.version, now=CLOSED + 100 * HOUR)
    road.approve(session, leader, issue, issue.version, now=CLOSED + 100 * HOUR)
    reports.freeze(session, leader, issue, issue.version, now=CLOSED + 100 * HOUR)
    before, printed = frozen(session, october), render_docx(document_of(issue))
    for what in corrections:
        correct(session, office, what, ids)
    november = close(session, office, NOVEMBER, NOW)
    session.expire_all()
    assert frozen(session, october) == before
    assert render_docx(document_of(issue)) == printed
    noted = session.scalars(select(PeriodCorrection)).all()
    assert {(one.period_id, one.in_period_id, one.noted_at) for one in noted} <= {(october.id, november.id, NOW)}
    recounted = {key: value for key, value in closing.sums(session, october, NOW).items() if value}
    assert {key: value for key, value in closing.known(session, october.id).items() if value} == recounted
    assert len(queries.corrections(session, november.id)) == len(noted)
    shown = [one for one in noted if one.measure in amending.SHOWN]
    assert amending.noted(session, week_of(2026, 47)) == (shown[: amending.MOST], len(shown))
    assert shown or "late" not in corrections
