from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING

import pytest

from crm.pipeline import stagedocs
from crm.pipeline.exceptions.rules import NEVER
from crm.pipeline.rules import (
    GATES,
    IDLE_DAYS,
    ORDER,
    Bound,
    ProjectFacts,
    ReviewResult,
    Stage,
    Waiver,
    move_problems,
    next_stage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.core.errors import Problem

FULL = ProjectFacts(
    stage=Stage.LEAD,
    owner_id=1,
    visits=1,
    inspections=1,
    inspection_reports=1,
    review=ReviewResult.PASSED,
    contracts=1,
    evidence="营业执照 91330000",
)
# Each demand twice: just met, and just not met.
ROWS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "owner": ({"owner_id": 7}, {"owner_id": None}),
    "accepted": ({"accepted": True}, {"accepted": False}),
    "visit": ({"visits": 1}, {"visits": 0}),
    "inspection": ({"inspections": 1}, {"inspections": 0}),
    "inspection_report": ({"inspection_reports": 1}, {"inspection_reports": 0}),
    "review": ({"review": ReviewResult.PASSED}, {"review": ReviewResult.FAILED}),
    "uncontested": ({"disputes": 0}, {"disputes": 1}),
    "approvals": ({"approved": True}, {"approved": False}),
    "contract": ({"contracts": 1}, {"contracts": 0}),
    "team": ({"roles_open": 0}, {"roles_open": 1}),
    "evidence": ({"evidence": "许可证 3302"}, {"evidence": " \n "}),
    "planned": ({"planned": True}, {"planned": False}),
    **{
        f"node_{stage}": ({"nodes_open": frozenset()}, {"nodes_open": frozenset({stage})})
        for stage in (Stage.REGISTERED, Stage.STARTED, Stage.IN_PRODUCTION, Stage.FULL_CAPACITY)
    },
}
DEMANDS = [(stage, demand.key) for stage in ORDER for demand in GATES[stage]]


def keys(problems: Iterable[Problem]) -> list[str]:
    return [problem.key for problem in problems]


def before(target: Stage, **changes: object) -> ProjectFacts:
    return dataclasses.replace(FULL, stage=ORDER[ORDER.index(target) - 1], **changes)  # type: ignore[arg-type]  # the rows name fields


@pytest.mark.parametrize(("target", "key"), DEMANDS)
def test_a_gate_opens_when_its_demand_is_just_met(target: Stage, key: str) -> None:
    assert move_problems(before(target, **ROWS[key][0]), target) == []


@pytest.mark.parametrize(("target", "key"), DEMANDS)
def test_a_gate_stays_shut_while_one_demand_is_missing_and_names_it(target: Stage, key: str) -> None:
    problems = move_problems(before(target, **ROWS[key][1]), target)
    assert [problem.key for problem in problems] == [f"gate.{key}"]


def test_every_demand_of_every_gate_has_its_two_rows() -> None:
    assert {key for _stage, key in DEMANDS} == set(ROWS)


def test_no_review_at_all_is_not_a_passed_review() -> None:
    problems = move_problems(before(Stage.PRE_SIGNING, review=None), Stage.PRE_SIGNING)
    assert [problem.key for problem in problems] == ["gate.review"]


def test_signing_demands_everything_any_earlier_gate_demands() -> None:
    signing = set(GATES[Stage.SIGNED])
    for stage in ORDER[: ORDER.index(Stage.SIGNED)]:
        assert set(GATES[stage]) <= signing


@pytest.mark.parametrize("stage", ORDER)
def test_a_skip_needs_the_right_and_a_reason(stage: Stage) -> None:
    facts = dataclasses.replace(FULL, stage=stage)
    for target in ORDER[ORDER.index(stage) + 2 :]:
        assert keys(move_problems(facts, target, reason="补登", may_return=False)) == ["stage.skip"]
        assert keys(move_problems(facts, target, reason="  ")) == ["stage.skip_reason"]
        assert move_problems(facts, target, reason="补登") == []


@pytest.mark.parametrize(("target", "key"), DEMANDS)
def test_a_skip_meets_the_demands_of_every_gate_it_passes_over(target: Stage, key: str) -> None:
    facts = before(target, **ROWS[key][1])
    for start in ORDER[: ORDER.index(target)]:
        for end in ORDER[ORDER.index(target) :]:
            if key != "evidence" or ORDER.index(end) > ORDER.index(start) + 1:
                problems = move_problems(dataclasses.replace(facts, stage=start), end, reason="补登")
                assert f"gate.{key}" in keys(problems), (start, end)


def test_the_refusal_of_a_skip_names_the_next_stage() -> None:
    problem = move_problems(FULL, Stage.SIGNED, may_return=False)[0]
    assert (problem.message % problem.params).startswith("不能跳过阶段：下一步是“走访对接”。")


@pytest.mark.parametrize(("target", "key"), DEMANDS)
def test_a_decision_in_force_opens_the_gate_only_for_what_may_be_waived(target: Stage, key: str) -> None:
    demand = next(demand for demand in GATES[target] if demand.key == key)
    facts = before(target, **ROWS[key][1], waivers=(Waiver(key, date(2026, 11, 30), "沈立"),))
    assert keys(move_problems(facts, target)) == ([] if demand.waivable else [f"gate.{key}"])


def test_what_rests_on_law_money_or_another_units_right_is_never_waivable() -> None:
    for demands in GATES.values():
        assert not {demand.key for demand in demands if demand.waivable} & set(NEVER)


def test_the_longest_decision_is_the_one_shown() -> None:
    short, long = Waiver("visit", date(2026, 11, 30), "沈立"), Waiver("visit", date(2026, 12, 5), "沈立")
    facts = dataclasses.replace(FULL, waivers=(short, long))
    assert facts.waiver("visit") == long
    assert facts.waiver("review") is None


def test_going_back_needs_a_reason_and_the_right_person() -> None:
    facts = dataclasses.replace(FULL, stage=Stage.REVIEWING)
    assert move_problems(facts, Stage.VISITING, reason="材料不实") == []
    assert move_problems(facts, Stage.VISITING, reason="  ")[0].key == "stage.back_reason"
    assert move_problems(facts, Stage.VISITING, reason="材料不实", may_return=False)[0].key == "stage.back_role"


def test_a_signing_is_taken_back_only_as_a_mistake_a_leader_agrees_to() -> None:
    signed = dataclasses.replace(FULL, stage=Stage.LANDING, bound=Bound(signed=True))
    assert move_problems(signed, Stage.SIGNED, reason="补材料") == []
    assert keys(move_problems(signed, Stage.PRE_SIGNING, reason="录错了")) == ["stage.signed"]
    agreed = dataclasses.replace(signed, waivers=(Waiver("signed_return", date(2026, 11, 30), "沈立"),))
    assert move_problems(agreed, Stage.PRE_SIGNING, reason="录错了") == []
    for word, key in (("recognized", "stage.recognized"), ("case", "stage.case")):
        facts = dataclasses.replace(agreed, bound=Bound(signed=True, **{word: True}))
        assert keys(move_problems(facts, Stage.PRE_SIGNING, reason="录错了")) == [key]


def test_a_project_that_left_moves_nowhere() -> None:
    facts = dataclasses.replace(FULL, left=True)
    assert {move_problems(facts, stage)[0].key for stage in ORDER} == {"stage.left"}


def test_staying_is_not_a_move() -> None:
    assert move_problems(FULL, Stage.LEAD)[0].key == "stage.same"


def test_the_road_ends_at_full_capacity() -> None:
    assert next_stage(Stage.FULL_CAPACITY) is None
    assert next_stage(Stage.PRE_SIGNING) is Stage.SIGNED


def test_idle_marks_exist_for_every_stage_before_signing() -> None:
    assert set(IDLE_DAYS) == set(ORDER[: ORDER.index(Stage.SIGNED)])


def test_the_page_of_stages_is_fresh() -> None:
    assert stagedocs.PATH.read_text(encoding="utf-8") == stagedocs.page(), "run python -m crm.pipeline.stagedocs"
