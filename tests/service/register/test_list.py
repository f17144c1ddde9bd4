from __future__ import annotations

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from crm.register import list_queries, list_state
from crm.register.filters import parse
from crm.register.list_state import State
from crm.scoring.models import EnterpriseScore
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

MOST_QUERIES = 12
ALL_COLUMNS = "score,lists,industry,region,touch,contacts,projects,uscc,stock_codes,website,capital,revenue,updated"
FIRST_LOAD, SWAP = 60_000, 15_000


def names(session: Session, office: Office, user: User, *groups: str, sort: str = "name") -> list[str]:
    order, descending = list_state.ordered(sort)
    state = State(groups=parse(groups).groups, sort=order, descending=descending)
    _page, lines = list_queries.page(session, office.actor(session, user), state, cursor=None, now=NOW)
    return [line.enterprise.name for line in lines]


@pytest.fixture
def firms(session: Session, office: Office) -> dict[str, Enterprise]:
    made = {
        "甲": builders.enterprise(session, "甲", industry="电子信息", industry_code="C39", region_code="330100"),
        "乙": builders.enterprise(session, "乙", industry="化工", region="江苏苏州", uscc="91320594TEST000012"),
        "丙": builders.enterprise(session, "丙", source_kind="chamber"),
        "丁": builders.enterprise(session, "丁", created_at=NOW - timedelta(days=90)),
    }
    made["丙"].parent_id = made["甲"].id
    target = TargetList(key="private_500", name="民营企业500强")
    session.add(target)
    session.flush()
    for year, firm in ((2024, "甲"), (2025, "乙")):
        edition = ListEdition(list_id=target.id, year=year, imported_at=NOW)
        session.add(edition)
        session.flush()
        session.add(ListEntry(edition_id=edition.id, enterprise_id=made[firm].id, rank=7, printed_name=firm))
    session.add(
        EnterpriseScore(
            enterprise_id=made["乙"].id, points=82, fit=20, intent=12, grade="A",
            reasons=[], table_version="t", as_of=NOW,
        )
    )  # fmt: skip
    builders.touch(session, made["甲"], office.east, office.officer)
    builders.touch(session, made["乙"], office.south, office.outsider, occurred_at=NOW - timedelta(days=60))
    builders.project(session, made["甲"], office.east, office.officer, stage=Stage.VISITING)
    builders.project(
        session, made["丙"], office.south, office.outsider,
        exit_kind=ExitKind.LOST, exit_reason=next(iter(ExitReason)), exited_at=NOW,
    )  # fmt: skip
    builders.contact(session, made["甲"], office.east, office.officer)
    builders.signal(session, made["丁"], kind="CAPX")
    session.commit()
    return made


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        (["list:private_500"], "甲乙"),
        (["list:private_500/2025"], "乙"),
        (["!list:private_500"], "丙丁"),
        (["industry:电子"], "甲"),
        (["!industry:电子"], "乙丙丁"),
        (["industry:C"], "甲"),
        (["region:330000~region:苏州"], "甲乙"),
        (["grade:A"], "乙"),
        (["score:80~source:chamber"], "乙丙"),
        (["touched:30"], "甲"),
        (["touched:90"], "甲乙"),
        (["touched:never"], "丙丁"),
        (["!touched:never", "!project:open"], "乙"),
        (["project:any"], "甲丙"),
        (["project:open"], "甲"),
        (["project:visiting"], "甲"),
        (["project:none"], "乙丁"),
        (["contacts:has"], "甲"),
        (["contacts:none", "list:private_500"], "乙"),
        (["uscc:has"], "乙"),
        (["!uscc:has", "group:child"], "丙"),
        (["group:parent"], "甲"),
        (["signal:CAPX/90"], "丁"),
        (["signal:NEG"], ""),
        (["created:30"], "甲乙丙"),
        (["!created:30"], "丁"),
    ],
)
def test_conditions_find_across_relations(
    session: Session, office: Office, firms: dict[str, Enterprise], groups: list[str], found: str
) -> None:
    assert set(names(session, office, office.registrar, *groups)) == set(found)
    assert firms


@pytest.mark.parametrize(
    ("group", "found"),
    [("touched:90", "甲"), ("touched:never", "乙丙丁"), ("touched:mine", "甲"), ("project:any", "甲")],
)
def test_a_squad_finds_only_by_what_it_may_read(
    session: Session, office: Office, firms: dict[str, Enterprise], group: str, found: str
) -> None:
    assert set(names(session, office, office.officer, group)) == set(found)
    assert firms


@pytest.mark.parametrize("sort", ["name", "-name", "score", "+score", "industry", "region", "touch", "+touch"])
@pytest.mark.parametrize("person", ["registrar", "officer"])
def test_every_order_pages_through_all_rows_and_back(session: Session, office: Office, sort: str, person: str) -> None:
    for number in range(14):
        row = builders.enterprise(session, f"云岭第{number:02}工厂", industry=("电子", None)[number % 2])
        if number % 3:
            builders.touch(session, row, office.east, office.officer, occurred_at=NOW - timedelta(hours=number // 2))
    order, descending = list_state.ordered(sort)
    state, actor = State(sort=order, descending=descending), office.actor(session, getattr(office, person))
    ids: list[int] = []
    cursor, pages = None, []
    while True:
        page, lines = list_queries.page(session, actor, state, cursor=cursor, now=NOW, size=4)
        ids += [line.enterprise.id for line in lines]
        pages.append([line.enterprise.id for line in lines])
        if page.next is None:
            break
        cursor = page.next
    assert len(ids) == len(set(ids)) == 14
    back, _lines = list_queries.page(session, actor, state, cursor=page.previous, now=NOW, size=4)
    assert [row[0] for row in back.rows] == pages[-2]


def test_the_total_is_bounded(session: Session, office: Office) -> None:
    for _ in range(5):
        builders.enterprise(session)
    actor = office.actor(session, office.registrar)
    assert list_queries.count(session, actor, State(), now=NOW, most=3) == 4


def test_values_in_use_are_found_by_leaps(session: Session, office: Office) -> None:
    for value in ("电子", "化工", "电子", None, ""):
        builders.enterprise(session, industry=value)
    industries, regions = list_queries.values(session, (Enterprise.industry, Enterprise.region))
    assert sorted(industries) == sorted(["电子", "化工"])
    assert regions == []
    assert [len(found) for found in list_queries.values(session, (Enterprise.industry,), most=1)] == [1]
    assert office


def test_an_unknown_condition_is_named_and_the_list_still_shows(
    as_officer: Browser, firms: dict[str, Enterprise]
) -> None:
    page = as_officer.get("/enterprises?f=owner:1~grade:A&f=list:'&touched=soon&into=99&add=x&sort=evil&cols=evil")
    assert page.status_code == 200
    assert "owner:1" in page.text
    assert "A级" in page.text
    assert firms


def test_the_builder_adds_with_or_and_with_and(as_registrar: Browser, firms: dict[str, Enterprise]) -> None:
    either = as_registrar.get("/enterprises?f=grade:A&into=0&add=source:chamber").text
    assert ">乙<" in either
    assert ">丙<" in either
    both = as_registrar.get("/enterprises?f=grade:A&into=new&add=source:chamber&not=1").text
    assert ">乙<" in both
    assert ">丙<" not in both
    typed = as_registrar.get("/enterprises?kind=industry&text=化&into=new").text
    assert "行业含“化”" in typed
    assert ">甲<" not in typed
    assert firms


def test_columns_are_chosen_in_the_address(
    as_registrar: Browser, session: Session, firms: dict[str, Enterprise]
) -> None:
    firms["乙"].website = "https://yi.example"
    session.commit()
    page = as_registrar.get("/enterprises?cols=name&cols=website,contacts").text
    assert "https://yi.example" in page
    assert "最近接触</a>" not in page


def test_htmx_gets_the_table_alone_and_the_pages_are_light(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    for number in range(40):
        builders.enterprise(
            session, f"云岭第{number:02}工厂有限责任公司", industry=f"行业{number}", region=f"地区{number}"
        )
    session.commit()
    part = as_registrar.get("/enterprises", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert len(gzip.compress(part.data)) <= SWAP
    assert len(gzip.compress(as_registrar.get("/enterprises").data)) <= FIRST_LOAD
    assert office


def test_a_page_with_every_column_needs_few_queries(
    as_officer: Browser, as_registrar: Browser, firms: dict[str, Enterprise], database: Database
) -> None:
    wide = f"/enterprises?cols={ALL_COLUMNS}&f=touched:30~project:open~uscc:none&sort=touch"
    for browser in (as_officer, as_registrar):
        for path in (wide, "/enterprises", "/enterprises?sort=touch", "/enterprises?sort=score"):
            with counted(database) as statements:
                assert browser.get(path).status_code == 200
            asked = [one for one in statements if one.startswith(("SELECT", "WITH"))]
            assert len(asked) <= MOST_QUERIES, (path, len(asked), asked)
    assert firms
