from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from crm.auth.rules import SYSTEM
from crm.core.audit import AuditEvent
from crm.core.errors import ForbiddenError
from crm.core.tasks import Task
from crm.enterprises.models import Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.queries import suggest
from crm.imports.columns import read_table
from crm.imports.reading import read_sheet
from crm.imports.rows import ListTarget
from crm.imports.services import ImportResult, import_list
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

TOP = ListTarget("世界500强", 2025, "测试榜")
HEAD = "排名,企业名称,英文名,简称,股票代码,行业,总部,营业收入,统一社会信用代码\n"
CSV = (
    HEAD
    + "1,云岭电子有限公司,YUNLING,云小岭,,电子,江苏苏州,120,\n"
    + "2,云岭新材料股份有限公司,,云岭新材,600001,新材料,浙江,90,91350100M000100Y43\n"
    + "第三,云山机械有限公司,,,,,,,\n"
)


def _import(session: Session, text: str, target: ListTarget = TOP) -> ImportResult:
    result = import_list(session, SYSTEM, read_table(read_sheet(text.encode())), target, now=NOW)
    session.commit()
    return result


def _counts(session: Session) -> list[Any]:
    tables = (Enterprise, EnterpriseAlias, TargetList, ListEdition, ListEntry)
    versions = session.scalar(select(func.sum(Enterprise.version)))
    return [*(session.scalar(select(func.count()).select_from(table)) for table in tables), versions]


def test_a_list_makes_enterprises_names_places_and_search(session: Session) -> None:
    result = _import(session, CSV)
    assert result.counts() == {
        "rows": 3, "created": 2, "matched": 0, "unchanged": 0, "rejected": 1, "queued": 0
    }  # fmt: skip
    assert result.left[0]["line"] == 4
    (option,) = suggest(session, "云小")
    assert option.name == "云岭电子有限公司"
    assert [(place.key, place.year, place.rank) for place in option.places] == [("fortune_global_500", 2025, 1)]
    assert [one.name for one in suggest(session, "600001")] == ["云岭新材料股份有限公司"]


def test_a_second_import_changes_nothing(session: Session) -> None:
    _import(session, CSV)
    before = _counts(session)
    again = _import(session, CSV)
    assert (again.created, again.matched, again.unchanged, again.rejected) == (0, 0, 2, 1)
    assert _counts(session) == before


def test_a_new_rank_moves_the_place_and_a_blank_is_filled_but_nothing_is_overwritten(session: Session) -> None:
    _import(session, CSV)
    result = _import(session, HEAD + "5,云岭电子有限公司,OTHER,,,化工,,130,91350100M000100Y43\n")
    assert (result.matched, result.queued) == (0, 1)
    result = _import(session, HEAD + "5,云岭电子有限公司,,,,化工,,130,\n")
    assert result.matched == 1
    row = session.scalars(select(Enterprise).where(Enterprise.name == "云岭电子有限公司")).one()
    assert row.industry == "电子"
    entry = session.scalars(select(ListEntry).where(ListEntry.enterprise_id == row.id)).one()
    assert (entry.rank, entry.revenue_note) == (5, "130")


def test_a_sheet_without_ranks_leaves_the_ranks_alone(session: Session) -> None:
    _import(session, CSV)
    result = _import(session, "单位名称,注册地,主营业务\n云岭电子有限公司,苏州,电子\n")
    assert (result.matched, result.unchanged) == (0, 1)
    assert session.scalars(select(ListEntry.rank).order_by(ListEntry.rank)).all() == [1, 2]


def test_a_stock_code_joins_a_renamed_company_and_keeps_the_other_name(session: Session) -> None:
    _import(session, CSV)
    result = _import(session, "简称,股票代码,企业名称\n新岭股份,600001.SH,\n", ListTarget("上市公司", 2025))
    assert result.matched == 1
    alias = session.scalars(select(EnterpriseAlias).where(EnterpriseAlias.alias == "新岭股份")).one()
    assert (alias.kind.value, alias.enterprise.name) == ("ticker", "云岭新材料股份有限公司")


def test_a_likeness_is_left_to_a_person(session: Session) -> None:
    _import(session, CSV)
    result = _import(session, HEAD + "9,云岭电子股份有限公司,,,,,,,\n10,云小岭,,,,,,,\n11,云岭电子集团,,,,,,,\n")
    assert (result.created, result.queued) == (0, 3)
    assert [one["candidates"][0][1] for one in result.left] == ["云岭电子有限公司"] * 3


def test_a_group_and_its_member_on_public_lists_are_two_firms(session: Session) -> None:
    _import(session, CSV)
    text = HEAD + "9,云岭电子集团有限公司,,,,,,,\n10,云岭电子控股有限公司,,,600088,,,,\n"
    result = _import(session, text)
    assert (result.created, result.queued) == (2, 0)
    assert _import(session, text).created == 0


def test_a_name_inside_another_name_is_another_enterprise(session: Session) -> None:
    _import(session, CSV)
    assert _import(session, HEAD + "9,云岭电子商务有限公司,,,,,,,\n").created == 1


def test_a_former_name_joins_nothing_new_and_needs_its_company(session: Session) -> None:
    _import(session, CSV)
    text = "list,year,name,short_names,stock_code\nx,2021,,云山新材,600001.SH\nx,2021,,无主股份,600009.SH\n"
    result = _import(session, text, ListTarget("a_share_former_name", 2021))
    assert (result.created, result.matched, result.rejected) == (0, 1, 1)
    assert session.scalar(select(EnterpriseAlias.kind).where(EnterpriseAlias.alias == "云山新材")) == "former"


def test_a_row_may_stand_before_the_row_that_explains_it(session: Session) -> None:
    _import(session, CSV)
    text = HEAD + "9,云小岭,,,600009,,,,\n8,云岭电子有限公司,,,600009,,,,\n"
    first = _import(session, text)
    assert (first.matched, first.rejected, first.queued) == (1, 1, 0)
    before = _counts(session)
    _import(session, text)
    assert _counts(session) == before


def test_the_same_enterprise_twice_on_a_list_is_sent_back(session: Session) -> None:
    result = _import(session, HEAD + "1,云岭电子有限公司,,,,,,,\n2,云岭电子有限公司,,,,,,,\n")
    assert (result.created, result.rejected) == (1, 1)


def test_an_import_asks_once_for_new_scores_and_is_on_record(session: Session) -> None:
    _import(session, CSV)
    _import(session, CSV)
    kinds = session.scalars(select(Task.kind)).all()
    assert sorted(kinds) == ["find_duplicates", "rescore_all"]
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "list.import")).all()) == 2


def test_an_officer_may_not_import(session: Session, office: Office) -> None:
    table = read_table(read_sheet(CSV.encode()))
    with pytest.raises(ForbiddenError):
        import_list(session, office.actor(session, office.officer), table, TOP, now=NOW)


def test_a_thousand_rows_need_few_statements(database: Database, session: Session) -> None:
    rows = "".join(f"{number},云岭第{number}工厂有限公司,,,,,,,\n" for number in range(1, 1001))
    with counted(database) as statements:
        assert _import(session, HEAD + rows).created == 1000
    assert len(statements) < 130  # lines are kept, checked and written in steps, each with its own statements


def test_a_row_finds_an_enterprise_that_a_person_entered(session: Session) -> None:
    firm = builders.enterprise(session, "云岭电子有限公司")
    assert _import(session, CSV).matched == 1
    assert session.scalar(select(ListEntry.rank).where(ListEntry.enterprise_id == firm.id)) == 1
