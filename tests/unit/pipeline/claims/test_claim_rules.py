from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.pipeline.claims.kinds import Outcome
from crm.pipeline.claims.rules import (
    MINIMUM,
    WHOLE,
    ClaimDraft,
    Options,
    Sides,
    fingerprint,
    losing,
    missing,
    outcome_problems,
    protected_until,
    ruling_problems,
    split_problems,
    tenths,
)

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SIDES = Sides(filers=frozenset({1, 2}), owners=frozenset({3}), units=frozenset({7, 8}))


def test_an_empty_claim_lacks_every_part_of_the_minimum_content() -> None:
    assert [problem.field for problem in missing(ClaimDraft(), Options())] == list(MINIMUM)


def test_a_blank_is_as_good_as_nothing() -> None:
    problems = missing(ClaimDraft(content="  ", land="\n"), Options(required=("content", "land")))
    assert [problem.key for problem in problems] == ["claim.content", "claim.land"]


def test_options_fall_back_where_the_stored_ones_are_odd() -> None:
    odd = {"protection_days": 0, "ruling_days": "x", "appeal_days": 7, "required": ["tax", "nonsense"]}
    assert Options.of(odd) == Options(appeal_days=7, required=("tax",))
    assert Options.of(Options(protection_days=30).stored()) == Options(protection_days=30)


def test_the_digest_changes_with_any_part_and_not_with_the_way_a_sum_is_written() -> None:
    base = ClaimDraft(content="建设", total_investment=Decimal(100))
    digest = fingerprint(base, "云岭电子", 7, 1, AT)
    assert digest == fingerprint(ClaimDraft(content="建设", total_investment=Decimal("100.0")), "云岭电子", 7, 1, AT)
    assert digest != fingerprint(ClaimDraft(content="建设 "), "云岭电子", 7, 1, AT)
    assert digest != fingerprint(base, "云岭电子", 8, 1, AT)
    assert digest != fingerprint(base, "云岭电子", 7, 1, AT.replace(second=1))


def test_the_digest_does_not_rest_on_the_contact_who_may_be_erased() -> None:
    assert fingerprint(ClaimDraft(contact_id=5), "云", 7, 1, AT) == fingerprint(ClaimDraft(), "云", 7, 1, AT)


def test_protection_runs_for_the_days_of_the_office() -> None:
    assert protected_until(date(2026, 11, 20), Options()) == date(2027, 2, 18)


@pytest.mark.parametrize(
    ("actor_id", "units", "ruled_by", "expected"),
    [
        (9, [5], None, []),
        (1, [5], None, ["ruling.filer"]),
        (2, [5], None, ["ruling.filer"]),
        (3, [5], None, ["ruling.owner"]),
        (9, [5, 8], None, ["ruling.unit"]),
        (9, [5], 9, ["ruling.twice"]),
        (9, [5], 4, []),
    ],
)
def test_nobody_rules_on_their_own_claim(
    actor_id: int, units: list[int], ruled_by: int | None, expected: list[str]
) -> None:
    assert [problem.key for problem in ruling_problems(actor_id, units, SIDES, ruled_by=ruled_by)] == expected


@pytest.mark.parametrize("share", [None, 0, WHOLE, -5])
def test_a_shared_outcome_needs_a_share_between(share: int | None) -> None:
    assert [problem.key for problem in outcome_problems(Outcome.SHARED, share, "都有材料")] == ["ruling.share"]


def test_who_lost_may_appeal_and_both_when_they_share() -> None:
    assert [losing(outcome) for outcome in Outcome] == [{"second"}, {"first"}, {"first", "second"}]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("62.5", 625), ("100", 1000), ("0", 0), ("33.33", None), ("-1", None), ("100.1", None), ("NaN", None)],
)
def test_percents_are_kept_in_tenths(percent: str, expected: int | None) -> None:
    assert tenths(Decimal(percent)) == expected


@given(st.lists(st.integers(-50, 1100), max_size=9))
def test_a_split_is_accepted_exactly_when_its_positive_parts_sum_to_the_whole(shares: list[int]) -> None:
    accepted = split_problems(list(enumerate(shares))) == []
    assert accepted == (0 < len(shares) <= 8 and all(share > 0 for share in shares) and sum(shares) == WHOLE)


def test_one_unit_takes_one_part() -> None:
    assert [problem.key for problem in split_problems([(1, 500), (1, 500)])] == ["split.unit"]


def test_a_wrong_sum_is_named() -> None:
    problem = split_problems([(1, 600), (2, 300)])[0]
    assert problem.message % problem.params == "各单位比例合计须为 100%，现在是 90%。"
