from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from crm.pipeline.intake.rules import (
    POOL_STAGES,
    STEPS,
    Act,
    ClaimFacts,
    LeadFacts,
    LeadState,
    Party,
    PoolRules,
    act_problems,
    claim_problems,
    handover_problems,
    tip_problems,
)
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from crm.core.errors import Problem

EDGES = [(act, state) for act in Act for state in LeadState]


def keys(problems: list[Problem]) -> list[str]:
    return [problem.key for problem in problems]


@pytest.mark.parametrize(("act", "state"), EDGES)
def test_a_step_is_open_exactly_from_the_states_of_its_row(act: Act, state: LeadState) -> None:
    step = STEPS[act]
    problems = act_problems(act, LeadFacts(state, Stage.LEAD), step.parties[0], reason="要补充用地需求")
    assert (problems == []) is (state in step.sources)


@pytest.mark.parametrize("act", list(Act))
def test_whoever_is_not_named_in_the_row_may_not_act(act: Act) -> None:
    facts = LeadFacts(STEPS[act].sources[0], Stage.LEAD)
    for party in [None, *(party for party in Party if party not in STEPS[act].parties)]:
        assert keys(act_problems(act, facts, party, reason="理由")) == ["lead.party"]


@pytest.mark.parametrize("act", [act for act in Act if STEPS[act].reason])
def test_steps_back_need_a_reason(act: Act) -> None:
    facts = LeadFacts(STEPS[act].sources[0], Stage.LEAD)
    assert keys(act_problems(act, facts, STEPS[act].parties[0], reason="  ")) == ["lead.reason"]


@pytest.mark.parametrize("act", list(Act))
def test_nothing_is_done_with_a_lead_that_left(act: Act) -> None:
    facts = LeadFacts(STEPS[act].sources[0], Stage.LEAD, left=True)
    assert keys(act_problems(act, facts, STEPS[act].parties[0], reason="理由")) == ["lead.left"]


def test_every_state_but_new_is_reached_and_every_state_is_left() -> None:
    assert {step.target for step in STEPS.values()} == set(LeadState) - {LeadState.NEW}
    assert {source for step in STEPS.values() for source in step.sources} == set(LeadState)


@pytest.mark.parametrize("stage", list(Stage))
def test_only_leads_before_review_go_to_the_pool(stage: Stage) -> None:
    problems = act_problems(Act.POOL, LeadFacts(LeadState.WORKING, stage), Party.CLOCK, reason="久未跟进")
    assert keys(problems) == ([] if stage in POOL_STAGES else ["pool.stage"])


def test_a_confidential_project_never_goes_to_the_pool() -> None:
    facts = LeadFacts(LeadState.WORKING, Stage.LEAD, confidential=True)
    assert keys(act_problems(Act.POOL, facts, Party.OWNER, reason="不跟了")) == ["pool.confidential"]


def test_a_lead_that_waits_for_an_answer_does_not_go_to_the_pool() -> None:
    facts = LeadFacts(LeadState.WORKING, Stage.LEAD, open_handover=True)
    assert keys(act_problems(Act.POOL, facts, Party.CLOCK, reason="久未跟进")) == ["pool.handover"]


def test_a_person_claims_up_to_the_limit_and_not_one_more() -> None:
    rules = PoolRules(most_claims=2)
    assert claim_problems(rules, ClaimFacts(held=1)) == []
    assert keys(claim_problems(rules, ClaimFacts(held=2))) == ["claim.most"]


def test_whoever_lost_a_lead_waits_before_claiming_it_again() -> None:
    rules, facts = PoolRules(rest_days=30), ClaimFacts(held=0, taken_from=True, days_since=29)
    assert keys(claim_problems(rules, facts)) == ["claim.rest"]
    assert claim_problems(rules, dataclasses.replace(facts, days_since=30)) == []
    assert claim_problems(rules, dataclasses.replace(facts, taken_from=False)) == []


def test_a_tip_needs_words_and_nothing_else() -> None:
    assert keys(tip_problems(" \n")) == ["tip.text"]
    assert tip_problems("听说云岭电子要建新厂") == []
    assert keys(tip_problems("长" * 2001)) == ["tip.long"]


def test_a_hand_over_needs_another_person_a_reason_and_no_open_one() -> None:
    fine = {"same": False, "still_open": False, "left": False, "reason": "换组"}
    assert handover_problems(**fine) == []  # type: ignore[arg-type]  # the flags by name
    for change, key in (
        ({"same": True}, "handover.same"),
        ({"still_open": True}, "handover.open"),
        ({"left": True}, "handover.left"),
        ({"reason": " "}, "handover.reason"),
    ):
        assert keys(handover_problems(**{**fine, **change})) == [key]  # type: ignore[arg-type]  # the flags by name
