"""What a policy must say, when it holds, what a clause is worth, and whom it fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.resources.matching.clauses import Applicant, judge_clause
from crm.resources.matching.rules import words_of
from crm.resources.policies.rules import (
    Basis,
    ClauseDraft,
    ClauseKind,
    PolicyLevel,
    Review,
    ReviewDraft,
    Standing,
    VersionDraft,
    clause_problems,
    review_problems,
    standing,
    version_problems,
)
from crm.resources.policies.worth import worth

D = Decimal
DAY = date(2026, 11, 20)
CLAUSE = ClauseDraft("第三条", ClauseKind.INVESTMENT, "按设备投资的5%奖补", Basis.EQUIPMENT, D(5), D(500))
VERSION = VersionDraft("工业项目招商政策", "云政发1号", "县政府", PolicyLevel.COUNTY, 1, DAY)


@pytest.mark.parametrize(
    ("days", "found"),
    [(-1, Standing.ENDED), (0, Standing.ENDING), (90, Standing.ENDING), (91, Standing.HOLDS), (None, Standing.HOLDS)],
)
def test_a_version_runs_out_on_its_last_day_and_says_so_before(days: int | None, found: Standing) -> None:
    until = None if days is None else DAY + timedelta(days=days)
    assert standing(published=True, valid_from=date(2026, 1, 1), valid_until=until, day=DAY) is found


def test_a_version_holds_from_its_first_day_and_not_as_a_draft() -> None:
    coming = DAY + timedelta(days=1)
    assert standing(published=True, valid_from=coming, valid_until=None, day=DAY) is Standing.COMING
    assert standing(published=False, valid_from=DAY, valid_until=None, day=DAY) is Standing.DRAFT


@pytest.mark.parametrize(
    ("change", "values", "amount"),
    [
        ({}, {Basis.EQUIPMENT: D(4000)}, "200"),
        ({}, {Basis.EQUIPMENT: D(20000)}, "500"),
        ({"cap": None}, {Basis.EQUIPMENT: D(20000)}, "1000"),
        ({"basis": Basis.FOREIGN_USD, "rate": D("0.07")}, {Basis.FOREIGN_USD: D(200)}, "14"),
        ({"basis": Basis.STAFF, "rate": D(2000)}, {Basis.STAFF: D(60)}, "12"),
        ({"basis": Basis.FLOOR_SQM, "rate": D(96)}, {Basis.FLOOR_SQM: D(5000)}, "48"),
        ({"basis": Basis.NONE, "rate": D(20)}, {}, "20"),
    ],
)
def test_a_clause_with_numbers_is_reckoned_up_to_its_cap(
    change: dict[str, Any], values: dict[Basis, Decimal], amount: str
) -> None:
    found = worth(replace(CLAUSE, **change), values)
    assert found is not None
    assert found.amount == D(amount)
    assert found.text % dict(found.params)


def test_years_multiply_and_what_is_not_known_is_not_reckoned() -> None:
    found = worth(replace(CLAUSE, years=3), {Basis.EQUIPMENT: D(1000)})
    assert found is not None
    assert (found.amount, found.total) == (D(50), D(150))
    assert worth(CLAUSE, {Basis.STAFF: D(9)}) is None
    assert worth(replace(CLAUSE, basis=None, rate=None), {Basis.EQUIPMENT: D(1)}) is None


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"number": " "}, ["clause.number"]),
        ({"text": "奖"}, ["clause.text"]),
        ({"rate": None, "cap": None}, ["clause.rate"]),
        ({"basis": None, "rate": None}, ["clause.cap"]),
        ({"rate": D(101)}, ["clause.percent"]),
        ({"cap": D(0)}, ["clause.value"]),
        ({"min_tax": D("NaN")}, ["clause.value"]),
        ({"years": 21}, ["clause.years"]),
    ],
)
def test_a_clause_that_cannot_be_kept_is_told_why(change: dict[str, Any], keys: list[str]) -> None:
    assert [one.key for one in clause_problems(replace(CLAUSE, **change))] == keys


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"title": "政策"}, "policy.title"),
        ({"document_no": ""}, "policy.number"),
        ({"issuer": ""}, "policy.issuer"),
        ({"valid_from": None}, "policy.from"),
        ({"valid_until": DAY - timedelta(days=1)}, "policy.until"),
    ],
)
def test_a_version_that_cannot_be_kept_is_told_why(change: dict[str, Any], key: str) -> None:
    assert [one.key for one in version_problems(replace(VERSION, **change))] == [key]


def test_a_review_names_its_law_its_organ_and_a_day_that_was() -> None:
    bad = ReviewDraft(Review.PENDING, "无", DAY + timedelta(days=1), "")
    assert [one.key for one in review_problems(bad, DAY)] == [
        "review.result", "review.basis", "review.organ", "review.on",
    ]  # fmt: skip
    assert review_problems(ReviewDraft(Review.EXCEPTED, "条例第十二条", DAY, "市场监管局"), DAY) == []


APPLICANT = Applicant(
    words_of(["高端装备"]), foreign=False, tax=D(90), values={Basis.FIXED_INVESTMENT: D(9000), Basis.LAND_MU: D(30)}
)


@pytest.mark.parametrize(
    ("change", "limits"),
    [
        ({}, []),
        ({"min_fixed": D(9000), "min_intensity": D(300), "min_tax": D(90)}, []),
        ({"min_fixed": D(9001)}, ["min_fixed"]),
        ({"min_intensity": D("300.01")}, ["min_intensity"]),
        ({"min_tax": D(91), "only_foreign": True}, ["foreign", "min_tax"]),
        ({"industries": ("食品",)}, ["industry"]),
        ({"industries": ("装备",)}, []),
    ],
)
def test_a_clause_fits_when_nothing_speaks_against_it(change: dict[str, Any], limits: list[str]) -> None:
    found = judge_clause(APPLICANT, replace(CLAUSE, **change))
    assert [one.limit for one in found.against] == limits
    assert all(one.text % dict(one.params) for one in (*found.against, *found.reasons))


def test_industries_of_the_policy_bind_every_clause_of_it() -> None:
    assert not judge_clause(APPLICANT, CLAUSE, ["食品"]).fits
    assert judge_clause(APPLICANT, CLAUSE, ["高端装备"]).fits


def test_what_a_project_did_not_say_is_to_be_checked_and_ranks_lower() -> None:
    asked = replace(CLAUSE, min_staff=D(50))
    found = judge_clause(APPLICANT, asked)
    assert found.fits
    assert found.points < judge_clause(APPLICANT, CLAUSE).points
    assert any("还要核实" in one.text for one in found.reasons)
