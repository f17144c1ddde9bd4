from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest
from sqlalchemy import select

from crm.assessment import services as assessment
from crm.assessment.rules import Metric, TargetLevel
from crm.auth.rules import SYSTEM
from crm.core.errors import ConflictError
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import TouchKind
from crm.pipeline.rules import Stage
from crm.reports import road, services
from crm.reports.docx import render_docx
from crm.reports.frozen import annex_of, rows_of
from crm.reports.models import WeeklyReport
from crm.reports.stored import document_of
from crm.reports.xlsx import render_xlsx
from crm.signals.models import SignalState
from tests.support import builders, facts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

YEAR, WEEK = 2026, 47
PATH = "/reports/weekly/2026-W47"


def busy_week(session: Session, office: Office) -> None:
    """Write one week of field work, signings, a signal, and something stalled and overdue."""
    firms = facts.firms(session, 12)
    facts.touches(session, office.east, office.officer, firms[:5])
    facts.touches(session, office.east, office.officer, firms[:2])
    facts.touches(session, office.south, office.outsider, firms[4:6])
    facts.touches(session, office.east, office.officer, firms[6:8], kind=TouchKind.INSPECTION, headcount=4)
    facts.touches(session, office.south, office.outsider, firms[8:9], kind=TouchKind.RECEPTION, headcount=3)
    facts.projects(session, office.east, office.officer, firms[:3])
    facts.projects(session, office.south, office.outsider, firms[3:5], Stage.VISITING)
    signed = facts.projects(session, office.east, office.officer, firms[9:11], Stage.SIGNED)
    facts.contracts(session, office.east, office.officer, signed[:1], amount=Decimal(14000))
    facts.contracts(
        session, office.east, office.officer, signed[1:], amount=Decimal(6000), recognized_amount=Decimal(5500),
        recognized_by=office.recognizer.id, recognized_at=NOW - timedelta(days=1), difference_reason="扣除流动资金",
    )  # fmt: skip
    facts.projects(session, office.south, office.outsider, firms[11:], Stage.INSPECTING, at=NOW - timedelta(days=60))
    firm = builders.enterprise(session, "云岭精工股份有限公司")
    builders.signal(
        session, firm, state=SignalState.ACCEPTED, decided_at=NOW - timedelta(days=1), decided_by=office.officer.id
    )
    for title, due in (("送政策汇编", date(2026, 11, 12)), ("陪同看地", date(2026, 11, 25))):
        session.add(
            FollowUp(title=title, enterprise_id=firm.id, unit_id=office.east.id, owner_id=office.officer.id, due_on=due,
                     created_by=office.officer.id, created_at=NOW - timedelta(days=20))
        )  # fmt: skip
    goals = {(unit.id, metric): 10 for unit in (office.east, office.south) for metric in Metric}
    assessment.set_targets(session, office.actor(session, office.registrar), YEAR, TargetLevel.ENSURE, goals, now=NOW)
    session.flush()


def built(session: Session, office: Office) -> WeeklyReport:
    """Build the week as the 招商办 and commit."""
    report = services.build_weekly(session, office.actor(session, office.registrar), YEAR, WEEK, now=NOW)
    session.commit()
    return report


def frozen(session: Session, office: Office, report: WeeklyReport) -> WeeklyReport:
    """Send a report in as the 招商办, approve and freeze it as the leader."""
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    road.submit(session, registrar, report, report.version, now=NOW)
    road.approve(session, leader, report, report.version, now=NOW)
    services.freeze(session, leader, report, report.version, now=NOW)
    session.commit()
    return report


def values(report: WeeklyReport) -> dict[str, Decimal]:
    return {figure.key: Decimal(figure.value) for figure in report.figures}


def test_every_figure_is_what_its_rows_add_up_to(session: Session, office: Office) -> None:
    busy_week(session, office)
    report = built(session, office)
    assert len(report.figures) > 20
    for figure in report.figures:
        rows = rows_of(report, figure.key)
        assert len(rows) == figure.row_count, figure.key
        assert sum(row.amount for row in rows) == Decimal(figure.value), figure.key
        if figure.unit not in {"万元", "人次"}:
            assert len(rows) == int(figure.value), figure.key


def test_the_overview_tells_the_figures_of_the_week(session: Session, office: Office) -> None:
    busy_week(session, office)
    report = built(session, office)
    said = report.texts["text"]["summary"]
    assert said.startswith(
        "本周（11月16日—22日），全县外出招商9批次、拜访企业7家，接待客商3批次11人次，"
        "新增线索7条、在谈项目4个，新签约项目2个、总投资2亿元，未新增开工项目；截至目前，"
    )
    assert "累计外出走访企业7家，完成年度目标20家的35.0%，落后时序进度" in said
    assert values(report)["recognized_amount"] == 5500


def test_the_report_is_compared_with_the_week_before(session: Session, office: Office) -> None:
    firms = facts.firms(session, 5)
    facts.touches(session, office.east, office.officer, firms)
    before = facts.MONDAY - timedelta(days=6)
    facts.touches(session, office.east, office.officer, firms[:2], occurred_at=before, recorded_at=before)
    report = built(session, office)
    assert services.changes(report)["visits"].text == "较上周增加3家"
    assert "较上周增加3家" in report.texts["text"]["outbound"]
    assert "与上周相比，外出招商增加3批次，拜访企业增加3家，接待客商、" in report.texts["text"]["summary"]


def test_the_frozen_issue_before_is_what_a_week_is_compared_with(session: Session, office: Office) -> None:
    firms = facts.firms(session, 5)
    before = facts.MONDAY - timedelta(days=6)
    facts.touches(session, office.east, office.officer, firms[:3], occurred_at=before, recorded_at=before)
    last = services.build_weekly(session, SYSTEM, YEAR, WEEK - 1, now=NOW)
    frozen(session, office, last)
    for touch in session.scalars(select(Touch)):
        touch.voided_at, touch.void_reason = before + timedelta(hours=1), "误记"
    facts.touches(session, office.east, office.officer, firms[3:])
    found = services.changes(built(session, office))["visits"]
    assert [found.before, found.size] == [3, -1]


def test_what_comes_after_the_cut_off_is_told_in_the_next_issue(session: Session, office: Office) -> None:
    firms = facts.firms(session, 3)
    facts.touches(session, office.east, office.officer, firms[:1])
    friday_evening = NOW + timedelta(hours=9)
    facts.touches(
        session, office.east, office.officer, firms[1:], occurred_at=friday_evening, recorded_at=friday_evening
    )
    report = built(session, office)
    assert values(report)["visits"] == 1
    following = services.build_weekly(session, SYSTEM, YEAR, WEEK + 1, now=NOW + timedelta(days=7))
    assert values(following)["late"] == 2
    assert values(following)["visits"] == 0
    assert values(following)["year_visits"] == 3


def test_voided_visits_are_left_out(session: Session, office: Office) -> None:
    firms = facts.firms(session, 2)
    facts.touches(session, office.east, office.officer, firms, voided_at=NOW - timedelta(hours=1), void_reason="误记")
    assert values(built(session, office))["visit_batches"] == 0


def test_a_frozen_issue_is_the_same_bytes_for_ever(session: Session, office: Office) -> None:
    busy_week(session, office)
    report = built(session, office)
    frozen(session, office, report)
    word, sheet = render_docx(document_of(report)), render_xlsx(annex_of(report))
    facts.touches(session, office.east, office.officer, facts.firms(session, 4))
    for touch in session.scalars(select(Touch)):
        touch.voided_at, touch.void_reason = NOW, "误记"
    office.east.name = "改了名的小分队"
    session.commit()
    session.expire_all()
    again = session.scalars(select(WeeklyReport)).one()
    assert render_docx(document_of(again)) == word
    assert render_xlsx(annex_of(again)) == sheet
    with pytest.raises(ConflictError):
        services.build_weekly(session, SYSTEM, YEAR, WEEK, now=NOW)
    with pytest.raises(ConflictError):
        services.edit_section(
            session, office.actor(session, office.registrar), again, "news", "x", again.version, now=NOW
        )


def test_issues_are_numbered_within_the_year_and_over_all_years(session: Session, office: Office) -> None:
    for year, week in ((2025, 51), (2025, 52), (2026, 46), (2026, 47)):
        frozen(session, office, services.build_weekly(session, SYSTEM, year, week, now=NOW))
    numbers = session.execute(select(WeeklyReport.issue_no, WeeklyReport.total_no).order_by(WeeklyReport.id)).all()
    assert [tuple(row) for row in numbers] == [(1, 1), (2, 2), (1, 3), (2, 4)]


def test_edited_words_survive_a_rebuild_and_can_be_taken_back(session: Session, office: Office) -> None:
    busy_week(session, office)
    report = built(session, office)
    actor = office.actor(session, office.registrar)
    services.edit_section(session, actor, report, "news", "- 本周动态见附件。", report.version, now=NOW)
    rebuilt = services.build_weekly(session, actor, YEAR, WEEK, now=NOW)
    assert rebuilt.id == report.id
    texts = [one.text for one in docx.Document(BytesIO(render_docx(document_of(rebuilt)))).paragraphs]
    assert "1.本周动态见附件。" in texts
    services.edit_section(session, actor, rebuilt, "news", None, rebuilt.version, now=NOW)
    assert "云岭精工" in "".join(
        one.text for one in docx.Document(BytesIO(render_docx(document_of(rebuilt)))).paragraphs
    )


def test_an_old_version_is_refused_and_the_typed_words_stay(
    session: Session, office: Office, as_registrar: Browser
) -> None:
    report = built(session, office)
    form = {"version": str(report.version), "section": "next_week", "text": "召开招商例会。"}
    assert as_registrar.post(f"{PATH}/edit", form).status_code == 302
    answer = as_registrar.post(f"{PATH}/edit", {**form, "text": "改成座谈会。"})
    assert answer.status_code == 409
    assert "改成座谈会。" in answer.text
    assert "有人改过这期周报" in answer.text


def test_the_per_unit_tables_add_up_and_name_no_phone(session: Session, office: Office) -> None:
    busy_week(session, office)
    firm = builders.enterprise(session)
    builders.contact(session, firm, office.east, office.officer, phone="13800001111")
    document = document_of(built(session, office))
    progress = next(table for table in document.tables if "外出走访企业" in table.title)
    *units, whole = progress.rows
    assert [row[1:5] for row in units] == [("长三角小分队", "10", "5", "5"), ("珠三角小分队", "10", "2", "2")]
    assert whole[1:5] == ("合计", "20", "7", "7")
    ledger = next(table for table in document.tables if table.title == "上报认定对照表")
    why = "核减：扣除流动资金1份500万元；待认定1份14,000万元"
    assert ledger.rows[0] == ("长三角小分队", "2", "20,000", "1", "5,500", "27.5%", why)
    assert "13800001111" not in str(document)


def test_stalled_and_overdue_say_who_must_act_by_when(session: Session, office: Office) -> None:
    busy_week(session, office)
    own = {"unit_id": office.east.id, "owner_id": office.officer.id, "created_by": office.officer.id}
    session.add(FollowUp(title="汇总各组意见。", due_on=date(2026, 11, 13), created_at=NOW - timedelta(days=9), **own))
    issues = built(session, office).texts["text"]["issues"]
    assert "汇总各组意见，应于11月13日完成，超期7天" in issues
    assert "在“考察”阶段60天没有进展（时限30天），请珠三角小分队何川于11月27日前" in issues
    assert "送政策汇编（云岭精工股份有限公司），应于11月12日完成，超期8天，请陈晓于11月27日前办结" in issues
