from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.fieldwork.postings.models import CheckIn, Posting, StationedPost
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

POST = {
    "name": "澄湖驻点",
    "region": "苏南",
    "managing_unit_id": "0",
    "opened_on": "2026-03-01",
    "target_people": "2",
    "target_rank": "deputy_section",
}
SEND = {"role": "head", "rank": "deputy_section", "full_time": "y", "valid_from": "2026-03-01"}


def read(session: Session, statement: Select[Any]) -> Any:
    """Read and let the database go, so that the next request may write."""
    found = session.scalars(statement).one()
    session.commit()
    return found


def posted(session: Session, office: Office, registrar: Browser) -> Posting:
    answer = registrar.post("/postings/new", {**POST, "unit_id": office.east.id})
    assert answer.status_code == 303, answer.text
    answer = registrar.post(f"{answer.location}/people", {**SEND, "user_id": office.officer.id})
    assert answer.status_code == 303, answer.text
    made: Posting = read(session, select(Posting))
    return made


def test_the_office_sets_a_post_and_its_people(session: Session, office: Office, as_registrar: Browser) -> None:
    row = posted(session, office, as_registrar)
    page = as_registrar.get(f"/postings/{row.post_id}").text
    assert "陈晓" in page
    assert "人数不足" in page
    again = as_registrar.post("/postings/new", {**POST, "unit_id": office.east.id})
    assert again.status_code == 422
    assert "已有同名驻点" in again.text
    twice = as_registrar.post(f"/postings/{row.post_id}/people", {**SEND, "user_id": office.officer.id})
    assert twice.status_code == 422
    assert "全职驻点" in twice.text
    closed = as_registrar.post(f"/postings/{row.post_id}/close", {"close-day": "2026-11-30", "close-reason": "并点"})
    assert closed.status_code == 303
    assert read(session, select(StationedPost.closed_on)) == date(2026, 11, 30)


def test_a_check_in_is_one_tap_on_the_list_and_can_be_taken_back(
    session: Session, office: Office, as_registrar: Browser, as_officer: Browser, as_outsider: Browser
) -> None:
    row = posted(session, office, as_registrar)
    assert f"/postings/people/{row.id}/sign" in as_officer.get("/postings").text
    assert f"/postings/people/{row.id}/sign" in as_officer.get("/").text
    assert as_officer.post(f"/postings/people/{row.id}/sign").status_code == 303
    note = read(session, select(CheckIn))
    assert (note.day, note.note) == (TODAY, "在岗")
    page = as_officer.get("/postings").text
    assert "已签到" in page
    assert f"/postings/people/{row.id}/sign" not in page + as_officer.get("/").text
    assert "已签到" in as_registrar.get("/postings/presence").text
    assert as_outsider.get(f"/postings/{row.post_id}").status_code == 404
    assert as_outsider.post(f"/postings/notes/{note.id}/remove").status_code == 404
    assert as_officer.post(f"/postings/notes/{note.id}/remove").status_code == 303
    assert "待签到" in as_registrar.get("/postings/presence?only=gap").text


def test_an_absence_is_told_with_its_reason(
    session: Session, office: Office, as_registrar: Browser, as_officer: Browser
) -> None:
    row = posted(session, office, as_registrar)
    form = {"reason": "travel", "from_day": "2026-11-19", "to_day": "2026-11-20", "note": "陪客商"}
    bad = as_officer.post(f"/postings/people/{row.id}/absences", {**form, "to_day": "2026-11-18"})
    assert bad.status_code == 422
    assert "陪客商" in bad.text
    assert as_officer.post(f"/postings/people/{row.id}/absences", form).status_code == 303
    page = as_registrar.get("/postings/presence?day=2026-11-19").text
    assert "不在岗 · 外出出差" in page
    assert "陪客商" in page
    assert "缺签" in as_registrar.get("/postings/presence?day=2026-11-18&only=gap").text


def test_the_rota_shows_its_raw_pair_and_its_rows(
    session: Session, office: Office, as_registrar: Browser, as_leader: Browser
) -> None:
    row = posted(session, office, as_registrar)
    turn = {"role": "rotating", "rank": "county", "valid_from": "2026-11-16", "user_id": office.leader.id}
    assert as_registrar.post(f"/postings/{row.post_id}/people", turn).status_code == 303
    kept = {"share": "50", "min_days": "1", "heads_needed": "1", "head_ids": office.leader.id}
    assert as_registrar.post("/postings/rota/settings", {**kept, "share": "0"}).status_code == 422
    assert as_registrar.post("/postings/rota/settings", kept).status_code == 303
    assert "领导参与比例未达标" in as_leader.get("/postings/rota").text
    mine = read(session, select(Posting.id).where(Posting.user_id == office.leader.id))
    assert as_leader.post(f"/postings/people/{mine}/sign", {"note": "轮值走点"}).status_code == 303
    page = as_leader.get("/postings/rota?month=2026-11").text
    assert "1/1人" in page
    assert "党政主要领导轮值达标" in page
    assert "这一期还没有开始" in as_leader.get("/postings/rota?month=2026-12").text
