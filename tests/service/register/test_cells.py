from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.changes import FieldChange, Via
from crm.enterprises.models import Enterprise
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


@pytest.fixture
def firm(session: Session, office: Office) -> int:
    row = builders.enterprise(session, "云岭电子有限公司", industry="电子")
    session.commit()
    assert office
    return row.id


def test_a_cell_is_changed_in_place_and_kept_in_the_history(as_officer: Browser, firm: int, session: Session) -> None:
    box = as_officer.get(f"/enterprises/{firm}/cell/industry", headers=HTMX).text
    assert 'value="电子"' in box
    assert "<html" not in box
    answer = as_officer.post(f"/enterprises/{firm}/cell/industry", {"value": "半导体", "version": "1"}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.strip() == "半导体"
    change = session.scalars(select(FieldChange).where(FieldChange.field == "industry")).one()
    assert (change.before, change.after, change.via) == ("电子", "半导体", Via.CELL)


def test_a_stale_or_wrong_value_is_refused_in_the_cell_with_the_stored_one(
    as_officer: Browser, firm: int, session: Session
) -> None:
    path = f"/enterprises/{firm}/cell/industry"
    assert as_officer.post(path, {"value": "半导体", "version": "1"}, headers=HTMX).status_code == 200
    stale = as_officer.post(path, {"value": "化工", "version": "1"}, headers=HTMX)
    assert stale.status_code == 409
    assert 'value="化工"' in stale.text
    assert "库里现在是：半导体" in stale.text
    wrong = as_officer.post(f"/enterprises/{firm}/cell/uscc", {"value": "123", "version": "2"}, headers=HTMX)
    assert wrong.status_code == 422
    assert session.scalars(select(Enterprise.uscc)).one() is None


def test_without_a_script_the_box_is_a_page_and_leads_to_the_record(as_officer: Browser, firm: int) -> None:
    page = as_officer.get(f"/enterprises/{firm}/cell/source_kind").text
    assert "<html" in page
    assert "商协会" in page
    saved = as_officer.post(f"/enterprises/{firm}/cell/source_kind", {"value": "chamber", "version": "1"})
    assert saved.headers["Location"] == f"/enterprises/{firm}"
    assert "商协会" in as_officer.get("/enterprises?cols=source_kind").text


def test_only_offered_fields_and_only_writers(as_officer: Browser, as_leader: Browser, firm: int) -> None:
    for field in ("name", "id", "created_by", "version"):
        assert as_officer.get(f"/enterprises/{firm}/cell/{field}").status_code == 404
        assert as_officer.post(f"/enterprises/{firm}/cell/{field}", {"value": "x"}).status_code == 404
    assert as_officer.get("/enterprises/999999/cell/industry").status_code == 404
    assert as_leader.post(f"/enterprises/{firm}/cell/industry", {"value": "x"}).status_code == 403
    assert "data-cell" not in as_leader.get("/enterprises").text
