from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Role
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.fieldwork.postings import attendance, presence, queries, rota, services
from crm.fieldwork.postings.attendance import Days
from crm.fieldwork.postings.models import CheckIn, Posting, StationedPost
from crm.fieldwork.postings.rota_rules import RotaSetup
from crm.fieldwork.postings.rules import (
    AbsenceDraft,
    AbsenceReason,
    PostDraft,
    PostingDraft,
    PostRole,
    Presence,
    Rank,
)
from crm.fieldwork.rules import TouchKind
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit, User
    from tests.support.builders import Office

ZONE = ZoneInfo("Asia/Shanghai")
SPRING = date(2026, 3, 1)
WEEK = Days(date(2026, 11, 16), TODAY, TODAY, ZONE)


def post(session: Session, office: Office, name: str = "澄湖驻点", unit: OrgUnit | None = None) -> StationedPost:
    actor = office.actor(session, office.registrar)
    draft = PostDraft(name, "苏南", "澄湖路8号", (unit or office.east).id, None, SPRING, 2)
    return services.open_post(session, actor, draft, now=NOW, today=TODAY)


def send(session: Session, office: Office, place: StationedPost, user: User, **given: Any) -> Posting:
    usual: dict[str, Any] = {"role": PostRole.MEMBER, "rank": Rank.STAFF, "full_time": True, "valid_from": SPRING}
    draft = PostingDraft(user.id, **{**usual, **given})
    return services.send(session, office.actor(session, office.registrar), place.id, draft, now=NOW)


def test_the_database_itself_refuses_a_second_full_time_post(session: Session, office: Office) -> None:
    first, second = post(session, office), post(session, office, "枫桥驻点")
    send(session, office, first, office.officer, valid_to=date(2026, 6, 30))
    with pytest.raises(DomainError) as refused:
        send(session, office, second, office.officer, valid_from=date(2026, 6, 30))
    assert [problem.key for problem in refused.value.problems] == ["posting.overlap"]
    row = send(session, office, second, office.officer, valid_from=date(2026, 7, 1))
    session.commit()
    row.valid_from = date(2026, 6, 30)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    twin = {
        "post_id": second.id,
        "user_id": office.officer.id,
        "role": PostRole.MEMBER,
        "rank": Rank.STAFF,
        "set_by": office.registrar.id,
        "set_at": NOW,
    }
    session.add(Posting(**twin, full_time=False, valid_from=date(2026, 5, 1)))
    session.flush()
    session.add(Posting(**twin, full_time=True, valid_from=date(2026, 5, 1)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_visits_notes_and_absences_make_the_days_of_a_person(session: Session, office: Office) -> None:
    row = send(session, office, post(session, office), office.officer)
    me = office.actor(session, office.officer)
    firm = builders.enterprise(session)
    builders.touch(session, firm, office.east, office.officer, occurred_at=datetime(2026, 11, 15, 23, 0, tzinfo=UTC))
    call = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
    builders.touch(session, firm, office.east, office.officer, occurred_at=call, kind=TouchKind.CALL)
    away = AbsenceDraft(AbsenceReason.TRAVEL, date(2026, 11, 18), date(2026, 11, 18), "陪客商")
    presence.excuse(session, me, row.id, away, now=NOW, today=TODAY)
    presence.sign(session, me, row.id, date(2026, 11, 19), "在岗", now=NOW, today=TODAY)
    found = attendance.grid(session, [row], WEEK)
    assert [found[row.id, day].state for day in WEEK.each()] == [
        Presence.VISITED,
        Presence.GAP,
        Presence.ABSENT,
        Presence.LATE_SIGNED,
        Presence.OPEN,
    ]
    first = presence.sign(session, me, row.id, TODAY, "在岗", now=NOW, today=TODAY)
    assert presence.sign(session, me, row.id, TODAY, "再点一次", now=NOW, today=TODAY).id == first.id
    assert attendance.grid(session, [row], WEEK)[row.id, TODAY].note == "在岗"
    assert attendance.days_there(attendance.grid(session, [row], WEEK), row.id) == 3
    presence.take_back(session, me, first.id, now=NOW, today=TODAY)
    assert attendance.grid(session, [row], WEEK)[row.id, TODAY].state is Presence.OPEN


def test_only_the_person_signs_and_only_head_lead_or_office_excuse(session: Session, office: Office) -> None:
    place = post(session, office)
    row = send(session, office, place, office.officer)
    mate = office.actor(session, office.colleague)
    with pytest.raises(ForbiddenError):
        presence.sign(session, mate, row.id, TODAY, "在岗", now=NOW, today=TODAY)
    away = AbsenceDraft(AbsenceReason.LEAVE, TODAY, TODAY)
    with pytest.raises(ForbiddenError):
        presence.excuse(session, mate, row.id, away, now=NOW, today=TODAY)
    send(session, office, place, office.colleague, role=PostRole.HEAD, rank=Rank.DEPUTY_SECTION)
    presence.excuse(session, mate, row.id, away, now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        queries.posting(session, office.actor(session, office.outsider), row.id)
    assert queries.strength(session, [place], TODAY)[place.id].gaps == ()


def test_a_post_closes_on_a_day_with_its_people_and_keeps_its_rows(session: Session, office: Office) -> None:
    place = post(session, office)
    row = send(session, office, place, office.officer)
    boss = office.actor(session, office.registrar)
    presence.sign(session, office.actor(session, office.officer), row.id, TODAY, "在岗", now=NOW, today=TODAY)
    with pytest.raises(DomainError) as refused:
        services.close_post(session, boss, place.id, date(2026, 11, 19), "并点", now=NOW)
    assert [problem.key for problem in refused.value.problems] == ["post.staffed"]
    services.close_post(session, boss, place.id, TODAY, "并点", now=NOW)
    session.commit()
    assert (row.valid_to, row.end_reason) == (TODAY, "并点")
    assert session.scalars(select(CheckIn.day)).all() == [TODAY]
    with pytest.raises(DomainError) as late:
        send(session, office, place, office.colleague, valid_from=date(2026, 11, 1))
    assert [problem.key for problem in late.value.problems] == ["posting.after"]
    with pytest.raises(ForbiddenError):
        services.close_post(session, office.actor(session, office.officer), place.id, TODAY, "x", now=NOW)


def test_the_rota_counts_leaders_who_were_there(session: Session, office: Office) -> None:
    place = post(session, office)
    extra = builders.user(session, "wei", "魏东", (office.bureau, Role.LEADER))
    turn = {"role": PostRole.ROTATING, "full_time": False, "rank": Rank.COUNTY}
    stay = send(session, office, place, office.leader, **turn)
    send(session, office, place, extra, **turn)
    setup = RotaSetup(head_ids=(extra.id,))
    assert not rota.report(session, WEEK, setup).share_met
    presence.sign(session, office.actor(session, office.leader), stay.id, TODAY, "轮值", now=NOW, today=TODAY)
    found = rota.report(session, WEEK, setup)
    assert (found.took_part, len(found.rows), found.share_met) == (1, 2, True)
    assert (found.heads_there, found.heads_met) == (0, False)
    assert [(row.name, row.posts, row.days) for row in found.rows if row.took_part] == [
        ("沈立", ("澄湖驻点",), (TODAY,))
    ]
    boss = office.actor(session, office.registrar)
    with pytest.raises(DomainError):
        rota.set_setup(session, boss, RotaSetup(head_ids=(office.officer.id,)), now=NOW, today=TODAY)
    rota.set_setup(session, boss, setup, now=NOW, today=TODAY)
    assert rota.setup(session) == setup
