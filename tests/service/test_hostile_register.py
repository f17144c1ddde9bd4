"""What somebody with bad intentions sends to the register, and what must come of it: nothing."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.text import fold
from crm.enterprises.models import Enterprise
from crm.register import export
from crm.register.models import ExportRun
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from tests.conftest import Browser
    from tests.support.builders import Office

NAME = "云岭电子有限公司"


def clash(firm: Enterprise, field: str, earlier: object, *, chosen: str = "original") -> dict[str, str]:
    """What the form of a clash sends back, with a remembered value somebody made up."""
    return {
        "name": firm.name,
        "version": str(firm.version),
        "original": json.dumps({"name": firm.name, field: None}),
        "earlier": json.dumps({field: earlier}),
        f"choice_{field}": chosen,
    }


@pytest.mark.parametrize(
    ("field", "made_up"),
    [
        ("industry", "\ud800"),
        ("source_org", "甲\x00乙"),
        ("revenue", "1e999999"),
        ("revenue", "sNaN"),
        ("revenue", "很多"),
        ("land_plan", "1e-999999"),
        ("website", "javascript:alert(1)"),
    ],
)
@pytest.mark.parametrize("chosen", ["original", "mine", ""])
def test_a_remembered_value_somebody_made_up_breaks_no_form(
    field: str, made_up: str, chosen: str, as_officer: Browser, session: Session
) -> None:
    firm = builders.enterprise(session, NAME)
    session.commit()
    answer = as_officer.post(f"/enterprises/{firm.id}/edit", clash(firm, field, made_up, chosen=chosen))
    assert answer.status_code in {303, 409, 422}
    assert len(answer.text) < 500_000
    session.expire_all()
    assert str(getattr(session.get_one(Enterprise, firm.id), field) or "") in {"", "甲乙"}


def test_a_name_that_grows_when_folded_is_refused_beside_its_field(as_officer: Browser) -> None:
    answer = as_officer.post("/enterprises/new", {"name": "ﷺ" * 200})
    assert answer.status_code == 422
    assert "企业名称太长" in answer.text


@pytest.mark.parametrize("name", ["\u3164\u3164", "\u202e\u2066", "\u200b\u200b"])
def test_a_name_nobody_can_see_is_no_name(name: str, as_officer: Browser, session: Session) -> None:
    assert as_officer.post("/enterprises/new", {"name": name}).status_code == 422
    assert session.scalars(select(Enterprise.id)).all() == []


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200e", "\u180e", "\u2063", "\u061c"])
def test_an_invisible_mark_makes_no_other_name(mark: str, as_officer: Browser, session: Session) -> None:
    builders.enterprise(session, NAME)
    session.commit()
    answer = as_officer.post("/enterprises/new", {"name": f"云岭{mark}电子有限公司", "confirmed": "y"})
    assert answer.status_code == 422
    assert "登记册里已有这家企业" in answer.text


def test_a_name_with_a_tilde_is_free_again_once_deleted(as_registrar: Browser, session: Session) -> None:
    name = "甲~乙电子有限公司"
    firm = builders.enterprise(session, name)
    session.commit()
    as_registrar.post(f"/enterprises/{firm.id}/delete")
    again = as_registrar.post("/enterprises/new", {"name": name, "confirmed": "y"})
    assert again.status_code == 303
    assert as_registrar.post(f"/recycle/enterprises/{firm.id}/restore").status_code == 422
    session.expire_all()
    assert session.get_one(Enterprise, firm.id).folded_name != fold(name)


def test_fields_longer_than_their_columns_are_refused_not_failed(as_officer: Browser, session: Session) -> None:
    firm = builders.enterprise(session, NAME)
    session.commit()
    version = str(firm.version)
    for field in ("uscc", "stock_codes", "website", "industry", "region", "source_org", "source_kind"):
        codes = " ".join(f"{number:06}" for number in range(1, 800))
        for text in ("长" * 5000, "https://a.cn/" + "x" * 5000, codes):
            answer = as_officer.post(f"/enterprises/{firm.id}/cell/{field}", {"value": text, "version": version})
            assert answer.status_code == 422, (field, text[:9])
    for path, data in (
        (f"/enterprises/{firm.id}/aliases", {"alias": "ﷺ" * 150, "kind": "short"}),
        (f"/enterprises/{firm.id}/aliases", {"alias": "长" * 500, "kind": "short"}),
        ("/enterprises/new", {"name": "云山机械有限公司", "name_en": "ﷺ" * 150}),
        (f"/contacts/new?enterprise={firm.id}", {"name": "ﷺ" * 80, "legal_basis": "duty"}),
        (f"/contacts/new?enterprise={firm.id}", {"name": "钱", "legal_basis": "x" * 300}),
    ):
        assert as_officer.post(path, data).status_code in {303, 422}, path


@pytest.mark.parametrize("number", ["²", "٣", "-1", "9" * 25, "9" * 5000, "0x1", "１"])
def test_a_number_that_is_none_breaks_no_list(number: str, as_registrar: Browser) -> None:
    builder = {"add": "uscc:has", "into": number}
    for path in ("/enterprises", "/enterprises/bulk", "/enterprises/export"):
        answer = as_registrar.get(path, query_string={**builder, "view": number, "q": ""})
        assert answer.status_code in {200, 404}, path


@pytest.mark.parametrize("line", ["9" * 5000, "9" * 18, "-1", "²", "50000"])
def test_a_heading_line_nobody_has_is_refused(line: str, as_registrar: Browser) -> None:
    sent = {"file": (io.BytesIO("企业名称\n云岭电子有限公司\n".encode()), "../../名单.csv")}
    path = as_registrar.post("/imports", sent, content_type="multipart/form-data").headers["Location"]
    answer = as_registrar.post(f"{path}/mapping", {"then": "read", "header_row": line, "sheet": ""})
    assert answer.status_code in {303, 422}
    assert as_registrar.get(path).status_code == 200


def test_no_browser_keeps_a_fetched_file(
    as_registrar: Browser, session: Session, office: Office, settings: Settings
) -> None:
    run = ExportRun(page="contacts", state={}, status="done", created_by=office.registrar.id, created_at=builders.NOW)
    session.add(run)
    session.commit()
    path = export.path_of(settings.files_dir, run.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"13812345678")
    answer = as_registrar.get(f"/exports/{run.id}/file")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
