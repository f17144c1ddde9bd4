"""Blockers: raised, cleared by a unit, closed by the firm's word alone, climbing to the leader when late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.assessment.measures import MEASURES
from crm.assessment.summing import by_unit
from crm.assessment.window import Window
from crm.auth.rules import Role
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.core.scheduling import SHANGHAI
from crm.core.workdays import add_workdays
from crm.delivery.blockers import climbing, course, queries, services
from crm.delivery.blockers.models import Blocker
from crm.delivery.blockers.queries import Filters
from crm.delivery.blockers.rules import BlockerDraft, BlockerSource, BlockerState, Charge, Confirmation, StepKind, Way
from crm.fieldwork import followups
from crm.fieldwork.models import FollowUp
from crm.notices.models import Notice
from crm.pipeline.team.models import ProjectRole
from crm.pipeline.team.rules import TeamRole
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.pipeline.models import Project
    from tests.support.builders import Office

DUE = TODAY + timedelta(days=7)
WORD = Confirmation("李工", TODAY, Way.FACE, "路已经通了")


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    return builders.project(session, builders.enterprise(session), office.east, office.officer)


def raised(session: Session, office: Office, deal: Project, by: User | None = None, **more: object) -> Blocker:
    values: dict[str, object] = {
        "client_id": "tap-00000001",
        "title": "3号地块还有两户没有搬迁",
        "category": "demolition",
        "unit_id": office.south.id,
        "responsible_id": office.outsider.id,
        "due_on": DUE,
        "project_id": deal.id,
        **more,
    }
    actor = office.actor(session, by or office.officer)
    return services.raise_one(session, actor, BlockerDraft(**values), now=NOW, today=TODAY)  # type: ignore[arg-type]  # fields by name


def solved(session: Session, office: Office, row: Blocker) -> None:
    services.progress(session, office.actor(session, office.outsider), row.id, "已签协议", solved=True, now=NOW)


def test_only_what_one_may_see_can_be_named_as_the_origin(session: Session, office: Office, deal: Project) -> None:
    firm = builders.enterprise(session)
    foreign = builders.touch(session, firm, office.south, office.outsider)
    own = builders.touch(session, deal.enterprise, office.east, office.officer, project_id=deal.id)
    for source, ref in (
        (BlockerSource.VISIT, foreign.id), (BlockerSource.MEETING, 7), (BlockerSource.INSPECTION, 7),
        (BlockerSource.INSTRUCTION, 7), (BlockerSource.PHONE, own.id),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=r"blocker\.origin"):
            raised(session, office, deal, source=source, ref_id=ref)
    assert raised(session, office, deal, source=BlockerSource.VISIT, ref_id=own.id).ref_id == own.id


def test_a_blocker_goes_from_the_unit_to_the_firms_word(session: Session, office: Office, deal: Project) -> None:
    row = raised(session, office, deal)
    assert raised(session, office, deal).id == row.id
    unit, owner = office.actor(session, office.outsider), office.actor(session, office.colleague)
    services.progress(session, unit, row.id, "还剩一户", solved=False, now=NOW)
    solved(session, office, row)
    assert queries.state(row, TODAY) is BlockerState.REPORTED
    services.close(session, owner, row.id, WORD, now=NOW, today=TODAY)
    assert [row.confirmed_by, row.confirmed_on, row.confirmed_way] == ["李工", TODAY, Way.FACE]
    assert queries.state(row, TODAY) is BlockerState.CLOSED
    kinds = [step.kind for step in reversed(queries.steps(session, row.id))]
    assert kinds == [StepKind.RAISED, StepKind.PROGRESS, StepKind.REPORTED, StepKind.CONFIRMED]
    told = session.scalars(select(Notice.user_id).order_by(Notice.id)).all()
    assert told == [office.outsider.id, office.officer.id]


def test_who_was_to_clear_it_cannot_close_it_and_the_database_agrees(
    session: Session, office: Office, deal: Project
) -> None:
    row = raised(session, office, deal)
    solved(session, office, row)
    with pytest.raises(ForbiddenError, match=r"blocker\.self"):
        services.close(session, office.actor(session, office.outsider), row.id, WORD, now=NOW, today=TODAY)
    own = raised(session, office, deal, client_id="tap-00000002", unit_id=office.east.id, responsible_id=office.lead.id)
    with pytest.raises(ForbiddenError, match=r"blocker\.self"):
        services.close(session, office.actor(session, office.officer), own.id, WORD, now=NOW, today=TODAY)
    services.close(session, office.actor(session, office.registrar), own.id, WORD, now=NOW, today=TODAY)
    own.closed_by = own.responsible_id
    with pytest.raises(IntegrityError):
        session.flush()


def test_who_once_had_it_cannot_close_it_after_giving_it_away(session: Session, office: Office, deal: Project) -> None:
    own = {"unit_id": office.bureau.id, "responsible_id": office.registrar.id}
    row = raised(session, office, deal, by=office.registrar, **own)
    with pytest.raises(DomainError, match=r"follow_up\.blocker"):
        followups.complete_follow_up(session, office.actor(session, office.registrar), row.follow_up_id, now=NOW)
    charge, officer = Charge(office.south.id, office.outsider.id, DUE), office.actor(session, office.officer)
    course.assign(session, officer, row.id, charge, "交南组办", now=NOW, today=TODAY)
    solved(session, office, row)
    with pytest.raises(ForbiddenError, match=r"blocker\.self"):
        services.close(session, office.actor(session, office.registrar), row.id, WORD, now=NOW, today=TODAY)
    course.give_back(session, officer, row.id, "企业说还没通", DUE, now=NOW, today=TODAY)
    early = replace(WORD, confirmed_on=TODAY - timedelta(days=1))
    row.raised_on = early.confirmed_on or TODAY
    with pytest.raises(DomainError, match=r"blocker\.again"):
        services.close(session, officer, row.id, early, now=NOW, today=TODAY)
    services.close(session, officer, row.id, WORD, now=NOW, today=TODAY)


def test_without_the_firms_word_nothing_is_closed(session: Session, office: Office, deal: Project) -> None:
    row = raised(session, office, deal)
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError, match=r"blocker\.person"):
        services.close(session, actor, row.id, Confirmation("", TODAY, Way.PHONE), now=NOW, today=TODAY)
    assert row.closed_at is None
    row.closed_at, row.closed_by = NOW, office.officer.id
    with pytest.raises(IntegrityError):
        session.flush()


def test_sent_back_and_reopened_it_is_a_task_again(session: Session, office: Office, deal: Project) -> None:
    row = raised(session, office, deal)
    actor, later = office.actor(session, office.officer), DUE + timedelta(days=7)
    with pytest.raises(DomainError, match=r"blocker\.unreported"):
        course.give_back(session, actor, row.id, "没通", later, now=NOW, today=TODAY)
    solved(session, office, row)
    course.give_back(session, actor, row.id, "企业说还没通", later, now=NOW, today=TODAY)
    assert [queries.state(row, TODAY), row.due_on, row.first_due_on] == [BlockerState.OPEN, later, DUE]
    services.close(session, actor, row.id, WORD, now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"blocker\.reason"):
        course.reopen(session, actor, row.id, " ", later, now=NOW, today=TODAY)
    course.reopen(session, actor, row.id, "又断了", later, now=NOW, today=TODAY)
    assert [row.closed_at, row.confirmed_by] == [None, None]
    tasks = select(FollowUp.done_at.is_(None)).where(FollowUp.kind == "blocker").order_by(FollowUp.id)
    assert session.scalars(tasks).all() == [False, False, True]


def test_another_unit_takes_over_with_a_reason(session: Session, office: Office, deal: Project) -> None:
    row = raised(session, office, deal)
    charge = Charge(office.bureau.id, office.registrar.id, DUE)
    with pytest.raises(ForbiddenError):
        course.assign(session, office.actor(session, office.outsider), row.id, charge, "不归我", now=NOW, today=TODAY)
    course.assign(session, office.actor(session, office.lead), row.id, charge, "由招商办牵头", now=NOW, today=TODAY)
    assert [row.unit.name, row.responsible.name] == ["云溪县招商局", "许静"]
    wrong = Charge(office.south.id, office.registrar.id, DUE)
    with pytest.raises(DomainError, match=r"blocker\.seat"):
        course.assign(session, office.actor(session, office.lead), row.id, wrong, "改", now=NOW, today=TODAY)


def test_it_is_seen_by_both_sides_and_a_secret_one_by_the_privy(
    session: Session, office: Office, deal: Project
) -> None:
    third = builders.unit(session, "京津冀小分队", parent=office.bureau)
    stranger = builders.user(session, "wei", "魏来", (third, Role.OFFICER))
    row = raised(session, office, deal)
    for person in (office.officer, office.outsider, office.leader, office.supervisor):
        assert queries.get(session, office.actor(session, person), row.id) is row
    with pytest.raises(NotFoundError):
        queries.get(session, office.actor(session, stranger), row.id)
    deal.confidential, deal.code_name = True, "晨星"
    session.flush()
    for person in (office.outsider, office.leader, office.colleague):
        with pytest.raises(NotFoundError):
            queries.get(session, office.actor(session, person), row.id)
    with pytest.raises(DomainError, match=r"blocker\.secret"):
        raised(session, office, deal, client_id="tap-00000002")


def test_the_list_narrows_and_counts(session: Session, office: Office, deal: Project) -> None:
    first = raised(session, office, deal)
    raised(session, office, deal, client_id="tap-00000002", category="energy", title="变压器容量不够")
    actor, late = office.actor(session, office.outsider), DUE + timedelta(days=1)
    course.coordinate(session, actor, first.id, "请县里定补偿标准", now=NOW)
    assert queries.counts(session, actor, Filters(), late)[BlockerState.OVERDUE] == 2
    for wanted in (Filters(category="demolition"), Filters(q="搬迁", mine=True), Filters(coordinate=True)):
        assert queries.page(session, actor, wanted, late, cursor=None).rows == (first,)
        assert queries.total(session, actor, wanted, late) == 1
    none = Filters(source=BlockerSource.PHONE)
    assert queries.page(session, actor, none, late, cursor=None).rows == ()


def test_a_late_blocker_climbs_once_to_the_projects_leader_and_the_meeting_list(
    session: Session, office: Office, deal: Project
) -> None:
    row = raised(session, office, deal)
    held = {"role": TeamRole.LEADER, "user_id": office.leader.id, "set_by": office.registrar.id, "set_at": NOW}
    session.add(ProjectRole(project_id=deal.id, valid_from=TODAY, **held))
    session.flush()

    def round_on(days: int) -> set[int]:
        before = session.scalars(select(Notice.id)).all()
        at = NOW + (add_workdays(DUE, days) - TODAY)
        climbing.climb(session, now=at, zone=SHANGHAI)
        climbing.climb(session, now=at, zone=SHANGHAI)
        return set(session.scalars(select(Notice.user_id).where(Notice.id.not_in(before))))

    assert round_on(-0) == {office.outsider.id}
    assert round_on(1) == {office.outsider.id}  # the south squad has no team lead
    assert round_on(3) == {office.outsider.id, office.registrar.id}
    listed = select(Blocker.id).where(Blocker.coordinate_at.is_not(None))
    assert session.scalars(listed).all() == []
    assert round_on(5) == {office.registrar.id, office.leader.id}
    assert session.scalars(listed).all() == [row.id]
    solved(session, office, row)
    assert round_on(9) == set()


def test_figures_of_blockers_keep_to_the_first_deadline(session: Session, office: Office, deal: Project) -> None:
    actor, later = office.actor(session, office.officer), DUE + timedelta(days=30)
    rows = [raised(session, office, deal, client_id=f"tap-0000000{one}") for one in range(3)]
    course.assign(
        session, actor, rows[0].id, Charge(office.south.id, office.outsider.id, later), "延期", now=NOW, today=TODAY
    )
    for row, day in ((rows[0], DUE + timedelta(days=2)), (rows[1], DUE)):
        word = Confirmation("李工", day, Way.PHONE)
        services.close(session, actor, row.id, word, now=NOW + (day - TODAY), today=day)
    window = Window(TODAY, DUE, NOW + timedelta(days=20))

    def figures(cutoff: datetime) -> list[int]:
        known = replace(window, cutoff=cutoff, end=later)
        keys = ("raised", "closed", "due", "in_time", "overdue")
        return [int(sum(by_unit(session, MEASURES[f"blockers_{key}"], known).values())) for key in keys]

    assert figures(window.cutoff) == [3, 2, 3, 1, 1]
    course.reopen(session, actor, rows[1].id, "又堵了", later, now=window.cutoff + timedelta(days=1), today=DUE)
    assert figures(window.cutoff) == [3, 2, 3, 1, 1]
    assert figures(window.cutoff + timedelta(days=2)) == [3, 1, 3, 0, 2]
