from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.meetings.models import AgendaItem, Meeting, MeetingDecision
from crm.meetings.rules import DecisionState, MeetingState
from tests.service.pipeline.helpers import counting, due, lead
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office


def called(browser: Browser, office: Office, title: str = "项目调度会") -> str:
    fields = {
        "kind": "dispatch", "title": title, "held_on": TODAY.isoformat(), "starts_at": "09:00",
        "chair_id": str(office.registrar.id), "members": [str(office.officer.id), str(office.lead.id)],
    }  # fmt: skip
    return browser.post("/meetings/new", fields).headers["Location"]


def test_a_meeting_goes_from_agenda_to_issued_minutes_and_closed_decisions(
    as_registrar: Browser, as_officer: Browser, session: Session, office: Office, database: Database
) -> None:
    due(session, office, lead(session, office), -3, "送测算表")
    session.commit()
    place = called(as_registrar, office)
    assert "送测算表" in as_registrar.get(f"{place}/agenda").text
    assert as_registrar.post(f"{place}/agenda", {"item": "follow_up:1"}).status_code == 303
    assert as_registrar.post(f"{place}/items", {"title": ""}).status_code == 422
    assert as_registrar.post(f"{place}/items", {"title": "研究用地"}).status_code == 303
    assert as_registrar.post(f"{place}/hold").status_code == 303
    first = session.scalars(select(AgendaItem.id).order_by(AgendaItem.id)).all()[0]
    session.commit()
    assert as_registrar.post(f"{place}/items/{first}/note", {"note": "今天下班前送。"}).status_code == 303
    presence = f"{place}/people/{office.officer.id}"
    assert "到会" in as_registrar.post(presence, {"presence": "present"}, headers={"HX-Request": "true"}).text
    assert as_registrar.post(f"{place}/people/present").status_code == 303
    assert "2/2" in as_registrar.get(place).text
    assert (
        as_registrar.post(
            f"{place}/decisions", {"text": "无人承办", "owner": "", "due_on": TODAY.isoformat()}
        ).status_code
        == 422
    )
    decision = {
        "text": "今天送到测算表", "owner": f"{office.east.id}:{office.officer.id}", "due_on": TODAY.isoformat(),
        "item_id": str(first),
    }  # fmt: skip
    assert as_registrar.post(f"{place}/decisions", {**decision, "text": ""}).status_code == 422
    assert as_registrar.post(f"{place}/decisions", decision).status_code == 303
    version = session.scalars(select(Meeting.version)).one()
    session.commit()
    minutes = {"minutes": "研究了一件事。", "guests": "", "version": str(version)}
    assert as_registrar.post(f"{place}/minutes", {**minutes, "version": "0"}).status_code == 409
    assert as_registrar.post(f"{place}/minutes", minutes).status_code == 303
    assert as_registrar.post(f"{place}/issue").status_code == 303
    with counting(database) as statements:
        page = as_officer.get(place).text
    assert len(statements) <= 12
    assert all(words in page for words in ("研究了一件事。", "今天下班前送。", "今天送到测算表"))
    assert as_officer.get(f"{place}/minutes.docx").data[:2] == b"PK"
    assert "今天送到测算表" in as_officer.get("/meetings/decisions?mine=1").text
    assert as_officer.post("/meetings/decisions/1/done", {"note": ""}).status_code == 422
    assert as_officer.post("/meetings/decisions/1/done", {"note": "已送"}).status_code == 303
    assert session.scalars(select(MeetingDecision.state)).all() == [DecisionState.DONE]


def test_a_time_typed_short_sorts_before_ten(as_registrar: Browser, session: Session, office: Office) -> None:
    fields = {"kind": "dispatch", "title": "早会", "held_on": TODAY.isoformat(), "members": [str(office.officer.id)]}
    assert as_registrar.post("/meetings/new", {**fields, "starts_at": "9：30"}).status_code == 303
    assert as_registrar.post("/meetings/new", {**fields, "starts_at": "中午"}).status_code == 422
    assert session.scalars(select(Meeting.starts_at)).one() == "09:30"


def test_a_series_is_begun_changed_and_ended_on_its_pages(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    fields = {
        "name": "招商例会", "kind": "regular", "rhythm": "weekly", "weekday": "4", "month_day": "",
        "first_on": TODAY.isoformat(), "starts_at": "9点", "members": [str(office.officer.id)],
    }  # fmt: skip
    refused = as_registrar.post("/meetings/series/new", fields)
    assert refused.status_code == 422
    assert "例如 09:00" in refused.text
    assert as_registrar.post("/meetings/series/new", {**fields, "starts_at": "09:00"}).status_code == 303
    assert "招商例会" in as_registrar.get("/meetings").text
    moved = {**fields, "starts_at": "14:30", "place": "三楼"}
    assert as_registrar.post("/meetings/series/1/edit", moved).status_code == 303
    assert set(session.scalars(select(Meeting.starts_at))) == {"14:30"}
    session.commit()
    assert as_registrar.post("/meetings/series/1/end").status_code == 303
    assert set(session.scalars(select(Meeting.state))) == {MeetingState.CANCELLED}


def test_what_may_not_be_yet_is_said_on_the_page(as_registrar: Browser, office: Office) -> None:
    place = called(as_registrar, office)
    assert as_registrar.post(f"{place}/cancel", {"reason": " "}).status_code == 422
    later = {"held_on": (TODAY + timedelta(days=3)).isoformat(), "version": "1"}
    fields = {"kind": "dispatch", "title": "项目调度会", "starts_at": "09:00", "members": [str(office.lead.id)]}
    assert as_registrar.get(f"{place}/edit").status_code == 200
    assert as_registrar.post(f"{place}/edit", {**fields, **later}).status_code == 303
    as_registrar.post(f"{place}/hold")
    assert "提前开的请先改日期" in as_registrar.get(place).text
    assert as_registrar.post(f"{place}/people/{office.lead.id}", {"presence": "asleep"}).status_code == 422


def test_who_is_not_of_the_meeting_side_changes_nothing(
    as_registrar: Browser, as_officer: Browser, office: Office
) -> None:
    place = called(as_registrar, office)
    assert as_officer.get(place).status_code == 200
    for step, data in (("hold", {}), ("items", {"title": "x"}), ("cancel", {"reason": "x"}), ("issue", {})):
        assert as_officer.post(f"{place}/{step}", data).status_code == 403, step
    assert as_officer.get(f"{place}/agenda").status_code == 403
