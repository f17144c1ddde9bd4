"""Ledgers as people keep them: their headings, their several contacts, their amounts, and what list they are."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.imports import units
from crm.imports.columns import Column, find_layout, known_heading
from crm.imports.contacts import Person, read_people
from crm.imports.files import HEADLESS, describe
from crm.imports.guessing import Guess, guess
from crm.imports.reading import Book, Row

LISTED = frozenset({"rank", "name"})


def _people(head: str, row: str) -> tuple[tuple[Person, ...], list[str]]:
    layout = find_layout([(1, tuple(head.split(","))), (2, tuple(row.split(",")))], ())
    assert layout is not None
    cells: Row = tuple(row.split(","))
    found, problems = read_people(layout.mapping, cells)
    return found, [f"{one['level']} {one['message'][:4]}" for one in problems]


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("企業名稱", Column.NAME),
        ("聯絡人", Column.CONTACT),
        ("職稱", Column.POST),
        ("聯絡電話", Column.PHONE),
        ("電子郵件", Column.EMAIL),
        ("所在省份", Column.REGION),
        ("联系人1", Column.CONTACT),
        ("联系人电话2", Column.PHONE),
        ("职务（二）", Column.POST),
        ("联系人及职务", Column.CONTACT),
        ("2", None),
    ],
)
def test_a_heading_is_known_in_traditional_characters_and_with_a_number(heading: str, meaning: Column | None) -> None:
    assert known_heading(heading) is meaning


def test_contacts_in_columns_of_their_own_keep_their_own_numbers() -> None:
    head = "企业名称,联系人1,职务1,电话1,联系人2,职务2,电话2"
    found, problems = _people(head, "云岭电子,顾青,厂长,13800000001,何远,会计,13800000002")
    assert found == (Person("顾青", "厂长", "13800000001"), Person("何远", "会计", "13800000002"))
    assert problems == []


def test_what_follows_a_name_is_its_own_where_columns_are_uneven() -> None:
    found, _problems = _people("企业名称,负责人,联系人,手机,邮箱", "云岭电子,秦方,顾青,13800000001,g@yl.example")
    assert found == (Person("秦方"), Person("顾青", None, "13800000001", "g@yl.example"))


def test_several_contacts_in_one_cell_are_told_apart() -> None:
    found, problems = _people("企业名称,联系人,职务,电话", "云岭电子,顾青、何远,厂长、会计,13800000001/13800000002")
    assert found == (Person("顾青", "厂长", "13800000001"), Person("何远", "会计", "13800000002"))
    assert problems == []


@pytest.mark.parametrize(
    ("cell", "phone", "problems"),
    [
        ("021-5888 0001转802", "021-5888 0001-802", []),
        ("021—58880001 分机 802", "021-58880001-802", []),
        ("13800000001、13900000001", "13800000001", ["doubt 这一格有"]),
        ("13800000001 13900000001", "13800000001", ["doubt 这一格有"]),
        ("139 1234 0004", "139 1234 0004", []),
        ("找门卫", "找门卫", ["bad 电话“%"]),
    ],
)
def test_a_phone_is_read_as_people_write_it(cell: str, phone: str, problems: list[str]) -> None:
    found, said = _people("企业名称,联系人,电话", f"云岭电子,顾青,{cell}")
    assert (found[0].phone, said) == (phone, problems)


def test_a_post_in_brackets_behind_a_name_is_the_post() -> None:
    found, _problems = _people("企业名称,联系人及职务", "云岭电子,顾青（副总经理）")
    assert found == (Person("顾青", "副总经理"),)


@pytest.mark.parametrize("cell", ["面议", "待定", "暂无", "——", "/", " "])
def test_an_amount_that_is_not_known_yet_is_left_blank(cell: str) -> None:
    assert units.wan(cell, "万元") is None
    assert units.mu(cell, "") is None


def test_ten_thousand_square_metres_are_an_area() -> None:
    assert units.mu("3万平方米", "") == Decimal(45)
    assert units.mu("1.5万㎡", "") == Decimal("22.5")
    assert units.mu("3万", "平方米") == Decimal(45)
    with pytest.raises(units.AmountError):
        units.mu("3万", "")


@pytest.mark.parametrize(
    ("filename", "titles", "columns", "expected"),
    [
        ("2026民营企业500强榜单.xlsx", [], LISTED, Guess(listed=True, name="民营企业500强", year=2026)),
        ("名单.xlsx", [["2025中国民营企业500强"]], LISTED, Guess(listed=True, name="民营企业500强", year=2025)),
        ("世界500强.csv", [], {"name"}, Guess(listed=True, name="世界500强")),
        ("2026高新区50强.xlsx", [], LISTED, Guess(listed=True, name="高新区50强", year=2026)),
        ("2026某县百强.xlsx", [], LISTED, Guess(listed=True, year=2026)),
        ("2026年重点客商台账.xlsx", [["临江高新区重点客商台账"]], {"name", "phone"}, Guess()),
        ("中央企业联系人.xlsx", [], {"name", "contact"}, Guess()),
    ],
)
def test_a_published_list_is_known_by_its_name_title_and_ranks(
    filename: str, titles: list[list[str]], columns: frozenset[str], expected: Guess
) -> None:
    assert guess(filename, titles, columns, ["高新区50强"]) == expected


def test_a_table_without_a_heading_is_pointed_out() -> None:
    bare = "云岭电子有限公司,13800000001\n青禾装备有限公司,13800000002\n"
    assert describe(Book(bare.encode())).options["warnings"] == [HEADLESS]
    assert describe(Book(f"企业名称,电话\n{bare}".encode())).options["warnings"] == []
