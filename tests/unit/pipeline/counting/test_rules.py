"""Which projects count, rule by rule, with the reason each names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.pipeline.counting.book import DEFAULTS, book_problems, edition_problems, from_json, ruling_problems, to_json
from crm.pipeline.counting.rules import Bar, Contract, Facts, Ruling, longest_gap, verdict
from crm.pipeline.counting.words import SPECS, Rule, Setting
from crm.pipeline.intake.dimensions import Cooperation
from crm.pipeline.words import SourceArea

CONTRACT = Contract(1, date(2026, 6, 1), Decimal(8000), SourceArea.OTHER_PROVINCE)
PLAIN = Facts(
    created_on=date(2026, 1, 5),
    texts=("年产5万吨电解液项目", "新材料"),
    investor="云岭示例有限公司",
    region_code="330521",
    total=Decimal(8000),
    contracts=(CONTRACT,),
    signed_on=date(2026, 6, 1),
    gap=20,
)
ALL_ON = {
    **{rule: replace(spec.default, on=True) for rule, spec in SPECS.items()},
    Rule.LOCAL: Setting(on=True, words=("4301",)),
}


def reasons(facts: Facts, **settings: Setting) -> list[tuple[Rule, dict[str, str]]]:
    book = {**ALL_ON, **{Rule(key): one for key, one in settings.items()}}
    whole = [bar for bar in verdict(facts, book, {}) if bar.from_on is None]
    return [(bar.rule, dict(bar.params)) for bar in whole]


def test_a_plain_project_counts_under_every_rule() -> None:
    assert reasons(PLAIN) == []
    assert verdict(PLAIN, DEFAULTS, {}) == ()


@pytest.mark.parametrize(
    ("change", "rule", "params"),
    [
        ({"region_code": "430105"}, Rule.LOCAL, {"code": "430105"}),
        ({"cooperation": Cooperation.PPP}, Rule.FISCAL, {"word": "PPP（政府和社会资本合作）"}),
        ({"texts": ("污水处理ｐｐｐ项目",)}, Rule.FISCAL, {"word": "PPP"}),
        ({"investor": "云岭示例有限公司城南分公司"}, Rule.BRANCH, {"word": "分公司"}),
        ({"texts": ("石灰石矿山开采",)}, Rule.EXTRACTION, {"word": "矿山开采"}),
        ({"texts": ("滨江新城", "房地产开发")}, Rule.ESTATE, {"word": "房地产"}),
        ({"texts": ("金色年华KTV",)}, Rule.RETAIL, {"word": "KTV"}),
        ({"total": Decimal("999.5")}, Rule.FLOOR, {"sum": "999.5", "floor": "1000"}),
        ({"gap": 32}, Rule.UNREPORTED, {"days": "32"}),
        ({"created_on": date(2026, 5, 26)}, Rule.RUSH, {"days": "6"}),
    ],
)
def test_each_kind_is_barred_by_its_own_rule_and_says_why(
    change: dict[str, Any], rule: Rule, params: dict[str, str]
) -> None:
    assert reasons(replace(PLAIN, **change)) == [(rule, params)]
    off = {rule.value: Setting(on=False)}
    assert reasons(replace(PLAIN, **change), **off) == []


def test_a_second_phase_is_barred_only_after_a_contract_of_the_same_investor() -> None:
    second = replace(PLAIN, texts=("年产5万吨电解液二期项目",))
    assert reasons(second) == []
    known = reasons(replace(second, earlier="年产5万吨电解液项目"))
    assert known == [(Rule.PHASE, {"word": "二期", "earlier": "年产5万吨电解液项目"})]


def test_a_move_or_a_new_line_is_barred_only_of_a_local_firm() -> None:
    moved = replace(PLAIN, texts=("老厂搬迁项目",))
    assert reasons(moved) == []
    assert [rule for rule, _ in reasons(replace(moved, region_code="430100"))] == [Rule.LOCAL, Rule.RELOCATION]


def test_money_of_the_place_bars_its_contract_and_the_project_when_none_is_left() -> None:
    local = Contract(2, date(2026, 6, 2), Decimal(5000), SourceArea.LOCAL)
    book = DEFAULTS
    mixed = verdict(replace(PLAIN, contracts=(CONTRACT, local)), book, {})
    assert mixed == (Bar(Rule.SOURCE, {"area": "本地"}, agreement_id=2),)
    assert verdict(replace(PLAIN, contracts=(local,)), book, {}) == (Bar(Rule.SOURCE, {"area": "本地"}),)
    unsaid = replace(PLAIN, contracts=(replace(CONTRACT, area=None),))
    assert verdict(unsaid, book, {}) == ()
    strict = Setting(on=True, words=("blank", "other_county"))
    assert reasons(unsaid, source=strict) == [(Rule.SOURCE, {"area": "没有填"})]


def test_what_comes_two_years_after_the_introduction_no_longer_counts() -> None:
    book = {**DEFAULTS, Rule.LATE: Setting(on=True, number=Decimal(2))}
    (bar,) = verdict(PLAIN, book, {})
    assert (bar.rule, bar.from_on) == (Rule.LATE, date(2028, 1, 5))
    (late,) = verdict(replace(PLAIN, signed_on=date(2028, 1, 5)), book, {})
    assert late.from_on is None


def test_a_contract_signed_before_the_registration_is_barred_beyond_the_days_of_grace() -> None:
    old = replace(PLAIN, created_on=date(2026, 6, 4), signed_on=date(2026, 6, 20))
    assert reasons(old, unregistered=Setting(on=True, number=Decimal(3))) == []
    assert reasons(old) == [(Rule.UNREGISTERED, {"signed": "2026-06-01", "since": "2026-06-04"})]


def test_a_ruling_goes_before_the_facts_and_only_under_a_rule_that_is_on() -> None:
    estate = replace(PLAIN, texts=("商住综合体",))
    assert verdict(estate, DEFAULTS, {Rule.ESTATE: Ruling(counts=True, reason="自建宿舍")}) == ()
    (bar,) = verdict(PLAIN, DEFAULTS, {Rule.RETAIL: Ruling(counts=False, reason="实为超市")})
    assert (bar.ruled, bar.params) == (True, {"reason": "实为超市"})
    off = {**DEFAULTS, Rule.RETAIL: Setting()}
    assert verdict(PLAIN, off, {Rule.RETAIL: Ruling(counts=False, reason="实为超市")}) == ()


def test_settings_survive_being_kept_and_a_rule_unknown_then_is_off() -> None:
    assert from_json(to_json(ALL_ON)) == ALL_ON
    kept = to_json(ALL_ON)
    del kept["rush"]
    assert from_json(kept)[Rule.RUSH] == Setting(on=False, number=Decimal(7))


@pytest.mark.parametrize(
    ("rule", "setting", "key"),
    [
        (Rule.FLOOR, Setting(on=True), "counting.number"),
        (Rule.FLOOR, Setting(on=True, number=Decimal("NaN")), "counting.number"),
        (Rule.LATE, Setting(on=True, number=Decimal("1.5")), "counting.whole"),
        (Rule.LATE, Setting(on=True, number=Decimal(21)), "counting.number"),
        (Rule.LOCAL, Setting(on=True, words=("云溪县",)), "counting.code"),
        (Rule.ESTATE, Setting(on=True, words=("长" * 41,)), "counting.words"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_field(rule: Rule, setting: Setting, key: str) -> None:
    assert [problem.key for problem in book_problems({**DEFAULTS, rule: setting})] == [key]
    assert book_problems(DEFAULTS) == []


def test_rules_never_begin_inside_a_closed_period() -> None:
    closed = date(2026, 10, 31)
    assert [one.key for one in edition_problems(closed, "文件", closed)] == ["counting.closed"]
    assert edition_problems(date(2026, 11, 1), "文件", closed) == []
    assert [one.key for one in edition_problems(None, " ", None)] == ["counting.day", "counting.reason"]


def test_nobody_rules_on_an_own_project_and_every_ruling_has_a_rule_and_a_reason() -> None:
    own = ruling_problems(Rule.LOCAL, "理由", counts=True, on=True, actor_id=7, involved=frozenset({7}))
    assert [one.key for one in own] == ["counting.own"]
    empty = ruling_problems(None, " ", counts=None, on=False, actor_id=1, involved=frozenset())
    assert [one.key for one in empty] == ["counting.rule", "counting.counts", "counting.why"]


def test_the_longest_gap_is_between_days_that_follow_each_other() -> None:
    days = [date(2026, 3, 1), date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 1)]
    assert longest_gap(days) == 30
    assert longest_gap([]) == 0
