"""Delivery plans: made at signing, finished with evidence through the gates, lit, checked twice a month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

import config
from crm.auth.rules import Role, UnitKind
from crm.core import options
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.filestore import Upload
from crm.delivery.plans import checks, opinions, permits, queries, services, setting
from crm.delivery.plans.checks import CheckDraft
from crm.delivery.plans.lights import Light, Thresholds
from crm.delivery.plans.models import PlanOpinion
from crm.delivery.plans.opinions import Question
from crm.delivery.plans.queries import Wanted
from crm.delivery.plans.rules import Arrangement, Finish, OpinionState
from crm.delivery.plans.services import Files
from crm.delivery.plans.template import Template
from crm.delivery.plans.wording import plain, unpack
from crm.notices.models import Notice
from crm.pipeline import services as pipeline
from crm.pipeline.admission import terms
from crm.pipeline.landing.models import PlanNode
from crm.pipeline.landing.nodes import NodeKind, NodeState
from crm.pipeline.landing.template import DEFAULTS, TemplateNode
from crm.pipeline.models import StageEntry
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import at_signing, prepare
from tests.support import builders
from tests.support.builders import NOW, TODAY
from workers import planjobs
from workers.contract import Context

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.landing.models import DeliveryPlan
    from crm.pipeline.models import Project
    from tests.support.builders import Office

K, S = NodeKind, NodeState
SIGNED = date(2026, 6, 1)


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer)
    builders.stand(session, project, Stage.SIGNED)
    builders.agreement(session, project, office.officer, signed_on=SIGNED)
    return project


@pytest.fixture
def plan(session: Session, office: Office, deal: Project) -> DeliveryPlan:
    return services.open_plan(session, office.actor(session, office.officer), deal.id, now=NOW, today=TODAY)


def node(session: Session, plan: DeliveryPlan, kind: NodeKind) -> PlanNode:
    return next(one for one in queries.nodes(session, plan.id) if one.kind is kind)


def papers(folder: Path, *names: str) -> Files:
    return Files([Upload(name, f"%PDF-1.7\n{name}\n%%EOF\n".encode()) for name in names], folder)


def finished(
    session: Session, office: Office, plan: DeliveryPlan, folder: Path, kinds: Iterable[NodeKind], on: date = TODAY
) -> None:
    actor = office.actor(session, office.officer)
    for kind in kinds:
        draft, files = Finish(on, f"云{kind}1号", begun=True), papers(folder, f"{kind}.pdf")
        key = node(session, plan, kind).id
        services.finish(session, actor, plan.project_id, key, draft, files=files, now=NOW, today=TODAY)


def refused(problem: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [one.key for one in problem.value.problems]


def test_a_plan_follows_the_template_of_the_office_on_the_work_calendar(
    session: Session, office: Office, deal: Project
) -> None:
    land = builders.unit(session, "自然资源局", UnitKind.DEPARTMENT)
    changed = [
        TemplateNode(one.kind, 20, 15, land.id) if one.kind is K.LAND else TemplateNode(one.kind, one.days, one.clock)
        for one in DEFAULTS
        if one.kind is not K.ENERGY
    ]
    template = Template((*changed, TemplateNode(K.ENERGY, 30, 5, used=False)))
    registrar = office.actor(session, office.registrar)
    setting.change(session, registrar, template, now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        setting.change(session, office.actor(session, office.lead), template, now=NOW, today=TODAY)
    services.make_missing(session, now=NOW, today=TODAY)
    assert services.make_missing(session, now=NOW, today=TODAY) == 0
    plan = queries.plan_of(session, deal.id)
    assert plan is not None
    made = {one.kind: one for one in queries.nodes(session, plan.id)}
    assert K.ENERGY not in made
    assert (made[K.LAND].unit_id, made[K.LAND].clock_days) == (land.id, 15)
    assert made[K.LAND].due_on == date(2026, 6, 30)  # 20 working days, without 端午 on 19 June
    assert made[K.START].unit_id == deal.unit_id
    with pytest.raises(ConflictError):
        services.open_plan(session, office.actor(session, office.officer), deal.id, now=NOW, today=TODAY)


def test_signing_makes_the_plan_and_the_nightly_job_only_what_older_signings_lack(
    session: Session, office: Office, deal: Project, database: Database
) -> None:
    ready = at_signing(session, office)
    prepare(session, office, ready, Stage.SIGNED)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError) as problem:
        services.open_plan(session, actor, ready.id, now=NOW, today=TODAY)
    assert refused(problem) == ["plan.unsigned"]
    pipeline.move(session, actor, ready.id, Stage.SIGNED, reason="", version=ready.version, now=NOW)
    plan = queries.plan_of(session, ready.id)
    assert plan is not None
    assert (plan.opened_by, len(queries.nodes(session, plan.id))) == (office.officer.id, len(NodeKind))
    context = Context(config.load({}), database, NOW, 1, 1, lambda _percent, _note: None)
    assert planjobs.make(session, {}, context) == {"made": 1}  # that of the deal, signed long ago
    assert planjobs.make(session, {}, context) == {"made": 0}
    assert queries.plan_of(session, deal.id) is not None


def test_without_a_plan_nothing_is_taken_as_proved(session: Session, office: Office, deal: Project) -> None:
    for by, target in ((office.officer, Stage.REGISTERED), (office.registrar, Stage.STARTED)):
        actor = office.actor(session, by)
        with pytest.raises(DomainError) as problem:
            pipeline.move(session, actor, deal.id, target, reason="已开工", version=deal.version, now=NOW)
        assert refused(problem)[:2] == ["gate.planned", "gate.node_registered"]
    builders.stand(session, deal, Stage.PRE_SIGNING)
    registrar = office.actor(session, office.registrar)
    with pytest.raises(DomainError) as problem:  # nor by a skip that leaves the signing out
        pipeline.move(session, registrar, deal.id, Stage.REGISTERED, reason="补登", version=deal.version, now=NOW)
    assert {"gate.planned", "gate.node_registered"} <= set(refused(problem))


def test_a_start_needs_the_permit_and_works_and_moves_the_project_through_its_gate(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan, tmp_path: Path
) -> None:
    actor = office.actor(session, office.officer)
    start = node(session, plan, K.START)
    with pytest.raises(DomainError) as problem:
        pipeline.move(session, actor, deal.id, Stage.REGISTERED, reason="举行了开工仪式", version=deal.version, now=NOW)
    assert refused(problem) == ["gate.node_registered"]
    finished(session, office, plan, tmp_path, [K.REGISTRATION])
    assert str(deal.stage) == "registered"
    draft, files = Finish(TODAY), papers(tmp_path, "开工仪式.pdf")
    with pytest.raises(DomainError) as problem:
        services.finish(session, actor, deal.id, start.id, draft, files=files, now=NOW, today=TODAY)
    assert refused(problem) == ["node.first", "node.ceremony"]
    pipeline.move(session, actor, deal.id, Stage.LANDING, reason="用地批复", version=deal.version, now=NOW)
    with pytest.raises(DomainError) as problem:
        pipeline.move(session, actor, deal.id, Stage.STARTED, reason="开工仪式", version=deal.version, now=NOW)
    assert refused(problem) == ["gate.node_started"]
    finished(session, office, plan, tmp_path, [K.PERMIT, K.START])
    assert str(deal.stage) == "started"
    newest = select(StageEntry.reason).where(StageEntry.project_id == deal.id).order_by(StageEntry.seq.desc())
    assert "佐证材料start.pdf" in (session.scalars(newest).first() or "")
    with pytest.raises(DomainError) as problem:
        services.reopen(session, actor, deal.id, start.id, "日期录错了", now=NOW, today=TODAY)
    assert refused(problem) == ["node.passed"]
    assert "plan.done" in session.scalars(select(AuditEvent.action)).all()


def test_a_plan_made_late_takes_what_lies_behind_as_done(
    session: Session, office: Office, deal: Project, tmp_path: Path
) -> None:
    actor = office.actor(session, office.officer)
    builders.stand(session, deal, Stage.STARTED)
    plan = services.open_plan(session, actor, deal.id, now=NOW, today=TODAY)
    behind = {one.kind for one in queries.nodes(session, plan.id) if one.state is S.DONE and one.carried}
    assert behind == {K.REGISTRATION, K.FILING, K.LAND, K.PLANNING, K.ENVIRONMENT, K.ENERGY, K.PERMIT, K.START}
    assert permits.permits(session, office.actor(session, office.leader), SIGNED, TODAY) == []
    builders.stand(session, deal, Stage.LANDING)
    start = node(session, plan, K.START)
    services.reopen(session, actor, deal.id, start.id, "日期录错了", now=NOW, today=TODAY)
    early, files = Finish(TODAY - timedelta(days=1), begun=True), papers(tmp_path, "开工.pdf")
    with pytest.raises(DomainError) as problem:  # a permit that was there before the plan has its day as well
        services.finish(session, actor, deal.id, start.id, early, files=files, now=NOW, today=TODAY)
    assert refused(problem) == ["node.unpermitted"]


def test_a_moved_date_keeps_its_reason_and_others_cannot_write(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan, tmp_path: Path
) -> None:
    actor, land = office.actor(session, office.officer), node(session, plan, K.LAND)
    later = land.due_on + timedelta(days=30)
    with pytest.raises(DomainError) as problem:
        services.arrange(session, actor, deal.id, land.id, Arrangement(land.unit_id, later, 20), now=NOW, today=TODAY)
    assert refused(problem) == ["node.moved"]
    arranged = Arrangement(office.bureau.id, later, 20, "土地指标尚未下达")
    services.arrange(session, actor, deal.id, land.id, arranged, now=NOW, today=TODAY)
    fact, by = queries.facts(session, plan.id)[0]
    assert (fact.detail["to"], fact.detail["reason"], by) == (later.isoformat(), "土地指标尚未下达", "陈晓")
    with pytest.raises(NotFoundError):
        services.accept(session, office.actor(session, office.outsider), deal.id, land.id, TODAY, now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        services.add_files(
            session, office.actor(session, office.leader), deal.id, land.id, papers(tmp_path, "a.pdf"), now=NOW,
            today=TODAY,
        )  # fmt: skip


def test_an_agent_can_open_the_project(session: Session, office: Office, deal: Project, plan: DeliveryPlan) -> None:
    actor = office.actor(session, office.officer)
    for nobody in (office.outsider, office.leader):
        with pytest.raises(DomainError):
            services.set_agent(session, actor, deal.id, nobody.id, now=NOW, today=TODAY)
    services.set_agent(session, actor, deal.id, office.colleague.id, now=NOW, today=TODAY)
    colleague = office.actor(session, office.colleague)
    assert plan.agent_id == office.colleague.id
    assert queries.agents(session, colleague) == [(office.colleague.id, "周敏")]
    due = queries.due_for(session, colleague, TODAY)
    assert [one.kind for one, _project in due][:2] == [K.REGISTRATION, K.FILING]
    assert queries.due_for(session, office.actor(session, office.lead), TODAY) == []


def test_plans_are_listed_by_light_unit_and_agent_and_only_to_who_may_see(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan, tmp_path: Path
) -> None:
    other = builders.project(session, builders.enterprise(session), office.south, office.outsider)
    builders.stand(session, other, Stage.SIGNED)
    builders.agreement(session, other, office.outsider, signed_on=TODAY)
    services.make_missing(session, now=NOW, today=TODAY)
    leader = office.actor(session, office.leader)
    found = queries.listed(session, leader, Wanted(), today=TODAY)
    assert [(row.project.id, row.verdict.light) for row in found.rows] == [
        (deal.id, Light.RED), (other.id, Light.GREEN),
    ]  # fmt: skip
    assert found.counts == {Light.RED: 1, Light.YELLOW: 0, Light.GREEN: 1, Light.DONE: 0}
    green = queries.listed(session, leader, Wanted(Light.GREEN), today=TODAY)
    assert [row.project.id for row in green.rows] == [other.id]
    south = queries.listed(session, leader, Wanted(unit_id=office.south.id), today=TODAY)
    assert [row.project.id for row in south.rows] == [other.id]
    services.arrange(
        session,
        office.actor(session, office.officer),
        deal.id,
        node(session, plan, K.LAND).id,
        Arrangement(office.bureau.id, node(session, plan, K.LAND).due_on, 20),
        now=NOW,
        today=TODAY,
    )
    bureau = queries.listed(session, leader, Wanted(unit_id=office.bureau.id), today=TODAY)
    assert [row.project.id for row in bureau.rows] == [deal.id]  # it answers for a node
    draft = CheckDraft("手续在办", "", "下周办结备案")
    checks.fill(session, office.actor(session, office.officer), deal.id, draft, after=0, now=NOW, today=TODAY)
    unchecked = queries.listed(session, leader, Wanted(unchecked=True), today=TODAY)
    assert [row.project.id for row in unchecked.rows] == [other.id]
    assert queries.listed(session, leader, Wanted(agent_id=office.lead.id), today=TODAY).rows == ()
    officer = office.actor(session, office.officer)
    assert [row.project.id for row in queries.listed(session, officer, Wanted(), today=TODAY).rows] == [deal.id]
    deal.confidential, deal.code_name = True, "青竹"
    session.flush()
    assert [row.project.id for row in queries.listed(session, leader, Wanted(), today=TODAY).rows] == [other.id]


def test_the_light_follows_the_nodes_and_the_thresholds_of_the_office(
    session: Session, office: Office, plan: DeliveryPlan, tmp_path: Path
) -> None:
    finished(session, office, plan, tmp_path, [K.REGISTRATION, K.FILING, K.LAND, K.PLANNING, K.ENVIRONMENT, K.ENERGY])
    _standing, verdict = queries.verdict_of(session, plan.id, TODAY)
    assert verdict.light is Light.YELLOW  # the permit, due in October, and the start in November are behind
    started = date(2026, 9, 18)
    finished(session, office, plan, tmp_path, [K.PERMIT, K.START], started)
    standing, verdict = queries.verdict_of(session, plan.id, TODAY)
    assert (standing.started_on, verdict.light) == (started, Light.RED)
    generous = Template(limits=Thresholds(statistics_yellow=3, statistics_red=4))
    setting.change(session, office.actor(session, office.registrar), generous, now=NOW, today=TODAY)
    assert queries.verdict_of(session, plan.id, TODAY)[1].light is Light.GREEN


def test_permits_are_timed_in_working_days_by_department(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan, tmp_path: Path
) -> None:
    actor, leader = office.actor(session, office.officer), office.actor(session, office.leader)
    spans = ((K.FILING, date(2026, 9, 28), date(2026, 10, 8), 0), (K.LAND, date(2026, 9, 18), date(2026, 9, 21), 1))
    for kind, accepted, done, paused in spans:
        key = node(session, plan, kind).id
        services.accept(session, actor, deal.id, key, accepted, now=NOW, today=TODAY)
        draft = Finish(done, "1号", paused, "公示不计" if paused else "")
        services.finish(session, actor, deal.id, key, draft, files=papers(tmp_path, "a.pdf"), now=NOW, today=TODAY)
    found = permits.permits(session, leader, date(2026, 9, 1), TODAY)
    assert [(one.kind, one.used, one.late) for one in found] == [(K.FILING, 3, False), (K.LAND, 1, False)]
    share = permits.shares(found)[0]
    assert (share.count, share.median, share.most, share.late) == (2, 1, 3, 0)
    only = permits.permits(session, leader, SIGNED, TODAY, kind=K.LAND, unit_id=deal.unit_id)
    assert [one.kind for one in only] == [K.LAND]
    assert permits.permits(session, office.actor(session, office.outsider), SIGNED, TODAY) == []


def test_a_check_shows_only_what_changed_since_the_last_and_is_kept(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan, tmp_path: Path
) -> None:
    actor = office.actor(session, office.officer)
    finished(session, office, plan, tmp_path, [K.REGISTRATION])
    first = checks.sheet(session, plan, today=TODAY)
    texts = [text for _on, text in ((one.on, one.said[0]) for one in first.changes)]
    assert "%(node)s已办结，编号%(number)s" in texts
    assert "%(node)s到期未办结" in texts
    draft = CheckDraft("已办理营业执照", "", "11月底前完成备案")
    row = checks.fill(session, actor, deal.id, draft, after=0, now=NOW, today=TODAY)
    assert any("公司注册已办结" in plain(unpack(kept)) for _on, kept in row.changes)
    with pytest.raises(ConflictError):
        checks.fill(session, actor, deal.id, draft, after=0, now=NOW, today=TODAY)
    later, day = NOW + timedelta(days=14), TODAY + timedelta(days=14)
    assert checks.sheet(session, plan, today=TODAY).changes == ()
    finished(session, office, plan, tmp_path, [K.FILING])
    second = checks.sheet(session, plan, today=day)
    assert [one.said[1]["node"] for one in second.changes if "办结，" in one.said[0]] == ["项目备案"]
    with pytest.raises(DomainError) as problem:
        checks.fill(session, actor, deal.id, CheckDraft("", "", ""), after=row.id, now=later, today=day)
    assert refused(problem) == ["check.progress", "check.next"]


def test_silence_serves_for_an_internal_opinion_alone_and_only_if_switched_on(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan
) -> None:
    place = builders.unit(session, "水利局", UnitKind.DEPARTMENT)
    clerk = builders.user(session, "shui", "水明", (place, Role.REVIEWER))
    actor, second = office.actor(session, office.officer), office.actor(session, office.lead)
    asked = Question(place.id, "园区排水口接入意见", "电话记录第8号", date(2026, 9, 21), 3)
    row = opinions.ask(session, actor, deal.id, asked, now=NOW, today=date(2026, 9, 28))
    assert row.due_on == date(2026, 10, 8)  # counted from the day it was asked, not from the earlier notice
    assert clerk.id in session.scalars(select(Notice.user_id)).all()

    def silent(day: date) -> None:
        opinions.deem(session, second, deal.id, row.id, responsible_id=clerk.id, now=NOW, today=day)

    with pytest.raises(DomainError) as problem:
        silent(TODAY)
    assert refused(problem) == ["opinion.off"]
    options.write(session, office.registrar.id, terms.KEY, {"deemed": True}, now=NOW)
    with pytest.raises(DomainError) as problem:
        silent(date(2026, 10, 8))
    assert refused(problem) == ["opinion.early"]
    before = [(one.kind, one.state) for one in queries.nodes(session, plan.id)]
    silent(date(2026, 10, 9))
    assert (row.state, row.responsible_id) == (OpinionState.DEEMED, clerk.id)
    assert [(one.kind, one.state) for one in queries.nodes(session, plan.id)] == before
    with pytest.raises(DomainError):
        opinions.answer(session, actor, deal.id, row.id, "同意", now=NOW, today=TODAY)


def test_an_answer_written_meanwhile_is_seen_before_silence_is_taken(
    session: Session, office: Office, deal: Project, plan: DeliveryPlan
) -> None:
    asked = Question(office.south.id, "园区排水口接入意见", "电话记录第8号", TODAY, 3)
    row = opinions.ask(session, office.actor(session, office.officer), deal.id, asked, now=NOW, today=TODAY)
    answered = update(PlanOpinion).values(state=OpinionState.ANSWERED, answered_on=TODAY, answer="同意")
    session.execute(answered.execution_options(synchronize_session=False))
    with pytest.raises(DomainError, match=r"opinion\.answered"):
        opinions.answer(session, office.actor(session, office.lead), deal.id, row.id, "同意", now=NOW, today=TODAY)


def test_the_database_knows_no_node_done_by_silence(session: Session, plan: DeliveryPlan) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(PlanNode).where(PlanNode.plan_id == plan.id).values(state=S.DONE))
