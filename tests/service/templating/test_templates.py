"""Templates of an office: checked, kept as versions, put to use, and what was frozen stays as it was."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import docx
import pytest
from sqlalchemy import select

from crm.assessment import services as campaigns
from crm.assessment.books import queries as book_queries
from crm.assessment.books import services as assessing
from crm.assessment.books import slip_filling, slip_paper, slips
from crm.assessment.rules import Metric
from crm.auth.rules import SYSTEM
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.papers.gathering import gather
from crm.papers.issues import services as issues
from crm.papers.printing import print_now
from crm.papers.rules import PAPERS, read_period
from crm.papers.writing import write
from crm.pipeline.cards import Clock
from crm.reports import bulletin_file, bulletins, road
from crm.reports import services as reports
from crm.reports.printing import print_docx
from crm.templating import queries, services
from crm.templating.kinds import kinds
from crm.word.template.models import OfficeTemplate
from tests.support import builders
from tests.support.assessing import opened, published, typed, visits
from tests.support.builders import NOW, TODAY
from tests.support.templates import paragraph, table, with_body

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.reports.models import WeeklyReport
    from tests.support.builders import Office

OURS = with_body(paragraph("本局专用版式"), paragraph("{{ 期号 }}"), paragraph("{{p 正文 }}"))
OTHER = with_body(paragraph("另一种版式"), paragraph("{{ 期号 }}"))


def texts(data: bytes) -> list[str]:
    return [one.text for one in docx.Document(BytesIO(data)).paragraphs]


def upload(session: Session, office: Office, data: bytes, kind: str = "weekly") -> OfficeTemplate:
    actor = office.actor(session, office.registrar)
    return services.upload(session, actor, kinds()[kind], "模板.docx", data, now=NOW)


def activate(session: Session, office: Office, number: int, kind: str = "weekly") -> OfficeTemplate:
    return services.activate(session, office.actor(session, office.registrar), kinds()[kind], number, now=NOW)


def weekly(session: Session, week: int = 46) -> WeeklyReport:
    return reports.build_weekly(session, SYSTEM, 2026, week, now=NOW)


def freeze(session: Session, office: Office, report: WeeklyReport) -> None:
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    road.submit(session, registrar, report, report.version, now=NOW)
    road.approve(session, leader, report, report.version, now=NOW)
    reports.freeze(session, leader, report, report.version, now=NOW)


def test_a_version_is_kept_but_not_in_use_until_it_is_put_to_use(session: Session, office: Office) -> None:
    report = weekly(session)
    before = print_docx(session, report)
    row = upload(session, office, OURS)
    assert (row.number, row.active, row.size) == (1, False, len(OURS))
    assert print_docx(session, report) == before
    activate(session, office, 1)
    assert texts(print_docx(session, report))[:2] == ["本局专用版式", "（草稿）"]


def test_going_back_to_an_older_version_and_to_the_built_in(session: Session, office: Office) -> None:
    report = weekly(session)
    built_in = print_docx(session, report)
    for number, data in enumerate((OURS, OTHER), start=1):
        upload(session, office, data)
        activate(session, office, number)
    assert texts(print_docx(session, report))[0] == "另一种版式"
    activate(session, office, 1)
    assert texts(print_docx(session, report))[0] == "本局专用版式"
    assert [row.number for row in session.scalars(select(OfficeTemplate).where(OfficeTemplate.active))] == [1]
    services.use_builtin(session, office.actor(session, office.registrar), kinds()["weekly"], now=NOW)
    assert print_docx(session, report) == built_in


def test_a_frozen_issue_is_made_again_with_its_own_version(session: Session, office: Office) -> None:
    for data in (OURS, OTHER):
        upload(session, office, data)
    activate(session, office, 1)
    report = weekly(session)
    freeze(session, office, report)
    made = print_docx(session, report)
    assert texts(made)[:2] == ["本局专用版式", "第1期（总第1期）"]
    activate(session, office, 2)
    assert print_docx(session, report) == made
    assert texts(print_docx(session, weekly(session, 47)))[0] == "另一种版式"
    first = session.scalars(select(OfficeTemplate).where(OfficeTemplate.number == 1)).one()
    assert queries.uses(session, first) == 1


def test_an_issue_frozen_without_a_template_stays_without_one(session: Session, office: Office) -> None:
    report = weekly(session)
    freeze(session, office, report)
    made = print_docx(session, report)
    upload(session, office, OURS)
    activate(session, office, 1)
    assert print_docx(session, report) == made


def test_an_issued_paper_is_made_with_the_template_of_its_kind(session: Session, office: Office) -> None:
    upload(session, office, OURS, "dispatch")
    activate(session, office, 1, "dispatch")
    kind = PAPERS["dispatch"]
    period = read_period(kind.period, "2026-10", TODAY)
    assert period is not None
    clock = Clock(NOW, TODAY, ZoneInfo("Asia/Shanghai"))
    issue = issues.build(session, office.actor(session, office.registrar), kind, period, clock)
    issue = issues.freeze(session, office.actor(session, office.leader), issue.id, issue.version, now=NOW)
    assert issue.document is not None
    assert texts(issue.document)[:2] == ["本局专用版式", "第1期（总第1期）"]
    activated = session.get_one(OfficeTemplate, issue.template_id)
    assert (activated.kind, activated.number) == ("dispatch", 1)
    services.use_builtin(session, office.actor(session, office.registrar), kinds()["dispatch"], now=NOW)
    assert issues.made_again(session, issue)


def test_a_bulletin_is_frozen_with_the_template_of_campaigns(session: Session, office: Office) -> None:
    tasks = {(office.east.id, Metric.VISITS): 6}
    draft = campaigns.CampaignDraft("百日会战", TODAY - timedelta(days=30), TODAY + timedelta(days=60), "", tasks)
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    campaign = campaigns.create_campaign(session, registrar, draft, now=NOW)
    row = bulletins.build(session, registrar, campaign.id, TODAY, now=NOW, today=TODAY)
    layout = with_body(
        paragraph("{{ 会战 }}第{{ 数字.已过天数 }}天，{{ 期号 }}"),
        table(
            ("{%tr for 行 in 各单位各项任务明细 %}",),
            ("{{ 行.单位 }}{{ 行.完成 }}/{{ 行.任务数 }}",),
            ("{%tr endfor %}",),
        ),
    )
    version = upload(session, office, layout, "campaign")
    activate(session, office, 1, "campaign")
    assert texts(bulletin_file.content(session, row)) == ["百日会战第31天，（草稿）"]
    bulletins.issue(session, leader, row.id, version=row.version, now=NOW)
    services.use_builtin(session, registrar, kinds()["campaign"], now=NOW)
    made = docx.Document(BytesIO(bulletin_file.content(session, row)))
    assert made.paragraphs[0].text == "百日会战第31天，第1期"
    assert f"{office.east.name}0家/6家" in [cell.text for one in made.tables[0].rows for cell in one.cells]
    assert (row.template_id, queries.uses(session, version)) == (version.id, 1)


def test_a_slip_keeps_the_template_it_was_issued_under(session: Session, office: Office) -> None:
    visits(session, office, 3, 1)
    run = opened(session, office, published(session, office))
    typed(session, office, run)
    assessing.compute(session, run.id, now=NOW)
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    assessing.confirm(session, leader, run.id, now=NOW)
    upload(
        session,
        office,
        with_body(paragraph("{{ 文号 }}：{{ 单位 }}得{{ 得分 }}分"), paragraph("{{ 回复 }}")),
        "supervision",
    )
    activate(session, office, 1, "supervision")
    (slip,) = slips.issue(session, registrar, run.id, demand="补足走访任务", due_on=TODAY, now=NOW, today=TODAY)
    services.use_builtin(session, registrar, kinds()["supervision"], now=NOW)
    slips.reply(session, office.actor(session, office.outsider), slip.id, text="已补走访三家", now=NOW)
    told = slip_paper.read(slip, book_queries.member(session, run.id, slip.unit_id), "云溪县招商局")
    made = texts(slip_filling.print_docx(session, told, slip.template_id))
    assert made == [f"督办〔2026〕1号：{office.south.name}得{told.points}分", "已补走访三家"]
    assert texts(slip_paper.render(told))[0] == "后进督办单"


def test_a_faulty_template_is_not_kept(session: Session, office: Office) -> None:
    with pytest.raises(services.FaultyError) as refused:
        upload(session, office, with_body(paragraph("{{ 标题 }}{{ 没有 }}")))
    assert [one.tag for one in refused.value.faults] == ["{{ 没有 }}"]
    assert session.scalars(select(OfficeTemplate)).all() == []


def test_the_same_file_is_not_kept_twice_in_a_row(session: Session, office: Office) -> None:
    upload(session, office, OURS)
    with pytest.raises(DomainError) as refused:
        upload(session, office, OURS)
    assert [one.params for one in refused.value.problems] == [{"number": 1}]


def test_a_version_that_no_longer_passes_is_not_put_to_use(session: Session, office: Office) -> None:
    row = upload(session, office, OURS)
    row.content = with_body(paragraph("{{ 从前有过的名称 }}"))
    session.flush()
    with pytest.raises(services.FaultyError):
        activate(session, office, 1)
    assert not row.active


@pytest.mark.parametrize("role", ["officer", "lead", "recognizer", "supervisor", "leader", "administrator"])
def test_only_the_office_changes_templates(session: Session, office: Office, role: str) -> None:
    upload(session, office, OURS)
    actor = office.actor(session, getattr(office, role))
    with pytest.raises(ForbiddenError):
        services.upload(session, actor, kinds()["weekly"], "x.docx", OTHER, now=NOW)
    with pytest.raises(ForbiddenError):
        services.activate(session, actor, kinds()["weekly"], 1, now=NOW)
    with pytest.raises(ForbiddenError):
        services.use_builtin(session, actor, kinds()["weekly"], now=NOW)


def test_versions_of_one_kind_are_not_those_of_another(session: Session, office: Office) -> None:
    upload(session, office, OURS)
    with pytest.raises(NotFoundError):
        activate(session, office, 1, "dispatch")
    assert upload(session, office, OURS, "dispatch").number == 1


def test_every_step_is_on_record(session: Session, office: Office) -> None:
    upload(session, office, OURS)
    activate(session, office, 1)
    activate(session, office, 1)
    services.use_builtin(session, office.actor(session, office.registrar), kinds()["weekly"], now=NOW)
    services.use_builtin(session, office.actor(session, office.registrar), kinds()["weekly"], now=NOW)
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    told = [(one.action, one.actor_id, one.detail) for one in events if one.action.startswith("template.")]
    who = office.registrar.id
    assert told == [
        ("template.upload", who, {"kind": "weekly", "number": 1}),
        ("template.activate", who, {"kind": "weekly", "number": 1}),
        ("template.builtin", who, {"kind": "weekly", "number": None}),
    ]


def test_samples_of_every_kind_have_the_same_names_full_and_empty() -> None:
    for kind in kinds().values():
        assert kind.sample(True).catalogue == kind.sample(False).catalogue  # noqa: FBT003 (a callable kept as data)
        assert kind.departures(kind.builtin()) == ()
        assert kind.faults(kind.builtin()) == []


def test_a_paper_nobody_numbered_is_printed_by_the_template_in_use(session: Session, office: Office) -> None:
    upload(session, office, with_body(paragraph("年内走访{{ 数字.年内外出走访企业 }}家")), "dispatch")
    activate(session, office, 1, "dispatch")
    kind = PAPERS["dispatch"]
    builders.touch(session, builders.enterprise(session), office.east, office.officer)
    period = read_period(kind.period, "2026-11", TODAY)
    assert period is not None
    clock = Clock(NOW, TODAY, ZoneInfo("Asia/Shanghai"))
    facts = gather(session, office.actor(session, office.leader), kind, period, clock)
    assert texts(print_now(session, facts, write(facts))) == ["年内走访1家"]
