"""An office with something on every page, for tests of how pages look and behave."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment import services as assessment
from crm.assessment.rules import Metric, TargetLevel
from crm.auth.models import User
from crm.auth.rules import Role
from crm.enterprises import services as enterprises
from crm.enterprises.models import ListEdition, ListEntry, TargetList
from crm.enterprises.rules import EnterpriseDraft
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import TouchKind
from crm.linking.answers_models import NameProposal
from crm.linking.models import Mention, MentionState
from crm.news.models import CrawlRun, FailedPage, RunState, Source
from crm.pipeline.rules import Stage
from crm.reports import services as reports
from crm.scoring import services as scoring
from tests.browser import (
    assessments,
    bounds,
    capitals,
    caring,
    dossiers,
    firsttalks,
    gatherings,
    journeys,
    lands,
    leads,
    models,
    obstacles,
    periods,
    plannings,
    posts,
    reminders,
    reviews,
    streams,
)
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

# Long names find what does not wrap.
FIRMS = (
    "岚桥储能科技股份有限公司",
    "云岭高性能工程塑料与特种橡胶新材料研究开发（集团）股份有限公司",
    "Northlake Precision Instruments Manufacturing (Yunxi) Co., Ltd.",
    "禾砺机器人有限公司",
    "晟澜半导体材料有限公司",
)
LANGUAGES = ("zh", "en")
STAGES = (Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.REVIEWING, Stage.PRE_SIGNING, Stage.SIGNED, Stage.STARTED)
EARLIER = NOW - timedelta(days=2)


def furnish(session: Session) -> None:
    """Write the office: a person of many rights for each language, and a few rows of each kind."""
    office = builders.office(session)
    roles = (Role.REGISTRAR, Role.RECOGNIZER, Role.ADMINISTRATOR)
    held = [(office.east, Role.OFFICER), *((office.bureau, role) for role in roles)]
    for language in LANGUAGES:
        builders.user(session, f"all-{language}", "欧阳明月", *held).locale = language
    firms = _register(session, office)
    _news(session, firms)
    _field_work(session, office, firms)
    journeys.furnish(session, office, firms)
    _management(session, office)
    firsttalks.furnish(session, office, firms)
    reviews.furnish(session, office)
    person = session.query(User).filter_by(username="all-en").one()
    leads.furnish(session, office, firms, person)
    streams.furnish(session, office, firms)
    gatherings.furnish(session, office, firms)
    posts.furnish(session, office, firms, person)
    reminders.furnish(session, office, firms)
    capitals.furnish(session, office)
    lands.furnish(session, office)
    bounds.furnish(session, office)
    plannings.furnish(session, office)
    assessments.furnish(session, office)
    periods.furnish(session, office)
    caring.furnish(session, office, firms)
    session.flush()
    scoring.rescore_chunk(session, after=0, now=NOW, cause="nightly")
    models.furnish(session, office)
    obstacles.furnish(session, office, person)


def _register(session: Session, office: Office) -> list[Enterprise]:
    actor = office.actor(session, office.registrar)
    firms = [enterprises.create_enterprise(session, actor, EnterpriseDraft(name=name), now=EARLIER) for name in FIRMS]
    listed = TargetList(key="china_500", name="中国企业500强", weight=0)
    session.add(listed)
    session.flush()
    edition = ListEdition(list_id=listed.id, year=2026, imported_at=EARLIER)
    session.add(edition)
    session.flush()
    for rank, firm in enumerate(firms, start=101):
        session.add(ListEntry(edition_id=edition.id, enterprise_id=firm.id, rank=rank, printed_name=firm.name))
    known = builders.contact(
        session, firms[0], office.east, office.officer, "顾青", post="总经理助理", phone="13800000000"
    )
    builders.contact(session, firms[1], office.east, office.officer, "宋砚", post="战略发展与对外投资合作部副部长")
    dossiers.furnish(session, actor, firms, known)
    return firms


def _news(session: Session, firms: list[Enterprise]) -> None:
    builders.signal(session, firms[0], "CAPX", quote="岚桥储能拟投资12亿元新建储能电芯工厂。", amount=Decimal(120000))
    builders.signal(session, firms[1], "RELO")
    builders.signal(session, firms[3], "NEG")
    page = builders.article(session, "岚桥一带封路", "岚桥一带本月封路。")
    doubt = {"confidence": 0.4, "reasons": ["name_short"], "state": MentionState.REVIEW}
    session.add(Mention(article_id=page.id, enterprise_id=firms[0].id, surface="岚桥", start=0, stop=2, **doubt))
    seen = {"stories": 3, "first_seen_at": NOW, "last_seen_at": NOW}
    session.add(NameProposal(folded="青岚智联有限公司", surface="青岚智联有限公司", form="legal", **seen))
    source = session.query(Source).one()
    run = CrawlRun(
        source_id=source.id, state=RunState.DONE, started_at=EARLIER, finished_at=NOW, stats={"seconds": 3.2}
    )
    session.add(run)
    session.flush()
    address = "https://news.example/2026/11/18/" + "a-very-long-address-without-any-break/" * 4
    session.add(FailedPage(run_id=run.id, url=address, reason="http_status", detail="404", recorded_at=NOW))


def _field_work(session: Session, office: Office, firms: list[Enterprise]) -> None:
    for number, stage in enumerate(STAGES):
        firm = firms[number % len(firms)]
        fields = {"stage": stage, "created_at": EARLIER, "stage_since": EARLIER}
        deal = builders.project(session, firm, office.east, office.officer, **fields)
        visit = builders.touch(session, firm, office.east, office.officer, project_id=deal.id)
        builders.touch(session, firm, office.east, office.officer, kind=TouchKind.INSPECTION, headcount=4)
        due = TODAY + timedelta(days=number - 2)
        session.add(_promise(office, f"寄送第{number}版用地方案", due, visit.id, firm.id))
        if stage in {Stage.SIGNED, Stage.STARTED}:
            builders.agreement(session, deal, office.officer)


def _promise(office: Office, title: str, due: date, touch_id: int, firm_id: int) -> FollowUp:
    who = office.officer.id
    facts = {"title": title, "due_on": due, "touch_id": touch_id, "enterprise_id": firm_id}
    return FollowUp(unit_id=office.east.id, owner_id=who, created_by=who, created_at=EARLIER, **facts)


def _management(session: Session, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    goals = {(unit.id, metric): 40 for unit in (office.east, office.south) for metric in Metric}
    assessment.set_targets(session, actor, 2026, TargetLevel.ENSURE, goals, now=EARLIER)
    dates = (date(2026, 9, 1), date(2026, 12, 9))
    draft = assessment.CampaignDraft("百日会战", *dates, "", goals)
    assessment.create_campaign(session, actor, draft, now=EARLIER)
    reports.build_weekly(session, actor, 2026, 47, now=NOW)
