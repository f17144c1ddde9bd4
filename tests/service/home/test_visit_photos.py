from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from crm.core import filestore
from crm.core.files import Attachment
from crm.fieldwork.photos.models import TouchPhoto
from crm.register import erasure
from tests.support import builders, pictures
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    import config
    from crm.fieldwork.models import Touch
    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def touch(session: Session, office: Office) -> Touch:
    row = builders.touch(session, builders.enterprise(session), office.east, office.officer)
    session.commit()
    return row


def add(browser: Browser, touch: Touch, *photos: bytes, name: str = "现场.jpg") -> TestResponse:
    files: dict[str, Any] = {"photos": [(io.BytesIO(data), name) for data in photos]}
    return browser.post(f"/visits/{touch.id}/photos", files, content_type="multipart/form-data", follow_redirects=True)


def many(session: Session) -> int:
    found = session.scalar(select(func.count()).select_from(TouchPhoto)) or 0
    session.commit()  # SQLite has one writer at a time
    return found


def only(session: Session) -> int:
    found = session.scalars(select(TouchPhoto.id)).one()
    session.commit()
    return found


def test_a_photo_is_shown_to_those_who_may_see_the_visit_and_does_not_exist_for_others(
    as_officer: Browser, as_leader: Browser, as_outsider: Browser, session: Session, touch: Touch
) -> None:
    assert "已加1张照片" in add(as_officer, touch, pictures.photo()).text
    photo = only(session)
    for path in (f"/visits/{touch.id}/photos/{photo}", f"/visits/{touch.id}/photos/{photo}/small"):
        assert path in as_leader.get(f"/visits/{touch.id}").text
        answer = as_leader.get(path)
        assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
        assert pictures.place_of(answer.data) == {}
        with Image.open(io.BytesIO(answer.data)) as opened:
            assert opened.size == (64, 48)
        assert as_outsider.get(path).status_code == 404
    assert add(as_outsider, touch, pictures.photo()).status_code == 404
    assert "1张照片" in as_leader.get("/visits").text


def test_the_same_photo_twice_is_one_photo_and_the_tenth_is_refused_with_all_that_came_with_it(
    as_officer: Browser, session: Session, touch: Touch
) -> None:
    first = pictures.photo(colour="red")
    add(as_officer, touch, first, first)
    add(as_officer, touch, first)
    assert many(session) == 1
    shades = [pictures.photo(colour=f"#0000{number:02x}") for number in range(20, 200, 20)]
    assert "最多 9 张" in add(as_officer, touch, *shades).text
    assert many(session) == 1
    assert "已加8张照片" in add(as_officer, touch, *shades[:8]).text


def test_what_is_no_photo_is_refused_with_a_sentence(as_officer: Browser, session: Session, touch: Touch) -> None:
    assert "只接受 JPG、PNG、WebP" in add(as_officer, touch, b"<svg/>", name="x.svg").text
    assert "请先选择照片" in add(as_officer, touch).text
    assert many(session) == 0


def test_a_removed_photo_leaves_no_bytes_behind(
    as_officer: Browser, as_outsider: Browser, session: Session, touch: Touch, settings: config.Settings
) -> None:
    add(as_officer, touch, pictures.photo())
    photo = only(session)
    digests = session.scalars(select(Attachment.sha256)).all()
    session.commit()
    paths = [filestore.path_of(settings.files_dir, digest) for digest in digests]
    assert all(path.is_file() for path in paths)
    gone = f"/visits/{touch.id}/photos/{photo}/remove"
    assert as_outsider.post(gone).status_code == 404
    assert as_officer.post(gone).status_code == 303
    assert not any(path.exists() for path in paths)
    assert as_officer.post(gone).status_code == 404
    assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_whoever_erases_a_person_is_told_of_photos_that_may_show_that_person(
    as_officer: Browser, session: Session, office: Office, touch: Touch
) -> None:
    met = builders.contact(session, touch.enterprise, office.east, office.officer)
    touch.contacts.append(met)
    session.commit()
    assert erasure.plan(session, office.actor(session, office.registrar), met.id).mentions == ()
    session.commit()
    add(as_officer, touch, pictures.photo())
    told = erasure.plan(session, office.actor(session, office.registrar), met.id).mentions
    assert [(one.label, one.href) for one in told] == [("走访照片（可能拍到本人）", f"/visits/{touch.id}")]


def test_photos_are_added_while_the_record_may_be_corrected(
    as_officer: Browser, as_leader: Browser, session: Session, touch: Touch
) -> None:
    assert add(as_leader, touch, pictures.photo()).status_code == 403
    touch.recorded_at = touch.occurred_at = NOW - timedelta(days=31)
    session.commit()
    assert "超过30天" in add(as_officer, touch, pictures.photo()).text


def test_the_place_is_kept_only_when_the_office_asks_for_it(
    as_officer: Browser, as_administrator: Browser, session: Session, touch: Touch
) -> None:
    assert as_officer.post("/visits/settings", {"keep_place": "y"}).status_code == 403
    assert as_administrator.post("/visits/settings", {"keep_place": "y"}).status_code == 303
    assert "checked" in as_administrator.get("/visits/settings").text
    assert "含拍摄地点" in add(as_officer, touch, pictures.photo()).text
    photo = only(session)
    assert pictures.place_of(as_officer.get(f"/visits/{touch.id}/photos/{photo}").data)[1] == "N"
