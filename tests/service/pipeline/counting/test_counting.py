"""What a counting rule bars is in no recognised figure and cannot be recognised; later rules move nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.assessment import queries as figures
from crm.assessment.counting import services as editions
from crm.assessment.measures import MEASURES
from crm.assessment.window import Window
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError
from crm.core.tasks import Task
from crm.pipeline import decisions
from crm.pipeline import services as projects
from crm.pipeline.counting import finding, queries, services
from crm.pipeline.counting.book import DEFAULTS
from crm.pipeline.counting.models import CountingMark
from crm.pipeline.counting.words import Rule, Setting
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Agreement
from crm.pipeline.rules import Stage
from crm.pipeline.words import SourceArea
from tests.service.pipeline.helpers import agreed, at_signing, counting
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

FLOOR = {**DEFAULTS, Rule.FLOOR: Setting(on=True, number=Decimal(50_000))}
LATER = NOW + timedelta(hours=2)


def figure(session: Session, key: str, cutoff: datetime = LATER) -> Decimal:
    return figures.total(session, MEASURES[key], Window(date(2026, 1, 1), date(2026, 12, 31), cutoff))


def signed(session: Session, office: Office, name: str = "滨江商住综合体", **fields: object) -> Project:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.officer, name=name, stage=Stage.SIGNED, **fields)
    builders.agreement(session, project, office.officer)
    finding.notice(session, project, now=NOW)
    return project


def test_a_barred_project_is_reported_but_in_no_recognised_figure(session: Session, office: Office) -> None:
    signed(session, office)
    plain = signed(session, office, "年产5万吨电解液")
    assert [figure(session, key) for key in ("signings", "reported", "reached_signed")] == [1, 2, 1]
    assert figure(session, "reached_pre_signing") == 2
    assert list(queries.bars(session, [plain.id])) == []


def test_a_barred_contract_cannot_be_recognised_and_the_refusal_names_the_rule(
    session: Session, office: Office
) -> None:
    project = at_signing(session, office)
    contract = agreed(session, office, project)
    services.set_area(session, office.actor(session, office.officer), project.id, contract, SourceArea.LOCAL, now=NOW)
    recognizer = office.actor(session, office.recognizer)
    with pytest.raises(DomainError) as refusal:
        decisions.recognize_agreement(
            session, recognizer, project.id, contract, amount=Decimal(12000), reason="", now=NOW
        )
    assert [one.key for one in refusal.value.problems] == ["counting.barred", "counting.source"]
    assert refusal.value.problems[1].params == {"area": "本地"}
    services.set_area(session, recognizer, project.id, contract, SourceArea.OTHER_CITY, now=NOW)
    decisions.recognize_agreement(session, recognizer, project.id, contract, amount=Decimal(12000), reason="", now=NOW)
    assert figure(session, "recognized_amount") == 12000


def test_of_two_contracts_only_the_one_of_local_money_is_left_out(session: Session, office: Office) -> None:
    project = signed(session, office, "年产5万吨电解液")
    known = {"recognized_by": office.recognizer.id, "recognized_at": NOW, "recognized_amount": Decimal(500)}
    for area in (SourceArea.LOCAL, SourceArea.OTHER_PROVINCE):
        builders.agreement(session, project, office.officer, amount=Decimal(500), source_area=area, **known)
    finding.notice(session, project, now=NOW)
    assert [figure(session, key) for key in ("recognized", "signings", "signed_amount")] == [1, 1, 12500]


def test_the_record_says_what_does_not_count_once_a_contract_is_near(
    as_officer: Browser, session: Session, office: Office
) -> None:
    barred, plain = signed(session, office), signed(session, office, "年产5万吨电解液")
    early = builders.project(session, builders.enterprise(session), office.east, office.officer, name="商住综合体")
    session.commit()
    page = as_officer.get(f"/projects/{barred.id}").text
    assert "房地产" in page
    assert f'href="/projects/{barred.id}/counting"' in page[page.index("不计入签约") :]
    for other in (plain, early):
        assert "不计入签约" not in as_officer.get(f"/projects/{other.id}").text


def test_a_contract_of_which_nothing_was_recognised_counts_as_none(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    contract = agreed(session, office, project)
    recognizer = office.actor(session, office.recognizer)
    with pytest.raises(DomainError):
        decisions.refuse_agreement(session, recognizer, project.id, contract, reason=" ", now=NOW)
    row = decisions.refuse_agreement(session, recognizer, project.id, contract, reason="资金未出省", now=NOW)
    assert (row.recognized_amount, row.difference_reason) == (Decimal(0), "资金未出省")
    assert [figure(session, key) for key in ("reported", "recognized", "recognized_amount")] == [1, 0, 0]


def test_a_ruling_counts_from_its_moment_on_and_is_not_made_by_the_owner(session: Session, office: Office) -> None:
    project = signed(session, office)
    registrar = office.actor(session, office.registrar)
    with pytest.raises(ForbiddenError):
        services.rule(
            session, office.actor(session, office.officer), project.id, Rule.ESTATE, "x", counts=True, now=LATER
        )
    services.rule(session, registrar, project.id, Rule.ESTATE, "自建厂房，配套宿舍", counts=True, now=LATER)
    assert [figure(session, "signings", at) for at in (LATER - timedelta(seconds=1), LATER)] == [0, 1]
    with pytest.raises(DomainError):
        services.rule(session, registrar, project.id, Rule.RUSH, "没启用", counts=False, now=LATER)
    services.rule(session, registrar, project.id, Rule.RETAIL, "实为超市", counts=False, now=LATER)
    assert figure(session, "signings") == 0


def test_a_new_edition_decides_about_later_signings_only(session: Session, office: Office) -> None:
    before = signed(session, office, "年产5万吨电解液")
    registrar = office.actor(session, office.registrar)
    day = TODAY + timedelta(days=1)
    editions.change(session, registrar, FLOOR, effective_on=day, reason="新办法", now=NOW)
    assert session.scalar(select(func.count()).select_from(Task).where(Task.kind == "apply_counting")) == 0
    after = signed(session, office, "年产3万吨隔膜", stage_since=NOW + timedelta(days=2))
    session.scalars(select(Agreement).where(Agreement.project_id == after.id)).one().reported_at = NOW + timedelta(
        days=2
    )
    session.flush()
    assert services.look_through(session, 0, now=NOW + timedelta(days=2)) == (0, 1)
    assert set(queries.bars(session, [before.id, after.id])) == {after.id}
    editions.change(session, registrar, DEFAULTS, effective_on=day, reason="废止", now=NOW)
    page = queries.editions(session, None)
    assert [[one.rule for one in edition.changes] for edition in page.rows] == [[Rule.FLOOR], [Rule.FLOOR]]
    assert page.rows[1].changes[0].switched
    assert session.scalar(select(func.count()).where(AuditEvent.action == "counting.edition")) == 2


def test_only_the_office_sets_rules_and_an_edition_that_changes_nothing_is_refused(
    session: Session, office: Office
) -> None:
    with pytest.raises(ForbiddenError):
        editions.change(
            session, office.actor(session, office.officer), FLOOR, effective_on=TODAY, reason="办法", now=NOW
        )
    with pytest.raises(DomainError):
        editions.change(
            session, office.actor(session, office.registrar), DEFAULTS, effective_on=TODAY, reason="办法", now=NOW
        )


def test_a_change_of_the_project_lifts_its_mark_and_keeps_what_was(session: Session, office: Office) -> None:
    project = signed(session, office)
    actor = office.actor(session, office.officer)
    draft = ProjectDraft(name="滨江电子厂", total_investment=Decimal(12000))
    projects.update_project(session, actor, project.id, draft, version=project.version, now=LATER)
    mark = session.scalars(select(CountingMark)).one()
    assert (mark.rule, mark.noted_at, mark.lifted_at) == (Rule.ESTATE, NOW, LATER)
    assert [figure(session, "signings", at) for at in (NOW, LATER)] == [0, 1]


def test_months_without_progress_are_read_from_what_was_recorded(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    book = {**DEFAULTS, Rule.UNREPORTED: Setting(on=True, number=Decimal(31))}
    editions.change(session, registrar, book, effective_on=date(2026, 1, 1), reason="办法", now=NOW)
    silent = signed(session, office, "年产5万吨电解液", created_at=NOW - timedelta(days=60))
    busy = builders.project(
        session, silent.enterprise, office.east, office.officer, stage=Stage.SIGNED, created_at=NOW - timedelta(days=60)
    )
    builders.touch(
        session,
        silent.enterprise,
        office.east,
        office.officer,
        project_id=busy.id,
        occurred_at=NOW - timedelta(days=30),
    )
    assert services.look_through(session, 0, now=NOW)[0] == 0
    assert {key: dict(bars[0].params) for key, bars in queries.bars(session, [silent.id, busy.id]).items()} == {
        silent.id: {"days": "60"}
    }


def test_looking_through_reads_each_kind_of_fact_once(session: Session, office: Office, database: Database) -> None:
    for number in range(8):
        signed(session, office, f"滨江商住{number}")
    with counting(database) as seen:
        services.look_through(session, 0, now=LATER)
    assert len(seen) <= 9
