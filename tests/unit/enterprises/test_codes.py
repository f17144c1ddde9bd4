from __future__ import annotations

import pytest

from crm.enterprises import codes


def test_both_tables_name_their_standard_and_hold_every_code_once() -> None:
    for name, standard in (("industries.csv", "GB/T 4754-2017"), ("regions.csv", "GB/T 2260")):
        lines = (codes.DATA / name).read_text(encoding="utf-8").splitlines()
        assert standard in lines[0]
        assert "Source" in lines[1]
        rows = [line.split(",")[0] for line in lines if not line.startswith("#")]
        assert len(rows) == len(set(rows))


def test_the_industries_have_twenty_sections_and_every_division() -> None:
    sections = [code for code in codes.industries() if len(code) == 1]
    assert "".join(sections) == "ABCDEFGHIJKLMNOPQRST"
    divisions = [int(code[1:]) for code in codes.industries() if len(code) == 3]
    assert divisions == list(range(1, 98))
    for code in codes.industries():
        assert len(code) == 1 or code[:-1] in codes.industries() or code[0] in codes.industries()


def test_the_regions_have_34_provinces_and_333_prefectures_each_below_one() -> None:
    provinces = [code for code in codes.regions() if code.endswith("0000")]
    prefectures = [code for code in codes.regions() if code.endswith("00") and code not in provinces]
    assert (len(provinces), len(prefectures)) == (34, 333)
    assert all(code[:2] + "0000" in codes.regions() for code in codes.regions())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("江苏省苏州市", "320500"),
        ("江苏苏州", "320500"),
        ("江苏 苏州", "320500"),
        ("苏州市", "320500"),
        ("苏州", "320500"),
        ("蘇州", "320500"),
        ("320500", "320500"),
        ("江苏", "320000"),
        ("内蒙古", "150000"),
        ("广西壮族自治区", "450000"),
        ("新疆", "650000"),
        ("香港", "810000"),
        ("上海", "310000"),
        ("恩施州", "422800"),
        ("恩施市", "422801"),
        ("昆山市", "320583"),
        ("苏州昆山", "320583"),
        ("河南济源", "419001"),
        ("吉林", "220000"),
        ("吉林市", "220200"),
        ("海南", "460000"),
        ("合作市", "623001"),
        ("甘南合作", "623001"),
        ("北京朝阳", "110105"),
        ("辽宁朝阳", "211300"),
    ],
)
def test_a_region_is_found_by_its_usual_names(text: str, code: str) -> None:
    assert codes.find_region(text) == code


@pytest.mark.parametrize(
    "text", ["", "合作", "朝阳", "鼓楼区", "通州区", "海外", "苏", "江苏杭州", "x" * 5000, "999999"]
)
def test_a_word_or_an_ambiguous_name_is_no_region(text: str) -> None:
    assert codes.find_region(text) is None


def test_every_region_is_found_by_its_full_name() -> None:
    assert [code for code in codes.regions() if codes.find_region(codes.region_name(code)) != code] == []


def test_names_tell_what_a_region_belongs_to_and_an_unknown_code_has_none() -> None:
    assert codes.region_name("320583") == "江苏省苏州市昆山市"
    assert codes.region_name("419001") == "河南省济源市"
    assert codes.region_name("000000") == ""
    assert codes.region_name(None) == ""
    assert codes.industry_name("C36") == "汽车制造业"
    assert codes.industry_name("Z1") == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("汽车制造业", "C36"),
        ("汽车制造", "C36"),
        ("醫藥製造業", "C27"),
        ("c36", "C36"),
        ("36", "C36"),
        ("制造业", "C"),
        ("房地产业", "K"),
        ("教育", "P"),
    ],
)
def test_an_industry_is_found_by_code_or_name(text: str, code: str) -> None:
    assert codes.find_industry(text) == code


@pytest.mark.parametrize("text", ["", "电子", "高科技", "业", "x" * 5000])
def test_a_vague_word_is_no_industry(text: str) -> None:
    assert codes.find_industry(text) is None


def test_suggestions_put_the_wide_and_the_front_first_and_are_bounded() -> None:
    assert codes.suggest_regions("苏州")[0] == ("320500", "江苏省苏州市")
    assert codes.suggest_regions("3205")[0] == ("320500", "江苏省苏州市")
    assert ("C36", "汽车制造业") in codes.suggest_industries("汽车")
    assert codes.suggest_industries("c36")[0][0] == "C36"
    assert len(codes.suggest_regions("")) == codes.SUGGESTED
    assert codes.suggest_regions("无此地") == []
