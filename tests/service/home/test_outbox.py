from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.fieldwork.models import Touch
from crm.fieldwork.photos.models import TouchPhoto
from tests.service.home.test_visit_form import filled, firm_of
from tests.support import builders, pictures
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.conftest import Browser
    from tests.support.builders import Office

KEY = "draft-0000000001"


def send(browser: Browser, office: Office, data: dict[str, Any], **more: Any) -> TestResponse:
    return browser.post("/outbox/touches", {**data, "client_id": KEY, "owner": str(office.officer.id), **more})


def send_photo(browser: Browser, data: bytes, key: str = "photo-1", draft: str = KEY) -> TestResponse:
    body = {"key": key, "photo": (io.BytesIO(data), "a.jpg")}
    return browser.post(f"/outbox/touches/{draft}/photos", body, content_type="multipart/form-data")


def test_a_draft_sent_twice_with_its_photo_is_one_visit_with_one_photo(
    as_officer: Browser, session: Session, office: Office
) -> None:
    data = filled(office, firm_of(session))
    answers = [send(as_officer, office, data) for _ in range(2)]
    assert answers[0].json is not None
    assert [answer.json for answer in answers] == [answers[0].json] * 2
    photos = [send_photo(as_officer, pictures.photo()) for _ in range(2)]
    assert [answer.status_code for answer in photos] == [200, 200]
    assert session.scalars(select(Touch.id)).all() == [int(answers[0].json["url"].rpartition("/")[2])]
    assert session.scalar(select(func.count()).select_from(TouchPhoto)) == 1


def test_a_draft_from_before_the_cutoff_counts_from_the_moment_it_arrives(
    as_officer: Browser, session: Session, office: Office
) -> None:
    data = filled(office, firm_of(session), occurred_at="2026-11-12T15:30", recorded_at="2026-11-12T16:00")
    assert send(as_officer, office, data).status_code == 200
    assert session.scalars(select(Touch.recorded_at)).one() == NOW


def test_a_refused_draft_says_what_is_wrong_field_by_field_and_nothing_is_kept(
    as_officer: Browser, session: Session, office: Office
) -> None:
    data = filled(
        office, None, enterprise_id="new", q="云岭新厂有限公司", summary="", next_step="寄资料", headcount="x"
    )
    answer = send(as_officer, office, data)
    assert answer.status_code == 422
    assert {problem["field"] for problem in (answer.json or {})["problems"]} == {"headcount", "summary"}
    answer = send(as_officer, office, {**data, "headcount": "", "summary": "谈了供地", "report": "看了两处厂房"})
    told = {problem["field"]: problem for problem in (answer.json or {})["problems"]}
    assert set(told) == {"report", "next_due"}
    assert told["next_due"]["label"] == "期限"
    assert "定一个日期" in told["next_due"]["text"]
    assert session.scalar(select(func.count()).select_from(Touch)) == 0


def test_a_draft_is_never_sent_as_another_person(
    as_outsider: Browser, as_officer: Browser, session: Session, office: Office
) -> None:
    data = filled(office, firm_of(session))
    del data["unit_id"]  # the form that works alone knows no units
    refused = send(as_outsider, office, data)
    assert refused.status_code == 409
    assert "另一个账号" in (refused.json or {})["problems"][0]["text"]
    assert send(as_officer, office, data).status_code == 200
    assert send_photo(as_outsider, pictures.photo()).status_code == 404


def test_a_bad_photo_is_refused_in_words_and_the_visit_stays(
    as_officer: Browser, session: Session, office: Office
) -> None:
    send(as_officer, office, filled(office, firm_of(session)))
    assert "只接受 JPG" in (send_photo(as_officer, b"GIF89a").json or {})["problems"][0]["text"]
    assert send_photo(as_officer, pictures.photo(), key="").status_code == 422
    assert send_photo(as_officer, pictures.photo(), draft="nobody-knows").status_code == 404
    assert session.scalar(select(func.count()).select_from(Touch)) == 1


def test_nothing_is_sent_without_a_token_or_a_sign_in(app: Flask, as_officer: Browser, office: Office) -> None:
    assert as_officer.client.post("/outbox/touches", data={"owner": office.officer.id}).status_code == 400
    stranger = app.test_client()
    assert stranger.get("/outbox/session").json == {"user": None}
    token = stranger.get("/login").text.split('name="csrf-token" content="')[1].split('"')[0]
    answer = stranger.post("/outbox/touches", headers={"X-CSRFToken": token})
    assert "/login" in answer.headers["Location"]


def test_the_phone_learns_who_is_signed_in_and_whom_that_person_visited_last(
    as_officer: Browser, as_leader: Browser, session: Session, office: Office
) -> None:
    firm = firm_of(session)
    builders.touch(session, firm, office.east, office.officer)
    session.commit()
    told = as_officer.get("/outbox/session").json or {}
    assert (told["user"], told["recent"]) == (office.officer.id, [{"id": firm.id, "name": firm.name}])
    assert (as_leader.get("/outbox/session").json or {})["recent"] == []
    assert as_officer.client.post("/outbox/touches", headers={"X-CSRFToken": told["token"]}).status_code == 409


def test_the_form_that_works_alone_is_the_same_for_everybody(app: Flask, as_officer: Browser, office: Office) -> None:
    assert as_officer.get("/offline").text == app.test_client().get("/offline").text
    assert office.officer.name not in as_officer.get("/offline").text


def test_the_worker_keeps_files_of_ours_only_and_every_one_exists(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/sw.js")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (
        200,
        "text/javascript",
        "no-store",
    )
    head, code = answer.text.split("\n", 1)
    kept = json.loads(head.removeprefix("self.YF = ").rstrip(";"))
    assert "addEventListener" in code
    for file in [*kept["files"], kept["shell"]]:
        assert client.get(file, buffered=True).status_code == 200, file
    wanted = re.findall(r'(?:src|href)="(/static/[^"#]+)', client.get("/offline").text)
    assert set(wanted) <= set(kept["files"])
    manifest = client.get("/manifest.webmanifest").json or {}
    for icon in manifest["icons"]:
        assert client.get(icon["src"], buffered=True).status_code == 200
