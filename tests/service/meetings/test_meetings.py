from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.fieldwork import followups
from crm.fieldwork.models import FollowUp
from crm.meetings import agenda, decisions, minutes, queries, series, services
from crm.meetings.models import AgendaItem, Meeting
from crm.meetings.proposals import proposals
from crm.meetings.rules import (
    DecisionDraft,
    DecisionState,
    MeetingDraft,
    MeetingKind,
    MeetingState,
    Presence,
    Rhythm,
    SeriesDraft,
    Source,
)
from crm.pipeline.cards import Clock
from crm.pipeline.confidential import services as confidential
from crm.pipeline.instructions import services as instructions
from crm.pipeline.instructions.rules import InstructionDraft, Urgency
from tests.service.pipeline.helpers import due, lead
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from tests.support.builders import Office

CLOCK = Clock(NOW, TODAY, builders.NOW.tzinfo)  # type: ignore[arg-type]  # aware


def called(session: Session, office: Office, day: date = TODAY, title: str = "项目调度会") -> Meeting:
    people = (office.officer.id, office.lead.id, office.outsider.id)
    draft = MeetingDraft(title, MeetingKind.DISPATCH, day, chair_id=office.leader.id, members=people)
    return services.call(session, office.actor(session, office.registrar), draft, now=NOW)


def held(session: Session, office: Office, title: str = "项目调度会") -> Meeting:
    meeting = called(session, office, title=title)
    return services.hold(session, office.actor(session, office.registrar), meeting.id, now=NOW, today=TODAY)


def keys(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def decided(session: Session, office: Office, meeting: Meeting, item_id: int | None = None) -> queries.Decided:
    draft = DecisionDraft("周三前送去供地方案", office.east.id, office.officer.id, TODAY, item_id=item_id)
    registrar = office.actor(session, office.registrar)
    row = decisions.decide(session, registrar, meeting.id, draft, now=NOW, today=TODAY)
    return queries.decision(session, registrar, row.id)


def test_a_series_is_arranged_on_working_days_once_and_ends(session: Session, office: Office) -> None:
    registrar, today = office.actor(session, office.registrar), date(2026, 9, 21)
    people = (office.officer.id, office.lead.id)
    draft = SeriesDraft("招商例会", MeetingKind.REGULAR, Rhythm.WEEKLY, 0, today, members=people)
    row = series.start(session, registrar, draft, now=NOW, today=today)
    days = [day.isoformat()[5:] for day in session.scalars(select(Meeting.held_on).order_by(Meeting.held_on))]
    assert days == ["09-21", "09-28", "10-08", "10-12", "10-19", "10-26"]
    assert series.arrange_all(session, now=NOW, today=today) == 0
    assert series.arrange_all(session, now=NOW, today=today + timedelta(days=7)) == 1
    with pytest.raises(ForbiddenError):
        series.end(session, office.actor(session, office.officer), row.id, now=NOW, today=today)
    series.end(session, registrar, row.id, now=NOW, today=today)
    assert set(session.scalars(select(Meeting.state))) == {MeetingState.CANCELLED}


def test_a_meeting_gets_its_number_when_held_and_its_text_is_fixed_when_issued(
    session: Session, office: Office
) -> None:
    registrar = office.actor(session, office.registrar)
    tomorrow = called(session, office, TODAY + timedelta(days=1))
    with pytest.raises(DomainError) as early:
        services.hold(session, registrar, tomorrow.id, now=NOW, today=TODAY)
    assert keys(early) == ["meeting.early"]
    first, second = held(session, office, "第一次"), held(session, office, "第二次")
    assert [queries.meeting_number(one) for one in (first, second)] == ["〔2026〕1号", "〔2026〕2号"]
    with pytest.raises(DomainError) as bare:
        services.issue(session, registrar, first.id, now=NOW)
    assert keys(bare) == ["meeting.minutes"]
    services.write_minutes(session, registrar, first.id, "研究了三个项目。", "", version=first.version, now=NOW)
    with pytest.raises(DomainError) as nobody:
        services.issue(session, registrar, first.id, now=NOW)
    assert keys(nobody) == ["meeting.attendance"]
    services.set_presence(session, registrar, first.id, office.lead.id, Presence.PRESENT, now=NOW, today=TODAY)
    services.issue(session, registrar, first.id, now=NOW)
    with pytest.raises(ConflictError):
        services.write_minutes(session, registrar, first.id, "改", "", version=first.version, now=NOW)
    states = {row.presence for row, _name, _title in queries.people(session, first.id)}
    assert states == {Presence.PRESENT, Presence.ABSENT}


def test_people_ask_for_leave_themselves_and_only_the_chair_side_marks_others(session: Session, office: Office) -> None:
    meeting = called(session, office)
    officer = office.actor(session, office.officer)
    mark = {"now": NOW, "today": TODAY}
    services.set_presence(session, officer, meeting.id, office.officer.id, Presence.LEAVE, **mark)  # type: ignore[arg-type]
    with pytest.raises(ForbiddenError):
        services.set_presence(session, officer, meeting.id, office.lead.id, Presence.PRESENT, **mark)  # type: ignore[arg-type]
    chair = office.actor(session, office.leader)
    services.set_presence(session, chair, meeting.id, office.lead.id, Presence.PRESENT, **mark)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        services.set_presence(session, chair, meeting.id, office.supervisor.id, Presence.PRESENT, **mark)  # type: ignore[arg-type]


def troubled(session: Session, office: Office) -> Project:
    """Return a project that stands still, with a late follow-up and a late instruction."""
    project = lead(session, office)
    due(session, office, project, -3)
    draft = InstructionDraft(
        "尽快落实用地", TODAY, Urgency.URGENT, office.leader.id, office.east.id, project_id=project.id
    )
    instructions.give(session, office.actor(session, office.leader), draft, now=NOW, today=TODAY)
    project.stage_since = NOW - timedelta(days=40)
    session.flush()
    return project


def test_an_agenda_is_proposed_from_what_is_late_or_undecided(session: Session, office: Office) -> None:
    project = troubled(session, office)
    registrar = office.actor(session, office.registrar)
    before = held(session, office, "上次调度会")
    decided(session, office, before)
    meeting = called(session, office)
    later = Clock(NOW, TODAY + timedelta(days=1), CLOCK.zone)
    found = proposals(session, registrar, meeting, later)
    assert set(found) == {Source.DECISION, Source.INSTRUCTION, Source.STALLED, Source.FOLLOW_UP}
    assert {one.project_id for one in found[Source.STALLED]} == {project.id}
    chosen = [one.key for rows in found.values() for one in rows]
    assert agenda.take_up(session, registrar, meeting.id, chosen, later) == 4
    assert proposals(session, registrar, meeting, later) == {}
    with pytest.raises(DomainError) as nothing:
        agenda.take_up(session, registrar, meeting.id, ["stalled:999"], later)
    assert keys(nothing) == ["agenda.nothing"]
    rows = queries.items(session, registrar, meeting.id)
    agenda.move(session, registrar, meeting.id, rows[0].id, up=False)
    assert [row.id for row in queries.items(session, registrar, meeting.id)][:2] == [rows[1].id, rows[0].id]


def test_the_other_unit_proposes_nothing_of_a_project_it_may_not_see(session: Session, office: Office) -> None:
    troubled(session, office)
    outsider = office.actor(session, office.outsider)
    draft = MeetingDraft("南线例会", MeetingKind.REGULAR, TODAY, members=(office.outsider.id,))
    meeting = services.call(session, outsider, draft, now=NOW)
    assert proposals(session, outsider, meeting, Clock(NOW, TODAY + timedelta(days=1), CLOCK.zone)) == {}


def words(session: Session, actor: Actor, meeting: Meeting) -> str:
    with zipfile.ZipFile(io.BytesIO(minutes.minutes_file(session, actor, meeting, TODAY))) as archive:
        return archive.read("word/document.xml").decode()


def test_what_names_a_confidential_project_is_kept_from_who_may_not_know_also_in_the_file(
    session: Session, office: Office
) -> None:
    project = lead(session, office)
    meeting = held(session, office)
    registrar, officer = office.actor(session, office.registrar), office.actor(session, office.officer)
    item = agenda.add(session, registrar, meeting.id, f"研究{project.name}", "", project.id, now=NOW)
    found = decided(session, office, meeting, item.id)
    assert found.row.project_id == project.id
    outsider = office.actor(session, office.outsider)
    assert queries.items(session, outsider, meeting.id) == []
    assert "研究" in words(session, office.actor(session, office.supervisor), meeting)
    session.commit()
    confidential.classify(session, registrar, project.id, "七号项目", version=project.version, now=NOW)
    for user in (office.supervisor, office.lead, office.outsider):
        reader = office.actor(session, user)
        assert queries.items(session, reader, meeting.id) == []
        assert queries.decided(session, reader, meeting.id) == []
        assert project.name not in words(session, reader, meeting)
        with pytest.raises(NotFoundError):
            queries.decision(session, reader, found.row.id)
    assert [row.id for row in queries.items(session, officer, meeting.id)] == [item.id]
    assert project.name in words(session, officer, meeting)


def test_a_decision_is_a_follow_up_of_its_owner_and_a_tick_only_reports_it(session: Session, office: Office) -> None:
    meeting = held(session, office)
    found = decided(session, office, meeting)
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    follow_up = session.get_one(FollowUp, found.row.follow_up_id)
    assert (found.number, follow_up.owner_id, follow_up.due_on) == ("〔2026〕1号-1", office.officer.id, TODAY)
    followups.complete_follow_up(session, officer, follow_up.id, now=NOW)
    again = queries.decision(session, registrar, found.row.id)
    assert (again.row.state, again.reported) == (DecisionState.OPEN, True)
    following = called(session, office, TODAY + timedelta(days=7), "下次调度会")
    assert [one.row.id for one in queries.open_before(session, registrar, following)] == [found.row.id]
    with pytest.raises(DomainError) as silent:
        decisions.done(session, officer, found.row.id, " ", now=NOW)
    assert keys(silent) == ["decision.note"]
    with pytest.raises(ForbiddenError):
        decisions.done(session, office.actor(session, office.outsider), found.row.id, "办了", now=NOW)
    decisions.done(session, officer, found.row.id, "方案已送达，企业签收。", now=NOW)
    assert queries.open_before(session, registrar, following) == []


def test_a_decision_is_dropped_only_by_a_dated_decision_of_the_meeting_side(session: Session, office: Office) -> None:
    meeting = held(session, office)
    found = decided(session, office, meeting)
    day = {"now": NOW, "today": TODAY}
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        decisions.drop(session, officer, found.row.id, "不投了", ("2号", TODAY), **day)  # type: ignore[arg-type]
    registrar = office.actor(session, office.registrar)
    with pytest.raises(DomainError) as bare:
        decisions.drop(session, registrar, found.row.id, "不投了", ("", None), **day)  # type: ignore[arg-type]
    assert keys(bare) == ["drop.number", "drop.date"]
    row = decisions.drop(session, registrar, found.row.id, "企业不投了", ("〔2026〕2号", TODAY), **day)  # type: ignore[arg-type]
    assert (row.state, session.get_one(FollowUp, row.follow_up_id).done_at) == (DecisionState.DROPPED, NOW)


def test_a_decision_goes_to_somebody_of_the_unit_who_may_know(session: Session, office: Office) -> None:
    meeting = held(session, office)
    registrar = office.actor(session, office.registrar)
    wrong = DecisionDraft("送方案", office.south.id, office.officer.id, TODAY)
    with pytest.raises(DomainError) as elsewhere:
        decisions.decide(session, registrar, meeting.id, wrong, now=NOW, today=TODAY)
    assert keys(elsewhere) == ["decision.owner"]
    project = lead(session, office)
    session.commit()
    confidential.classify(session, registrar, project.id, "七号项目", version=project.version, now=NOW)
    secret = DecisionDraft("送方案", office.east.id, office.colleague.id, TODAY, project_id=project.id)
    with pytest.raises(DomainError) as kept:
        decisions.decide(session, registrar, meeting.id, secret, now=NOW, today=TODAY)
    assert keys(kept) == ["decision.secret"]


def test_strangers_do_not_find_a_meeting_of_another_unit(session: Session, office: Office) -> None:
    draft = MeetingDraft("东线例会", MeetingKind.REGULAR, TODAY, members=(office.officer.id,))
    meeting = services.call(session, office.actor(session, office.lead), draft, now=NOW)
    with pytest.raises(NotFoundError):
        queries.get(session, office.actor(session, office.outsider), meeting.id)
    assert queries.between(session, office.actor(session, office.outsider), TODAY, TODAY) == []
    assert queries.between(session, office.actor(session, office.officer), TODAY, TODAY) == [meeting]
    assert session.scalars(select(AgendaItem.id)).all() == []
