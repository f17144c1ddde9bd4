"""The map of carriers: rows of the list, outlines out of files, undone again; nothing from elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

import config
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.resources.carriers import queries
from crm.resources.carriers import services as carriers
from crm.resources.carriers.geometry import points
from crm.resources.carriers.rules import CarrierDraft, CarrierKind, HoldKind
from crm.resources.carriers.services import HoldDraft
from crm.resources.sheets import queries as sheets
from crm.resources.sheets import services
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.resources.carriers.models import Carrier
    from tests.conftest import Browser
    from tests.support.builders import Office

D = Decimal


def square(east: float = 117, north: float = 30) -> dict[str, Any]:
    corners = ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01), (0, 0))
    return {"type": "Polygon", "coordinates": [[[round(east + x, 6), round(north + y, 6)] for x, y in corners]]}


def keep(session: Session, office: Office, code: str, **fields: object) -> Carrier:
    draft = CarrierDraft(CarrierKind.PLOT, f"地块{code}", code, office.east.id, D(100))
    actor = office.actor(session, office.registrar)
    return carriers.save(session, actor, replace(draft, **fields), now=NOW, today=TODAY)  # type: ignore[arg-type]  # fields of the draft


def file(*named: tuple[str, dict[str, Any]]) -> bytes:
    found = [{"type": "Feature", "properties": {"name": name}, "geometry": shape} for name, shape in named]
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


def put(session: Session, office: Office, user: User, content: bytes) -> int:
    actor = office.actor(session, user)
    row = services.bring(session, actor, "边界.geojson", content, now=NOW)
    return services.apply(session, actor, row.id, now=NOW).id


def data_of(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.partition('id="map-data">')[2].partition("</script>")[0])
    return found


def test_the_map_draws_the_rows_the_list_leaves_and_says_nothing_of_who_holds_them(
    as_officer: Browser, session: Session, office: Office
) -> None:
    hidden = builders.project(session, builders.enterprise(session), office.south, office.lead, name="绝密芯片项目")
    plot = keep(session, office, "A1", industries=("新能源",), longitude=D("117.123456"), latitude=D("30.5"))
    keep(session, office, "A2", industries=("新能源",), barred=("新能源车",), outline=json.dumps(square()))
    keep(session, office, "A3", industries=("纺织",), outline=json.dumps(square()))
    keep(session, office, "A4")
    held = HoldDraft(HoldKind.RESERVED, D(40), TODAY, TODAY + timedelta(days=9), project_id=hidden.id)
    carriers.take(session, office.actor(session, office.registrar), plot.id, held, now=NOW)
    session.commit()
    later = (TODAY + timedelta(days=10)).isoformat()
    for asked, drawn, listed in (
        ("", ["A1", "A2", "A3"], 4),
        ("?industry=新能源", ["A1", "A2"], 3),
        ("?industry=新能源车", [], 1),
        ("?state=partly", ["A1"], 1),
        (f"?state=free&on={later}", ["A1", "A2", "A3"], 4),
        ("?least=61&q=A1", [], 0),
    ):
        page = as_officer.get(f"/carriers/map{asked}").text
        assert [dict(map(tuple, one["facts"]))["编号"] for one in (data_of(page)["features"] if drawn else [])] == drawn
        rows = as_officer.get(f"/carriers{asked}").text.count("<tr data-row>")
        assert (page.count("<tr data-row>"), rows) == (listed, listed)
        assert "绝密芯片" not in page
    first = data_of(as_officer.get("/carriers/map?q=A1").text)["features"][0]
    assert (first["at"], first["state"], ["可供", "60 亩"] in first["facts"]) == ([30.5, 117.123456], "partly", True)


def test_without_a_place_the_page_says_how_one_is_added(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    keep(session, office, "A1")
    session.commit()
    page = as_registrar.get("/carriers/map").text
    assert "还没有位置" in page
    assert "/carriers/map/outlines" in page
    assert "leaflet" not in page
    assert "地块A1" in page


def test_no_more_is_drawn_than_the_page_says(
    as_officer: Browser, session: Session, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.land.mapping.DRAWN", 2)
    for code in ("A1", "A2", "A3"):
        keep(session, office, code, outline=json.dumps(square()))
    session.commit()
    page = as_officer.get("/carriers/map").text
    assert len(data_of(page)["features"]) == 2
    assert "超过2处" in page


def test_a_position_or_outline_that_is_none_stays_in_the_form(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    form = {
        "kind": "plot",
        "name": "东区1号",
        "code": "Q",
        "use": "industry",
        "area": "1",
        "unit_id": str(office.east.id),
        "basis": "",
        "parent_id": "",
    }
    for typed, word in (
        ({"longitude": "117.1234567", "latitude": "30"}, "最多六位小数"),
        ({"longitude": "181", "latitude": "30"}, "之间"),
        ({"outline": '{"type": "Point", "coordinates": [117, 30]}'}, "轮廓要是面"),
    ):
        answer = as_registrar.post("/carriers/new", data={**form, **typed})
        assert (answer.status_code, word in answer.text) == (422, True)
        assert all(value.replace('"', "&#34;") in answer.text for value in typed.values())
    assert as_registrar.post("/carriers/new", data={**form, "outline": json.dumps(square())}).status_code == 303
    session.expire_all()
    assert points(queries.get(session, 1).outline) == 5
    draft = CarrierDraft(CarrierKind.PLOT, "东区1号", "Q", office.east.id, D(2))
    actor = office.actor(session, office.registrar)
    kept = carriers.save(session, actor, draft, now=NOW, today=TODAY, carrier_id=1)
    assert points(kept.outline) == 5  # who says nothing of it, leaves it
    assert carriers.save(session, actor, replace(draft, outline=""), now=NOW, today=TODAY, carrier_id=1).outline is None


def test_a_file_is_put_on_what_the_person_keeps_and_taken_back_whole(session: Session, office: Office) -> None:
    mine, other = keep(session, office, "A1"), keep(session, office, "A2", unit_id=office.south.id)
    old = put(session, office, office.registrar, file(("地块A1", square()), ("县界", square(116))))
    assert [one["name"] for one in sheets.base(session)] == ["县界"]
    new = put(session, office, office.lead, file(("地块A1", square(118)), ("地块A2", square()), ("镇界", square())))
    assert (mine.outline, other.outline) == (square(118), None)
    assert [one["name"] for one in sheets.base(session)] == ["县界"]
    lead = office.actor(session, office.lead)
    with pytest.raises(ConflictError):
        services.undo(session, office.actor(session, office.registrar), old, now=NOW)
    services.undo(session, lead, new, now=NOW)
    assert mine.outline == square()
    with pytest.raises(NotFoundError):
        services.undo(session, lead, old, now=NOW)  # the sheet of somebody else
    services.undo(session, office.actor(session, office.registrar), old, now=NOW)
    assert sheets.base(session) == []
    assert queries.get(session, mine.id).outline is None


def test_what_was_drawn_anew_since_is_not_undone(session: Session, office: Office) -> None:
    row, actor = keep(session, office, "A1"), office.actor(session, office.registrar)
    sheet = put(session, office, office.registrar, file(("地块A1", square())))
    draft = CarrierDraft(CarrierKind.PLOT, "地块A1", "A1", office.east.id, D(100), outline=json.dumps(square(119)))
    carriers.save(session, actor, draft, now=NOW, today=TODAY, carrier_id=row.id)
    services.undo(session, actor, sheet, now=NOW)
    assert row.outline == square(119)


def test_a_file_is_looked_at_before_it_is_used(
    as_registrar: Browser, as_officer: Browser, session: Session, office: Office
) -> None:
    row = keep(session, office, "A1")
    session.commit()
    assert as_officer.get("/carriers/map/outlines").status_code == 403
    bad = as_registrar.post("/carriers/map/outlines", data={"file": (BytesIO(b"{}"), "x.json")})
    assert (bad.status_code, "读不出这个文件" in bad.text) == (422, True)
    for name in ("A.json", "<b>B.json"):
        content = BytesIO(file(("地块A1", square()), ("县界", square(116))))
        brought = as_registrar.post("/carriers/map/outlines", data={"file": (content, name)})
    assert brought.status_code == 303
    page = as_registrar.get(str(brought.location)).text
    assert all(word in page for word in ("加上轮廓", "画作底图", "&lt;b&gt;B.json"))
    session.expire_all()
    assert row.outline is None
    assert as_officer.post(f"{brought.location}/apply").status_code == 403
    assert as_registrar.post(f"{brought.location}/apply").status_code == 303
    assert as_registrar.post(f"{brought.location}/apply").status_code == 409
    assert [one["name"] for one in data_of(as_officer.get("/carriers/map").text)["base"]] == ["县界"]
    assert "替换原轮廓" not in as_registrar.get(str(brought.location)).text
    assert as_registrar.post(f"{brought.location}/undo").status_code == 303
    session.expire_all()
    assert row.outline is None


def test_nothing_is_asked_of_another_host_unless_the_administrator_names_one(
    app: Flask, as_officer: Browser, session: Session, office: Office
) -> None:
    keep(session, office, "A1", outline=json.dumps(square()))
    session.commit()
    policy = as_officer.get("/carriers").headers["Content-Security-Policy"]
    assert as_officer.get("/carriers/map").headers["Content-Security-Policy"] == policy
    tiles = "https://tiles.office.example:8443/{z}/{x}/{y}.png"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], map_tiles=tiles)
    answer = as_officer.get("/carriers/map")
    assert "img-src 'self' https://tiles.office.example:8443 data:" in answer.headers["Content-Security-Policy"]
    assert data_of(answer.text)["tiles"] == tiles
    assert as_officer.get("/carriers").headers["Content-Security-Policy"] == policy


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("", True),
        ("/tiles/{z}/{x}/{y}.png", True),
        ("https://t.example/{z}/{x}/{y}?key=1", True),
        ("http://t.example/{z}/{x}/{y}", False),
        ("//t.example/{z}/{x}/{y}", False),
        ("https://t.example/{z}/{x}", False),
        ("https://t.example; script-src */{z}/{x}/{y}", False),
        ("javascript:/{z}{x}{y}", False),
    ],
)
def test_tiles_come_from_this_host_or_over_tls(tmp_path: Any, address: str, *, fine: bool) -> None:
    env = {"YINFENG_DATA": str(tmp_path), "YINFENG_MAP_TILES": address}
    if fine:
        assert config.load(env).map_tiles == address
        return
    with pytest.raises(config.SettingsError):
        config.load(env)


def test_a_file_without_anything_to_use_changes_nothing(session: Session, office: Office) -> None:
    keep(session, office, "A1", unit_id=office.south.id)
    with pytest.raises(DomainError, match=r"sheet\.nothing"):
        put(session, office, office.lead, file(("地块A1", square())))
