from __future__ import annotations

from decimal import Decimal

import pytest

from crm.pipeline.repeats.rules import (
    Face,
    Grade,
    Likeness,
    RepeatState,
    core,
    keys,
    match,
    ruling_problems,
)

OLD = Face(1, 10, "云岭电子", "云岭电子年产5万吨电解液项目", "园区二期A地块", "锂电池电解液")


def face(**changes: object) -> Face:
    values = {"project_id": 2, "investor": 10, "stem": "云岭电子", "name": "别的名字", "site": "", "product": ""}
    return Face(**{**values, **changes})  # type: ignore[arg-type]  # the rows name fields


def kinds(new: Face, earlier: Face = OLD) -> list[Likeness]:
    found = match(new, earlier)
    return [kind for kind, _words in found.reasons] if found else []


def test_the_same_investor_site_and_product_are_the_same_key_however_they_are_written() -> None:
    found = match(face(site="园区 二期Ａ地塊", product="鋰電池電解液"), OLD)
    assert found is not None
    assert found.grade is Grade.EXACT
    assert [kind for kind, _words in found.reasons] == [Likeness.INVESTOR, Likeness.SITE, Likeness.PRODUCT]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"product": "电解液"}, [Likeness.INVESTOR, Likeness.PRODUCT]),
        ({"site": "二期A地块"}, [Likeness.INVESTOR, Likeness.SITE]),
        ({"name": "云岭电子电解液二期项目"}, [Likeness.INVESTOR, Likeness.NAME]),
        ({"investor": 11, "product": "锂电池电解液"}, [Likeness.STEM, Likeness.PRODUCT]),
        (
            {
                "investor": 12,
                "stem": "青禾材料",
                "name": "青禾材料年产8万吨电解液项目",
                "site": "园区二期A地块",
                "product": "锂电池电解液",
            },
            [Likeness.SITE, Likeness.PRODUCT, Likeness.NAME],
        ),
    ],
)
def test_a_likely_repeat_says_why(changes: dict[str, object], expected: list[Likeness]) -> None:
    assert kinds(face(**changes)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"site": "清溪组团", "product": "汽车座椅", "name": "汽车座椅项目"},
        {"investor": 12, "stem": "青禾材料", "site": "园区二期A地块"},
        {"investor": 12, "stem": "青禾材料", "product": "锂电池电解液"},
        {"investor": 12, "stem": "青禾材料", "name": "年产5万吨电解液项目"},
        {"investor": 12, "stem": "青禾材料", "site": "园区二期A地块", "product": "锂电池电解液"},
    ],
    ids=[
        "only the investor",
        "another product elsewhere",
        "only the site",
        "only the product",
        "only the name",
        "park",
    ],
)
def test_one_likeness_alone_is_no_repeat(changes: dict[str, object]) -> None:
    assert match(face(**changes), OLD) is None


def test_amounts_and_common_words_tell_no_name() -> None:
    assert core("云岭电子年产5万吨电解液生产基地建设项目", "云岭电子") == "电解液"


def test_keys_are_folded_and_a_blank_part_makes_none() -> None:
    assert keys(face(site="Ａ地塊", product="電解液")) == {
        "investor": "10",
        "place": "a地块|电解液",
        "stem": "云岭电子",
    }
    assert set(keys(face(stem="云"))) == {"investor"}


@pytest.mark.parametrize(
    ("state", "reason", "increment", "actor_id", "expected"),
    [
        (RepeatState.DIFFERENT, "地块不同", None, 9, []),
        (RepeatState.EXPANSION, "二期增资", Decimal(300), 9, []),
        (RepeatState.EXPANSION, "二期增资", None, 9, ["repeat.increment"]),
        (RepeatState.SAME, "同一项目", Decimal(300), 9, ["repeat.no_increment"]),
        (None, "", None, 9, ["repeat.state", "repeat.reason"]),
        (RepeatState.OPEN, "x", None, 9, ["repeat.state"]),
        (RepeatState.DIFFERENT, "地块不同", None, 1, ["repeat.own"]),
    ],
)
def test_a_ruling_is_complete_and_not_on_ones_own_project(
    state: RepeatState | None, reason: str, increment: Decimal | None, actor_id: int, expected: list[str]
) -> None:
    problems = ruling_problems(state, reason, increment, actor_id=actor_id, involved=frozenset({1, 2}))
    assert [problem.key for problem in problems] == expected
