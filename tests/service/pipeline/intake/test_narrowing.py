from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def three(session: Session, office: Office) -> None:
    """A small project touched today, one silent for ten weeks, and a very big one silent for four months."""
    rows = (("新近的项目", 0, "800"), ("久静的项目", 70, "90000"), ("沉寂的项目", 130, "900000"))
    for name, days, amount in rows:
        firm, since = builders.enterprise(session, f"{name}公司"), NOW - timedelta(days=days)
        fields = {"stage_since": since, "total_investment": Decimal(amount)}
        builders.project(session, firm, office.east, office.officer, name=name, **fields)
    session.commit()


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("light=none", "新近的项目"),
        ("light=yellow", "久静的项目"),
        ("light=red", "沉寂的项目"),
        ("tier=0", "沉寂的项目"),
        ("tier=1", "久静的项目"),
        ("tier=2", "新近的项目"),
        ("tier=99", ""),
    ],
)
def test_board_and_list_are_narrowed_by_silence_and_size(as_officer: Browser, query: str, shown: str) -> None:
    for view in ("", "list"):
        page = as_officer.get(f"/projects?view={view}&{query}").text.split("<main")[1]
        names = [name for name in ("新近的项目", "久静的项目", "沉寂的项目") if f">{name}</a>" in page]
        assert names == ([shown] if shown else [])


@pytest.mark.usefixtures("three")
def test_what_narrows_stands_as_a_chip_and_an_unknown_word_narrows_nothing(as_officer: Browser) -> None:
    page = as_officer.get("/projects?light=yellow&tier=1").text
    chips = page.split('class="y-chips"')[1].split("</div>")[0]
    assert "久未跟进" in chips
    assert "重大" in chips
    assert as_officer.get("/projects?light=purple&tier=big").text.count("data-card=") == 3


@pytest.mark.usefixtures("three")
def test_groups_are_a_view_that_keeps_what_narrows(as_officer: Browser) -> None:
    moved = as_officer.get("/projects/groups?by=eight&light=red")
    assert moved.status_code == 302
    page = as_officer.get(moved.headers["Location"]).text
    assert "共1个，总投资90亿元" in page
    assert 'href="/projects?light=red&amp;view=list&amp;stage=lead"' in page.replace("by=eight&amp;", "")
