"""What somebody with bad intentions sends, and what must come of it: nothing."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from xlsxwriter import Workbook

from crm.auth import queries
from crm.auth.models import OrgUnit
from crm.auth.rules import UnitKind
from crm.core.errors import DomainError
from crm.enterprises.models import Contact
from crm.fieldwork.models import Touch
from crm.imports.reading import TOO_LONG, read_sheet
from crm.pipeline.models import ProjectNote
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

BEYOND = "9" * 25
MARKUP = "<img src=x>营收增长30%，利润%(s)s"
SHOWN = "&lt;img src=x&gt;营收增长30%，利润%(s)s"
PAGED = (
    "/enterprises",
    "/enterprises?sort=touch",
    "/contacts",
    "/contacts/health",
    "/contacts/health/faces",
    "/visits",
    "/signals",
    "/projects?view=list",
)
RECORDS = (
    "/enterprises/{}",
    "/visits/{}",
    "/projects/{}",
    "/contacts/{}/edit",
    "/contacts/{}",
    "/contacts/{}/erase",
    "/signals/{}",
    "/articles/{}",
)
FILTERED = (
    "/visits?unit={}",
    "/visits/new?enterprise={}",
    "/reports/funnel?unit={}",
    "/projects?owner={}",
    "/contacts?enterprise={0}&unit={0}",
)
DAYS = ("/visits?from={}", "/visits?to={}", "/reports/funnel?from={}", "/reports/rows?measure=visits&asof={}")


def cursor(*values: object) -> str:
    raw = json.dumps({"b": False, "v": values})
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


CURSORS = (
    cursor("x", 1),
    cursor(1, "x"),
    cursor(2**70, 2**70),
    cursor({"t": "2026-01-01"}, 1),
    cursor({"t": "0001-01-01T00:00:00+14:00"}, 1),
    cursor("\x00", 1),
    cursor("\ud800", 1),
    cursor(None, None),
    cursor("x", float("inf")),
    cursor("1e999", 1, 1),
    "!!!!",
    base64.urlsafe_b64encode(b"[" * 20_000).decode(),
)


@pytest.mark.parametrize("path", PAGED)
def test_a_cursor_somebody_made_up_starts_the_list_from_the_beginning(path: str, as_registrar: Browser) -> None:
    join = "&" if "?" in path else "?"
    assert {as_registrar.get(f"{path}{join}cursor={made_up}").status_code for made_up in CURSORS} == {200}


def test_a_made_up_mark_on_the_board_starts_the_column_from_the_beginning(as_registrar: Browser) -> None:
    marks = (f"2026-01-01T00:00:00%2B00:00~{BEYOND}", "0001-01-01T00:00:00%2B14:00~1", "x~y")
    answers = {
        as_registrar.get(f"/projects/column/lead?after={mark}", headers={"HX-Request": "1"}).status_code
        for mark in marks
    }
    assert answers == {200}


def test_a_record_number_beyond_64_bits_is_not_found(as_registrar: Browser) -> None:
    numbers = (BEYOND, "9223372036854775808", "9" * 5000)
    assert {as_registrar.get(path.format(number)).status_code for path in RECORDS for number in numbers} == {404}


def test_a_filter_beyond_64_bits_does_not_narrow(as_registrar: Browser) -> None:
    assert {as_registrar.get(path.format(BEYOND)).status_code for path in FILTERED} == {200}


def test_days_at_the_edge_of_the_calendar_do_not_break_a_page(as_registrar: Browser) -> None:
    days = ("0001-01-01", "9999-12-31", "0001-01-01T00:00", "2026-02-30")
    assert {as_registrar.get(path.format(day)).status_code for path in DAYS for day in days} == {200}


def test_numbers_of_five_thousand_digits_are_refused_beside_their_field(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    session.commit()
    many = "9" * 5000
    campaign = {"name": "百日会战", "start_on": "2026-10-01", "end_on": "2026-12-31"}
    answers = (
        as_registrar.post("/targets/edit", {f"task-{office.east.id}-visits": many}),
        as_registrar.post("/campaigns/new", {**campaign, f"task-{office.east.id}-visits": many}),
        as_registrar.post("/visits/new", {"client_id": "tap-00000001", "enterprise_id": many}),
    )
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    stale = as_registrar.post(f"/enterprises/{firm.id}/edit", {"name": firm.name, "version": many})
    assert stale.status_code == 409


def test_control_characters_never_reach_the_database(as_officer: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer)
    session.commit()
    note = as_officer.post(f"/projects/{deal.id}/notes", {"body": "粘贴\x00自\x0bWord\x08的一段"})
    person = as_officer.post(f"/contacts/new?enterprise={firm.id}", {"name": "钱\x00部长"})
    assert (note.status_code, person.status_code) == (303, 303)
    assert session.scalars(select(ProjectNote.body)).all() == ["粘贴自Word的一段"]
    assert session.scalars(select(Contact.name)).all() == ["钱部长"]
    assert as_officer.get("/enterprises?q=%00").status_code == 200


def test_a_hostile_headline_shows_as_text_on_the_page_of_its_enterprise(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm, quote=MARKUP, article=builders.article(session, MARKUP))
    session.commit()
    for path in (f"/enterprises/{firm.id}", "/signals"):
        page = as_officer.get(path)
        assert page.status_code == 200
        assert SHOWN in page.text
        assert "<img src=x" not in page.text


def test_a_unit_with_a_hostile_name_breaks_no_page(as_registrar: Browser, session: Session, office: Office) -> None:
    session.add(OrgUnit(name=MARKUP, kind=UnitKind.SQUAD, valid_from=date(2026, 1, 1)))
    firm = builders.enterprise(session)
    place = builders.unit(session, f"{MARKUP}二队")
    who = builders.user(session, "hostile", MARKUP)
    builders.touch(session, firm, place, who, summary=MARKUP)
    builders.project(session, firm, place, who, name=MARKUP)
    session.commit()
    for path in (
        "/visits",
        "/projects",
        "/projects?view=list",
        f"/enterprises/{firm.id}",
        "/reports/funnel",
        "/targets",
    ):
        page = as_registrar.get(path)
        assert page.status_code == 200, path
        assert "<img src=x" not in page.text, path


ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\t\\evil.example",
    "https://evil.example",
    "javascript:1",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_back_leads_to_another_site(target: str, as_officer: Browser, session: Session) -> None:
    firm = builders.enterprise(session)
    session.commit()
    shown = as_officer.get("/visits/new", query_string={"next": target, "enterprise": firm.id}).text
    refused = as_officer.post("/visits/new", {"next": target, "client_id": "tap-00000001"})
    assert refused.status_code == 422
    assert f'="{target}"' not in shown + refused.text
    assert as_officer.post("/preferences", {"next": target, "locale": "zh"}).headers["Location"] == "/"


def test_the_tap_key_of_somebody_elses_visit_opens_nothing(
    as_outsider: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    foreign = builders.touch(session, firm, office.east, office.officer, summary="只有东组知道")
    session.commit()
    data: dict[str, Any] = {
        "client_id": foreign.client_id, "kind": "visit", "enterprise_id": firm.id, "summary": "冒充",
        "occurred_at": "2026-11-19T15:30", "intention": "unknown", "leader_level": "staff", "unit_id": office.south.id,
    }  # fmt: skip
    answer = as_outsider.post("/visits/new", data)
    assert answer.status_code == 422
    assert "只有东组知道" not in answer.text
    session.expire_all()
    assert session.scalars(select(Touch.summary)).all() == ["只有东组知道"]


def test_a_locked_database_gives_the_page_that_says_so(as_officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = OperationalError("SELECT 1", {}, sqlite3.OperationalError("database is locked"))
    monkeypatch.setattr(queries, "signed_in", Mock(side_effect=failure))
    answer = as_officer.get("/")
    assert answer.status_code == 503
    assert "服务暂时不可用" in answer.text


def test_a_name_without_account_locks_like_an_account(visitor: Browser, office: Office) -> None:
    told = {}
    for name in (office.officer.username, "nobody-here"):
        answers = [visitor.post("/login", {"username": name, "password": "wrong"}) for _ in range(7)]
        told[name] = ["连续输错次数过多" in answer.text for answer in answers]
    assert told["nobody-here"] == told[office.officer.username] == [False] * 5 + [True] * 2


def workbook(sheet: str) -> bytes:
    """Return a small .xlsx whose only sheet holds this XML."""
    plain, made = io.BytesIO(), io.BytesIO()
    book = Workbook(plain, {"in_memory": True})
    book.add_worksheet()
    book.close()
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, sheet if name.endswith("sheet1.xml") else before.read(name))
    return made.getvalue()


@pytest.mark.parametrize("corner", ['<c r="XFD1048576"', "<c r='xfd1048576'", '<row r="1048576"><c r="XFD2"'])
def test_a_cell_in_the_far_corner_is_refused_before_memory_is_taken(corner: str) -> None:
    cell = f'{corner} t="inlineStr"><is><t>x</t></is></c>'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = workbook(f'<worksheet xmlns="{space}"><sheetData><row>{cell}</row></sheetData></worksheet>')
    with pytest.raises(DomainError) as refused:
        read_sheet(data)
    assert refused.value.problems == (TOO_LONG,)
