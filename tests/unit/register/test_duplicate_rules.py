from __future__ import annotations

import pytest

from crm.core.text import fold, fold_company
from crm.register.duplicate_rules import (
    LOW,
    Firm,
    alike,
    certain,
    judge_firms,
    judge_people,
    new_evidence,
    windows,
    without_place,
)

ONE_CODE, OTHER_CODE = "91330100MA27XYZ018", "91320500MA1ABCDE0Q"


def firm(number: int, name: str, **more: object) -> Firm:
    return Firm(number, fold(name), fold_company(name), **more)  # type: ignore[arg-type]  # test data


def test_names_that_differ_by_the_legal_suffix_alone_are_certain() -> None:
    found = judge_firms(firm(1, "岚桥储能有限公司"), firm(2, "岚桥储能股份有限公司"), {"stem": "岚桥储能"})
    assert found is not None
    assert certain(found.score, found.reasons)


def test_two_valid_credit_codes_keep_similar_names_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.register.duplicate_rules.uscc_is_valid", lambda _code: True)
    one, other = firm(1, "岚桥储能有限公司", uscc=ONE_CODE), firm(2, "岚桥储能股份有限公司", uscc=OTHER_CODE)
    assert judge_firms(one, other, {"stem": "岚桥储能"}) is None
    flagged = judge_firms(one, other, {"stem": "岚桥储能", "site": "lanqiao.example"})
    assert flagged is not None
    assert flagged.score == LOW
    assert flagged.reasons[-1]["key"] == "uscc_differs"
    assert not certain(flagged.score, flagged.reasons)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("岚桥储能科技有限公司", "岚桥储能科技有限公司上海分公司"),
        ("岚桥控股有限公司", "岚桥集团有限公司"),
        ("岚桥集团有限公司", "岚桥股份有限公司"),
        ("岚桥新能源电子科技（上海）有限公司", "岚桥新能源电子科技（深圳）有限公司"),
        ("岚桥新能源电子科技第一有限公司", "岚桥新能源电子科技第二有限公司"),
    ],
)
def test_members_of_a_group_are_not_proposed_by_their_names(one: str, other: str) -> None:
    left, right = firm(1, one), firm(2, other)
    keys = {"stem": left.stem} if left.stem == right.stem else {}
    assert judge_firms(left, right, keys) is None


def test_parent_and_child_are_never_proposed() -> None:
    assert judge_firms(firm(1, "岚桥有限公司"), firm(2, "岚桥科技", parent_id=1), {"site": "lanqiao.example"}) is None


def test_a_slip_of_one_character_in_a_long_name_is_proposed_with_its_likeness() -> None:
    found = judge_firms(firm(1, "云溪县岚桥储能材料科技有限公司"), firm(2, "云溪县岚侨储能材料科技有限公司"), {})
    assert found is not None
    assert found.reasons[0]["key"] == "alike"
    assert not certain(found.score, found.reasons)


def test_short_or_unlike_stems_are_not_alike() -> None:
    assert alike("岚桥", "岚侨") is None
    assert alike("岚桥储能科技", "禾砺机器人") is None


def test_a_number_shared_under_two_names_is_low_and_says_so() -> None:
    shared = judge_people("顾青", "宋砚", {"person_phone": ""})
    same = judge_people("顾青", "顾青", {"person_phone": ""})
    assert shared is not None
    assert same is not None
    assert shared.score < 50 < same.score
    assert shared.reasons[-1]["key"] == "name_differs"


def test_another_word_in_front_makes_another_company_unless_it_sounds_the_same() -> None:
    assert alike("杭州天恒生物医药", "杭州泰安生物医药") is None
    assert alike("杭州天恒生物医药", "杭州泰恒生物医药") is None
    assert alike("岚桥储能科技", "岚侨储能科技") is None  # too short: one of six
    assert alike("杭州岚桥储能科技", "杭州岚侨储能科技") == 87
    assert alike("杭州岚桥储能科技", "杭州桥岚储能科技") == 87
    assert alike("岚桥新能源电子科技", "岚桥新能源电子技术") == 88
    assert alike("northlake instruments", "northlake instrument") == 97


def test_a_place_in_front_of_one_name_alone_is_a_faint_hint() -> None:
    found = judge_firms(firm(1, "岚桥储能科技有限公司"), firm(2, "浙江省杭州市岚桥储能科技有限公司"), {})
    assert found is not None
    assert [reason["key"] for reason in found.reasons] == ["placed"]
    assert found.score < 50
    assert without_place("杭州比亚") is None
    assert without_place("岚桥储能科技") is None


def test_only_a_key_that_was_not_shared_before_is_new_evidence() -> None:
    known = [{"key": "stem", "value": "岚桥"}]
    assert not new_evidence(known, [{"key": "stem", "value": "岚桥"}, {"key": "alike", "value": 90}])
    assert not new_evidence([], [{"key": "placed", "value": "岚桥"}])
    assert new_evidence(known, [{"key": "stem", "value": "岚桥"}, {"key": "phone", "value": ""}])


def test_one_slip_leaves_a_window_whole() -> None:
    name = "杭州岚桥储能科技"
    for at in range(len(name)):
        assert set(windows(name)) & set(windows(f"{name[:at]}某{name[at + 1 :]}"))
