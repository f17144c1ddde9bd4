from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.auth import staff
from crm.auth.rules import SkillKind
from crm.auth.staff import SkillDraft, TrainingDraft
from crm.auth.staff_models import StaffSkill, Training
from crm.core.errors import DomainError, ForbiddenError
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser

JAPANESE = SkillDraft(SkillKind.LANGUAGE, "日语", "fluent")


def test_an_officer_keeps_the_own_skills_only(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.officer)
    staff.add_skill(session, actor, office.officer.id, JAPANESE, now=builders.NOW)
    with pytest.raises(ForbiddenError):
        staff.add_skill(session, actor, office.colleague.id, JAPANESE, now=builders.NOW)
    assert session.scalar(select(func.count()).select_from(StaffSkill)) == 1


def test_the_registrar_keeps_the_skills_of_all(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.registrar)
    row = staff.add_skill(session, actor, office.officer.id, JAPANESE, now=builders.NOW)
    session.flush()
    staff.remove_skill(session, actor, row.id, now=builders.NOW)
    assert session.scalar(select(func.count()).select_from(StaffSkill)) == 0


def test_one_skill_is_registered_once(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.officer)
    staff.add_skill(session, actor, office.officer.id, JAPANESE, now=builders.NOW)
    with pytest.raises(DomainError):
        staff.add_skill(session, actor, office.officer.id, JAPANESE, now=builders.NOW)


def test_the_pool_finds_who_speaks_a_language(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.registrar)
    staff.add_skill(session, actor, office.outsider.id, JAPANESE, now=builders.NOW)
    page, skills, _totals = staff.pool(session, "日语", None, cursor=None)
    assert [user.name for user in page.rows] == ["何川"]
    assert skills[office.outsider.id][0].name == "日语"


def test_a_training_counts_hours_for_those_who_came(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.registrar)
    draft = TrainingDraft("招商谈判实务", date(2026, 11, 10), 6)
    people = [office.officer.id, office.lead.id]
    staff.hold_training(session, actor, draft, people, now=builders.NOW, today=builders.TODAY)
    _page, _skills, totals = staff.pool(session, "陈晓", None, cursor=None)
    assert totals[office.officer.id] == (1, 6)


def test_a_training_of_tomorrow_is_refused(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.registrar)
    draft = TrainingDraft("招商谈判实务", date(2026, 11, 21))
    with pytest.raises(DomainError):
        staff.hold_training(session, actor, draft, [office.lead.id], now=builders.NOW, today=builders.TODAY)


def test_officers_do_not_enter_trainings(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.officer)
    draft = TrainingDraft("招商谈判实务", date(2026, 11, 10))
    with pytest.raises(ForbiddenError):
        staff.hold_training(session, actor, draft, [office.lead.id], now=builders.NOW, today=builders.TODAY)


def test_the_page_of_a_person_shows_rotation_and_takes_a_skill(
    as_officer: Browser, session: Session, office: builders.Office
) -> None:
    data = {"kind": "language", "name": "日语", "level": "fluent"}
    assert as_officer.post(f"/staff/{office.officer.id}/skills", data).status_code == 303
    page = as_officer.get(f"/staff/{office.officer.id}").text
    assert "日语" in page
    assert "长三角小分队" in page
    assert as_officer.post(f"/staff/{office.lead.id}/skills", data).status_code == 403
    assert session.scalar(select(func.count()).select_from(StaffSkill)) == 1


def test_the_registrar_enters_a_training_by_form(
    as_registrar: Browser, session: Session, office: builders.Office
) -> None:
    data = {"title": "产业链招商", "held_on": "2026-11-12", "hours": "8", "people": [str(office.officer.id)]}
    assert as_registrar.post("/staff/trainings/new", data).status_code == 303
    assert "产业链招商" in as_registrar.get("/staff/trainings").text
    assert session.scalar(select(func.count()).select_from(Training)) == 1


def test_a_training_without_people_keeps_what_was_typed(as_registrar: Browser) -> None:
    answer = as_registrar.post("/staff/trainings/new", {"title": "产业链招商", "held_on": "2026-11-12"})
    assert answer.status_code == 422
    assert "产业链招商" in answer.text
    assert "请勾选参加的人" in answer.text


def test_the_second_page_of_trainings_goes_on_where_the_first_ended(session: Session, office: builders.Office) -> None:
    actor = office.actor(session, office.registrar)
    for number in range(55):
        draft = TrainingDraft(f"第{number}期", date(2026, 9, 1) + timedelta(days=number))
        staff.hold_training(session, actor, draft, [office.lead.id], now=builders.NOW, today=builders.TODAY)
    first, _counts = staff.trainings(session, cursor=None)
    second, _counts = staff.trainings(session, cursor=first.next)
    titles = [row.title for row in (*first.rows, *second.rows)]
    assert titles == [f"第{number}期" for number in reversed(range(55))]
