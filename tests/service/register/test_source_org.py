from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Browser

FORM = {"name": "云岭电子有限公司", "source_kind": "chamber", "source_org": "云溪商会"}


def test_where_a_target_came_from_stands_on_its_record_and_narrows_the_list(as_officer: Browser) -> None:
    path = as_officer.post("/enterprises/new", FORM).headers["Location"]
    as_officer.post("/enterprises/new", {"name": "海川化学有限公司"})
    assert "商协会 · 云溪商会" in as_officer.get(path).text
    page = as_officer.get("/enterprises?f=source:chamber").text
    assert "云岭电子有限公司" in page
    assert "海川化学有限公司" not in page


def test_the_organisation_is_known_to_the_list(as_officer: Browser) -> None:
    as_officer.post("/enterprises/new", FORM)
    as_officer.post("/enterprises/new", {"name": "海川化学有限公司"})
    assert "海川化学有限公司" in as_officer.get("/enterprises").text
    page = as_officer.get("/enterprises", query_string={"f": "org:云溪"}).text
    assert "来源单位：云溪" in page
    assert "云岭电子有限公司" in page
    assert "海川化学有限公司" not in page
