from __future__ import annotations

from datetime import date

import pytest

from crm.aftercare.cases import rules
from crm.aftercare.cases.rules import CaseDraft, CaseStepDraft, Hand, Limits, Standing
from crm.aftercare.cases.words import CaseKind, CaseState, CaseStepKind, Channel, Lamp, Refusal, Topic, Verdict

K, S = CaseStepKind, CaseState
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 11, 20), 7, date(2026, 12, 1)),  # a Friday: the next Monday is the first of the seven
        (date(2026, 11, 21), 7, date(2026, 12, 1)),  # a Saturday gives no day more
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day week is not counted
        (date(2026, 10, 8), 2, date(2026, 10, 10)),  # a Saturday that is worked (调休) is
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
    ],
)
def test_the_day_something_comes_in_is_not_counted_and_holidays_are_not_worked(
    day: date, count: int, due: date
) -> None:
    assert rules.due(day, count) == due


def test_an_office_may_be_stricter_than_the_order_and_never_laxer() -> None:
    assert rules.limit_problems(Limits(demand_accept=3, foreign_close=15)) == []
    found = rules.limit_problems(Limits(foreign_accept=8, foreign_close=61, demand_accept=0))
    assert [one.field for one in found] == ["demand_accept", "foreign_accept", "foreign_close"]
    kept = rules.limits_of({"foreign_accept": 9, "foreign_close": 30, "redo": True, "unknown": 1})
    assert (kept.accept(CaseKind.FOREIGN), kept.close(CaseKind.FOREIGN), kept.redo) == (7, 30, 15)


@pytest.mark.parametrize(
    ("state", "due", "lamp"),
    [
        (S.HANDLING, date(2026, 11, 19), Lamp.RED),
        (S.HANDLING, date(2026, 11, 20), Lamp.YELLOW),
        (S.RECEIVED, date(2026, 11, 25), Lamp.YELLOW),
        (S.REPLIED, date(2026, 11, 26), Lamp.GREEN),
        (S.SUPPLEMENT, date(2026, 11, 1), Lamp.NONE),
        (S.CLOSED, None, Lamp.NONE),
    ],
)
def test_a_lamp_tells_late_soon_and_in_time(state: CaseState, due: date | None, lamp: Lamp) -> None:
    assert rules.lamp(state, due, TODAY, 3) is lamp


def test_a_case_says_what_is_asked_and_came_in_within_a_year() -> None:
    draft = CaseDraft(CaseKind.DEMAND, Topic.LAND, " ", "路坏", Channel.PHONE, date(2026, 11, 21), 1)
    fields = [one.field for one in rules.draft_problems(draft, today=TODAY)]
    assert fields == ["title", "body", "received_on"]


def keys(standing: Standing, step: CaseStepDraft, actor_id: int = 1) -> list[str]:
    return [one.key for one in rules.step_problems(standing, step, actor_id=actor_id, today=TODAY)]


RECEIVED = Standing(S.RECEIVED, TODAY)
HANDLING = Standing(S.HANDLING, TODAY, due_on=date(2026, 12, 1))
REPLIED = Standing(S.REPLIED, TODAY, due_on=date(2026, 12, 1), replied_by=7)


@pytest.mark.parametrize(
    ("standing", "step", "problems"),
    [
        (RECEIVED, CaseStepDraft(K.ACCEPT), ["case.lead"]),
        (RECEIVED, CaseStepDraft(K.ACCEPT, lead_id=2), []),
        (RECEIVED, CaseStepDraft(K.REPLY, "已经办好了"), ["case.order"]),
        (RECEIVED, CaseStepDraft(K.REFUSE, "不归我们"), ["case.refusal"]),
        (RECEIVED, CaseStepDraft(K.REFUSE, "材料不全", refusal=Refusal.INCOMPLETE), ["case.unasked"]),
        (
            Standing(S.SUPPLEMENT, TODAY, asked=True),
            CaseStepDraft(K.REFUSE, "没有补来", refusal=Refusal.INCOMPLETE),
            [],
        ),
        (HANDLING, CaseStepDraft(K.REPLY, "好"), ["case.text"]),
        (HANDLING, CaseStepDraft(K.EXTEND, "涉及三个部门", due_on=date(2026, 12, 1)), ["case.later"]),
        (HANDLING, CaseStepDraft(K.EXTEND, "涉及三个部门", due_on=date(2027, 6, 1)), ["case.longer"]),
        (HANDLING, CaseStepDraft(K.EXTEND, "涉及三个部门", due_on=date(2026, 12, 31)), []),
        (Standing(S.HANDLING, TODAY, due_on=date(2026, 11, 19)), CaseStepDraft(K.EXTEND, "补办延期"), ["case.expired"]),
        (REPLIED, CaseStepDraft(K.JUDGED), ["case.verdict"]),
        (REPLIED, CaseStepDraft(K.JUDGED, verdict=Verdict.FAIR), []),
        (REPLIED, CaseStepDraft(K.JUDGED, "打了三次", verdict=Verdict.SILENT), []),
        (REPLIED, CaseStepDraft(K.JUDGED, verdict=Verdict.SILENT), ["case.text"]),
        (REPLIED, CaseStepDraft(K.JUDGED, "不满意", verdict=Verdict.UNSATISFIED), ["case.unsatisfied"]),
        (
            Standing(S.REPLIED, TODAY, due_on=TODAY, escalated=True, replied_by=7),
            CaseStepDraft(K.JUDGED, "领导已当面解释", verdict=Verdict.UNSATISFIED),
            [],
        ),
        (REPLIED, CaseStepDraft(K.REOPEN, "路面只修了一半"), []),
    ],
)
def test_each_step_wants_what_it_needs(standing: Standing, step: CaseStepDraft, problems: list[str]) -> None:
    assert keys(standing, step) == problems


def test_whoever_answered_does_not_write_down_what_the_firm_says_of_it() -> None:
    """That the firm takes back what was answered is its word on the answer too: another person writes it down."""
    assert keys(REPLIED, CaseStepDraft(K.JUDGED, verdict=Verdict.SATISFIED), actor_id=7) == ["case.own"]
    assert keys(REPLIED, CaseStepDraft(K.WITHDRAW, "企业说不办了"), actor_id=7) == ["case.own"]
    assert keys(REPLIED, CaseStepDraft(K.WITHDRAW, "企业说不办了")) == []
    assert rules.steps_for(REPLIED, Hand(7, rules=True, works=True, receives=True)) == ()


def test_material_is_asked_for_once() -> None:
    asked = Standing(S.RECEIVED, TODAY, asked=True)
    assert keys(asked, CaseStepDraft(K.ASK, "请补营业执照")) == ["case.asked"]
    assert K.ASK not in rules.steps_for(asked, Hand(1, rules=True, works=False, receives=False))


@pytest.mark.parametrize(
    ("standing", "hand", "kinds"),
    [
        (RECEIVED, Hand(1, rules=False, works=False, receives=True), (K.WITHDRAW,)),
        (RECEIVED, Hand(1, rules=True, works=False, receives=False), (K.ACCEPT, K.ASK, K.REFUSE, K.WITHDRAW)),
        (HANDLING, Hand(1, rules=False, works=True, receives=False), (K.REPLY, K.NOTE)),
        (REPLIED, Hand(1, rules=False, works=True, receives=False), ()),
        (REPLIED, Hand(1, rules=False, works=False, receives=True), (K.JUDGED, K.REOPEN, K.ESCALATE, K.WITHDRAW)),
    ],
)
def test_one_side_decides_another_answers_a_third_calls_back(
    standing: Standing, hand: Hand, kinds: tuple[CaseStepKind, ...]
) -> None:
    assert rules.steps_for(standing, hand) == kinds
