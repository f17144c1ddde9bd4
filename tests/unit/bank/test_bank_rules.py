from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.bank.fitting import Offer, judge_offer
from crm.bank.links import Caller, shortened
from crm.bank.proposal_draft import stored
from crm.bank.proposal_paper import outward
from crm.bank.rules import (
    STEPS,
    BankDraft,
    BankState,
    Goal,
    Progress,
    draft_problems,
    goal_problems,
    mobile_problems,
    share_of_year,
    step_problems,
)
from crm.resources.chains.matching import Candidate, Move, Wanted, shared, target
from crm.resources.matching.clauses import Applicant, judge_clause
from crm.resources.matching.rules import Need, Place, Unit, judge_place, words_of
from crm.resources.policies.rules import ClauseDraft, ClauseKind

S = BankState
GOOD = BankDraft("年产2万套减速机项目", 1, "建设两条减速机装配线和检测中心", Decimal(30_000), "产业科")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"name": "项目"}, "bank.name"),
        ({"content": "建厂"}, "bank.content"),
        ({"investment": None}, "bank.investment"),
        ({"investment": Decimal(0)}, "bank.number"),
        ({"land_mu": Decimal("0.0000001")}, "bank.number"),
        ({"tax": Decimal("NaN")}, "bank.number"),
        ({"contact_post": " "}, "bank.contact"),
        ({"benefit": "好" * 4001}, "bank.long"),
        ({"carriers": tuple(range(21))}, "bank.carriers"),
        ({"contact_post": "产业科 138 0000 1234"}, "bank.mobile"),
        ({"content": "建设两条产线，联系电话１３８００００１２３４"}, "bank.mobile"),
    ],
)
def test_a_planned_project_must_say_what_an_investor_asks(changed: dict[str, object], key: str) -> None:
    values = {name: getattr(GOOD, name) for name in BankDraft.__dataclass_fields__}
    assert draft_problems(GOOD) == []
    assert [one.key for one in draft_problems(BankDraft(**{**values, **changed}))] == [key]


@pytest.mark.parametrize(
    ("state", "to", "reason", "own", "partner", "keys"),
    [
        (S.DRAFT, S.REVIEWED, "", False, False, []),
        (S.DRAFT, S.REVIEWED, "", True, False, ["bank.own_review"]),
        (S.DRAFT, S.PUBLISHED, "", False, False, ["bank.step"]),
        (S.REVIEWED, S.PUBLISHED, "", True, False, []),
        (S.REVIEWED, S.DRAFT, "再算", True, False, ["bank.reason"]),
        (S.PUBLISHED, S.MATCHED, "", True, False, ["bank.partner"]),
        (S.PUBLISHED, S.MATCHED, "", True, True, []),
        (S.MATCHED, S.PUBLISHED, "对方放弃了", True, False, []),
        (S.WITHDRAWN, S.PUBLISHED, "再发一次", False, False, ["bank.step"]),
        (S.WITHDRAWN, S.DRAFT, "重新论证", False, False, []),
    ],
)
def test_steps_follow_the_table(
    state: BankState,
    to: BankState,
    reason: str,
    own: bool,  # noqa: FBT001 (a row of the table)
    partner: bool,  # noqa: FBT001 (a row of the table)
    keys: list[str],
) -> None:
    assert [one.key for one in step_problems(state, to, reason, own=own, partner=partner)] == keys


def test_every_state_can_be_left_and_none_leads_to_itself() -> None:
    assert set(STEPS) == set(BankState)
    assert all(steps and state not in steps for state, steps in STEPS.items())


def test_an_even_pace_is_rounded_up_and_both_numbers_must_keep_it() -> None:
    half = share_of_year(2026, date(2026, 7, 2))
    assert Decimal("0.5") < half < Decimal("0.502")
    assert (share_of_year(2026, date(2025, 12, 31)), share_of_year(2026, date(2027, 1, 1))) == (Decimal(0), Decimal(1))
    one = Progress(2026, 51, Decimal(2_600_000), Goal(), half)
    assert (one.due_count, one.late) == (51, False)
    assert Progress(2026, 51, Decimal(2_400_000), Goal(), half).late
    assert Progress(2026, 50, Decimal(2_600_000), Goal(), half).late


@pytest.mark.parametrize(("count", "amount"), [(0, Decimal(1)), (None, Decimal(1)), (1, None), (1, Decimal(-1))])
def test_a_target_of_nothing_is_refused(count: int | None, amount: Decimal | None) -> None:
    assert len(goal_problems(count, amount)) == 1


def test_a_planned_project_suits_by_industry_first_then_gap_land_and_money() -> None:
    need = Need(land=Decimal(60), words=words_of(["高端装备"]), fixed=Decimal(20_000))
    offer = Offer(words_of(["高端装备", "减速机"]), Decimal(30_000), Decimal(100), "减速机")
    verdict = judge_offer(need, offer)
    assert verdict.points == 50 + 20 + 15 + 5 + 5
    assert not judge_offer(Need(words=words_of(["纺织"])), offer).fits
    far = Offer(words_of(["高端装备"]), Decimal(300_000), Decimal(500))
    assert judge_offer(need, far).points == 70


@pytest.mark.parametrize(
    ("ip", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::77", "2001:db8:1::/48"),
        ("", "—"),
        ("unix:", "—"),
    ],
)
def test_an_address_is_kept_shortened(ip: str, kept: str) -> None:
    assert shortened(ip) == kept


def test_outsiders_read_only_how_it_fits_them() -> None:
    need = Need(land=Decimal(60), words=words_of(["高端装备"]), price=Decimal(8), power=Decimal(100))
    place = Place(
        Unit.MU, Decimal(60), Decimal(9), words_of(["高端装备"]), power=Decimal(200), again="2026-01-05"
    )  # fmt: skip
    clause = ClauseDraft("第六条", ClauseKind.SERVICE, "代办", min_fixed=Decimal(1000))
    news = Move("NEG", "负面", date(2026, 3, 1), "欠薪"), Move("RELO", "外迁", date(2026, 3, 2), "外迁")
    firm = Candidate("云岭", "减速机", "C3453", moves=news, partners=(("供应商", "别家公司"),))
    reasons = [
        *stored(judge_place(need, place).reasons),
        *stored(judge_clause(Applicant(words_of(["高端装备"])), clause, ["高端装备"]).reasons),
        *shared(target(Wanted(("减速机",), ("C345",)), firm)),
    ]
    assert outward({"reasons": reasons}) == [
        "产业对口：高端装备", "面积正合适：要60，剩60", "产业对口：高端装备",
        "行业代码C3453属于这个环节", "行业里有“减速机”",
    ]  # fmt: skip


def test_an_office_number_may_be_published_a_mobile_not() -> None:
    assert mobile_problems(contact="招商局\n值班电话 0571-12345678") == []
    assert [one.field for one in mobile_problems(contact="张三 +86 13800001234")] == ["contact"]


def test_failed_tries_are_kept_under_a_name_only_the_secret_tells() -> None:
    assert Caller("203.0.113.7", "a").key != Caller("203.0.113.7", "b").key
    assert Caller("2001:db8:1:2::7", "a").key == Caller("2001:db8:1:2::8", "a").key
    assert Caller("2001:db8:1:2::7", "a").key != Caller("2001:db8:1:3::7", "a").key
