"""Lists on pages: columns a book asks for, what may stand in a cell, what was pasted."""

from __future__ import annotations

import pytest

from crm.assessment.books.list_rules import faults, pasted, sheets, tidy
from crm.assessment.engine.book import read_book

BOOK = read_book(
    {
        "name": "试行",
        "parameters": {"系数": 2},
        "rules": [
            {
                "key": "重点", "label": "重点项目", "kind": "items", "items": "项目", "where": "规模 >= 1",
                "rules": [
                    {"kind": "choices", "value": "状态", "choices": {"新开工": 5, "续建": 2}},
                    {"kind": "ratio", "done": "完成 * 系数", "target": "年度计划", "weight": 60},
                    {"kind": "condition", "condition": "given(投产, 0) = 1", "points": 20},
                ],
            },
            {
                "key": "到位", "label": "到位率", "kind": "ratio", "done": "sum(项目, 到位)", "target": "任务",
                "weight": 9,
            },
            {
                "key": "互评", "label": "互评", "kind": "rating", "items": "评分", "mark": "分", "weight": 15,
                "groups": [{"group": "园区", "share": "70%"}, {"group": "乡镇", "share": "30%"}],
            },
        ],
    }
)  # fmt: skip
PROJECTS, MARKS = sheets(BOOK).values()


def test_a_list_asks_for_the_columns_its_rules_read_and_not_for_values_of_the_unit() -> None:
    assert [one.key for one in PROJECTS.columns] == ["name", "规模", "状态", "完成", "年度计划", "投产", "到位"]
    assert PROJECTS.columns[2].choices == ("新开工", "续建")
    assert PROJECTS.mark == ""


def test_a_mutual_rating_asks_for_group_and_mark() -> None:
    assert [one.key for one in MARKS.columns] == ["group", "分"]
    assert (MARKS.mark, MARKS.groups) == ("分", ("园区", "乡镇"))
    assert MARKS.scale == 100


def test_blank_cells_and_rows_are_left_out() -> None:
    assert tidy(PROJECTS, [{"name": " 云岭轴承 ", "规模": "", "别的": "1"}, {"name": " "}]) == [{"name": "云岭轴承"}]


@pytest.mark.parametrize(
    ("row", "column", "key"),
    [
        ({"group": "园区"}, "分", "list.mark"),
        ({"分": "90"}, "group", "list.group"),
        ({"group": "县直", "分": "90"}, "group", "list.choice"),
        ({"group": "园区", "分": "100.5"}, "分", "list.scale"),
        ({"group": "园区", "分": "好"}, "分", "list.scale"),
        ({"group": "园区", "分": "9" * 40}, "分", "list.scale"),
    ],
)
def test_a_fault_is_told_at_its_row_and_column(row: dict[str, str], column: str, key: str) -> None:
    found = faults(MARKS, [{"group": "乡镇", "分": "88"}, row])
    assert [(one.row, one.column, one.problem.key) for one in found] == [(2, column, key)]


def test_too_many_rows_are_told_once() -> None:
    assert [one.problem.key for one in faults(PROJECTS, [{"name": "甲"}] * 201)] == ["list.long"]


def test_rows_pasted_with_a_head_follow_the_head() -> None:
    text = "状态\t名称\t备注\n新开工\t云岭轴承\t好\n\n续建\t青溪包装\t"
    assert pasted(PROJECTS, text) == [{"状态": "新开工", "name": "云岭轴承"}, {"状态": "续建", "name": "青溪包装"}]


def test_rows_pasted_without_a_head_follow_the_columns() -> None:
    assert pasted(MARKS, "园区，91.5\n乡镇,88") == [{"group": "园区", "分": "91.5"}, {"group": "乡镇", "分": "88"}]
