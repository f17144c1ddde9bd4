"""Nodes, clocks, lights and checks of a delivery plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from crm.delivery.plans.halves import half_of, rhythm
from crm.delivery.plans.lights import Light, Standing, Thresholds, judge
from crm.delivery.plans.rules import (
    NEEDED,
    Arrangement,
    Finish,
    NodeFacts,
    OpinionState,
    accept_problems,
    arrange_problems,
    clock_due,
    exempt_problems,
    finish_problems,
    node_silence_problems,
    opinion_silence_problems,
    reopen_problems,
    used_days,
)
from crm.delivery.plans.template import Template, from_option, template_problems, to_option
from crm.pipeline.landing.nodes import BEHIND, NODE_LABELS, PROOF, STAGE_OF, STATUTORY, NodeKind, NodeState, is_behind
from crm.pipeline.landing.template import DEFAULTS, TemplateNode
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.core.errors import Problem

K, S = NodeKind, NodeState
SIGNED, TODAY = date(2026, 6, 1), date(2026, 11, 20)
EVERYTHING = dict.fromkeys(NodeKind, S.DONE)


def facts(kind: NodeKind = K.PERMIT, state: NodeState = S.OPEN, files: int = 1, **others: NodeState) -> NodeFacts:
    accepted = date(2026, 9, 25) if state is S.ACCEPTED else None
    return NodeFacts(
        kind, state, SIGNED, accepted, files, {**EVERYTHING, **{K(key): one for key, one in others.items()}}
    )


def keys(problems: Iterable[Problem]) -> list[str]:
    return [problem.key for problem in problems]


@pytest.mark.parametrize(
    ("accepted", "days", "due"),
    [
        (date(2026, 9, 28), 3, date(2026, 10, 8)),  # 国庆: the 29th, the 30th, then closed until the 8th
        (date(2026, 9, 18), 2, date(2026, 9, 21)),  # Sunday 20 September is worked for the holiday (调休)
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # 春节, with a worked Saturday before it
        (date(2026, 10, 3), 1, date(2026, 10, 9)),  # accepted in the holiday: counts as its first day after
        (date(2026, 11, 16), 5, date(2026, 11, 23)),
    ],
)
def test_a_clock_runs_over_holidays_and_made_up_days(accepted: date, days: int, due: date) -> None:
    assert clock_due(accepted, days) == due
    assert used_days(accepted, due) == days


def test_what_was_paused_lengthens_the_clock_and_is_not_used() -> None:
    assert clock_due(date(2026, 9, 28), 3, 2) == date(2026, 10, 10)  # a Saturday worked for the holiday
    assert used_days(date(2026, 9, 28), date(2026, 10, 10), 2) == 3
    assert used_days(date(2026, 11, 16), date(2026, 11, 16)) == 0


@pytest.mark.parametrize("kind", list(NodeKind))
def test_silence_never_finishes_a_node_of_any_kind(kind: NodeKind) -> None:
    problems = node_silence_problems(kind)
    assert keys(problems) == ["node.silence"]
    assert ("法定审批" in problems[0].message) is (kind in STATUTORY)
    assert not {"deemed", "silent", "default"} & {str(state) for state in NodeState}
    late = facts(kind, S.OPEN, 0)
    assert "node.file" in keys(finish_problems(late, Finish(TODAY, "1", begun=True), today=TODAY))


@pytest.mark.parametrize(
    ("state", "enabled", "due", "responsible", "wanted"),
    [
        (OpinionState.ASKED, 1, date(2026, 11, 19), 1, []),
        (OpinionState.ASKED, 1, TODAY, 1, ["opinion.early"]),
        (OpinionState.ASKED, 0, date(2026, 11, 19), 0, ["opinion.off", "opinion.responsible"]),
        (OpinionState.ANSWERED, 1, date(2026, 11, 19), 1, ["opinion.answered"]),
        (OpinionState.DEEMED, 1, date(2026, 11, 19), 1, ["opinion.answered"]),
    ],
)
def test_only_an_internal_opinion_may_be_deemed_after_its_clock(
    state: OpinionState, enabled: int, due: date, responsible: int, wanted: list[str]
) -> None:
    found = opinion_silence_problems(
        state, enabled=bool(enabled), due_on=due, today=TODAY, responsible=bool(responsible)
    )
    assert keys(found) == wanted


def test_who_asked_does_not_take_the_silence() -> None:
    due = date(2026, 11, 19)
    found = opinion_silence_problems(
        OpinionState.ASKED, enabled=True, due_on=due, today=TODAY, responsible=True, own=True
    )
    assert keys(found) == ["opinion.own"]


@pytest.mark.parametrize(
    ("node", "draft", "wanted"),
    [
        (facts(), Finish(TODAY, "施2026-7"), []),
        (facts(), Finish(TODAY), ["node.number"]),
        (facts(files=0), Finish(TODAY, "1"), ["node.file"]),
        (facts(K.START), Finish(TODAY, begun=True), []),
        (facts(K.START), Finish(TODAY), ["node.ceremony"]),
        (facts(K.START, permit=S.ACCEPTED), Finish(TODAY, begun=True), ["node.first"]),
        (facts(K.START, permit=S.EXEMPT), Finish(TODAY, begun=True), []),
        (facts(K.STATISTICS, start=S.OPEN), Finish(TODAY), ["node.first"]),
        (facts(K.PRODUCTION, completion=S.OPEN), Finish(TODAY), ["node.first"]),
        (facts(K.CAPACITY, production=S.OPEN), Finish(TODAY), ["node.first"]),
        (facts(), Finish(date(2026, 11, 21), "1"), ["node.done_on"]),
        (facts(), Finish(date(2026, 5, 29), "1"), ["node.done_on"]),
        (facts(state=S.ACCEPTED), Finish(date(2026, 9, 24), "1"), ["node.before"]),
        (facts(state=S.DONE), Finish(TODAY, "1"), ["node.closed"]),
        (facts(), Finish(TODAY, "1", 3, "专家评审"), ["node.pause_open"]),
        (facts(state=S.ACCEPTED), Finish(TODAY, "1", 3), ["node.pause_reason"]),
        (facts(state=S.ACCEPTED), Finish(date(2026, 9, 28), "1", 9, "专家评审"), ["node.pause_long"]),
        (facts(state=S.ACCEPTED), Finish(TODAY, "1", 3, "专家评审"), []),
    ],
)
def test_a_node_is_done_with_evidence_and_in_order(node: NodeFacts, draft: Finish, wanted: list[str]) -> None:
    assert keys(finish_problems(node, draft, today=TODAY)) == wanted


def test_a_moved_date_needs_a_reason_and_a_finished_node_is_not_arranged() -> None:
    plan = Arrangement(3, TODAY, 20)
    assert keys(arrange_problems(facts(), plan, moved=True)) == ["node.moved"]
    assert keys(arrange_problems(facts(), Arrangement(3, TODAY, 20, "土地指标未下达"), moved=True)) == []
    assert keys(arrange_problems(facts(state=S.DONE), plan, moved=False)) == ["node.closed"]
    assert keys(arrange_problems(facts(), Arrangement(3, date(2026, 5, 1), 0), moved=False)) == [
        "node.due_on",
        "node.clock",
    ]


def test_an_application_is_accepted_once_and_only_where_there_is_one() -> None:
    assert keys(accept_problems(facts(), TODAY, today=TODAY)) == []
    assert keys(accept_problems(facts(state=S.ACCEPTED), TODAY, today=TODAY)) == ["node.accepted"]
    assert keys(accept_problems(facts(K.START), TODAY, today=TODAY)) == ["node.no_clock"]
    assert keys(accept_problems(facts(), date(2026, 11, 21), today=TODAY)) == ["node.accepted_on"]


@pytest.mark.parametrize("kind", list(NodeKind))
def test_what_every_project_needs_is_never_set_aside(kind: NodeKind) -> None:
    wanted = ["node.needed"] if kind in NEEDED else []
    assert keys(exempt_problems(facts(kind), "租用现有厂房", heads=True)) == wanted
    assert "node.exempt" in keys(exempt_problems(facts(kind), " ", heads=True))


def test_a_permit_is_set_aside_on_paper_and_by_a_lead_alone() -> None:
    assert keys(exempt_problems(facts(files=0), "租用现有厂房", heads=False)) == [
        "node.exempt_lead",
        "node.exempt_file",
    ]
    assert keys(exempt_problems(facts(K.ENERGY, files=0), "能耗低于标准", heads=False)) == []


def test_works_do_not_begin_before_their_permit() -> None:
    permitted = replace(facts(K.START), permit_on=date(2026, 10, 8))
    assert keys(finish_problems(permitted, Finish(date(2026, 10, 7), begun=True), today=TODAY)) == ["node.unpermitted"]
    assert keys(finish_problems(permitted, Finish(date(2026, 10, 8), begun=True), today=TODAY)) == []


def test_a_node_others_rest_on_is_not_taken_up_again() -> None:
    done = facts(K.PERMIT, S.DONE)
    assert keys(reopen_problems(done, "编号录错", passed=False)) == ["node.rests"]
    free = facts(K.PERMIT, S.DONE, start=S.OPEN)
    assert keys(reopen_problems(free, "编号录错", passed=False)) == []
    assert keys(reopen_problems(free, "", passed=False)) == ["node.reopen"]
    assert keys(reopen_problems(free, "编号录错", passed=True)) == ["node.passed"]
    assert keys(reopen_problems(facts(), "编号录错", passed=False)) == ["node.open"]


@pytest.mark.parametrize(
    ("standing", "light"),
    [
        (Standing(10, 5, 5), Light.GREEN),
        (Standing(10, 5, 7), Light.GREEN),
        (Standing(11, 5, 4), Light.GREEN),  # 9.1 points behind
        (Standing(10, 5, 4), Light.YELLOW),  # exactly 10
        (Standing(10, 5, 2), Light.YELLOW),  # exactly 30
        (Standing(10, 5, 1), Light.RED),
        (Standing(3, 1, 0), Light.RED),  # 33.3
        (Standing(12, 12, 12), Light.DONE),
        (Standing(12, 5, 12), Light.DONE),
        (Standing(12, 3, 3, start_due=TODAY), Light.GREEN),
        (Standing(12, 3, 3, start_due=date(2026, 11, 19)), Light.YELLOW),
        (Standing(12, 3, 3, start_due=date(2026, 8, 21)), Light.YELLOW),
        (Standing(12, 3, 3, start_due=date(2026, 8, 20)), Light.RED),  # three months
        (Standing(12, 3, 3, started_on=date(2026, 10, 21)), Light.GREEN),
        (Standing(12, 3, 3, started_on=date(2026, 10, 20)), Light.YELLOW),  # one month without 纳统
        (Standing(12, 3, 3, started_on=date(2026, 9, 21)), Light.YELLOW),
        (Standing(12, 3, 3, started_on=date(2026, 9, 20)), Light.RED),  # two
        (Standing(0, 0, 0), Light.GREEN),
    ],
)
def test_the_light_turns_at_the_published_thresholds(standing: Standing, light: Light) -> None:
    assert judge(standing, Thresholds(), TODAY).light is light


def test_a_light_tells_every_cause_worst_first() -> None:
    verdict = judge(Standing(10, 6, 4, start_due=date(2026, 6, 1)), Thresholds(), TODAY)
    assert [cause.light for cause in verdict.causes] == [Light.RED, Light.YELLOW]
    assert dict(verdict.causes[1].params) == {"planned": 6, "done": 4, "points": 20}


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 11, 20), date(2026, 11, 30)),
        (date(2026, 11, 15), date(2026, 11, 13)),  # the 15th is a Sunday
        (date(2026, 2, 28), date(2026, 2, 28)),  # a worked Saturday after 春节
        (date(2026, 10, 1), date(2026, 10, 15)),
    ],
)
def test_a_check_is_due_on_the_last_working_day_of_its_half(day: date, due: date) -> None:
    assert half_of(day).due_on == due


def test_a_half_without_a_check_is_told() -> None:
    opened = date(2026, 6, 1)
    assert not rhythm(date(2026, 11, 16), opened, TODAY).missed
    assert rhythm(date(2026, 11, 16), opened, TODAY).done
    assert not rhythm(date(2026, 11, 3), opened, TODAY).missed
    assert rhythm(date(2026, 10, 31), opened, TODAY).missed
    assert not rhythm(None, date(2026, 11, 5), TODAY).missed


def test_every_proof_of_a_stage_lies_behind_it_and_the_template_names_all_nodes() -> None:
    assert set(PROOF) == set(STAGE_OF.values())
    assert all(is_behind(kind, stage) for stage, kind in PROOF.items())
    assert set(BEHIND) == set(NODE_LABELS) == {node.kind for node in DEFAULTS} == set(NodeKind)
    assert not is_behind(K.PERMIT, Stage.LANDING)


def test_the_template_survives_storage_and_refuses_nonsense() -> None:
    assert from_option({}) == Template()
    odd = Template((TemplateNode(K.START, 0, used=False), TemplateNode(K.LAND, 9, 0)), Thresholds(30, 10, 0, 2, 2))
    assert from_option(to_option(Template())) == Template()
    assert keys(template_problems(Template())) == []
    assert keys(template_problems(odd)) == [
        "template.days", "template.used", "template.clock", "template.gap", "template.start", "template.statistics",
    ]  # fmt: skip
