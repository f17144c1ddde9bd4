from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from crm.fieldwork.postings import rota_rules, rules
from crm.fieldwork.postings.rota_rules import RotaSetup
from crm.fieldwork.postings.rules import (
    AbsenceDraft,
    AbsenceReason,
    DayFacts,
    PostingDraft,
    PostRole,
    Presence,
    Rank,
    Stay,
)

if TYPE_CHECKING:
    from crm.core.errors import Problem

OPENED, FRIDAY, THURSDAY = date(2026, 1, 1), date(2026, 11, 20), date(2026, 11, 19)
HERE = Stay(1, 7, full_time=True, valid_from=date(2026, 3, 1), valid_to=None)
TURN = Stay(2, 8, full_time=False, valid_from=date(2026, 11, 16), valid_to=FRIDAY)


def keys(problems: list[Problem]) -> list[str]:
    return [problem.key for problem in problems]


def posting(**given: object) -> PostingDraft:
    usual: dict[str, object] = {
        "user_id": 1,
        "role": PostRole.MEMBER,
        "rank": Rank.STAFF,
        "full_time": True,
        "valid_from": date(2026, 6, 1),
        "valid_to": None,
    }
    return PostingDraft(**{**usual, **given})  # type: ignore[arg-type]  # the values above


@pytest.mark.parametrize(
    ("given", "others", "wanted"),
    [
        ({}, [], []),
        ({}, [HERE], ["posting.overlap"]),
        ({"full_time": False}, [HERE], []),
        ({}, [TURN], []),
        ({"valid_from": date(2026, 1, 5), "valid_to": date(2026, 2, 28)}, [HERE], []),
        ({"valid_from": date(2026, 1, 5), "valid_to": date(2026, 3, 1)}, [HERE], ["posting.overlap"]),
        ({"valid_from": date(2025, 12, 31)}, [], ["posting.before"]),
        ({"valid_to": date(2026, 5, 1)}, [], ["posting.dates"]),
        ({"role": PostRole.ROTATING}, [], ["posting.rotating"]),
    ],
)
def test_nobody_is_at_two_posts_full_time(given: dict[str, object], others: list[Stay], wanted: list[str]) -> None:
    found = rules.posting_problems(posting(**given), opened_on=OPENED, closed_on=None, others=others)
    assert keys(found) == wanted


def test_nobody_stays_longer_than_the_post() -> None:
    found = rules.posting_problems(posting(), opened_on=OPENED, closed_on=date(2026, 12, 31), others=[])
    assert keys(found) == ["posting.after"]


@pytest.mark.parametrize(
    ("day", "note", "wanted"),
    [
        (FRIDAY, "在岗", []),
        (date(2026, 11, 18), "在岗", []),
        (date(2026, 11, 17), "在岗", ["check_in.late"]),
        (date(2026, 11, 21), "在岗", ["check_in.future"]),
        (FRIDAY, "  ", ["check_in.note"]),
        (date(2026, 2, 28), "在岗", ["check_in.late", "check_in.elsewhere"]),
    ],
)
def test_a_note_is_signed_for_today_or_two_days_back(day: date, note: str, wanted: list[str]) -> None:
    assert keys(rules.sign_problems(day, note, stay=HERE, today=FRIDAY)) == wanted


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (THURSDAY, FRIDAY, []),
        (FRIDAY, THURSDAY, ["absence.dates"]),
        (date(2026, 2, 1), FRIDAY, ["absence.outside"]),
        (date(2026, 11, 9), date(2026, 11, 10), ["absence.twice"]),
    ],
)
def test_an_absence_lies_within_the_posting_and_is_told_once(first: date, last: date, wanted: list[str]) -> None:
    draft = AbsenceDraft(AbsenceReason.LEAVE, first, last)
    assert keys(rules.absence_problems(draft, HERE, [(date(2026, 11, 10), date(2026, 11, 12))])) == wanted


@pytest.mark.parametrize(
    ("facts", "day", "workday", "full_time", "wanted"),
    [
        (DayFacts(visited=True, absence=AbsenceReason.LEAVE), THURSDAY, True, True, Presence.VISITED),
        (DayFacts(signed_late=False), THURSDAY, True, True, Presence.SIGNED),
        (DayFacts(signed_late=True), THURSDAY, True, True, Presence.LATE_SIGNED),
        (DayFacts(absence=AbsenceReason.TRAVEL), THURSDAY, True, True, Presence.ABSENT),
        (DayFacts(), THURSDAY, True, True, Presence.GAP),
        (DayFacts(), FRIDAY, True, True, Presence.OPEN),
        (DayFacts(), date(2026, 11, 15), False, True, Presence.OFF),
        (DayFacts(), THURSDAY, True, False, Presence.TURN),
    ],
)
def test_a_day_is_told_in_one_word(
    facts: DayFacts, day: date, *, workday: bool, full_time: bool, wanted: Presence
) -> None:
    assert rules.presence(facts, day=day, today=FRIDAY, workday=workday, full_time=full_time) is wanted


def test_a_visit_counts_for_the_full_time_post_else_for_the_only_one() -> None:
    other = Stay(3, 9, full_time=False, valid_from=OPENED, valid_to=None)
    assert rules.post_of_visit([TURN, HERE], FRIDAY) == HERE.id
    assert rules.post_of_visit([TURN], FRIDAY) == TURN.id
    assert rules.post_of_visit([TURN, other], FRIDAY) is None
    assert rules.post_of_visit([TURN], date(2026, 11, 1)) is None


@pytest.mark.parametrize(
    ("people", "ranks", "wanted"),
    [
        (3, [Rank.SECTION], []),
        (3, [Rank.STAFF], ["负责人职级不足"]),
        (2, [], ["人数不足", "负责人职级不足"]),
    ],
)
def test_a_post_needs_its_people_and_a_head_of_rank(people: int, ranks: list[Rank], wanted: list[str]) -> None:
    assert rules.strength_gaps(people, ranks, target_people=3, target_rank=Rank.DEPUTY_SECTION) == wanted


@pytest.mark.parametrize(
    ("took", "everybody", "wanted"), [(1, 2, True), (2, 5, False), (0, 0, True), (3, 6, True), (4, 9, False)]
)
def test_half_of_the_leaders_is_enough(took: int, everybody: int, *, wanted: bool) -> None:
    assert rota_rules.share_met(took, everybody, 50) is wanted


def test_settings_of_the_rota_stay_within_reason() -> None:
    assert keys(rota_rules.rota_problems(RotaSetup(head_ids=(1, 2)))) == []
    assert keys(rota_rules.rota_problems(RotaSetup(share=0, min_days=40, heads_needed=2))) == [
        "rota.share",
        "rota.min_days",
        "rota.heads",
    ]
