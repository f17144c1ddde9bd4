from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from crm.pipeline import limits
from crm.pipeline.deals.rules import Covenant
from crm.pipeline.limits import AgreementDraft, Exit, ProjectDraft
from crm.pipeline.rules import AgreementKind, Bound, ExitKind, ExitReason, ProjectFacts, Stage, Waiver

if TYPE_CHECKING:
    from crm.core.errors import Problem

TODAY = date(2026, 11, 20)


def keys(problems: list[Problem]) -> list[str]:
    return [problem.key for problem in problems]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.000001", []),
        ("100000000", []),
        ("0", ["money.positive"]),
        ("-1", ["money.positive"]),
        ("NaN", ["money.positive"]),
        ("100000000.000001", ["money.large"]),
        ("0.0000001", ["money.fine"]),
    ],
)
def test_money_is_positive_sane_and_not_finer_than_one_fen(amount: str, expected: list[str]) -> None:
    assert keys(limits.money_problems(Decimal(amount), "amount")) == expected


def test_fixed_investment_cannot_exceed_the_total() -> None:
    draft = ProjectDraft(name="年产轴承项目", total_investment=Decimal(100), fixed_investment=Decimal(101))
    assert keys(limits.draft_problems(draft)) == ["project.fixed"]


def test_a_name_of_spaces_is_no_name() -> None:
    assert keys(limits.draft_problems(ProjectDraft(name="　 "))) == ["project.name"]


@pytest.mark.parametrize("stage", [Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.SIGNED])
def test_a_review_belongs_to_its_stage(stage: Stage) -> None:
    assert keys(limits.review_problems(stage, left=False)) == ["review.stage"]
    assert keys(limits.review_problems(Stage.REVIEWING, left=True)) == ["review.left"]


def test_an_agreement_cannot_be_signed_tomorrow() -> None:
    draft = AgreementDraft(AgreementKind.INTENT, TODAY + timedelta(days=1), Decimal(1))
    assert keys(limits.agreement_problems(Stage.LEAD, draft, left=False, today=TODAY)) == ["agreement.future"]


def test_a_contract_waits_for_the_stage_before_signing() -> None:
    draft = AgreementDraft(AgreementKind.CONTRACT, TODAY, Decimal(1), covenant=Covenant((), "无", "无", (), "无"))
    assert keys(limits.agreement_problems(Stage.REVIEWING, draft, left=False, today=TODAY)) == ["agreement.stage"]
    assert limits.agreement_problems(Stage.PRE_SIGNING, draft, left=False, today=TODAY) == []


@pytest.mark.parametrize("kind", [AgreementKind.INTENT, AgreementKind.FRAMEWORK])
def test_only_contracts_are_recognised(kind: AgreementKind) -> None:
    assert keys(limits.recognition_problems(kind, Decimal(5), Decimal(5), "")) == ["recognize.kind"]


def test_another_amount_is_recognised_only_with_a_reason() -> None:
    contract = AgreementKind.CONTRACT
    assert limits.recognition_problems(contract, Decimal(5), Decimal("5.000"), "") == []
    assert keys(limits.recognition_problems(contract, Decimal(5), Decimal(4), " ")) == ["recognize.reason"]
    assert limits.recognition_problems(contract, Decimal(5), Decimal(4), "扣除设备二手部分") == []


def standing(stage: Stage, **fields: Any) -> ProjectFacts:
    return ProjectFacts(stage, 1, 0, 0, 0, None, 0, **fields)


def leaving(kind: ExitKind, review_on: date | None = None, detail: str = "落户邻县", place: str = "") -> Exit:
    return Exit(kind, ExitReason.ELSEWHERE, detail, review_on, place)


@pytest.mark.parametrize(
    ("stage", "exit_", "expected"),
    [
        (Stage.LEAD, leaving(ExitKind.REJECTED), []),
        (Stage.VISITING, leaving(ExitKind.REJECTED), ["exit.rejected"]),
        (Stage.PRE_SIGNING, leaving(ExitKind.WITHDRAWN), ["exit.withdrawn"]),
        (Stage.VISITING, leaving(ExitKind.SUSPENDED, TODAY + timedelta(days=1)), []),
        (Stage.VISITING, leaving(ExitKind.SUSPENDED), ["exit.review_on"]),
        (Stage.VISITING, leaving(ExitKind.SUSPENDED, TODAY), ["exit.review_past"]),
        (Stage.VISITING, leaving(ExitKind.LOST, detail=" ", place="邻市"), ["exit.detail"]),
        (Stage.VISITING, leaving(ExitKind.LOST, place="邻市"), []),
        (Stage.VISITING, leaving(ExitKind.LOST, place=" "), ["exit.place"]),
        (Stage.VISITING, leaving(ExitKind.MERGED), ["exit.merged"]),
        (Stage.VISITING, leaving(ExitKind.TRANSFERRED), ["exit.unit"]),
    ],
)
def test_each_way_out_has_its_place_and_its_words(stage: Stage, exit_: Exit, expected: list[str]) -> None:
    assert keys(limits.exit_problems(standing(stage), exit_, today=TODAY)) == expected


BOUND = Bound(signed=True)
AGREED = (Waiver("signed_exit", TODAY, "沈立"),)


@pytest.mark.parametrize("stage", [Stage.SIGNED, Stage.PRE_SIGNING])
def test_nobody_takes_a_project_off_the_road_alone_once_it_was_signed(stage: Stage) -> None:
    for kind in (ExitKind.WITHDRAWN, ExitKind.LOST, ExitKind.SUSPENDED, ExitKind.MERGED, ExitKind.TRANSFERRED):
        found = keys(limits.exit_problems(standing(stage, bound=BOUND), leaving(kind), today=TODAY))
        assert found[0] == "exit.signed"
    withdrawn, agreed = leaving(ExitKind.WITHDRAWN), standing(stage, bound=BOUND, waivers=AGREED)
    assert limits.exit_problems(agreed, withdrawn, today=TODAY) == []
    assert keys(limits.exit_problems(agreed, leaving(ExitKind.TERMINATED), today=TODAY)) == ["exit.notice"]
    dealt = dataclasses.replace(agreed, bound=Bound(signed=True, case=True))
    assert keys(limits.exit_problems(dealt, withdrawn, today=TODAY)) == ["exit.case"]
    signed = dataclasses.replace(leaving(ExitKind.TERMINATED), noticed=True)
    assert limits.exit_problems(dealt, signed, today=TODAY) == []


def test_a_project_leaves_once() -> None:
    gone = standing(Stage.LEAD, left=True)
    assert keys(limits.exit_problems(gone, leaving(ExitKind.LOST), today=TODAY)) == ["exit.left"]
