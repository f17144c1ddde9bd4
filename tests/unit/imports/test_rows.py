from __future__ import annotations

import pytest

from crm.enterprises.rules import AliasKind
from crm.imports.columns import read_table
from crm.imports.reading import read_sheet
from crm.imports.rows import ImportRow, ListTarget, Refusal, read_row, settle


def _read(text: str, target: ListTarget | None = None) -> list[ImportRow | Refusal]:
    table = read_table(read_sheet(text.encode()))
    settled = settle(table, target or ListTarget("世界500强", 2025))
    return [read_row(table.mapping, line, row, settled) for line, row in table.rows]


@pytest.mark.parametrize(
    ("cell", "rank"), [("12", 12), ("第12位", 12), ("1.1", 1), ("并列3", 3), ("T4", 4), ("", None)]
)
def test_a_rank_is_read_as_people_write_it(cell: str, rank: int | None) -> None:
    (row,) = _read(f"rank,name\n{cell},云岭电子\n")
    assert isinstance(row, ImportRow)
    assert row.memberships[0].rank == rank


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0,云岭电子,,", "名次"),
        ("第一,云岭电子,,", "名次"),
        ("1,,,", "没有企业名称"),
        ("1,12345,,", "没有企业名称"),
        ("1,<b>云岭</b>,,", "网页代码"),
        ("1," + "云" * 201 + ",,", "200"),
        ("1,云岭电子,91350100M000100Y44,", "信用代码"),
        ("1,云岭电子,,六零零", "股票代码"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(line: str, words: str) -> None:
    (row,) = _read(f"排名,企业名称,统一社会信用代码,股票代码\n{line}\n")
    assert isinstance(row, Refusal)
    assert words in row.message


def test_a_file_of_several_lists_speaks_for_itself() -> None:
    rows = _read("list,year,rank,name\n民营500强,2025,1,云岭电子\n上市公司,2025-11,,云岭新材\n")
    assert [row.memberships[0].known.key for row in rows if isinstance(row, ImportRow)] == ["private_500", "listed"]


def test_a_person_names_a_file_of_one_list() -> None:
    (row,) = _read("list,year,name\nx,2019,云岭电子\n", ListTarget("行业50强", 2025))
    assert isinstance(row, ImportRow)
    assert (row.memberships[0].known.key, row.memberships[0].year) == ("industry_50", 2025)


def test_short_names_are_tickers_where_there_is_a_code_and_brands_elsewhere() -> None:
    ticker, brand = _read("name,short_names,stock_code\n,*ST云岭|云岭新材,600001\n云岭电子有限公司,云小岭,\n")
    assert isinstance(ticker, ImportRow)
    assert isinstance(brand, ImportRow)
    assert ticker.name == "云岭新材"
    assert ticker.names == (("*ST云岭", AliasKind.TICKER), ("云岭新材", AliasKind.TICKER))
    assert brand.names == (("云小岭", AliasKind.BRAND),)


def test_a_master_file_gives_several_places_and_kinds_of_names() -> None:
    (row,) = _read(
        "name_zh,full_names,listed_short_names,curated_aliases,former_names,stock_codes,hq,lists\n"
        "云岭电子,云岭电子有限公司,云岭股份,云小岭|YUN,云山电子,600001.SH,China|中国/苏州,"
        "fortune_global_500/2025#7|a_share/2025-11#600001.SH\n",
        ListTarget(),
    )
    assert isinstance(row, ImportRow)
    assert [(one.known.key, one.year, one.rank) for one in row.memberships] == [
        ("fortune_global_500", 2025, 7),
        ("listed", 2025, None),
    ]
    assert ("云山电子", AliasKind.FORMER) in row.names
    assert row.region == "中国/苏州"
