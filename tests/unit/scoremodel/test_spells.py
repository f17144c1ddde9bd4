from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.core.scheduling import SHANGHAI
from crm.scoremodel.spells import LeadMonth, Signing, Span, Story, lead_months, month_of, months


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


CALENDAR = months(at("2025-01-15"), at("2026-01-01"), 36)
MET = Story(1, met=(Span(at("2025-02-10 10:00")),))


def shown(story: Story) -> list[tuple[str, int]]:
    return [(CALENDAR[row.month].key, row.age) for row in lead_months(story, CALENDAR)]


def test_only_months_that_are_over_count() -> None:
    assert [month.key for month in months(at("2025-11-30"), at("2026-01-31 23:59"), 36)] == ["2025-11", "2025-12"]


def test_the_newest_months_are_kept() -> None:
    assert [month.key for month in months(at("2020-01-01"), at("2026-01-01"), 2)] == ["2025-11", "2025-12"]


def test_a_month_begins_at_midnight_of_the_office() -> None:
    assert month_of(datetime(2025, 11, 30, 16, 0, tzinfo=UTC)).key == "2025-12"
    assert month_of(datetime(2025, 11, 30, 15, 59, tzinfo=UTC)).quarter == "2025Q4"


def test_a_lead_is_asked_from_the_month_after_it_was_written_down() -> None:
    assert shown(MET)[:2] == [("2025-03", 0), ("2025-04", 1)]
    assert len(shown(MET)) == 10


def test_a_meeting_taken_back_counts_until_then() -> None:
    story = Story(1, met=(Span(at("2025-02-10"), at("2025-05-20")),))
    assert [key for key, _age in shown(story)] == ["2025-03", "2025-04", "2025-05"]


def test_a_signing_ends_the_lead_in_its_month() -> None:
    story = replace(MET, signings=(Signing(at("2025-06-20"), at("2025-06-21")),))
    rows = lead_months(story, CALENDAR)
    assert [row.signed for row in rows] == [False, False, False, True]
    assert rows[-1].known_at == at("2025-06-21")


def test_a_signing_written_down_late_leaves_rows_that_one_took_for_open() -> None:
    story = replace(MET, signings=(Signing(at("2025-06-20"), at("2025-08-05")),))
    rows = lead_months(story, CALENDAR)
    assert [(CALENDAR[row.month].key, row.signed, row.late) for row in rows[-3:]] == [
        ("2025-06", True, False),
        ("2025-07", False, True),
        ("2025-08", False, True),
    ]


def test_only_the_first_signing_counts() -> None:
    twice = (Signing(at("2025-09-01"), at("2025-09-01")), Signing(at("2025-06-20"), at("2025-06-20")))
    assert sum(row.signed for row in lead_months(replace(MET, signings=twice), CALENDAR)) == 1


def test_a_lead_whose_projects_all_left_is_lost_in_that_month() -> None:
    left = Span(at("2025-07-03"))
    story = replace(MET, projects=((at("2025-03-01 09:00"), (left,)),))
    rows = lead_months(story, CALENDAR)
    assert [row.lost for row in rows] == [False] * 4 + [True]


def test_a_project_that_comes_back_makes_a_lead_again() -> None:
    away = Span(at("2025-07-03"), at("2025-09-10"))
    story = replace(MET, projects=((at("2025-03-01 09:00"), (away,)),))
    assert [key for key, _age in shown(story)][4:6] == ["2025-07", "2025-10"]


def test_a_meeting_after_the_exit_makes_a_lead_again() -> None:
    met = (*MET.met, Span(at("2025-09-10")))
    story = Story(1, met=met, projects=((at("2025-03-01 09:00"), (Span(at("2025-07-03")),)),))
    assert [key for key, _age in shown(story)][4:6] == ["2025-07", "2025-10"]


def test_one_project_still_on_the_road_keeps_the_lead() -> None:
    story = replace(MET, projects=((at("2025-03-01"), (Span(at("2025-07-03")),)), (at("2025-04-01"), ())))
    assert not any(row.lost for row in lead_months(story, CALENDAR))


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31)).map(lambda found: found.replace(tzinfo=SHANGHAI))  # noqa: DTZ001 (given a zone right after)


@given(MOMENTS, MOMENTS, st.integers(0, 120), st.integers(0, 11))
def test_what_is_written_down_later_changes_no_row_known_before(
    met: datetime, signed: datetime, days: int, number: int
) -> None:
    """Rows that end by a day, seen with what was known that day, are those of a history cut off there."""
    day = CALENDAR[number].end
    story = Story(1, met=(Span(met),), signings=(Signing(signed, signed + timedelta(days=days)),))
    cut = replace(story, signings=tuple(one for one in story.signings if one.known_at <= day))
    assert known(story, day) == known(cut, day)


def known(story: Story, day: datetime) -> list[LeadMonth]:
    """What a training on that day sees."""
    past = [month for month in CALENDAR if month.end <= day]
    rows = [row for row in lead_months(story, past) if not (row.late and row.known_at and row.known_at <= day)]
    return [
        row if row.known_at is None or row.known_at <= day else replace(row, signed=False, late=False, known_at=None)
        for row in rows
    ]
