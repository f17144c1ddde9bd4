from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.fieldwork.supervision import rules
from crm.fieldwork.supervision.rules import FindingDraft, FindingState, InspectionDraft, RecheckDraft

NOW, TODAY = datetime(2026, 11, 20, 2, tzinfo=UTC), date(2026, 11, 20)
GOOD = {"client_id": "tap-00000001", "unit_id": 1, "inspected_at": NOW, "summary": "围挡不全", "place": "东区工地"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"inspector_ids": (1,)}, []),
        ({"outside_people": "县审计局2人"}, []),
        ({}, ["inspection.people"]),
        ({"inspector_ids": (1,), "place": " "}, ["inspection.target"]),
        ({"inspector_ids": (1,), "summary": ""}, ["inspection.summary"]),
        ({"inspector_ids": (1,), "inspected_at": NOW + timedelta(hours=1)}, ["inspection.future"]),
        ({"inspector_ids": (1,), "inspected_at": NOW - timedelta(days=400)}, ["inspection.too_old"]),
    ],
)
def test_an_inspection_says_where_when_who_and_what(given: dict[str, object], wanted: list[str]) -> None:
    draft = InspectionDraft(**{**GOOD, **given})  # type: ignore[arg-type]  # the values above
    assert [problem.key for problem in rules.inspection_problems(draft, now=NOW)] == wanted


@pytest.mark.parametrize(
    ("draft", "wanted"),
    [
        (FindingDraft("裸土未覆盖", 3, TODAY), []),
        (FindingDraft(" ", 0, None), ["finding.body", "finding.responsible", "finding.due"]),
        (FindingDraft("裸土未覆盖", 3, TODAY - timedelta(days=1)), ["finding.due_range"]),
    ],
)
def test_a_finding_has_one_responsible_person_and_a_deadline(draft: FindingDraft, wanted: list[str]) -> None:
    assert [problem.key for problem in rules.finding_problems(draft, today=TODAY)] == wanted


@pytest.mark.parametrize(
    ("draft", "wanted"),
    [
        (RecheckDraft(passed=True, note="已补齐"), []),
        (RecheckDraft(passed=False, note="还差一段"), ["recheck.due"]),
        (RecheckDraft(passed=False, note="", new_due_on=TODAY), ["recheck.note"]),
    ],
)
def test_a_finding_that_did_not_pass_gets_a_new_deadline(draft: RecheckDraft, wanted: list[str]) -> None:
    assert [problem.key for problem in rules.recheck_problems(draft, today=TODAY)] == wanted


@pytest.mark.parametrize(
    ("closed", "mended", "days", "wanted"),
    [
        (True, True, -5, FindingState.CLOSED),
        (False, True, -5, FindingState.MENDED),
        (False, False, -1, FindingState.OVERDUE),
        (False, False, 0, FindingState.OPEN),
    ],
)
def test_what_is_mended_is_not_late(*, closed: bool, mended: bool, days: int, wanted: FindingState) -> None:
    due = TODAY + timedelta(days=days)
    assert rules.state_of(closed=closed, mended=mended, due_on=due, today=TODAY) is wanted
